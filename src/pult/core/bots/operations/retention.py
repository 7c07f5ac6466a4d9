"""For how long is kept what bots received and sent: so many days, then it goes with its files."""

from datetime import datetime, timedelta
from functools import reduce

from django.conf import settings
from django.db import connection
from django.db.models import Exists, Min, OuterRef, QuerySet

from pult.core.bots.models import Conversation, Outgoing, Update
from pult.core.bots.operations.places import incoming_folder, outgoing_folder, sweep
from pult.core.jobs import database_now
from pult.core.people.models import Application

# So many rows go in one statement: nobody waits for a lock on half a million.
AT_ONCE = 5000
# Handling takes seconds: a file that was fetched an hour ago belongs to a process that was killed.
FETCHED_KEPT = timedelta(hours=1)


def kept() -> timedelta:
    """How long updates and messages can be looked up."""
    return timedelta(days=settings.UPDATES_KEPT_DAYS)


def next_to_forget() -> datetime | None:
    """When the oldest update, message or conversation has been kept long enough."""
    found = [
        Update.objects.aggregate(at=Min("received_at"))["at"],
        Outgoing.objects.aggregate(at=Min("created_at"))["at"],
        _conversations().aggregate(at=Min("changed_at"))["at"],
    ]
    oldest: datetime | None = reduce(
        lambda one, other: min(one, other) if one and other else one or other, found
    )
    return None if oldest is None else oldest + kept()


def _conversations() -> "QuerySet[Conversation]":
    """All but those of people who wait to be let in: they hear in that chat how it ended."""
    waiting = Application.objects.filter(
        state=Application.State.WAITING,
        user_id=OuterRef("user_id"),
        simulated=OuterRef("bot__simulated"),
    )
    return Conversation.objects.filter(~Exists(waiting))


def forget_old() -> None:
    """Remove what is older, whatever became of it: a message of last week is not sent any more."""
    before = database_now() - kept()
    for table, column in (("bots_outgoing", "created_at"), ("bots_update", "received_at")):
        statement = (
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {column} <= %s LIMIT {AT_ONCE})"  # noqa: S608
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [before])
            while cursor.rowcount >= AT_ONCE:
                cursor.execute(statement, [before])
    _conversations().filter(changed_at__lte=before).delete()
    sweep(outgoing_folder(), older_than=before)
    sweep_fetched()


def sweep_fetched() -> int:
    """Remove fetched files that a killed process left; returns how many."""
    return sweep(incoming_folder(), older_than=database_now() - FETCHED_KEPT)
