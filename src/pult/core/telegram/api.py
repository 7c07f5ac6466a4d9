"""Accounts over the API: which ones a person's checks can use, and how they are."""

from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from pult.core.api.access import ApiRequest, scoped
from pult.core.api.errors import Kind, Problem
from pult.core.api.values import Moment, Page, Paging, key_of, page_of
from pult.core.telegram.models import Account
from pult.core.telegram.queries import accounts_usable_by

router = Router(tags=["Accounts"])
State = Literal["connected", "needs_sign_in", "restricted", "banned", "switched_off"]


class AccountOut(Schema):
    """A Telegram account; nothing here lets anybody use it."""

    id: UUID
    label: str = Field(description="Its name and the end of its number.", examples=["Anna …4567"])
    own: bool = Field(description="Yours; otherwise a colleague shares it.")
    shared: bool
    state: State
    resting_until: Moment | None = Field(
        description="Until when it makes no requests; null: it does not rest."
    )
    rest_reason: str | None = Field(description="Why it rests, in words.")
    last_used_at: Moment | None


def account_shown(account: Account, *, person_id: int, now: datetime) -> AccountOut:
    """An account; a rest that is over is not shown."""
    rests = account.resting_until is not None and account.resting_until > now
    return AccountOut(
        id=account.pk,
        label=account.label,
        own=account.owner_id == person_id,
        shared=account.shared,
        state=cast("State", account.state),
        resting_until=account.resting_until if rests else None,
        rest_reason=account.rest_in_words or None if rests else None,
        last_used_at=account.last_used_at,
    )


@router.get(
    "",
    auth=scoped("accounts:read"),
    response=Page[AccountOut],
    operation_id="list_accounts",
    summary="Accounts your checks can use",
)
def list_accounts(request: ApiRequest, wanted: Query[Paging]) -> Page[AccountOut]:
    """Your own connected accounts and those that colleagues share, also while they rest."""
    person, now = request.auth.person, timezone.now()
    accounts = accounts_usable_by(person).order_by("pk")
    after = key_of(wanted.cursor, [str])
    if after is not None:
        accounts = accounts.filter(pk__gt=_uuid(str(after[0])))
    rows = list(accounts[: wanted.limit + 1])
    return page_of(
        rows,
        limit=wanted.limit,
        shown=lambda account: account_shown(account, person_id=person.pk, now=now),
        key=lambda account: [str(account.pk)],
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Problem(Kind.BAD_CURSOR) from None
