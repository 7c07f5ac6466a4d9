"""How often a bot may write, what it is told when it writes too often, and what can go wrong on the way."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError

from telegram_simulator.testing import ControlRefused, RunningSimulator
from telegram_simulator.tests.bot_steps import NO_LIMITS, ask, met, new_bot, program, result, updates_of
from telegram_simulator.tests.world_steps import running


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


def counters(simulator: RunningSimulator, bot: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = simulator.get("/api/counters")["bots"][bot["username"]]
    return found


async def test_a_burst_to_one_person_is_followed_by_a_wait(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator, limits={})
    player, other = met(simulator, bot, "Раз"), met(simulator, bot, "Два")
    async with program(simulator, bot["token"]) as client:
        for number in range(3):
            await client.send_message(player.id, str(number))
        with pytest.raises(TelegramRetryAfter) as refused:
            await client.send_message(player.id, "3")
        assert refused.value.retry_after == 1
        await client.send_message(other.id, "Другому можно")
        await client.send_chat_action(player.id, "typing")
        time.sleep(1.05)
        await client.send_message(player.id, "3")
    seen = counters(simulator, bot)
    assert (seen["limit_met"], seen["violations"]) == (1, {})
    assert [m.text for m in player.chat(bot["username"])[1:]] == ["0", "1", "2", "3"]


def test_asking_again_before_the_wait_is_over_is_a_violation(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator, limits={"private": {"capacity": 1, "per_second": 0.2}})
    player = met(simulator, bot)
    result(simulator, bot["token"], "sendMessage", chat_id=player.id, text="0")
    status, answer = ask(simulator, bot["token"], "sendMessage", chat_id=player.id, text="1")
    assert (status, answer["description"]) == (429, "Too Many Requests: retry after 5")
    assert answer["parameters"] == {"retry_after": 5}
    ask(simulator, bot["token"], "sendMessage", chat_id=player.id, text="on its way already")
    assert counters(simulator, bot)["violations"] == {}
    time.sleep(0.6)
    status, answer = ask(
        simulator, bot["token"], "editMessageText", chat_id=player.id, message_id=2, text="1"
    )
    assert (status, answer["parameters"]["retry_after"]) == (429, 5)
    seen = counters(simulator, bot)
    assert (seen["limit_met"], seen["violations"]) == (3, {"early_request": 1})
    simulator.put(f"/api/bots/{bot['username']}/limits", NO_LIMITS)
    result(simulator, bot["token"], "sendMessage", chat_id=player.id, text="1")


def test_a_group_takes_twenty_messages_a_minute_and_all_chats_thirty_a_second(
    simulator: RunningSimulator,
) -> None:
    bot = new_bot(simulator, limits={})
    owner = simulator.player("Хозяйка")
    group = simulator.post("/api/chats", {"kind": "supergroup", "title": "Много", "creator": owner.id})
    simulator.post(f"/api/chats/{group['id']}/members", {"person": bot["id"]})
    sent = [
        ask(simulator, bot["token"], "sendMessage", chat_id=group["bot_api_id"], text=str(n))
        for n in range(21)
    ]
    assert [status for status, _ in sent] == [200] * 20 + [429]
    assert 1 <= sent[-1][1]["parameters"]["retry_after"] <= 3
    people = [met(simulator, bot, f"Человек {n}") for n in range(12)]
    simulator.put(f"/api/bots/{bot['username']}/limits", {"everything": {"capacity": 30, "per_second": 0.5}})
    wishes = [{"chat_id": one.id, "text": str(turn)} for turn in range(3) for one in people]
    statuses = [ask(simulator, bot["token"], "sendMessage", **each)[0] for each in wishes]
    assert statuses == [200] * 30 + [429] * 6


def test_several_messages_copied_at_once_are_charged_at_once(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator, limits={})
    writer, reader = met(simulator, bot, "Пишет"), met(simulator, bot, "Читает")
    for number in range(5):
        writer.write(bot["username"], str(number))
    numbers = [update["message"]["message_id"] for update in updates_of(simulator, bot)]
    place = {"chat_id": reader.id, "from_chat_id": writer.id, "message_ids": numbers}
    assert len(result(simulator, bot["token"], "copyMessages", **place)) == 5
    status, _ = ask(simulator, bot["token"], "forwardMessages", **place)
    assert status == 429, "five messages have used up what three at once may"
    assert [m.text for m in reader.chat(bot["username"])[1:]] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("order", "failure"),
    [
        ({"kind": "drop_before"}, TelegramNetworkError),
        ({"kind": "drop_after"}, TelegramNetworkError),
        ({"kind": "cut_answer"}, TelegramNetworkError),
        ({"kind": "down"}, TelegramServerError),
        ({"kind": "error", "code": 500, "message": "Internal Server Error"}, TelegramServerError),
        ({"kind": "retry_after", "seconds": 7}, TelegramRetryAfter),
    ],
)
async def test_ordered_faults_reach_the_program(
    simulator: RunningSimulator, order: dict[str, Any], failure: type[Exception]
) -> None:
    bot, other = new_bot(simulator), new_bot(simulator)
    player = met(simulator, bot)
    simulator.post("/api/faults", {"bot": bot["username"], "method": "sendMessage", "count": 1, **order})
    async with program(simulator, other["token"]) as client:
        await client.get_me()
    async with program(simulator, bot["token"]) as client:
        with pytest.raises(failure):
            await client.send_message(player.id, "Дошло?")
        arrived = [m.text for m in player.chat(bot["username"])[1:]]
        assert arrived == (["Дошло?"] if order["kind"] in ("drop_after", "cut_answer") else [])
        simulator.put(f"/api/bots/{bot['username']}/limits", NO_LIMITS)
        await client.send_message(player.id, "Снова")
    assert simulator.get("/api/faults")["faults"] == []


def test_an_ordered_wait_has_to_be_kept(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    simulator.post(
        "/api/faults",
        {"bot": bot["username"], "kind": "retry_after", "seconds": 1, "count": 1, "method": "sendMessage"},
    )
    assert ask(simulator, bot["token"], "sendMessage", chat_id=player.id, text="0")[0] == 429
    time.sleep(0.6)
    assert ask(simulator, bot["token"], "sendMessage", chat_id=player.id, text="1")[0] == 429
    assert counters(simulator, bot)["violations"] == {"early_request": 1}
    time.sleep(0.5)
    assert ask(simulator, bot["token"], "sendMessage", chat_id=player.id, text="2")[0] == 200


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"bot": "no_such_bot", "kind": "down"}, "There is no bot"),
        ({"bot": "*", "kind": "flood_wait", "seconds": 1}, "kind must be one of"),
        ({"bot": "*", "kind": "down", "method": "a.b"}, "such as sendMessage"),
        ({"bot": "*", "phone": "79000000001", "kind": "down"}, "instead of phone"),
        ({"kind": "cut_answer"}, "kind must be one of"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    simulator: RunningSimulator, order: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ControlRefused, match=sentence):
        simulator.post("/api/faults", order)


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"username": "no_ending"}, "ends in bot"),
        ({"username": "pult_sample_bot"}, "this username already"),
        ({"username": "anna_fast_bot", "token": "x"}, "token must look like"),
        ({"username": "anna_fast_bot", "age": 5}, "A bot has no age"),
        ({"username": "anna_fast_bot", "limits": {"speed": None}}, "There is no limit"),
        ({"username": "anna_fast_bot", "limits": {"private": {"capacity": -1}}}, "at least 0"),
    ],
)
def test_a_bot_that_cannot_be_is_not_made(
    simulator: RunningSimulator, wishes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ControlRefused, match=sentence):
        simulator.post("/api/bots", wishes)
