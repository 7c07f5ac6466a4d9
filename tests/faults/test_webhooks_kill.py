"""kill -9 around webhooks: what happened is told at least once, always under the same id."""

import json
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone

from pult.core.webhooks.models import Delivery
from pult.core.webhooks.operations.webhooks import add_webhook, send_test
from pult.core.webhooks.tests.receiver import Receiver, listening
from pult.modules.checks.models import Check
from pult.modules.checks.tests import scenes
from tests.faults.test_checks_kill import begin, crew
from tests.installation import wait_for
from tests.workers import Workers

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(150)]
__all__ = ["crew"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as one:
        yield one


def time_passes() -> None:
    """The killed worker's heartbeat and its claim grow old."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        cursor.execute("UPDATE webhooks_delivery SET claimed_until = now() WHERE claimed_until IS NOT NULL")


def ids(receiver: Receiver) -> list[str]:
    return [heard.headers["Pult-Delivery"] for heard in receiver.heard]


def test_a_kill_between_sending_and_recording_sends_the_same_once_more(
    crew: Workers, receiver: Receiver
) -> None:
    anna = scenes.person()
    now = timezone.now()
    issued = add_webhook(actor=anna, person=anna, url=receiver.url, events=["check.finished"], now=now)
    receiver.let_go.clear()
    delivery = send_test(person=anna, webhook_id=issued.webhook.pk, now=now)
    crew.start()
    wait_for(lambda: receiver.heard, seconds=30, what="the request arrives")
    crew.kill()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("waiting", 0), "nothing was recorded"
    time_passes()
    receiver.let_go.set()
    crew.start()
    wait_for(
        lambda: Delivery.objects.filter(pk=delivery.pk, state="delivered").exists(),
        seconds=60,
        what=f"it is delivered; workers said:\n{crew.output.read_text()[-2000:]}",
    )
    assert set(ids(receiver)) == {str(delivery.pk)}
    assert len({heard.body for heard in receiver.heard}) == 1


def test_a_check_whose_worker_is_killed_at_its_end_is_told_of(crew: Workers, receiver: Receiver) -> None:
    check, truth = begin(crew, numbers=120)
    anna, now = check.owner, timezone.now()
    add_webhook(actor=anna, person=anna, url=receiver.url, events=["check.finished"], now=now)
    receiver.let_go.clear()
    crew.start()
    wait_for(
        lambda: Check.objects.filter(pk=check.pk, state=Check.State.FINISHED).exists(),
        seconds=60,
        what="the check is finished",
    )
    crew.kill()
    delivery = Delivery.objects.get()
    assert delivery.state == "waiting"
    time_passes()
    receiver.let_go.set()
    crew.start()
    wait_for(
        lambda: Delivery.objects.filter(pk=delivery.pk, state="delivered").exists(),
        seconds=60,
        what=f"it is told; workers said:\n{crew.output.read_text()[-2000:]}",
    )
    told = [json.loads(heard.body) for heard in receiver.heard]
    assert {each["id"] for each in told} == {str(delivery.pk)}
    assert told[0]["data"]["check_id"] == check.pk
    assert sum(told[0]["data"]["totals"].values()) == len(truth)
