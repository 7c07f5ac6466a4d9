"""Whose turn it is: one definition for claiming, for sending accounts to work and for waking up; the database's clock.

In these pieces of SQL `c` is a check, `b` a block of it, `n` a number of that, `a` an account; `%(zone)s` is the
installation's time zone, `%(kinds)s` are the kinds of check that it knows; `clock` gives both.
"""

from typing import Any

from django.conf import settings

from pult.modules.checks.kinds import KINDS

# What the index of open blocks holds.
OPEN_BLOCK = "b.state IN ('waiting', 'working')"

# A block that any account may take now.
FREE_BLOCK = """(
    b.state = 'waiting' AND (b.wait_until IS NULL OR b.wait_until <= now() OR b.wait_reason = 'account_rests')
)"""

# A number `n` of the block that may be asked about now.
DUE_NUMBER = "(n.state = 'w' OR (n.state = 'u' AND n.ask_after <= now()))"

# Somebody else who is awake can work for the block's check.
OTHER_ACCOUNT = """EXISTS (
    SELECT FROM telegram_account o
    WHERE o.id <> a.id AND o.state = 'connected' AND o.simulated = a.simulated
      AND (o.resting_until IS NULL OR o.resting_until <= now())
      AND (o.shared OR o.owner_id = (SELECT owner_id FROM checks_check WHERE id = b.check_id))
)"""

# A due number that stayed without an answer when this account asked: another one may know more, but nobody waits for it
# for ever.
LEFT_TO_OTHERS = f"""(
    n.state = 'u' AND n.ask_after <= now() AND n.ask_after > now() - interval '3 minutes'
    AND EXISTS (SELECT FROM checks_call k WHERE k.id = n.call_id AND k.account_id = a.id)
    AND {OTHER_ACCOUNT}
)"""
ASKABLE_NUMBER = f"({DUE_NUMBER} AND NOT {LEFT_TO_OTHERS})"

# Everything that is due in the block is left to others for now. Blocks without unanswered numbers are not looked into.
BLOCK_LEFT_TO_OTHERS = f"""(
    b.unanswered_count > 0
    AND EXISTS (SELECT FROM checks_number n WHERE n.block_id = b.id AND {LEFT_TO_OTHERS})
    AND NOT EXISTS (SELECT FROM checks_number n WHERE n.block_id = b.id AND {ASKABLE_NUMBER})
)"""  # noqa: S608 - made of constants

# A block that this account may take now.
TAKEABLE_BLOCK = f"""(
    {OPEN_BLOCK} AND ({FREE_BLOCK} OR (b.state = 'working' AND b.account_id = a.id)) AND NOT {BLOCK_LEFT_TO_OTHERS}
)"""

# An administrator holds everything back, or this person's checks.
HELD = "EXISTS (SELECT FROM checks_hold h WHERE h.person_id IS NULL OR h.person_id = c.owner_id)"

OWNER_ACTIVE = "EXISTS (SELECT FROM people_person p WHERE p.id = c.owner_id AND p.is_active)"

# Allowances are for a day of the installation's time zone.
TODAY = "(now() AT TIME ZONE %(zone)s)::date"
MIDNIGHT = f"(({TODAY} + 1)::timestamp AT TIME ZONE %(zone)s)"

# A person's own allowance goes before that of each person; each of the three parts is nothing where none is set.
PERSON_SPENT = f"""EXISTS (
    SELECT FROM checks_allowance w
    WHERE (w.person_id = c.owner_id OR (w.scope = 'each' AND NOT EXISTS (
        SELECT FROM checks_allowance own WHERE own.person_id = c.owner_id
      )))
      AND w.numbers_per_day <= coalesce(
        (SELECT u.asked FROM checks_usage u WHERE u.person_id = c.owner_id AND u.day = {TODAY}), 0
      )
)"""  # noqa: S608 - made of constants
ALL_SPENT = f"""EXISTS (
    SELECT FROM checks_allowance w
    WHERE w.scope = 'all'
      AND w.numbers_per_day <= (SELECT coalesce(sum(u.asked), 0) FROM checks_usage u WHERE u.day = {TODAY})
)"""  # noqa: S608 - made of constants
SPENT = f"({PERSON_SPENT} OR {ALL_SPENT})"

# A check that would go on if its day's allowance were not spent. One of a kind that this version of Pult does not know
# waits for the version that does.
WANTS_TURN = f"""(
    c.state = 'running' AND NOT c.reuse_pending AND c.kind = ANY(%(kinds)s) AND {OWNER_ACTIVE} AND NOT {HELD}
)"""

# A check that may take a turn now, whatever its blocks and the accounts do.
MAY_TAKE_TURN = f"({WANTS_TURN} AND NOT {SPENT})"

# A check that this account may work for at all.
SERVED_BY_ACCOUNT = "(a.shared OR c.owner_id = a.owner_id)"

# A check for which this account can make a call now.
HAS_TURN_FOR_ACCOUNT = f"""(
    {MAY_TAKE_TURN} AND {SERVED_BY_ACCOUNT}
    AND EXISTS (SELECT FROM checks_block b WHERE b.check_id = c.id AND {TAKEABLE_BLOCK})
)"""

# When a call was last made for the check's owner; a person's finished checks count too, or many small ones would never
# let anybody else come.
PERSON_TURN = """(
    SELECT u.last_turn_at FROM checks_usage u WHERE u.person_id = c.owner_id ORDER BY u.day DESC LIMIT 1
)"""

# Where an administrator put it, then the person who waited longest, then that person's check that waited longest.
TURN_ORDER = f"c.precedence DESC, {PERSON_TURN} NULLS FIRST, c.last_turn_at NULLS FIRST, c.id"

# The check whose turn it is with the account %(account)s, its owner, its kind, and the version of its row. Nothing is
# locked: whoever waited for a lock in here would go on to the next check with the first one still locked.
TURN = f"""
    SELECT c.id, c.owner_id, c.kind, c.xmin::text FROM checks_check c JOIN telegram_account a ON a.id = %(account)s
    WHERE {HAS_TURN_FOR_ACCOUNT}
    ORDER BY {TURN_ORDER}
    LIMIT 1
"""  # noqa: S608 - made of constants


def clock() -> dict[str, Any]:
    """The parameters that every statement made of these pieces needs."""
    return {"zone": settings.TIME_ZONE, "kinds": list(KINDS)}
