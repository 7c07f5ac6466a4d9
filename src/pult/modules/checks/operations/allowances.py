"""Daily allowances: how many numbers may be asked about in a day, by a person and by all; counted with each call.

Every number of a call counts, a number that is asked again counts again; a call that Telegram refused is given back.
The day is that of the installation's time zone, by the database's clock.
"""

from datetime import datetime

from django.db import connection, transaction

from pult.core.audit.operations import record
from pult.core.jobs import ring_soon
from pult.core.people.models import Person
from pult.modules.checks.models import Allowance, LogEntry
from pult.modules.checks.operations.journal import note, publish_queue
from pult.modules.checks.queries.turns import TODAY, clock

# Whoever claims for the same person waits here, so that what is left is never given twice.
LOCK_USAGE = f"""
INSERT INTO checks_usage (person_id, day, asked) VALUES (%(person)s, {TODAY}, 0)
ON CONFLICT (person_id, day) DO UPDATE SET asked = checks_usage.asked
"""  # noqa: S608 - made of constants

# A person's own allowance goes before that of each, also where it says that there is no limit.
LEFT = f"""
SELECT least(
    (
        SELECT numbers_per_day FROM checks_allowance WHERE person_id = %(person)s OR scope = 'each'
        ORDER BY scope = 'each' LIMIT 1
    ) - (SELECT coalesce(sum(asked), 0) FROM checks_usage WHERE person_id = %(person)s AND day = {TODAY}),
    (SELECT numbers_per_day FROM checks_allowance WHERE scope = 'all')
        - (SELECT coalesce(sum(asked), 0) FROM checks_usage WHERE day = {TODAY})
)
"""  # noqa: S608 - made of constants

COUNT_ASKED = f"""
INSERT INTO checks_usage (person_id, day, asked, last_turn_at)
VALUES (%(person)s, {TODAY}, %(asked)s, clock_timestamp())
ON CONFLICT (person_id, day) DO UPDATE SET
    asked = checks_usage.asked + EXCLUDED.asked, last_turn_at = EXCLUDED.last_turn_at
"""  # noqa: S608 - made of constants

GIVE_BACK = """
UPDATE checks_usage u SET asked = greatest(u.asked - %(asked)s, 0)
FROM checks_call k
WHERE k.id = %(call)s AND u.person_id = %(person)s AND u.day = (k.sent_at AT TIME ZONE %(zone)s)::date
"""

TOLD_TODAY = f"""
SELECT EXISTS (
    SELECT FROM checks_log_entry e JOIN checks_check c ON c.id = e.check_id
    WHERE c.owner_id = %(person)s AND e.kind = 'allowance_spent' AND (e.at AT TIME ZONE %(zone)s)::date = {TODAY}
)
"""  # noqa: S608 - made of constants


def lock_left(person_id: int) -> int | None:
    """How many numbers may still be asked for this person today, kept from changing until the transaction ends.

    None: there is no allowance. The caller holds the lock of the check (checks come before allowances).
    """
    # The row of all is locked first: whoever counts against it waits for the others, in one order.
    scopes = list(
        Allowance.objects.select_for_update()
        .filter(scope=Allowance.Scope.ALL)
        .values_list("scope", flat=True)
    )
    if not scopes and not Allowance.objects.exists():
        return None
    parameters = {"person": person_id, **clock()}
    with connection.cursor() as cursor:
        cursor.execute(LOCK_USAGE, parameters)
        # A statement of its own: it sees what those before us have counted.
        cursor.execute(LEFT, parameters)
        row = cursor.fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM always gives a row
    return None if row[0] is None else max(0, int(row[0]))


def count_asked(person_id: int, asked: int, *, check_id: int, left: int | None) -> None:
    """A call about so many numbers is made for this person; `left` is what the day allowed before it."""
    parameters = {"person": person_id, "asked": asked, **clock()}
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ASKED, parameters)
        if left is None or asked < left:
            return
        cursor.execute(TOLD_TODAY, parameters)
        told = cursor.fetchone()
    if told is not None and not told[0]:
        note(check_id, LogEntry.Kind.ALLOWANCE_SPENT)


def give_back(person_id: int, call_id: int, asked: int) -> None:
    """Telegram refused the call: its numbers do not count. The caller holds the lock of the check."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, {"person": person_id, "call": call_id, "asked": asked, **clock()})


@transaction.atomic
def set_allowance(
    *,
    actor: Person,
    scope: Allowance.Scope,
    numbers_per_day: int | None,
    now: datetime,
    person: Person | None = None,
) -> None:
    """Say how many numbers a day may be asked about (None: as many as wanted), for all, for each or for one person."""
    if numbers_per_day is None and scope != Allowance.Scope.PERSON:
        if not Allowance.objects.filter(scope=scope).delete()[0]:
            return
    else:
        Allowance.objects.update_or_create(
            scope=scope, person=person, defaults={"numbers_per_day": numbers_per_day}
        )
    _changed(actor, now, scope, person, numbers_per_day=numbers_per_day)


@transaction.atomic
def end_exception(*, actor: Person, person: Person, now: datetime) -> None:
    """What each person may ask holds for this one again."""
    if Allowance.objects.filter(scope=Allowance.Scope.PERSON, person=person).delete()[0]:
        _changed(actor, now, Allowance.Scope.PERSON, person, exception="ended")


def _changed(
    actor: Person, now: datetime, scope: Allowance.Scope, person: Person | None, **details: int | str | None
) -> None:
    record(
        action="allowance.changed",
        actor=actor,
        now=now,
        object_type="person" if person else "",
        object_id=person.pk if person else "",
        scope=scope.value,
        **details,
    )
    publish_queue()
    ring_soon()
