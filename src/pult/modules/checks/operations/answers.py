"""Recording what a call brought: verdicts, people, and afterwards the names that they gave themselves."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from pult.core.telegram.values import ContactRef, TelegramUser
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Block, Call, LogEntry
from pult.modules.checks.operations.allowances import give_back
from pult.modules.checks.operations.blocks import lock_check_of, lock_checks, settle_block
from pult.modules.checks.operations.journal import note
from pult.modules.checks.operations.lessons import learn_from_answers
from pult.modules.checks.operations.sightings import note_sighting, touched_checks
from pult.modules.checks.rules.asking import (
    MOST_TRIES,
    REST_AFTER_MOST_OF_A_CALL,
    Unanswered,
    delay_after,
    rest_after_retries,
)

# Only numbers that this very call asked about: an answer that came after the call was given up changes nothing.
VERDICTS = """
UPDATE checks_number SET
    state = CASE WHEN id = ANY(%(hits)s) THEN 'f' WHEN id = ANY(%(retry)s) THEN 'u' ELSE 'n' END,
    unanswered_reason = CASE WHEN id = ANY(%(retry)s) THEN %(reason)s ELSE '' END,
    tries = tries + (id = ANY(%(retry)s))::int,
    ask_after = CASE WHEN id = ANY(%(retry)s) THEN now() + (%(delays)s::interval[])[tries + 1] END,
    answered_at = CASE WHEN id = ANY(%(retry)s) THEN NULL ELSE now() END
WHERE block_id = %(block)s AND call_id = %(call)s AND state = 'a'
RETURNING state
"""

# Not even reached: back to where they were, those asked again before are due at once.
UNASKED = """
UPDATE checks_number SET
    state = CASE WHEN tries > 0 THEN 'u' ELSE 'w' END, ask_after = CASE WHEN tries > 0 THEN now() END
WHERE block_id = %(block)s AND call_id = %(call)s AND state = 'a' AND id = ANY(%(unasked)s)
"""

FINDINGS = """
INSERT INTO checks_finding
    (number_id, entity, telegram_id, first_name, last_name, usernames, premium, verified, last_seen, last_seen_at)
SELECT f.number_id, f.entity, f.telegram_id, f.first_name, f.last_name, f.usernames, f.premium, f.verified,
       f.last_seen, f.last_seen_at
FROM jsonb_to_recordset(%(people)s) AS f(
    number_id bigint, entity text, telegram_id bigint, first_name text, last_name text, usernames jsonb,
    premium boolean, verified boolean, last_seen text, last_seen_at timestamptz
)
JOIN checks_number n ON n.id = f.number_id AND n.block_id = %(block)s AND n.call_id = %(call)s AND n.state = 'f'
ON CONFLICT (number_id) DO UPDATE SET
    entity = EXCLUDED.entity, telegram_id = EXCLUDED.telegram_id,
    first_name = EXCLUDED.first_name, last_name = EXCLUDED.last_name,
    usernames = EXCLUDED.usernames, premium = EXCLUDED.premium, verified = EXCLUDED.verified,
    last_seen = EXCLUDED.last_seen, last_seen_at = EXCLUDED.last_seen_at
"""

NAMES = """
UPDATE checks_finding f SET
    first_name = p.first_name, last_name = p.last_name, usernames = p.usernames, premium = p.premium,
    verified = p.verified, last_seen = p.last_seen, last_seen_at = p.last_seen_at
FROM jsonb_to_recordset(%(people)s) AS p(
    telegram_id bigint, first_name text, last_name text, usernames jsonb,
    premium boolean, verified boolean, last_seen text, last_seen_at timestamptz
), checks_number n
WHERE n.block_id = %(block)s AND n.call_id = %(call)s AND f.number_id = n.id AND f.telegram_id = p.telegram_id
"""


def delays(reason: Unanswered) -> list[timedelta | None]:
    """For SQL: what comes after the first, second, … unanswered try."""
    return [delay_after(reason, tries) for tries in range(1, MOST_TRIES + 1)]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What follows for the account: a `rest` after too many retries, or a `pause` from now on to keep its pace.

    `distrusted`: it missed a canary, and rests because of that.
    """

    rest: timedelta | None
    pause: timedelta
    distrusted: bool = False


