"""Telegram in trouble: down, cutting answers, heard by somebody else, refusing the token. Nothing is lost."""

import dataclasses
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from pult.core.bots.models import Bot, Update
from pult.core.bots.operations.bots import replace_token
from pult.core.bots.tests import scene
from pult.core.people.models import Person
from telegram_simulator.testing import Player
from tests.bots import Bots, bots, sample_bot, wait_until_heard
from tests.installation import free_ports, wait_for

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

BOT = "pult_sample_bot"
PATIENCE_SECONDS = 90


@pytest.fixture
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bots]:
    with bots(tmp_path_factory.mktemp("bots")) as crew:
        crew.command = ["-m", "tests.bots_at_points"]
        yield crew


def answers(player: Player) -> list[str]:
    return [message.text for message in player.chat(BOT) if not message.out and "deed" in message.text]


def problem(bot: Bot) -> str:
    bot.refresh_from_db()
    return bot.problem


def until_answered(crew: Bots, player: Player, count: int) -> None:
    wait_for(
        lambda: len(answers(player)) >= count,
        seconds=PATIENCE_SECONDS,
        what=f"answer {count}; the process said:\n{crew.said()}",
    )
    assert answers(player) == [f"deed {number}" for number in range(1, count + 1)]
    assert Person.objects.get(telegram_identities__user_id=player.id).session_generation == count


def call(crew: Bots, method: str, parameters: dict[str, str]) -> None:
    """Somebody else with the bot's token."""
    query = urlencode(parameters)
    url = f"{crew.simulator.bot_api_url}/bot{crew.simulator.bot_token()}/{method}?{query}"
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert answer.status == 200


def test_whatever_telegram_does_each_message_is_one_deed_and_one_answer(crew: Bots, settings: Any) -> None:
    bot, simulator = sample_bot(), crew.simulator
    settings.TELEGRAM = dataclasses.replace(settings.TELEGRAM, bot_api_url=simulator.bot_api_url)
    anna = simulator.player("Anna", language="en")
    scene.person(anna.id)
    crew.start()
    wait_until_heard(crew, bot, seconds=PATIENCE_SECONDS)
    anna.write(BOT, "/count")
    until_answered(crew, anna, 1)

    down = simulator.post("/api/faults", {"kind": "down", "bot": BOT})
    anna.write(BOT, "/count")
    wait_for(
        lambda: problem(bot) == "silent", seconds=PATIENCE_SECONDS, what="it is noticed that Telegram is down"
    )
    simulator.delete(f"/api/faults/{down['id']}")
    until_answered(crew, anna, 2)
    wait_for(lambda: problem(bot) == "", seconds=PATIENCE_SECONDS, what="the trouble is over")

    for kind in ("cut_answer", "drop_after"):
        simulator.post("/api/faults", {"kind": kind, "bot": BOT, "method": "getUpdates", "count": 2})
    anna.write(BOT, "/count")
    until_answered(crew, anna, 3)

    call(crew, "setWebhook", {"url": "https://127.0.0.1:9/"})
    wait_for(lambda: problem(bot) == "conflict", seconds=PATIENCE_SECONDS, what="somebody else hears the bot")
    call(crew, "deleteWebhook", {})
    anna.write(BOT, "/count")
    until_answered(crew, anna, 4)

    simulator.post(f"/api/bots/{BOT}/revoke")
    wait_for(
        lambda: Bot.objects.filter(pk=bot.pk, state="token_dead").exists(),
        seconds=PATIENCE_SECONDS,
        what="the dead token is noticed",
    )
    anna.write(BOT, "/count")
    replace_token(bot_id=bot.pk, token=simulator.bot_token(), actor=None, now=timezone.now())
    until_answered(crew, anna, 5)
    assert not Update.objects.filter(bot=bot).exclude(state="handled").exists()
    assert crew.stop() == [0]


def test_by_webhook_the_web_process_stores_and_the_bots_process_answers(crew: Bots) -> None:
    bot, simulator = sample_bot(), crew.simulator
    anna = simulator.player("Boris", language="en")
    scene.person(anna.id)
    (port,) = free_ports(1)
    crew.extra = {"PULT_BOT_UPDATES": "webhook", "PULT_ADDRESS": f"http://127.0.0.1:{port}"}
    crew.start()
    wait_until_heard(crew, bot, seconds=PATIENCE_SECONDS)
    # While nobody takes them, updates wait at Telegram.
    anna.write(BOT, "/count")
    crew.command = ["-m", "pult.config.cli", "web"]
    crew.start()
    until_answered(crew, anna, 1)
    for count in (2, 3):
        anna.write(BOT, "/count")
        until_answered(crew, anna, count)
    told = simulator.get(f"/api/bots/{BOT}")
    assert (told["waiting_updates"], told["webhook"]) == (
        0,
        f"{crew.extra['PULT_ADDRESS']}/telegram/webhook/{bot.pk}/",
    )
    assert set(Update.objects.filter(bot=bot).values_list("state", "attempts")) == {("handled", 1)}
