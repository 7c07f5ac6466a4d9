"""What the worker reads and forgets while it logs old sessions out."""

import json
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from pult.core.secrets import UnableToReveal, reveal
from pult.core.telegram.models import RetiredSession

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retired:
    """A session to be logged out, and the id under which its lock is held."""

    held_as: UUID
    api_id: int
    api_hash: str = field(repr=False)
    session: str = field(repr=False)
    proxy: str = field(repr=False)
    # What to tidy in the phone book before: None for nothing, else the snapshot of the own contacts.
    own_contacts: str | None = field(repr=False)
    phones: list[int] = field(repr=False)


def reveal_retired_session(*, retired_session_id: UUID) -> Retired | None:
    """The session, or None when it is gone or cannot be opened any more."""
    row = RetiredSession.objects.select_related("key_pair").filter(pk=retired_session_id).first()
    if row is None:
        return None
    try:
        return Retired(
            held_as=row.held_as,
            api_id=row.key_pair.api_id,
            api_hash=reveal(row.key_pair, "api_hash"),
            session=reveal(row, "session"),
            proxy="" if row.proxy is None else reveal(row, "proxy"),
            own_contacts=None if row.own_contacts is None else reveal(row, "own_contacts"),
            phones=[] if row.phones is None else json.loads(reveal(row, "phones")),
        )
    except UnableToReveal as error:
        log.error("session.not_revealed", retired=str(retired_session_id), reason=str(error))
        return None


def forget_retired_session(*, retired_session_id: UUID) -> None:
    """It is logged out: forget it."""
    RetiredSession.objects.filter(pk=retired_session_id).delete()
