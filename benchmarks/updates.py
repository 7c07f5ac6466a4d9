"""Updates received, stored and handled a second, as a share of a bare aiogram dispatcher that stores nothing.

The same flood of messages from the same people, at the same simulated Bot API, by long polling; a handler that does
nothing on both sides. Ours stores each update before it is acknowledged, looks up its person, keeps the order within
each chat, and commits the deed with the mark that it is done. Time runs from the first message to the last.
"""

import json
import subprocess
import sys
import time
from typing import Any

from benchmarks.fresh_database import installation

GOAL = 0.5
PEOPLE, EACH = 100, 50
NO_LIMITS = {"everything": None, "private": None, "group": None}
ROUNDS = 2


def updates() -> dict[str, Any]:
    """Both, one after the other, `ROUNDS` times; the best of each."""
    with installation() as folder:
        from tests.bots import bots

        with bots(folder, people=PEOPLE + 50) as crew:
            ours, theirs = [], []
            for number in range(ROUNDS):
                theirs.append(_bare(crew.simulator, f"bare_{number}_bot"))
                ours.append(_ours(crew, f"ours_{number}_bot"))
    best_of_ours, best_of_theirs = max(ours), max(theirs)
    share = best_of_ours / best_of_theirs
    return {
        "name": "updates",
        "value": round(share, 3),
        "unit": "share of a bare aiogram dispatcher",
        "goal": GOAL,
        "ok": share >= GOAL,
        "context": {
            "ours_per_second": [round(one) for one in ours],
            "bare_per_second": [round(one) for one in theirs],
            "messages": PEOPLE * EACH,
            "chats": PEOPLE,
        },
    }


def _flood(simulator: Any, username: str, each: int) -> None:
    wishes = {"people": PEOPLE, "each": each, "text": "/tick {number}"}
    simulator.request("POST", f"/api/bots/{username}/flood", wishes, timeout=60)


def _bare(simulator: Any, username: str) -> float:
    bot = simulator.create_bot(username, limits=NO_LIMITS)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "benchmarks.bare_aiogram",
            simulator.bot_api_url,
            bot["token"],
            str(PEOPLE * EACH),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_until_polled(simulator, username)
        _flood(simulator, username, EACH)
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    found = json.loads(said.splitlines()[-1])
    return float(found["messages"] / found["seconds"])


def _ours(crew: Any, username: str) -> float:
    from pult.core.bots.models import Bot, Update
    from tests.bots import wait_until_heard
    from tests.installation import wait_for

    known = crew.simulator.create_bot(username, limits=NO_LIMITS)
    bot = _kept(known)
    # Whom the flood will come from is known before: nobody is a newcomer.
    _flood(crew.simulator, username, 1)
    _let_in(crew.simulator, username)
    crew.command = ["-m", "tests.bots_at_points"]
    crew.start()
    wait_until_heard(crew, bot)
    mine = Update.objects.filter(bot=bot)
    wait_for(lambda: mine.filter(state="handled").count() == PEOPLE, seconds=30, what="the first are handled")
    mine.delete()
    _flood(crew.simulator, username, EACH)
    wanted, waiting = PEOPLE * EACH, mine.filter(state="waiting")
    wait_for(lambda: mine.count() >= wanted and not waiting.exists(), seconds=60, what="all is handled")
    ended = time.time()
    first = mine.order_by("pk")[0].received_at.timestamp()
    assert mine.filter(state="handled", answered_by="counting.tick").count() == wanted
    crew.stop()
    Bot.objects.filter(pk=bot.pk).delete()
    return wanted / (ended - first)


def _kept(known: Any) -> Any:
    from django.utils import timezone

    from pult.core.bots.models import Bot
    from pult.core.secrets import seal

    bot = Bot(
        telegram_id=known["id"], simulated=True, name=known["first_name"], username=known["username"],
        main=not Bot.objects.filter(main=True).exists(), added_at=timezone.now(),
    )  # fmt: skip
    seal(bot, "token", known["token"])
    bot.save(force_insert=True)
    return bot


def _let_in(simulator: Any, username: str) -> None:
    from pult.core.bots.tests import scene
    from pult.core.people.models import TelegramIdentity

    waiting = simulator.get(f"/api/bots/{username}/updates?limit={PEOPLE}")["updates"]
    for user_id in {update["message"]["from"]["id"] for update in waiting}:
        if not TelegramIdentity.objects.filter(user_id=user_id).exists():
            scene.person(user_id)


def _wait_until_polled(simulator: Any, username: str) -> None:
    from tests.installation import wait_for

    def polled() -> bool:
        requests = simulator.get("/api/counters")["bots"].get(username, {}).get("requests", {})
        return bool(requests.get("getUpdates"))

    wait_for(polled, seconds=30, what="the bare dispatcher polls")
