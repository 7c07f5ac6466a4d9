"""Updates in hand: their rows locked, who they are from, where each conversation stands; and how they are let go.

A few statements for any number of updates: what Pult adds to a deed must stay small beside it.
"""

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from pult.core.bots.rules.incoming import Incoming, read, storable
from pult.core.people.models import Person

# Two taps on one button within this are one deed.
ONE_DEED = timedelta(seconds=1)

_CLAIM = """
SELECT u.id, u.bot_id, u.payload, u.received_at, c.id IS NOT NULL, c.expects, c.notes,
       before.state, before.received_at, before.data, before.message_id,
       u.kind = 'callback_query' AND EXISTS (
           SELECT FROM bots_live_screen l
           WHERE l.bot_id = u.bot_id AND l.chat_id = u.chat_id
             AND l.message_id::text = u.payload #>> '{callback_query,message,message_id}'
       )
FROM bots_update u
LEFT JOIN bots_conversation c ON c.bot_id = u.bot_id AND c.chat_id = u.chat_id AND c.user_id = u.user_id
LEFT JOIN LATERAL (
    SELECT b.state, b.received_at, b.payload #>> '{callback_query,data}' AS data,
           b.payload #>> '{callback_query,message,message_id}' AS message_id
    FROM bots_update b
    WHERE u.kind = 'callback_query' AND b.bot_id = u.bot_id AND b.chat_id = u.chat_id AND b.id < u.id
    ORDER BY b.id DESC LIMIT 1
) before ON TRUE
WHERE u.id = ANY(%s) AND u.state = 'waiting'
FOR UPDATE OF u SKIP LOCKED
"""

# Those who are handled together wait for nobody: whoever would have to is handled alone.
_WAIT_FOR_NOBODY = "SET LOCAL lock_timeout = '50ms'; SET LOCAL statement_timeout = '500ms'; "

_LET_GO = """
UPDATE bots_update u SET state = 'handled', handled_at = %s, answered_by = done.name
FROM unnest(%s::bigint[], %s::text[]) AS done (id, name) WHERE u.id = done.id
"""

_REMEMBER = """;
INSERT INTO bots_conversation (bot_id, chat_id, user_id, expects, notes, changed_at)
SELECT kept.bot_id, kept.chat_id, kept.user_id, kept.expects, kept.notes::jsonb, %s
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])
     AS kept (bot_id, chat_id, user_id, expects, notes)
ON CONFLICT (bot_id, chat_id, user_id)
DO UPDATE SET expects = EXCLUDED.expects, notes = EXCLUDED.notes, changed_at = EXCLUDED.changed_at
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An update in hand, with the person behind it and with what was remembered of the conversation."""

    pk: int
    bot_id: UUID
    incoming: Incoming
    person: Person | None
    # The second of two quick taps on one button.
    repeated: bool
    # The tap was under a message that shows something live.
    live: bool


@dataclass(frozen=True, slots=True)
class Done:
    """How an update ended: the room and function that answered, and what is expected next (None: as it was)."""

    claimed: Claimed
    name: str
    expects: str | None
    notes: "Mapping[str, Any]"


def claim(pks: Sequence[int], *, wait: bool) -> dict[int, Claimed]:
    """Lock those of the updates that still wait and that nobody else has in hand; by their rows' ids.

    With `wait` False no statement of this transaction waits long for anybody's lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM if wait else _WAIT_FOR_NOBODY + _CLAIM, [list(pks)])
        # Of several statements the last one has the rows.
        while not wait and cursor.description is None and cursor.nextset():
            continue
        rows = [(row, read(json.loads(row[2]))) for row in cursor.fetchall()]
    people = people_behind({incoming.user_id for _, incoming in rows if incoming.user_id is not None})
    return {row[0]: _claimed(row, incoming, people) for row, incoming in rows}


def _claimed(row: Sequence[Any], incoming: Incoming, people: "Mapping[int, Person]") -> Claimed:
    pk, bot_id, _, received_at, known, expects, notes, state, before_at, data, message_id, live = row
    repeated = (
        state == "handled"
        and bool(incoming.data)
        and (data, message_id) == (incoming.data, str(incoming.message_id))
        and received_at - before_at <= ONE_DEED
    )
    remembered = {"expects": expects, "notes": json.loads(notes)} if known else {}
    incoming = replace(incoming, bot_id=bot_id, **remembered)
    person = people.get(incoming.user_id) if incoming.user_id is not None else None
    return Claimed(pk, bot_id, incoming, person, repeated, live)


def people_behind(user_ids: "Iterable[int]") -> dict[int, Person]:
    """The people of these Telegram users, with what `held_back()` and `may()` need; inactive people as well."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    sql, parameters, place = _people_sql(settings.SIMULATED_TELEGRAM)
    given = [*parameters[:place], wanted, *parameters[place + 1 :]]
    return {vars(person)["_telegram_user"]: person for person in Person.objects.raw(sql, given)}


@functools.cache
def _people_sql(simulated: bool) -> tuple[str, tuple[Any, ...], int]:
    """What the ORM would ask for one Telegram user, made a question about many: put together once, not each time."""
    nobody = -(2**62)
    query = (
        Person.objects.with_standing()
        .filter(telegram_identities__user_id=nobody, telegram_identities__simulated=simulated)
        .annotate(_telegram_user=F("telegram_identities__user_id"))
    ).query
    sql, parameters = query.sql_with_params()
    place = parameters.index(nobody)
    pieces = sql.split("%s")
    if not pieces[place].endswith(" = ") or len(pieces) != len(parameters) + 1:
        raise AssertionError(f"this question cannot be asked about many: {sql}")
    pieces[place] = pieces[place] + "ANY("
    pieces[place + 1] = ")" + pieces[place + 1]
    return "%s".join(pieces), parameters, place


def let_go(done: Sequence[Done], *, now: datetime) -> None:
    """Mark updates as handled, and remember what their answers expect next."""
    sql = _LET_GO
    given: list[Any] = [now, [one.claimed.pk for one in done], [one.name[:80] for one in done]]
    kept = [one for one in done if one.expects is not None and _changed(one)]
    if kept:
        sql += _REMEMBER
        given += [
            now,
            [one.claimed.bot_id for one in kept],
            [one.claimed.incoming.chat_id for one in kept],
            [one.claimed.incoming.user_id for one in kept],
            [one.expects for one in kept],
            [storable(dict(one.notes)) for one in kept],
        ]
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


def _changed(done: Done) -> bool:
    before = done.claimed.incoming
    return (before.expects, dict(before.notes)) != (done.expects, dict(done.notes))


@contextmanager
def savepoint_when_needed() -> Iterator[None]:
    """Undo what the block wrote when it raises; a block that asks the database nothing costs nothing."""
    savepoint: list[str] = []
    promised = len(connection.run_on_commit)

    def before_each(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not savepoint:
            # Named before it is made: making it comes here as well.
            savepoint.append("")
            savepoint[0] = transaction.savepoint()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(before_each):
        try:
            yield
        except BaseException:
            if savepoint and savepoint[0]:
                transaction.savepoint_rollback(savepoint[0])
            # What was to happen after the commit (a file removed, somebody told) belongs to what is undone.
            del connection.run_on_commit[promised:]
            raise
        if savepoint:
            transaction.savepoint_commit(savepoint[0])
