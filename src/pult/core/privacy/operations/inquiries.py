"""Inquiries about one number: asked by a person, worked off by the worker. Each look and erasure is in the audit trail.

The trail knows the number by its fingerprint only.
"""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.jobs import database_now, enqueue, ring_soon
from pult.core.live import publish
from pult.core.people.models import Person
from pult.core.privacy.models import Inquiry, Objection
from pult.core.privacy.queries import fingerprint, trace_of
from pult.core.privacy.rules import hint_of, shown, subject_of
from pult.core.registry import Subject
from pult.core.secrets import UnableToReveal, reveal, seal

WORK_JOB = "privacy.inquire"
KEPT_FOR = timedelta(days=1)
# If the job was lost together with its worker, the alarm sends another one after this.
JOB_PATIENCE = timedelta(seconds=60)

State = Inquiry.State


class UnableToInquire(Exception):
    """This cannot be done with the inquiry now; `reason` says why."""

    def __init__(self, reason: "str | Promise") -> None:
        super().__init__(str(reason))
        self.reason = reason


@transaction.atomic
def ask_about(*, actor: Person | None, subject: Subject, now: datetime) -> Inquiry:
    """Have everything looked up that is stored about a number or username. No actor: the server's terminal."""
    inquiry = Inquiry(
        hint=hint_of(subject),
        trace=trace_of(subject),
        asked_by=actor,
        created_at=now,
        due_at=now,
        forget_at=now + KEPT_FOR,
    )
    seal(inquiry, "number", shown(subject))
    inquiry.save(force_insert=True)
    _record("privacy.looked", inquiry, actor, now)
    ring_soon()
    return inquiry


@transaction.atomic
def erase_everywhere(*, actor: Person | None, inquiry_id: UUID, refuse_later: bool, now: datetime) -> Inquiry:
    """Have the number of an inquiry erased wherever it is stored; with `refuse_later` lists never bring it in again.

    Lists that wait to be read drop it in any case. Raises UnableToInquire, Inquiry.DoesNotExist.
    """
    inquiry = own_inquiry(actor, inquiry_id)
    if inquiry.state not in {State.LOOKING, State.LOOKED} or inquiry.number is None:
        raise UnableToInquire(_("This number is being erased already."))
    subject = subject_in(inquiry)
    Objection.objects.create(digest=fingerprint(subject), lists_before=now, created_at=now)
    if refuse_later:
        Objection.objects.get_or_create(
            digest=fingerprint(subject), lists_before=None, defaults={"created_at": now}
        )
    inquiry.state, inquiry.refuse_later, inquiry.erasing_since = State.ERASING, refuse_later, now
    inquiry.due_at, inquiry.forget_at, inquiry.counts, inquiry.report = now, None, {}, None
    inquiry.rows_done = inquiry.rows_total = 0
    inquiry.save()
    _record("privacy.erasure_ordered", inquiry, actor, now, refused_in_future=refuse_later)
    publish(topic_of(inquiry.pk))
    ring_soon()
    return inquiry


@transaction.atomic
def forget_inquiry(*, actor: Person | None, inquiry_id: UUID) -> None:
    """Put an inquiry away with its report. Raises UnableToInquire while it erases, Inquiry.DoesNotExist."""
    inquiry = own_inquiry(actor, inquiry_id)
    if inquiry.state == State.ERASING:
        raise UnableToInquire(_("The number is still being erased."))
    inquiry.delete()


@transaction.atomic
def read_report(*, actor: Person | None, inquiry_id: UUID, now: datetime, saved: bool) -> dict[str, Any]:
    """What was found: {"number", "looked_at", "records"}; `saved`: it leaves Pult as a file, which is recorded.

    Raises UnableToInquire while there is no report, Inquiry.DoesNotExist.
    """
    inquiry = own_inquiry(actor, inquiry_id)
    if inquiry.state != State.LOOKED or inquiry.report is None:
        raise UnableToInquire(_("There is no report about this number."))
    if saved:
        _record("privacy.report_saved", inquiry, actor, now)
    report: dict[str, Any] = json.loads(reveal(inquiry, "report"))
    return {"number": shown(subject_in(inquiry)), **report}


def ring_inquiries() -> None:
    """The alarm: send what is due to a worker, and forget what is over."""
    now = database_now()
    Inquiry.objects.filter(forget_at__lte=now).delete()
    with transaction.atomic():
        due = Inquiry.objects.select_for_update(skip_locked=True).filter(due_at__lte=now)
        for inquiry_id in list(due.values_list("pk", flat=True)):
            Inquiry.objects.filter(pk=inquiry_id).update(due_at=now + JOB_PATIENCE)
            enqueue(
                WORK_JOB, queueing_lock=f"{WORK_JOB}:{inquiry_id}", lock=WORK_JOB, inquiry_id=str(inquiry_id)
            )


def own_inquiry(actor: Person | None, inquiry_id: UUID) -> Inquiry:
    """The actor's own inquiry, locked. Raises Inquiry.DoesNotExist."""
    return Inquiry.objects.select_for_update(of=("self",)).get(pk=inquiry_id, asked_by=actor)


def subject_in(inquiry: Inquiry) -> Subject:
    """Whom an inquiry is about. Raises UnableToReveal."""
    subject = subject_of(reveal(inquiry, "number"))
    if subject is None:
        raise UnableToReveal("the inquiry holds neither a number nor a username")
    return subject


def topic_of(inquiry_id: UUID) -> str:
    """The live topic of an inquiry."""
    return f"inquiry:{inquiry_id}"


def _record(action: str, inquiry: Inquiry, actor: Person | None, now: datetime, **details: Any) -> None:
    record(action=action, actor=actor, now=now, object_type="number", object_id=inquiry.trace, **details)
