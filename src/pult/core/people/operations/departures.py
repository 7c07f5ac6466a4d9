"""Removing a person with what is theirs."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction

from pult.core.audit.operations import record
from pult.core.live import publish, shut_out_topic
from pult.core.people.events import person_leaves
from pult.core.people.models import BrowserSession, Person
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.standing import lock_for_decision
from pult.core.people.rules import why_not_remove


class UnableToRemovePerson(Unable):
    """This actor may not remove that person."""


@transaction.atomic
def remove_person(*, actor: Person | None, person: Person, now: datetime) -> str:
    """Remove a person for good, with their checks, accounts, links and tokens; returns their name.

    Whoever keeps something of theirs hears of it first and ends it in the same transaction. The audit trail keeps
    what they did, under the name they had. Raises UnableToRemovePerson.
    """
    decision = lock_for_decision(actor=actor, person=person)
    refusal = why_not_remove(decision.actor, decision.standing, active_owners=decision.active_owners)
    if refusal is not None:
        raise UnableToRemovePerson(refusal)
    leaving = decision.target
    name, former_id = str(leaving), leaving.pk
    record(
        action="person.removed",
        actor=actor,
        now=now,
        object_type="person",
        object_id=former_id,
        person=name,
        role=leaving.role,
    )
    person_leaves.send(sender=Person, person=leaving, actor=actor, now=now)
    keys = list(BrowserSession.objects.filter(person=leaving).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    leaving.delete()
    publish(shut_out_topic(former_id))
    return name
