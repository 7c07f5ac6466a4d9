"""`pult bots` with a room that counts deeds, and that SIGKILL ends at named points, the second time each is reached.

python -m tests.bots_at_points <points>: stored, handling, handled. Each point ends a process once in the life of a data
folder; /deadly does so each time. /slow takes its time, /broken has a fault of ours, /tick does nothing.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

COMES_AT_THE = 2


class Points:
    """Ends this process at the first of the points that has not ended one yet."""

    def __init__(self, names: list[str]) -> None:
        from django.conf import settings

        markers = [settings.PULT_DATA_DIR / f"killed-{name}" for name in names]
        self._marker = next((marker for marker in markers if not marker.exists()), None)
        self._reached = 0

    def reach(self, name: str) -> None:
        if self._marker is None or self._marker.name != f"killed-{name}":
            return
        self._reached += 1
        if self._reached >= COMES_AT_THE:
            self._marker.touch()
            die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def counting_room(points: Points) -> Any:
    """A deed is one more in a column of the person, so that what was lost or doubled can be seen."""
    from django.db.models import F
    from django.utils.html import format_html

    from pult.core.bots.screens import Answer, BotRoom, Button, Screen, Visit
    from pult.core.people.models import Person

    room = BotRoom("counting")

    @room.action("count")
    def count(visit: Visit, *_: str) -> Answer:
        Person.objects.filter(pk=visit.person.pk).update(session_generation=F("session_generation") + 1)
        points.reach("handling")
        visit.person.refresh_from_db()
        text = format_html("deed {}", visit.person.session_generation)
        return Screen(text, rows=((Button("again", "counting.count", (str(time.time_ns()),)),),))

    @room.action("deadly")
    def deadly(visit: Visit) -> Answer:
        die()
        return ()

    @room.action("broken")
    def broken(visit: Visit) -> Answer:
        raise RuntimeError("a fault of ours")

    @room.action("tick")
    def tick(visit: Visit, *_: str) -> Answer:
        return ()

    @room.action("slow")
    def slow(visit: Visit, seconds: str = "3") -> Answer:
        time.sleep(float(seconds))
        return Screen(format_html("slow {}", seconds))

    for name in ("count", "deadly", "broken", "tick", "slow"):
        room.command(name, name, name)
    return room


def after(function: Callable[..., Any], then: Callable[[], None]) -> Callable[..., Any]:
    def both(*args: Any, **named: Any) -> Any:
        result = function(*args, **named)
        then()
        return result

    return both


def main(names: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pult.config.settings")
    import django

    django.setup()
    from pult.core.bots import rooms
    from pult.core.bots.engine import lanes, polling
    from pult.core.bots.engine.process import run_bots

    points = Points(names)
    known = {**rooms.all_rooms(), "counting": counting_room(points)}
    rooms.all_rooms = lambda: known  # type: ignore[assignment]
    polling.store_for_handling = after(polling.store_for_handling, lambda: points.reach("stored"))
    lanes.handle = after(lanes.handle, lambda: points.reach("handled"))
    asyncio.run(run_bots())


if __name__ == "__main__":
    main(sys.argv[1:])
