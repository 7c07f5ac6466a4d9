"""Reads: a person's tokens, what they may be allowed, and which rows are over."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Min, QuerySet

from pult.core.api.models import IdempotencyKey, Token
from pult.core.people.models import Person
from pult.core.registry import Scope, registry

SORTS = {"name": "name", "created": "created_at", "expires": "expires_at", "used": "last_used_at"}
NEWEST_FIRST = "-created"
STATES = ("working", "over")


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token and what it may do in words; a scope that no module knows any more shows its name."""

    token: Token
    scopes: tuple[str, ...]
    state: str


def scopes_open_to(person: Person) -> list[Scope]:
    """The scopes that a token of this person can have: those whose permission the person holds."""
    return [scope for scope in registry.scopes() if person.may(scope.permission)]


def tokens_of(
    person: Person, *, now: datetime, search: str = "", state: str = "", sort: str = ""
) -> QuerySet[Token]:
    """A person's own tokens, by a piece of the name and a name of STATES; unknown values are ignored."""
    tokens = Token.objects.filter(person=person)
    if words := search.replace("\0", "").strip():
        tokens = tokens.filter(name__icontains=words)
    working = {"revoked_at": None, "expires_at__gt": now}
    if state in STATES:
        tokens = tokens.filter(**working) if state == "working" else tokens.exclude(**working)
    wanted = sort if sort.removeprefix("-") in SORTS else NEWEST_FIRST
    column = F(SORTS[wanted.removeprefix("-")])
    order = column.desc(nulls_last=True) if wanted.startswith("-") else column.asc(nulls_last=True)
    return tokens.order_by(order, "pk")


def state_of(token: Token, *, now: datetime) -> str:
    """ "working", "revoked" or "expired"."""
    if token.revoked_at is not None:
        return "revoked"
    return "working" if token.expires_at > now else "expired"


def row_of(token: Token, *, now: datetime) -> TokenRow:
    """A token for a list."""
    titles = {scope.name: str(scope.title) for scope in registry.scopes()}
    return TokenRow(token, tuple(titles.get(name, name) for name in token.scopes), state_of(token, now=now))


def next_key_expiry() -> datetime | None:
    """When the next stored answer is to be forgotten."""
    expiry: datetime | None = IdempotencyKey.objects.aggregate(expiry=Min("expires_at"))["expiry"]
    return expiry