@transaction.atomic
def record_answers(
    *,
    call_id: int,
    hits: Mapping[int, TelegramUser],
    retry: Collection[int],
    added: Sequence[ContactRef],
    unasked: Collection[int] = (),
    why: Unanswered = Unanswered.LIMIT,
    asked: int | None = None,
    flood_wait: timedelta | None = None,
    canary_seen: bool | None = None,
) -> Recorded | None:
    """Store what the call brought: `hits` by number id, `retry` are unanswered, every other number of it is a miss.

    `unasked` were not reached and wait again as before; `why` says what left `retry` without an answer. Telegram was
    asked about `asked` numbers (None: all of the call), and a `flood_wait` cut in before the rest; of both the
    account's budget learns. `canary_seen`: whether Telegram named the canary of the call (None: it said nothing).

    None when the call is no longer under way (it was given up meanwhile): nothing is stored then, and the caller
    still has to remove `added`.
    """
    call = Call.objects.select_related("block").get(pk=call_id)
    block = call.block
    if block is None:
        return _record_trial(call, added, seen=canary_seen) if call.canary_id and not call.size else None
    touched = touched_checks(call.account_id, call_id=call_id) if canary_seen is False else []
    checks = lock_checks([*touched, block.check_ref_id])
    check = next((one for one in checks if one.pk == block.check_ref_id), None)
    if check is None:
        # Its owner left meanwhile: whoever erased the check gave the call up.
        return None
    # Telegram's phone book keeps whom the call added, and the numbers that it missed too (decision 6).
    size = call.size - len(unasked)
    missed = size - len(hits.keys() | retry)
    left = kind_named(call.kind).leaves_traces and (added or missed or call.canary_id)
    state = Call.State.ANSWERED if left else Call.State.CLEAN
    pairs = [[contact.user_id, contact.access_hash] for contact in added]
    if not Call.objects.filter(pk=call_id, state=Call.State.PLANNED).update(
        state=state, size=size, added_contacts=pairs, answered_at=Now(), outcome="answered"
    ):
        return None
    parameters: dict[str, Any] = {
        "block": block.pk,
        "call": call_id,
        "hits": list(hits),
        "retry": [number_id for number_id in retry if number_id not in hits],
        "unasked": list(unasked),
        "reason": why.value,
        "delays": delays(why),
        "people": json.dumps([{"number_id": number, **_row(user)} for number, user in hits.items()]),
    }
    with connection.cursor() as cursor:
        if unasked:
            cursor.execute(UNASKED, parameters)
            give_back(check.owner_id, call_id, cursor.rowcount)
        cursor.execute(VERDICTS, parameters)
        states = [row[0] for row in cursor.fetchall()]
        if hits:
            cursor.execute(FINDINGS, parameters)
    missed_canary = None if canary_seen is None else note_sighting(call, seen=canary_seen, checks=checks)
    if missed_canary is not None:
        # Taken back before anybody could see them.
        states = [state for state in states if state != "n"]
    _note_answer(check.pk, block, call_id, states, unasked=len(unasked))
    settle_block(block.pk, check=check)
    reached = size if asked is None else asked
    rest = rest_after_retries(size=reached, retried=len(retry)) if why is Unanswered.LIMIT else None
    pause = learn_from_answers(
        call,
        asked=reached,
        unasked=len(unasked),
        retry=retry,
        why=why,
        rest=rest,
        flood_wait=flood_wait,
    )
    if missed_canary is not None:
        return Recorded(missed_canary, pause, distrusted=True)
    return Recorded(rest, pause)


def _record_trial(call: Call, added: Sequence[ContactRef], *, seen: bool | None) -> Recorded | None:
    """A call about a canary alone was answered: it belongs to no check, but a miss may touch some."""
    checks = lock_checks(touched_checks(call.account_id, call_id=call.pk)) if seen is False else []
    pairs = [[contact.user_id, contact.access_hash] for contact in added]
    if not Call.objects.filter(pk=call.pk, state=Call.State.PLANNED).update(
        state=Call.State.ANSWERED, added_contacts=pairs, answered_at=Now(), outcome="answered"
    ):
        return None
    if seen is None:
        return Recorded(REST_AFTER_MOST_OF_A_CALL, timedelta(0))
    return Recorded(note_sighting(call, seen=seen, checks=checks), timedelta(0), distrusted=not seen)


@transaction.atomic
def close_call(*, call_id: int, people: Iterable[TelegramUser] = ()) -> None:
    """The call's contacts are removed: nothing of it is left. `people` are those contacts under their own names."""
    call = Call.objects.select_related("block").get(pk=call_id)
    block = call.block
    check = lock_check_of(block)
    closed = Call.objects.filter(pk=call_id, state__in=[Call.State.ANSWERED, Call.State.LOST]).update(
        state=Call.State.CLEAN, added_contacts=[], asked_phones=[]
    )
    if not closed or block is None or check is None:
        return
    if rows := [_row(user) for user in people]:
        parameters: dict[str, Any] = {"block": block.pk, "call": call_id, "people": json.dumps(rows)}
        with connection.cursor() as cursor:
            cursor.execute(NAMES, parameters)
    settle_block(block.pk, check=check)


def _row(user: TelegramUser) -> dict[str, Any]:
    return {
        "entity": user.entity,
        "telegram_id": user.id,
        # NUL is the one character that PostgreSQL cannot keep.
        "first_name": user.first_name.replace("\0", "")[:255],
        "last_name": user.last_name.replace("\0", "")[:255],
        "usernames": user.usernames,
        "premium": user.premium,
        "verified": user.verified,
        "last_seen": user.last_seen,
        "last_seen_at": user.last_seen_at.isoformat() if user.last_seen_at else None,
    }


def _note_answer(check_id: int, block: Block, call_id: int, states: list[str], *, unasked: int) -> None:
    found, not_found, unanswered = (states.count(state) for state in "fnu")
    note(
        check_id,
        LogEntry.Kind.CALL_ANSWERED,
        block_ordinal=block.ordinal,
        account_label=block.account_label,
        call=call_id,
        found=found,
        not_found=not_found,
        unanswered=unanswered,
        **({"unasked": unasked} if unasked else {}),
    )
