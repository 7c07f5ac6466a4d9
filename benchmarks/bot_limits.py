"""How much of what a simulated Telegram grants a bot really uses, and whether it is ever told to wait.

Rows for many people, for one who is written to all the time and for a group wait in the database; the real sender of
`pult bots` sends them over HTTP. The simulator enforces 30 messages a second over all, one a second to a person (three
at once) and twenty a minute to a group, and counts each request that it refuses. The sender begins as it always does.
"""

import time
from pathlib import Path
from typing import Any

from benchmarks.fresh_database import installation

GOAL = 0.98
SECONDS = 30
# After this the bucket that was full at the start is used up, on both sides.
SETTLED_AFTER = 8.0
PEOPLE = 700


def bot_limits() -> list[dict[str, Any]]:
    """The share over all; that of one busy person; that of one group."""
    with installation() as folder:
        return _measure(folder)


def _measure(folder: Path) -> list[dict[str, Any]]:
    from dataclasses import replace

    from django.conf import settings

    from pult.core.bots.tests.sending_world import make_world
    from telegram_simulator.testing import start_simulator

    with start_simulator(folder / "simulator", people=20) as simulator:
        settings.TELEGRAM = replace(settings.TELEGRAM, mode="simulated", bot_api_url=simulator.bot_api_url)
        world = make_world(simulator)
        people = [world.player().id for _ in range(PEOPLE)]
        group = world.group()
        simulator.post("/api/counters/reset")
        _enqueue(world, people, group["bot_api_id"])
        began = time.time()
        with world.sender():
            time.sleep(SECONDS)
        counters = world.counters()
    return _figures(world, people, group["bot_api_id"], began, counters)


def _enqueue(world: Any, people: list[int], group: int) -> None:
    """Three rounds for everybody, one person who gets all they may get, one group likewise."""
    from django.utils import timezone

    from pult.core.bots.models import Outgoing

    now = timezone.now()
    busy, others = people[0], people[1:]
    wanted = [(busy, number, 10) for number in range(SECONDS * 2)]
    wanted += [(group, number, 10) for number in range(60)]
    wanted += [(person, number, 50) for number in range(3) for person in others]
    Outgoing.objects.bulk_create(
        Outgoing(
            bot=world.bot,
            chat_id=chat,
            method="sendMessage",
            payload={"text": f"Message {number}"},
            priority=priority,
            created_at=now,
        )
        for chat, number, priority in wanted
    )


def _figures(
    world: Any, people: list[int], group: int, began: float, counters: dict[str, Any]
) -> list[dict[str, Any]]:
    from pult.core.bots.models import Outgoing

    sent = [
        (row.sent_at.timestamp() - began, row.chat_id)
        for row in Outgoing.objects.filter(state="sent").order_by("sent_at")
        if row.sent_at is not None
    ]
    states = {
        state: Outgoing.objects.filter(state=state).count() for state in ("failed", "unknown", "sending")
    }
    harm = {"limit_met": counters["limit_met"], "violations": counters["violations"], **states}
    calm = not any(harm.values())
    parts = {
        "bot-limits-all": ([at for at, _ in sent], 30.0, SETTLED_AFTER),
        "bot-limits-person": ([at for at, chat in sent if chat == people[0]], 1.0, SETTLED_AFTER),
    }
    figures = [_figure(name, *part, harm=harm, calm=calm) for name, part in parts.items()]
    in_group = sum(chat == group for _, chat in sent)
    figures.append(
        {
            "name": "bot-limits-group",
            "value": round(in_group / 20, 4),
            "unit": "share of the granted messages",
            "goal": GOAL,
            "ok": in_group / 20 >= GOAL and calm,
            "context": {"sent": in_group, "seconds": SECONDS, **harm},
        }
    )
    return figures


def _figure(
    name: str, moments: list[float], rate: float, after: float, *, harm: dict[str, Any], calm: bool
) -> dict[str, Any]:
    """From the first to the last message of the window: what lies between them was granted in that time."""
    window = [at for at in moments if after <= at <= SECONDS]
    share = (len(window) - 1) / (rate * (window[-1] - window[0])) if len(window) > 1 else 0.0
    return {
        "name": name,
        "value": round(share, 4),
        "unit": "share of the granted rate",
        "goal": GOAL,
        "ok": share >= GOAL and calm,
        "context": {"sent": len(moments), "in_window": len(window), "seconds": SECONDS, **harm},
    }
