"""Sending, in the worker."""

import json
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from pult.core.jobs import in_database, job
from pult.core.webhooks.models import Delivery
from pult.core.webhooks.operations.outbox import SEND, begin_attempt, record_outcome
from pult.core.webhooks.rules import signature
from pult.core.webhooks.values import Outcome


def body_of(delivery: Delivery) -> bytes:
    """What is sent: the same bytes at every attempt."""
    content = {
        "id": str(delivery.pk),
        "event": delivery.event,
        "created_at": delivery.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "data": delivery.payload,
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()


@job(name=SEND)
async def send(delivery_id: str) -> None:
    """One attempt. Between the answer and its record a kill makes another attempt with the same id."""
    attempt = await in_database(begin_attempt, UUID(delivery_id))
    if attempt is None:
        return
    await in_database(
        record_outcome, attempt.delivery.pk, await _sent(attempt.delivery, attempt.url, attempt.keys)
    )


async def _sent(delivery: Delivery, url: str, keys: tuple[str, ...]) -> Outcome:
    # The web process registers this job as well and needs no HTTP client.
    from pult.core.webhooks.sending import post

    if not keys:
        return Outcome("secret")
    body = body_of(delivery)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Pult/{settings.PULT_VERSION}",
        "Pult-Event": delivery.event,
        "Pult-Delivery": str(delivery.pk),
        "Pult-Signature": signature(body, at=int(timezone.now().timestamp()), keys=keys),
    }
    private = settings.PULT_WEBHOOK_PRIVATE
    # With a simulated Telegram one tries things out on one machine.
    loopback = settings.TELEGRAM.simulated
    return await post(url, body=body, headers=headers, private=private, loopback=loopback)
