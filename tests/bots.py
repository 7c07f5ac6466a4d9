"""Bots processes as production runs them (`pult bots`), on the caller's database and a simulated Telegram."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from telegram_simulator.testing import start_simulator
from tests.installation import wait_for
from tests.workers import Workers, ended


@dataclass
class Bots(Workers):
    """Processes for bots."""

    command: list[str] = field(default_factory=lambda: ["-m", "pult.config.cli", "bots"])


def sample_bot() -> Any:
    """The simulated Telegram's own bot, as this installation keeps it."""
    from django.utils import timezone

    from pult.core.bots.operations.bots import provide_sample_bot
    from pult.core.bots.queries import main_bot

    provide_sample_bot(now=timezone.now())
    return main_bot()


def heard(bot: Any) -> bool:
    """Whether a process holds the bot and Telegram has answered it."""
    return bool(type(bot).objects.filter(pk=bot.pk, heard_at__isnull=False).exists())


def wait_until_heard(bots: Bots, bot: Any, *, seconds: float = 40) -> None:
    """Until a process has begun with the bot; the failure shows what the processes said."""
    try:
        wait_for(lambda: heard(bot), seconds=seconds, what="the bots process speaks with Telegram")
    except AssertionError as late:
        raise AssertionError(f"{late}; it said:\n{bots.said()}") from None


@contextmanager
def bots(data_dir: Path, *, people: int = 20) -> Iterator[Bots]:
    """A simulated Telegram with so many people, and bots processes that are started on demand; all end at the end."""
    with (
        start_simulator(data_dir / "simulator", people=people) as simulator,
        ended(Bots(data_dir, simulator)) as crew,
    ):
        yield crew
