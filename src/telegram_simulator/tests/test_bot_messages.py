"""What bots write, change and take back, and how people see it."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiogram.exceptions import TelegramBadRequest

from telegram_simulator.testing import NotSeen, RunningSimulator
from telegram_simulator.tests.bot_steps import ask, met, new_bot, program, refusal, result, updates_of
from telegram_simulator.tests.world_steps import running


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


async def test_a_message_is_written_changed_and_deleted(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    async with program(simulator, bot["token"]) as client:
        sent = await client.send_message(player.id, "*Жирно* и `код`\\.", parse_mode="MarkdownV2")
        assert sent.text == "Жирно и код."
        assert [(e.type, e.offset, e.length) for e in sent.entities or []] == [("bold", 0, 5), ("code", 8, 3)]
        assert sent.chat.id == player.id
        with pytest.raises(
            TelegramBadRequest, match="message is not modified: specified new message content"
        ):
            await sent.edit_text("*Жирно* и `код`\\.", parse_mode="MarkdownV2")
        edited = await sent.edit_text("Просто")
        assert (edited.text, edited.entities, edited.message_id) == ("Просто", None, sent.message_id)  # type: ignore[union-attr]
        assert player.wait_for(bot["username"], "Просто").edited
        await sent.delete()
        assert [m.text for m in player.chat(bot["username"])] == ["/start"]
        with pytest.raises(TelegramBadRequest, match="message to delete not found"):
            await sent.delete()
        with pytest.raises(TelegramBadRequest, match="message to edit not found"):
            await sent.edit_text("Снова")


def test_white_space_is_cut_and_entities_move_along(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    sent = result(
        simulator,
        bot["token"],
        "sendMessage",
        chat_id=player.id,
        text="  <b> я</b> 😀 <i>x</i>\n",
        parse_mode="HTML",
    )
    assert sent["text"] == "я 😀 x"
    assert [(e["type"], e["offset"], e["length"]) for e in sent["entities"]] == [
        ("bold", 0, 1),
        ("italic", 5, 1),
    ]


def test_a_keyboard_is_shown_until_an_edit_leaves_it_out(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    rows = [
        [{"text": "Раз", "callback_data": "1"}, {"text": "Сайт", "url": "example.com"}],
        [{"text": "Копия", "copy_text": {"text": "x"}}],
    ]
    sent = result(
        simulator, bot["token"], "sendMessage", chat_id=player.id, text="Выбор", reply_markup={"inline_keyboard": rows}
    )  # fmt: skip
    assert sent["reply_markup"] == {"inline_keyboard": rows}
    assert player.wait_for(bot["username"], "Выбор").buttons == ["Раз", "Сайт", "Копия"]
    with pytest.raises(NotSeen, match="no callback button but url"):
        player.tap(bot["username"], "Сайт")
    changed = result(
        simulator, bot["token"], "editMessageReplyMarkup", chat_id=player.id, message_id=sent["message_id"],
        reply_markup={"inline_keyboard": [[{"text": "Два", "callback_data": "2"}]]},
    )  # fmt: skip
    assert changed["text"] == "Выбор"
    old_tap = simulator.request
    with pytest.raises(Exception, match="no such button"):
        old_tap(
            "POST",
            f"/play/api/{player.id}/tap",
            {"to": bot["username"], "message": sent["message_id"], "data": "1"},
        )
    result(
        simulator,
        bot["token"],
        "editMessageText",
        chat_id=player.id,
        message_id=sent["message_id"],
        text="Выбор",
    )
    assert player.wait_for(bot["username"], "Выбор").buttons == []


def test_a_tap_is_answered_once_and_in_time(simulator: RunningSimulator) -> None:
    bot, other = new_bot(simulator), new_bot(simulator)
    player = met(simulator, bot)
    markup = {"inline_keyboard": [[{"text": "Раз", "callback_data": "да"}]]}
    sent = result(simulator, bot["token"], "sendMessage", chat_id=player.id, text="Ну?", reply_markup=markup)
    tap = player.tap(bot["username"], "Раз")
    query = updates_of(simulator, bot)[-1]["callback_query"]
    assert (query["id"], query["data"], query["from"]["id"]) == (tap.id, "да", player.id)
    assert query["message"]["message_id"] == sent["message_id"]
    too_old = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    assert refusal(simulator, other["token"], "answerCallbackQuery", callback_query_id=tap.id) == too_old
    assert (
        result(simulator, bot["token"], "answerCallbackQuery", callback_query_id=tap.id, text="Хорошо")
        is True
    )
    assert tap.look()["text"] == "Хорошо"
    assert refusal(simulator, bot["token"], "answerCallbackQuery", callback_query_id=tap.id) == too_old
    assert refusal(simulator, bot["token"], "answerCallbackQuery", callback_query_id="12345") == too_old
    late = player.tap(bot["username"], "Раз")
    simulator.post(f"/api/callbacks/{late.id}/expire")
    assert refusal(simulator, bot["token"], "answerCallbackQuery", callback_query_id=late.id) == too_old


def test_replies_show_what_they_answer_on_both_sides(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    asked = player.write(bot["username"], "Сколько?")
    question = updates_of(simulator, bot)[-1]["message"]
    sent = result(
        simulator, bot["token"], "sendMessage", chat_id=player.id, text="Пять",
        reply_parameters={"message_id": question["message_id"]},
    )  # fmt: skip
    assert sent["reply_to_message"]["text"] == "Сколько?"
    answered = player.wait_for(bot["username"], "Пять").raw["reply_to"]
    assert (answered["id"], answered["text"]) == (asked.id, "Сколько?")
    player.write(bot["username"], "Спасибо", reply_to=player.wait_for(bot["username"], "Пять").id)
    told = updates_of(simulator, bot)[-1]["message"]
    assert told["reply_to_message"]["message_id"] == sent["message_id"]
    wrong = {"message_id": 999_999}
    assert refusal(
        simulator, bot["token"], "sendMessage", chat_id=player.id, text="?", reply_parameters=wrong
    ) == (
        400,
        "Bad Request: message to be replied not found",
    )
    alone = result(
        simulator, bot["token"], "sendMessage", chat_id=player.id, text="?",
        reply_parameters=wrong | {"allow_sending_without_reply": True},
    )  # fmt: skip
    assert "reply_to_message" not in alone


def test_messages_are_copied_and_forwarded(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    writer, reader = met(simulator, bot, "Нина"), met(simulator, bot, "Олег")
    writer.write(bot["username"], "Раз #важно")
    writer.write(bot["username"], "Два")
    numbers = [u["message"]["message_id"] for u in updates_of(simulator, bot)]
    source = {"chat_id": reader.id, "from_chat_id": writer.id}
    forwarded = result(simulator, bot["token"], "forwardMessage", **source, message_id=numbers[0])
    assert forwarded["forward_origin"]["sender_user"]["id"] == writer.id
    assert forwarded["entities"][0]["type"] == "hashtag"
    copied = result(simulator, bot["token"], "copyMessage", **source, message_id=numbers[1])
    assert set(copied) == {"message_id"}
    several = result(simulator, bot["token"], "copyMessages", **source, message_ids=[*numbers, 10**6])
    assert len(several) == 2
    seen = reader.chat(bot["username"])[1:]
    assert [m.text for m in seen] == ["Раз #важно", "Два", "Раз #важно", "Два"]
    assert [m.raw["forward"] is not None for m in seen] == [True, False, False, False]
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("forwardMessage", {"message_id": 10**6}, "message to forward not found"),
        ("copyMessage", {"message_id": 10**6}, "message to copy not found"),
        ("forwardMessages", {"message_ids": [10**6]}, "there are no messages to forward"),
        (
            "copyMessages",
            {"message_ids": numbers[::-1]},
            "message identifiers must be in a strictly increasing order",
        ),
        ("copyMessages", {"message_ids": list(range(1, 102))}, "too many message identifiers specified"),
    ]
    for method, wishes, sentence in cases:
        assert refusal(simulator, bot["token"], method, **source, **wishes) == (
            400,
            f"Bad Request: {sentence}",
        )


def test_protected_messages_are_not_passed_on(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    sent = result(
        simulator, bot["token"], "sendMessage", chat_id=player.id, text="Тайна", protect_content=True
    )
    assert sent["has_protected_content"]
    place = {"chat_id": player.id, "from_chat_id": player.id, "message_id": sent["message_id"]}
    assert (
        refusal(simulator, bot["token"], "forwardMessage", **place)[1]
        == "Bad Request: message can't be forwarded"
    )
    assert (
        refusal(simulator, bot["token"], "copyMessage", **place)[1] == "Bad Request: message can't be copied"
    )


def test_a_person_edits_and_deletes_their_own_message(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    written = player.write(bot["username"], "Опечтка")
    player.edit(bot["username"], written.id, "Опечатка")
    first, second = updates_of(simulator, bot)
    assert second["edited_message"]["message_id"] == first["message"]["message_id"]
    assert second["edited_message"]["text"] == "Опечатка"
    player.delete(bot["username"], written.id)
    status, _ = ask(
        simulator, bot["token"], "copyMessage", chat_id=player.id, from_chat_id=player.id,
        message_id=first["message"]["message_id"],
    )  # fmt: skip
    assert status == 400


def test_a_bot_deletes_several_messages_of_both_sides_but_none_older_than_two_days(
    simulator: RunningSimulator,
) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    sent = [
        result(simulator, bot["token"], "sendMessage", chat_id=player.id, text=str(n))["message_id"]
        for n in range(3)
    ]
    simulator.post("/api/messages/age", {"bot": bot["username"], "message": sent[0], "hours": 49})
    whole = {"chat_id": player.id, "message_ids": sent}
    assert refusal(simulator, bot["token"], "deleteMessages", **whole) == (
        400,
        "Bad Request: message can't be deleted for everyone",
    )
    assert len(player.chat(bot["username"])) == 4
    player.write(bot["username"], "И это")
    theirs = updates_of(simulator, bot)[-1]["message"]["message_id"]
    assert result(
        simulator, bot["token"], "deleteMessages", chat_id=player.id, message_ids=[*sent[1:], theirs, 10**6]
    )
    assert [m.text for m in player.chat(bot["username"])] == ["/start", "0"]


def test_commands_menu_button_and_texts_are_kept_by_language(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    token = bot["token"]
    player, guest = met(simulator, bot, "Ира"), simulator.player("Guest", language="en")
    russian, english = (
        [{"command": "start", "description": "Начать"}],
        [{"command": "start", "description": "Begin"}],
    )
    result(simulator, token, "setMyCommands", commands=english)
    result(simulator, token, "setMyCommands", commands=russian, language_code="ru")
    assert result(simulator, token, "getMyCommands", language_code="ru") == russian
    assert result(simulator, token, "getMyCommands", language_code="de") == []
    for one, expected in ((player, "Начать"), (guest, "Begin")):
        one.start(bot["username"])
        assert one.chats()[0]["commands"][0]["description"] == expected
    result(simulator, token, "deleteMyCommands", language_code="ru")
    assert player.chats()[0]["commands"] == english
    button = {"type": "web_app", "text": "Открыть", "web_app": {"url": "https://example.com/app"}}
    result(simulator, token, "setChatMenuButton", chat_id=player.id, menu_button=button)
    assert result(simulator, token, "getChatMenuButton", chat_id=player.id) == button
    assert result(simulator, token, "getChatMenuButton") == {"type": "commands"}
    result(simulator, token, "setMyDescription", description="Помогает", language_code="ru")
    assert result(simulator, token, "getMyDescription", language_code="ru") == {"description": "Помогает"}
    assert result(simulator, token, "getMyDescription") == {"description": ""}


def test_typing_reaches_the_person(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    with player.events() as events:
        assert result(simulator, bot["token"], "sendChatAction", chat_id=player.id, action="typing") is True
        assert events.next("acting") == {"chat": bot["id"], "who": bot["id"], "action": "typing"}
        sent = result(simulator, bot["token"], "sendMessage", chat_id=player.id, text="Вот")
        assert events.next("message")["text"] == "Вот"
        result(
            simulator,
            bot["token"],
            "editMessageText",
            chat_id=player.id,
            message_id=sent["message_id"],
            text="Всё",
        )
        assert events.next("edited")["text"] == "Всё"
        result(simulator, bot["token"], "deleteMessage", chat_id=player.id, message_id=sent["message_id"])
        assert events.next("deleted")["chat"] == bot["id"]
