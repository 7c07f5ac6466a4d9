"""Once and only once: a request that is sent again with its key creates nothing new and gets the first answer."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from pult.core.api.models import IdempotencyKey
from pult.core.people.models import Person

KEPT_FOR = timedelta(hours=24)
# Expired rows are ignored at once; they are removed together, not each at its own second.
SWEPT_AFTER = timedelta(minutes=10)


class KeyInUse(Exception):
    """The first request with this key is still under way."""


class KeyReused(Exception):
    """The key belongs to another request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with; `repeated` when it had been answered before."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    repeated: bool = False


def fingerprint_of(parts: Iterable[bytes]) -> bytes:
    """Tells requests apart: the same parts in the same order, the same fingerprint."""
    seen = hashlib.sha256()
    for part in parts:
        seen.update(len(part).to_bytes(8, "big"))
        seen.update(part)
    return seen.digest()


def answer_once(
    *, person: Person, key: str, fingerprint: bytes, now: datetime, deed: Callable[[], Answer]
) -> Answer:
    """Run `deed` and keep its answer under the key for a day, in one transaction; or give back the kept answer.

    A kill in between leaves neither, and whatever `deed` raises is not kept: the request may be sent again.
    Raises KeyInUse while another request with the key is under way, KeyReused where the key belongs to other content.
    """
    with transaction.atomic():
        if not _locked(person, key):
            raise KeyInUse
        kept = IdempotencyKey.objects.filter(person=person, key=key).first()
        if kept is not None and kept.expires_at > now:
            if bytes(kept.fingerprint) != fingerprint:
                raise KeyReused
            return Answer(kept.status, bytes(kept.body), kept.headers, repeated=True)
        if kept is not None:
            kept.delete()
        answer = deed()
        IdempotencyKey.objects.create(
            person=person,
            key=key,
            fingerprint=fingerprint,
            status=answer.status,
            body=answer.body,
            headers=dict(answer.headers),
            created_at=now,
            expires_at=now + KEPT_FOR,
        )
        return answer


def forget_expired() -> None:
    """Remove answers that nobody gets any more."""
    IdempotencyKey.objects.filter(expires_at__lte=timezone.now()).delete()


def _locked(person: Person, key: str) -> bool:
    """Take the key until the transaction ends; False, at once, where another request holds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"pult.api.key.{person.pk}.{key}"]
        )
        return bool(cursor.fetchone()[0])
