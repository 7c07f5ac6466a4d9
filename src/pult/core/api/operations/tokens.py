"""Tokens: made, shown once, used, taken back."""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.core.api.models import Token
from pult.core.api.queries import scopes_open_to
from pult.core.audit.operations import record
from pult.core.people.models import Person

LONGEST_LIFE = timedelta(days=365 * 3)
MOST_TOKENS = 50
SHAPE = re.compile(r"pult_([0-9a-f]{12})_([0-9a-f]{64})", re.ASCII)

# Who sent it, whether it still works, and the count of this minute: one statement for each request. Fixed windows of
# a minute by the database's clock; the row's lock makes the count exact however many requests come at once.
USE = """
UPDATE api_token t
SET last_used_at = statement_timestamp(),
    window_used = CASE WHEN t.window_started_at >= date_trunc('minute', statement_timestamp())
                       THEN t.window_used + 1 ELSE 1 END,
    window_started_at = GREATEST(t.window_started_at, date_trunc('minute', statement_timestamp()))
FROM people_person p
WHERE t.key = %s AND t.secret_digest = %s AND t.revoked_at IS NULL AND t.expires_at > statement_timestamp()
  AND p.id = t.person_id AND p.is_active
RETURNING t.id, t.person_id, t.scopes, t.window_used,
    ceil(extract(epoch FROM t.window_started_at + interval '1 minute' - statement_timestamp()))::int
"""


class UnableToMakeToken(Exception):
    """There is no such token; `field` names what is to be changed, `reason` says how."""

    def __init__(self, field_name: str, reason: "str | Promise") -> None:
        super().__init__(str(reason))
        self.field, self.reason = field_name, reason


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token at the only moment when its secret is known: `text` is what its programme sends."""

    token: Token
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenUse:
    """One request with a token that works: whose, with which scopes, and how many of this minute it is.

    `limit` requests a minute are answered; the minute ends in `reset` seconds.
    """

    token_id: UUID
    person: Person
    scopes: frozenset[str]
    used: int
    limit: int
    reset: int

    @property
    def remaining(self) -> int:
        """Requests left in this minute."""
        return max(0, self.limit - self.used)


def digest_of(secret: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).digest()


@transaction.atomic
def create_token(
    *,
    actor: Person | None,
    person: Person,
    name: str,
    scopes: Collection[str],
    expires_at: datetime,
    now: datetime,
) -> IssuedToken:
    """Make a token for a person; `actor` None is the terminal. Raises UnableToMakeToken.

    Only scopes whose permission the person holds now; when it goes later, the scope opens nothing any more.
    """
    # Locked, so that two pages open at once keep the limit, too.
    person = Person.objects.select_for_update().get(pk=person.pk)
    if not person.may("api.tokens"):
        raise UnableToMakeToken("name", _("This person may not use the API."))
    name = name.replace("\0", "").strip()[:100]
    if not name:
        raise UnableToMakeToken("name", _("Give it a name that says what will use it."))
    if not scopes:
        raise UnableToMakeToken("scopes", _("Choose at least one thing that it may do."))
    if not set(scopes) <= {scope.name for scope in scopes_open_to(person)}:
        raise UnableToMakeToken("scopes", _("A token cannot be allowed more than its person."))
    if not now < expires_at <= now + LONGEST_LIFE:
        raise UnableToMakeToken("expires_at", _("Choose a day after today, within three years."))
    if Token.objects.filter(person=person, revoked_at=None, expires_at__gt=now).count() >= MOST_TOKENS:
        raise UnableToMakeToken("name", _("There are too many tokens. Revoke some that nobody uses."))
    key, secret = secrets.token_hex(6), secrets.token_hex(32)
    token = Token.objects.create(
        person=person,
        name=name,
        scopes=sorted(set(scopes)),
        key=key,
        secret_digest=digest_of(secret),
        ending=secret[-4:],
        created_at=now,
        expires_at=expires_at,
    )
    record(action="token.created", actor=actor, now=now, object_type="token", object_id=token.pk)
    return IssuedToken(token, f"pult_{key}_{secret}")


@transaction.atomic
def revoke_token(*, actor: Person | None, person: Person, token_id: UUID, now: datetime) -> Token:
    """End a person's token at once; again changes nothing. Raises Token.DoesNotExist for somebody else's."""
    token = Token.objects.select_for_update(of=("self",)).get(pk=token_id, person=person)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        record(action="token.revoked", actor=actor, now=now, object_type="token", object_id=token.pk)
    return token


def use_token(*, text: str, limit: int) -> TokenUse | None:
    """Count a request against its token's minute; None where the token does not work (any more)."""
    shape = SHAPE.fullmatch(text)
    if shape is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(USE, [shape[1], digest_of(shape[2])])
        row = cursor.fetchone()
    if row is None:
        return None
    token_id, person_id, scopes, used, reset = row
    person = Person.objects.with_standing().get(pk=person_id)
    return TokenUse(token_id, person, frozenset(scopes), used, limit, min(60, max(1, reset)))
