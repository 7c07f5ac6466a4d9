"""Where people are signed in: written down at sign-in, seen now and then, ended at once."""

from datetime import datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from pult.core.audit.operations import record
from pult.core.live import publish, shut_out_topic
from pult.core.people.models import BrowserSession, Person
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.standing import lock_for_decision
from pult.core.people.rules import why_not_end_sessions


class UnableToEndSessions(Unable):
    """This actor may not sign that person out."""


def begin_browser_session(
    *, person: Person, session_key: str, agent: str, address: str | None, now: datetime
) -> BrowserSession:
    """Write down a browser that has just signed in; rows whose session is gone are cleared away meanwhile."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    BrowserSession.objects.filter(person=person).exclude(session_key__in=alive).delete()
    began, _created = BrowserSession.objects.update_or_create(
        session_key=session_key,
        defaults={
            "person": person,
            "agent": agent[:300],
            "address": address,
            "began_at": now,
            "seen_at": now,
        },
    )
    return began


def note_browser_session(
    *, session_id: UUID, session_key: str, address: str | None, agent: str, now: datetime
) -> bool:
    """A known browser is here again, perhaps under a new session key; False when its row is gone."""
    return bool(
        BrowserSession.objects.filter(pk=session_id).update(
            session_key=session_key, address=address, agent=agent[:300], seen_at=now
        )
    )


@transaction.atomic
def end_browser_session(*, person: Person, session_id: UUID, now: datetime) -> bool:
    """Sign one of one's own browsers out, with its very next request; False when it is no longer there."""
    found = BrowserSession.objects.filter(person=person, pk=session_id).select_for_update().first()
    if found is None:
        return False
    Session.objects.filter(session_key=found.session_key).delete()
    found.delete()
    record(action="person.session_ended", actor=person, now=now, object_type="person", object_id=person.pk)
    return True


@transaction.atomic
def end_all_sessions(
    *, actor: Person | None, person: Person, now: datetime, keep_session_key: str | None = None
) -> Person:
    """Sign a person out everywhere (but in the browser of `keep_session_key`, for oneself); returns the person.

    The generation moves on, so sessions that nobody wrote down end, too; who keeps one gives it the new hash.
    Raises UnableToEndSessions.
    """
    decision = lock_for_decision(actor=actor, person=person)
    refusal = why_not_end_sessions(decision.actor, decision.standing)
    if refusal is not None:
        raise UnableToEndSessions(refusal)
    others = BrowserSession.objects.filter(person=person)
    if keep_session_key:
        others = others.exclude(session_key=keep_session_key)
    Session.objects.filter(session_key__in=list(others.values_list("session_key", flat=True))).delete()
    others.delete()
    Person.objects.filter(pk=person.pk).update(session_generation=F("session_generation") + 1)
    record(action="person.sessions_ended", actor=actor, now=now, object_type="person", object_id=person.pk)
    publish(shut_out_topic(person.pk))
    return Person.objects.get(pk=person.pk)
