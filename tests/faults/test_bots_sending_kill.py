"""kill -9 of the bots process while it sends, and the database gone for a moment: sent once or unknown, never twice."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.utils import timezone

from pult.core.bots.models import Bot, Outgoing
from pult.core.bots.operations import outbox
from telegram_simulator.testing import Player
from tests.bots import Bots, bots, sample_bot
from tests.installation import wait_for

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

BOT = "pult_sample_bot"
PEOPLE, MESSAGES = 15, 5
# After so many messages the process is killed; the last time it may go on.
KILLED_AFTER = (12, 30)
DATABASE_LOST_AFTER = 45


@pytest.fixture
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bots]:
    with bots(tmp_path_factory.mktemp("bots")) as crew:
        # Slow enough that a kill finds calls on their way.
        crew.simulator.post(
            "/api/faults", {"kind": "latency", "bot": BOT, "method": "sendMessage", "milliseconds": 400}
        )
        yield crew


def sent() -> int:
    return Outgoing.objects.filter(state__in=["sent", "unknown"]).count()


def in_the_middle(count: int) -> Callable[[], bool]:
    return lambda: sent() >= count and Outgoing.objects.filter(state="sending").count() > 1


def cut_all_connections() -> None:
    """What a restart of the database does to everybody else."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    # Those of this process are dead as well; its pool would try them one after the other, longer and longer.
    connection.close()
    connection.close_pool()


def write_down(bot: Bot, players: list[Player]) -> None:
    for number in range(MESSAGES):
        for player in players:
            text = f"message {number} for {player.id}"
            outbox.enqueue(
                bot_id=bot.pk,
                chat_id=player.id,
                method="sendMessage",
                payload={"text": text},
                now=timezone.now(),
            )


def test_kills_and_a_lost_database_repeat_nothing_and_lose_nothing_unnoticed(crew: Bots) -> None:
    bot = sample_bot()
    players = [crew.simulator.player(f"Получатель {number}") for number in range(PEOPLE)]
    for player in players:
        player.start(BOT)
    # What they said is old news; this is about sending.
    write_down(bot, players)
    for count in KILLED_AFTER:
        crew.start()
        wait_for(in_the_middle(count), seconds=60, what=f"{count} are sent, more on their way")
        crew.kill()
        assert Outgoing.objects.filter(state="waiting").exists(), "killed in the middle"
    crew.start()
    wait_for(lambda: sent() >= DATABASE_LOST_AFTER, seconds=60, what=f"it goes on; it said:\n{crew.said()}")
    cut_all_connections()
    open_rows = Outgoing.objects.filter(payload__text__startswith="message", state__in=["waiting", "sending"])
    wait_for(lambda: not open_rows.exists(), seconds=60, what=f"all are settled; it said:\n{crew.said()}")
    assert crew.stop() == [0]

    arrived = Counter(
        message.text
        for player in players
        for message in player.chat(BOT)
        if message.text.startswith("message")
    )
    rows = list(Outgoing.objects.filter(payload__text__startswith="message"))
    assert len(rows) == PEOPLE * MESSAGES
    assert max(arrived.values()) == 1, "nothing came twice"
    states = Counter(row.state for row in rows)
    assert set(states) <= {"sent", "unknown"}, states
    missing = [row for row in rows if row.state == "sent" and not arrived[row.payload["text"]]]
    assert not missing, "what counts as sent has arrived"
    # Each kill finds at most what was on its way at that moment; losing the database loses no answer at all.
    assert 0 < states["unknown"] <= len(KILLED_AFTER) * PEOPLE, states
    for player in players:
        texts = [message.text for message in player.chat(BOT) if message.text.startswith("message")]
        assert texts == sorted(texts), "in their order"
