"""kill -9 of the bots process at named points: no deed lost, none done twice, nobody left without an answer."""

import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from pult.core.bots.models import Bot, Outgoing, Update
from pult.core.bots.operations.updates import MOST_ATTEMPTS
from pult.core.bots.tests import scene
from pult.core.people.models import Person
from telegram_simulator.testing import Player
from tests.bots import Bots, bots, sample_bot, wait_until_heard
from tests.installation import wait_for

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

BOT = "pult_sample_bot"
MESSAGES = 3
POINTS = ("stored", "handling", "handled")
TAKES_OVER_SECONDS = 10
# Loading aiogram takes long where many tests share a processor.
PATIENCE_SECONDS = 90


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bots]:
    with bots(tmp_path_factory.mktemp("bots")) as crew:
        crew.simulator.put(f"/api/bots/{BOT}/limits", {"everything": None, "private": None, "group": None})
        yield crew


@pytest.fixture
def crew(world: Bots) -> Iterator[Bots]:
    for marker in world.data_dir.glob("killed-*"):
        marker.unlink()
    yield world
    world.kill()
    world.simulator.request("DELETE", "/api/faults")


def counting(crew: Bots, *points: str) -> Bots:
    crew.command = ["-m", "tests.bots_at_points", *points]
    return crew


def players(crew: Bots, *names: str) -> list[Player]:
    found = [crew.simulator.player(name, language="en") for name in names]
    for player in found:
        scene.person(player.id)
    return found


def deeds(player: Player) -> int:
    return Person.objects.get(telegram_identities__user_id=player.id).session_generation


def answers(player: Player, word: str = "deed") -> list[str]:
    return [message.text for message in player.chat(BOT) if not message.out and message.text.startswith(word)]


def wait_until_it_dies(crew: Bots, what: str) -> None:
    wait_for(died_of(crew), seconds=PATIENCE_SECONDS, what=f"{what}; the process said:\n{crew.said()}")
    crew.running.clear()


def died_of(crew: Bots) -> "Callable[[], bool]":
    return lambda: crew.running[0].poll() is not None


def nothing_open(bot: Bot) -> bool:
    waiting = Update.objects.filter(bot=bot, state="waiting").exists()
    return not waiting and not Outgoing.objects.filter(bot=bot, state__in=["waiting", "sending"]).exists()


def test_kills_at_named_points_lose_no_deed_and_do_none_twice(crew: Bots) -> None:
    """Between storing and handling, within a deed, between handling and answering; then once without a kill."""
    bot = sample_bot()
    people = players(crew, "Anna", "Boris", "Clara")
    counting(crew, *POINTS)
    written = 0
    for point in POINTS:
        crew.start()
        for _ in range(MESSAGES):
            for player in people:
                player.write(BOT, "/count")
            written += 1
            if written == 1:
                # Telegram gives all that waits at one go: the first ones come alone.
                wait_for(
                    lambda: Update.objects.filter(bot=bot).exists(),
                    seconds=PATIENCE_SECONDS,
                    what="updates come in",
                )
        wait_until_it_dies(crew, f"the point {point} is reached")
    crew.start()
    wait_for(
        lambda: Update.objects.filter(bot=bot).count() >= written * len(people) and nothing_open(bot),
        seconds=PATIENCE_SECONDS,
        what=f"all is done; the processes said:\n{crew.said()}",
    )
    assert not Update.objects.filter(bot=bot).exclude(state="handled").exists()
    for player in people:
        assert deeds(player) == written
        arrived = answers(player)
        assert len(set(arrived)) == len(arrived), "nothing was said twice"
        assert arrived == [
            f"deed {number}" for number in range(1, written + 1) if f"deed {number}" in arrived
        ]
        lost = Outgoing.objects.filter(bot=bot, chat_id=player.id, state="unknown").count()
        assert written - lost <= len(arrived), "what did not arrive is named as unknown"


def test_an_update_that_ends_the_process_each_time_is_given_up_and_told_of_and_others_are_handled(
    crew: Bots,
) -> None:
    bot = sample_bot()
    anna, boris = players(crew, "Anna deadly", "Boris beside")
    anna.write(BOT, "/deadly")
    boris.write(BOT, "/count")
    for _ in range(2):
        counting(crew).start()
        wait_until_it_dies(crew, "the update ends the process")
    guilty = Update.objects.filter(bot=bot, payload__message__text="/deadly")
    assert guilty.get().attempts == 2
    # Spares the test one more death.
    guilty.update(attempts=MOST_ATTEMPTS)
    crew.start()
    wait_for(
        lambda: answers(anna, "Something went wrong"),
        seconds=PATIENCE_SECONDS,
        what=f"Anna hears of it; the processes said:\n{crew.said()}",
    )
    wait_for(lambda: answers(boris), seconds=20, what="Boris is answered")
    assert answers(boris) == ["deed 1"]
    given_up = Update.objects.get(bot=bot, state="failed")
    assert str(given_up.pk) in answers(anna, "Something")[0]


def test_a_process_in_reserve_takes_over_within_seconds(crew: Bots) -> None:
    bot = sample_bot()
    (anna,) = players(crew, "Anna reserve")
    counting(crew).start()
    wait_until_heard(crew, bot, seconds=PATIENCE_SECONDS)
    anna.write(BOT, "/count")
    wait_for(lambda: answers(anna), seconds=20, what="the first is answered")
    holder = crew.running[0]
    crew.start()
    wait_for(asking_for_the_lock, seconds=PATIENCE_SECONDS, what="another process stands by")
    holder.kill()
    began = time.monotonic()
    anna.write(BOT, "/count")
    wait_for(lambda: len(answers(anna)) > 1, seconds=30, what=f"it takes over; they said:\n{crew.said()}")
    assert time.monotonic() - began < TAKES_OVER_SECONDS
    assert answers(anna) == ["deed 1", "deed 2"]
    assert deeds(anna) == 2
    assert crew.simulator.get("/api/counters")["bots"][BOT]["violations_total"] == 0


def asking_for_the_lock() -> bool:
    """Whether two connections for locks are open: one holds the bot, one asks for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'pult session lock'"
        )
        row = cursor.fetchone()
    return bool(row and row[0] >= 2)
