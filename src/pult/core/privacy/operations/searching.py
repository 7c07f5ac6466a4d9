"""Going through all rows of all modules for one number, in the worker; may be cut short and repeated at any point."""

import json
import time
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from pult.core.audit.operations import record
from pult.core.jobs import database_now, ring_soon
from pult.core.live import publish
from pult.core.privacy.models import Inquiry, Objection
from pult.core.privacy.operations.inquiries import KEPT_FOR, subject_in, topic_of
from pult.core.registry import Progress, Subject, registry
from pult.core.secrets import seal

TELL_EVERY_SECONDS = 0.4
# What cannot go yet is looked at again after this, and is not waited for longer than that.
AGAIN_AFTER = timedelta(seconds=3)
WAIT_AT_MOST = timedelta(days=1)
MOST_RECORDS = 2000
# An upload that waits for its column longer than this has gone by its own retention.
LISTS_WAIT_AT_MOST = timedelta(days=3700)

State = Inquiry.State


def work_off(*, inquiry_id: UUID) -> None:
    """Look the inquiry's number up, or erase it; nothing happens when that is done already."""
    inquiry = Inquiry.objects.filter(pk=inquiry_id, due_at__isnull=False).first()
    if inquiry is None:
        return
    subject = subject_in(inquiry)
    if inquiry.state == State.LOOKING:
        _look(inquiry, subject)
    elif inquiry.state == State.ERASING:
        _erase(inquiry, subject)


def _look(inquiry: Inquiry, subject: Subject) -> None:
    records: list[dict[str, Any]] = []
    more = False
    for module in registry:
        if module.personal_data is None:
            continue
        for found in module.personal_data.stored_about(subject, _teller(inquiry)):
            if len(records) == MOST_RECORDS:
                more = True
                break
            records.append({"module": module.name, "kind": found.kind, **found.facts})
    report = {"looked_at": database_now(), "records": records, "more": more}
    with transaction.atomic():
        waiting = Inquiry.objects.select_for_update(of=("self",)).filter(pk=inquiry.pk, state=State.LOOKING)
        found_inquiry = waiting.first()
        if found_inquiry is None:
            return
        seal(found_inquiry, "report", json.dumps(report, cls=DjangoJSONEncoder))
        found_inquiry.state, found_inquiry.due_at = State.LOOKED, None
        found_inquiry.finished_at = database_now()
        found_inquiry.counts = dict(Counter(f"{entry['module']}.{entry['kind']}" for entry in records))
        found_inquiry.save()
        publish(topic_of(inquiry.pk))


def _erase(inquiry: Inquiry, subject: Subject) -> None:
    now = database_now()
    force = inquiry.erasing_since is not None and now - inquiry.erasing_since >= WAIT_AT_MOST
    waits = False
    for module in registry:
        if module.personal_data is None:
            continue
        erased = module.personal_data.erase(subject, _teller(inquiry), force)
        waits = waits or erased.waits
        _add(inquiry, {f"{module.name}.{kind}": count for kind, count in erased.counts.items() if count})
    with transaction.atomic():
        going = Inquiry.objects.select_for_update(of=("self",)).filter(pk=inquiry.pk, state=State.ERASING)
        erasing = going.first()
        if erasing is None:
            return
        if waits:
            erasing.held_up, erasing.due_at = True, database_now() + AGAIN_AFTER
            erasing.save(update_fields=["held_up", "due_at"])
            ring_soon()
        else:
            _finish(erasing)
        publish(topic_of(inquiry.pk))


def _finish(inquiry: Inquiry) -> None:
    """Nothing of the number is left: neither in the inquiry. What went stands in the audit trail as counts."""
    now = database_now()
    inquiry.state, inquiry.number, inquiry.report, inquiry.due_at = State.ERASED, None, None, None
    inquiry.hint, inquiry.held_up = "", False
    inquiry.finished_at, inquiry.forget_at = now, now + KEPT_FOR
    inquiry.save()
    Objection.objects.filter(lists_before__lt=now - LISTS_WAIT_AT_MOST).delete()
    record(
        action="privacy.erased",
        actor=inquiry.asked_by,
        now=now,
        object_type="number",
        object_id=inquiry.trace,
        **{kind.partition(".")[2]: count for kind, count in inquiry.counts.items()},
    )


@transaction.atomic
def _add(inquiry: Inquiry, counts: dict[str, int]) -> None:
    """Counts of all rounds together: a round may be cut short by a kill and what it erased stays erased."""
    if not counts:
        return
    locked = Inquiry.objects.select_for_update(of=("self",)).get(pk=inquiry.pk)
    locked.counts = dict(Counter(locked.counts) + Counter(counts))
    locked.save(update_fields=["counts"])


def _teller(inquiry: Inquiry) -> Progress:
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told < TELL_EVERY_SECONDS and done < total:
            return
        told = time.monotonic()
        with transaction.atomic():
            Inquiry.objects.filter(pk=inquiry.pk).update(rows_done=done, rows_total=total)
            publish(topic_of(inquiry.pk))

    return tell
