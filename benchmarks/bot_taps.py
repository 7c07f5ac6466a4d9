"""200 people tap buttons of a bot, together as fast as Telegram's limits allow: from the tap to the answer.

Each tap is answered (the wheel on the button stops) and edits its message after a deed in the database. Edits count
against the 30 a second of a bot and the one a second of a chat, so people take turns; the simulator enforces both.
Seen is what the players' app shows: the time runs until the answer, and until the edited message, is there.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks.fresh_database import installation
from benchmarks.web_process import p95

GOAL_SECONDS = 0.3
PEOPLE = 200
# A little below what is granted, as a busy bot would be.
TAPS_PER_SECOND = 27.0
SECONDS = 12
LOOK_EVERY_SECONDS = 0.02
PATIENCE_SECONDS = 10
BOT = "pult_sample_bot"


@dataclass
class Seen:
    """Seconds from each tap to its answer and to the edited message."""

    answered: list[float] = field(default_factory=list)
    edited: list[float] = field(default_factory=list)
    lost: int = 0


def bot_taps() -> dict[str, Any]:
    """One bots process, one simulated Telegram, 200 players."""
    with installation() as folder:
        from tests.bots import bots, sample_bot, wait_until_heard

        with bots(folder, people=PEOPLE + 50) as crew:
            bot = sample_bot()
            crew.command = ["-m", "tests.bots_at_points"]
            crew.start()
            wait_until_heard(crew, bot)
            players = _players(crew.simulator)
            seen = asyncio.run(_play(crew.simulator, players))
            counters = crew.simulator.get("/api/counters")["bots"][BOT]
            crew.stop()
    return {
        "name": "bot-taps",
        "value": round(p95(seen.answered), 3),
        "unit": "s from tap to answer (p95)",
        "goal": GOAL_SECONDS,
        "ok": p95(seen.answered) < GOAL_SECONDS and not seen.lost and not counters["violations_total"],
        "context": {
            "people": PEOPLE,
            "taps": len(seen.answered),
            "taps_per_second": TAPS_PER_SECOND,
            "edited_p95": round(p95(seen.edited), 3),
            "lost": seen.lost,
            "limit_met": counters["limit_met"],
            "violations": counters["violations_total"],
        },
    }


def _players(simulator: Any) -> list[int]:
    """People who have a message with a button each."""
    from pult.core.bots.models import Outgoing
    from pult.core.bots.tests import scene
    from tests.installation import wait_for

    ids = [simulator.player(f"Player {number}", language="en").id for number in range(PEOPLE)]
    for user_id in ids:
        scene.person(user_id)
        simulator.post(f"/play/api/{user_id}/send", {"to": BOT, "text": "/count"})
    sent = Outgoing.objects.filter(method="sendMessage", state="sent")
    wait_for(lambda: sent.count() >= PEOPLE, seconds=60, what="everybody has a message with a button")
    return ids


async def _play(simulator: Any, ids: list[int]) -> Seen:
    seen = Seen()
    async with aiohttp.ClientSession(simulator.control_url) as session:
        began, taps = time.monotonic(), []
        for number in range(int(TAPS_PER_SECOND * SECONDS)):
            await asyncio.sleep(max(0.0, began + number / TAPS_PER_SECOND - time.monotonic()))
            taps.append(asyncio.create_task(_tap(session, ids[number % len(ids)], seen)))
        await asyncio.gather(*taps)
    return seen


async def _tap(session: aiohttp.ClientSession, user_id: int, seen: Seen) -> None:
    before = await _last_message(session, user_id)
    data = before["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    began = time.monotonic()
    wishes = {"to": BOT, "message": before["id"], "data": data}
    async with session.post(f"/play/api/{user_id}/tap", json=wishes) as answer:
        callback = (await answer.json())["callback"]
    answered = 0.0
    while time.monotonic() < began + PATIENCE_SECONDS:
        if not answered:
            async with session.get(f"/play/api/{user_id}/callbacks/{callback}") as answer:
                if (await answer.json())["answered"]:
                    answered = time.monotonic()
                    seen.answered.append(answered - began)
        elif (await _last_message(session, user_id))["text"] != before["text"]:
            seen.edited.append(time.monotonic() - began)
            return
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    seen.lost += 1


async def _last_message(session: aiohttp.ClientSession, user_id: int) -> dict[str, Any]:
    async with session.get(f"/play/api/{user_id}/chats/@{BOT}/messages") as answer:
        found: dict[str, Any] = (await answer.json())["messages"][-1]
    return found
