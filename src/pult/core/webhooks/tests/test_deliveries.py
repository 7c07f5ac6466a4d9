"""From the fact to the receiver: written with the fact, signed, tried again, given up, never lost."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from pult.core.people.models import Person
from pult.core.webhooks import jobs
from pult.core.webhooks.models import Delivery, Webhook
from pult.core.webhooks.operations import outbox
from pult.core.webhooks.operations import webhooks as operations
from pult.core.webhooks.rules import DELAYS
from pult.core.webhooks.tests.receiver import Receiver
from pult.modules.checks.models import Block, Check, Number
from pult.modules.checks.operations.blocks import lock_check, settle_block
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db(transaction=True)
HOW_TO = Path(__file__).resolve().parents[5] / "docs" / "how-to" / "webhooks.md"


@pytest.fixture(autouse=True)
def empty_queue(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def hook(person: Person, url: str) -> operations.IssuedSecret:
    return operations.add_webhook(
        actor=person, person=person, url=url, events=["check.finished"], now=timezone.now()
    )


def try_once(delivery: Delivery) -> Delivery:
    """One attempt now, whenever the next one is due."""
    Delivery.objects.filter(pk=delivery.pk, next_at__isnull=False).update(next_at=timezone.now())
    asyncio.run(jobs.send(str(delivery.pk)))
    delivery.refresh_from_db()
    return delivery


def sample_event(issued: operations.IssuedSecret) -> Delivery:
    return operations.send_test(
        person=issued.webhook.person, webhook_id=issued.webhook.pk, now=timezone.now()
    )


def verify_of_the_docs() -> Any:
    """The function of the how-to page, as people copy it."""
    (code,) = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
    space: dict[str, Any] = {}
    exec(code, space)  # noqa: S102 - our own page
    return space["verify"]


def finish(owner: Person) -> Check:
    check = scenes.check(owner, numbers=3)
    Number.objects.filter(block__check_ref=check).update(state="n")
    with transaction.atomic():
        block = Block.objects.get(check_ref=check)
        settle_block(block.pk, check=lock_check(check.pk))
    return check


def test_a_check_ends_and_the_programme_hears_it_signed(anna: Person, receiver: Receiver) -> None:
    issued = hook(anna, receiver.url)
    check = finish(anna)
    delivery = try_once(Delivery.objects.get())
    assert (delivery.state, delivery.attempts, delivery.status) == ("delivered", 1, 200)
    (heard,) = receiver.heard
    assert heard.headers["Pult-Event"] == "check.finished"
    assert heard.headers["Pult-Delivery"] == str(delivery.pk)
    told = json.loads(heard.body)
    assert told["id"] == str(delivery.pk)
    assert told["data"]["check_id"] == check.pk
    assert told["data"]["totals"] == {"found": 0, "not_found": 3, "unanswered": 0}
    assert "79000000" not in heard.body.decode(), "no phone number leaves"
    verify = verify_of_the_docs()
    signature = heard.headers["Pult-Signature"]
    assert verify(issued.secret, signature, heard.body)
    assert not verify(issued.secret, signature, heard.body + b" ")
    assert not verify("another", signature, heard.body)
    assert not verify(issued.secret, re.sub(r"t=\d+", "t=1700000000", signature), heard.body)


def test_the_fact_and_its_delivery_are_one_transaction(anna: Person, receiver: Receiver) -> None:
    hook(anna, receiver.url)
    check = scenes.check(anna, numbers=1)
    Number.objects.filter(block__check_ref=check).update(state="n")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        settle_block(Block.objects.get(check_ref=check).pk, check=lock_check(check.pk))
        assert Delivery.objects.count() == 1
        raise ZeroDivisionError
    assert not Delivery.objects.exists()


def test_only_the_owners_wanting_active_webhooks_are_told(anna: Person, boris: Person) -> None:
    hook(boris, "https://boris.example.org/")
    off = hook(anna, "https://off.example.org/").webhook
    Webhook.objects.filter(pk=off.pk).update(active=False)
    wanting = hook(anna, "https://anna.example.org/").webhook
    other = hook(anna, "https://other.example.org/").webhook
    Webhook.objects.filter(pk=other.pk).update(events=["another.event"])
    finish(anna)
    assert [each.webhook_id for each in Delivery.objects.all()] == [wanting.pk]


def test_it_is_tried_again_ever_later_and_then_given_up(anna: Person, receiver: Receiver) -> None:
    receiver.status = 503
    delivery = sample_event(hook(anna, receiver.url))
    for attempts, delay in enumerate(DELAYS, start=1):
        try_once(delivery)
        assert (delivery.state, delivery.attempts, delivery.error) == ("failed", attempts, "status")
        assert delivery.next_at and delivery.attempted_at
        assert delivery.next_at - delivery.attempted_at == delay
        asyncio.run(jobs.send(str(delivery.pk)))
        assert len(receiver.heard) == attempts, "not before its time"
    try_once(delivery)
    assert (delivery.state, delivery.next_at) == ("given_up", None)
    assert len({heard.headers["Pult-Delivery"] for heard in receiver.heard}) == 1
    assert len({heard.body for heard in receiver.heard}) == 1
    receiver.status = 200
    operations.send_again(
        person=anna, webhook_id=delivery.webhook_id, delivery_id=delivery.pk, now=timezone.now()
    )
    assert try_once(delivery).state == "delivered"
    asyncio.run(jobs.send(str(delivery.pk)))
    assert len(receiver.heard) == len(DELAYS) + 2, "what is delivered is not sent twice"


def test_410_switches_the_webhook_off(anna: Person, receiver: Receiver) -> None:
    receiver.status = 410
    issued = hook(anna, receiver.url)
    waiting = sample_event(issued)
    assert try_once(sample_event(issued)).state == "given_up"
    issued.webhook.refresh_from_db()
    assert (issued.webhook.active, issued.webhook.off_reason) == (False, "gone")
    assert outbox.next_due() is None
    try_once(waiting)
    assert len(receiver.heard) == 1
    operations.change_webhook(
        actor=anna, person=anna, webhook_id=issued.webhook.pk, active=True, now=timezone.now()
    )
    receiver.status = 200
    assert try_once(waiting).state == "delivered", "what waited is kept"


def test_two_secrets_sign_while_the_programme_changes_over(anna: Person, receiver: Receiver) -> None:
    first = hook(anna, receiver.url)
    second = operations.renew_secret(actor=anna, person=anna, webhook_id=first.webhook.pk, now=timezone.now())
    try_once(sample_event(second))
    verify, heard = verify_of_the_docs(), receiver.heard[0]
    assert heard.headers["Pult-Signature"].count("v1=") == 2
    assert all(
        verify(key, heard.headers["Pult-Signature"], heard.body) for key in (first.secret, second.secret)
    )
    Webhook.objects.update(former_until=timezone.now() - timedelta(seconds=1))
    try_once(sample_event(second))
    heard = receiver.heard[1]
    assert verify(second.secret, heard.headers["Pult-Signature"], heard.body)
    assert not verify(first.secret, heard.headers["Pult-Signature"], heard.body)


def test_a_due_delivery_is_enqueued_once_while_somebody_is_at_it(anna: Person, receiver: Receiver) -> None:
    delivery = sample_event(hook(anna, receiver.url))
    due = outbox.next_due()
    assert due and due <= timezone.now()
    outbox.enqueue_due()
    outbox.enqueue_due()
    assert _jobs() == 1
    due = outbox.next_due()
    assert due and due > timezone.now() + timedelta(seconds=50), "the clock does not ring all the time"
    # Its worker vanished: the claim runs out, and it is due again.
    Delivery.objects.filter(pk=delivery.pk).update(claimed_until=timezone.now())
    assert (outbox.next_due() or timezone.now()) <= timezone.now()
    outbox.enqueue_due()
    assert _jobs() == 1, "the job that waits will do"


def test_somebody_who_is_shut_out_is_told_nothing_more(anna: Person, receiver: Receiver) -> None:
    delivery = sample_event(hook(anna, receiver.url))
    Person.objects.filter(pk=anna.pk).update(is_active=False)
    assert outbox.next_due() is None
    try_once(delivery)
    assert receiver.heard == []


def test_the_log_is_kept_for_thirty_days(anna: Person) -> None:
    issued = hook(anna, "https://anna.example.org/")
    old, new = sample_event(issued), sample_event(issued)
    Delivery.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=30, seconds=1))
    assert (outbox.next_to_forget() or timezone.now()) < timezone.now()
    outbox.forget_old()
    assert [each.pk for each in Delivery.objects.all()] == [new.pk]


def test_ten_webhooks_are_the_most(anna: Person, boris: Person) -> None:
    for number in range(10):
        hook(anna, f"https://anna.example.org/{number}")
    with pytest.raises(operations.UnableToChangeWebhook):
        hook(anna, "https://anna.example.org/one-more")
    hook(boris, "https://boris.example.org/")


def _jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'webhooks.send'")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
