"""Verbs on key pairs."""

import re
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from pult.core.audit.operations import record
from pult.core.people.models import Person
from pult.core.secrets import seal
from pult.core.telegram.models import KeyPair
from pult.core.telegram.queries import key_pair_is_busy, key_pairs

# The key pair with which the simulated Telegram is born; its world documents it.
SAMPLE_API_ID = 1000001
SAMPLE_API_HASH = "5a3c0e9d1b7f42868f1e2d3c4b5a6978"
LARGEST_API_ID = 2**31 - 1


class UnableToKeepKeyPair(Exception):
    """The pair cannot be added or removed; `field` names what to correct, the text says how."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


def add_key_pair(*, title: str, api_id: int, api_hash: str, actor: Person, now: datetime) -> KeyPair:
    """Keep a key pair from my.telegram.org, its hash sealed. Raises UnableToKeepKeyPair."""
    if not actor.may("telegram.key_pairs"):
        raise UnableToKeepKeyPair(_("Only an administrator or an owner can add key pairs."))
    if not 0 < api_id <= LARGEST_API_ID:
        raise UnableToKeepKeyPair(_("api_id is the number that my.telegram.org shows."), field="api_id")
    api_hash = api_hash.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{32}", api_hash):
        raise UnableToKeepKeyPair(
            _("api_hash has 32 characters, digits and the letters a to f. Copy it whole."), field="api_hash"
        )
    try:
        with transaction.atomic():
            pair = _store(
                title=title.strip() or str(api_id), api_id=api_id, api_hash=api_hash, actor=actor, now=now
            )
    except IntegrityError:
        raise UnableToKeepKeyPair(_("A key pair with this api_id is kept already."), field="api_id") from None
    return pair


def provide_sample_key_pair(*, now: datetime) -> None:
    """With the simulated Telegram, and no key pair kept yet, keep the one it was born with."""
    if not settings.TELEGRAM.simulated or key_pairs().exists():
        return
    try:
        with transaction.atomic():
            _store(
                title="",
                api_id=SAMPLE_API_ID,
                api_hash=SAMPLE_API_HASH,
                actor=None,
                now=now,
            )
    except IntegrityError:
        # Another process was faster: that one will do.
        return


@transaction.atomic
def remove_key_pair(*, key_pair_id: UUID, actor: Person, now: datetime) -> str:
    """Remove a key pair that no account uses; returns its title. Raises UnableToKeepKeyPair."""
    if not actor.may("telegram.key_pairs"):
        raise UnableToKeepKeyPair(_("Only an administrator or an owner can remove key pairs."))
    pair = key_pairs().filter(pk=key_pair_id).first()
    if pair is None:
        raise UnableToKeepKeyPair(_("This key pair is not there any more."))
    if key_pair_is_busy(pair.pk):
        raise UnableToKeepKeyPair(
            _("A sign-in or a sign-out with this key pair is still under way. Try again in a few minutes.")
        )
    try:
        with transaction.atomic():
            pair.delete()
    except ProtectedError:
        raise UnableToKeepKeyPair(
            _(
                "Accounts are connected with this key pair. Remove them first, or connect them with another pair."
            )
        ) from None
    record(action="key_pair.removed", actor=actor, now=now, object_type="key_pair", object_id=key_pair_id)
    return str(pair)


def _store(*, title: str, api_id: int, api_hash: str, actor: Person | None, now: datetime) -> KeyPair:
    pair = KeyPair(
        title=title[:100],
        api_id=api_id,
        added_by=actor,
        created_at=now,
        simulated=settings.TELEGRAM.simulated,
    )
    seal(pair, "api_hash", api_hash)
    pair.save(force_insert=True)
    record(
        action="key_pair.added",
        actor=actor,
        now=now,
        object_type="key_pair",
        object_id=pair.pk,
        api_id=str(api_id),
    )
    return pair
