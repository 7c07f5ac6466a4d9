"""Whose turn it is: one definition for claiming, for sending accounts to work and for waking up; the database's clock.

In these pieces of SQL `c` is a check, `b` a block of it, `a` an account.
"""

# What the index of open blocks holds.
OPEN_BLOCK = "b.state IN ('waiting', 'working')"

# A block that any account may take now.
FREE_BLOCK = """(
    b.state = 'waiting' AND (b.wait_until IS NULL OR b.wait_until <= now() OR b.wait_reason = 'account_rests')
)"""

# A block that this account may take now.
TAKEABLE_BLOCK = f"({OPEN_BLOCK} AND ({FREE_BLOCK} OR (b.state = 'working' AND b.account_id = a.id)))"

# A check that may take a turn now, whatever its blocks and the accounts do.
MAY_TAKE_TURN = "c.state = 'running'"

# A check that this account may work for at all.
SERVED_BY_ACCOUNT = "(a.shared OR c.owner_id = a.owner_id)"

# A check for which this account can make a call now.
HAS_TURN_FOR_ACCOUNT = f"""(
    {MAY_TAKE_TURN} AND {SERVED_BY_ACCOUNT}
    AND EXISTS (SELECT FROM checks_block b WHERE b.check_id = c.id AND {TAKEABLE_BLOCK})
)"""

# The check whose turn it is with the account %(account)s, locked: of the person who waited longest the check that
# waited longest.
TURN = f"""
    SELECT c.id FROM checks_check c
    JOIN telegram_account a ON a.id = %(account)s
    JOIN (
        SELECT owner_id, max(last_turn_at) AS turn_at FROM checks_check WHERE state = 'running' GROUP BY owner_id
    ) person ON person.owner_id = c.owner_id
    WHERE {HAS_TURN_FOR_ACCOUNT}
    ORDER BY person.turn_at NULLS FIRST, c.last_turn_at NULLS FIRST, c.id
    LIMIT 1 FOR UPDATE OF c
"""  # noqa: S608 - made of constants
