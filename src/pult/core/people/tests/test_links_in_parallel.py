"""Many at once, over connections of their own: one gets in, and an owner stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from pult.core.people.models import Application, EntryLink, Person
from pult.core.people.operations import (
    Unable,
    UnableToApply,
    UnableToChangePerson,
    UnableToDecide,
    UnableToEnter,
    accept_invitation,
    apply_for_access,
    change_role,
    create_owner_link,
    create_sign_in_link,
    decide_application,
    invite_colleague,
    use_sign_in_link,
)
from pult.core.people.tests.conftest import NOW, PASSWORD, PersonMaker
from pult.core.registry import Role

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(verbs: list[Callable[[], object]]) -> list[object]:
    """Start all verbs at the same moment; returns their results, exceptions included."""
    barrier = Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> object:
        try:
            barrier.wait(timeout=10)
            return verb()
        except Unable as unable:
            return unable
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as threads:
        return list(threads.map(run, verbs))


def test_of_four_visitors_with_one_sign_in_link_one_gets_in(owner: Person, operator: Person) -> None:
    issued = create_sign_in_link(actor=owner, person=operator, now=NOW)
    results = at_once([lambda: use_sign_in_link(secret=issued.secret, now=NOW)] * 4)
    assert results.count(operator) == 1
    assert sum(isinstance(result, UnableToEnter) for result in results) == 3


def test_of_four_visitors_with_one_invitation_one_joins(owner: Person) -> None:
    issued = invite_colleague(actor=owner, email="nina@example.org", role=Role.OPERATOR, now=NOW)

    def join() -> Person:
        return accept_invitation(secret=issued.secret, name="Nina", password=PASSWORD, language="en", now=NOW)

    results = at_once([join] * 4)
    assert sum(isinstance(result, Person) for result in results) == 1
    assert Person.objects.filter(email="nina@example.org").count() == 1


def test_two_owners_who_demote_each_other_leave_one(owner: Person, make_person: PersonMaker) -> None:
    other = make_person(Role.OWNER)
    results = at_once(
        [
            lambda: change_role(actor=owner, person=other, role=Role.OPERATOR, now=NOW),
            lambda: change_role(actor=other, person=owner, role=Role.OPERATOR, now=NOW),
        ]
    )
    assert sum(isinstance(result, UnableToChangePerson) for result in results) == 1
    assert Person.objects.filter(role="owner", is_active=True).count() == 1


def test_two_first_starts_leave_one_owner_and_one_open_link() -> None:
    at_once([lambda: create_owner_link(now=NOW)] * 2)
    assert Person.objects.count() == 1
    assert EntryLink.objects.filter(revoked_at=None).count() == 1


def test_two_invitations_to_one_address_leave_one_open(owner: Person) -> None:
    at_once([lambda: invite_colleague(actor=owner, email="n@example.org", role=Role.OPERATOR, now=NOW)] * 3)
    assert EntryLink.objects.filter(email="n@example.org", revoked_at=None).count() == 1


def test_of_four_decisions_at_once_one_stands(owner: Person, administrator: Person) -> None:
    application = apply_for_access(
        user_id=7, nickname="anna", telegram_name="", username="", language="", now=NOW
    )

    def decide(actor: Person, approve: bool) -> Callable[[], Application]:
        return lambda: decide_application(
            actor=actor, application_id=application.pk, approve=approve, now=NOW
        )

    deciders = [decide(actor, approve) for actor in (owner, administrator) for approve in (True, False)]
    results = at_once(list(deciders))
    assert sum(isinstance(result, Application) for result in results) == 1
    assert sum(isinstance(result, UnableToDecide) for result in results) == 3
    application.refresh_from_db()
    assert Person.objects.filter(name="anna").count() == (application.state == "approved")


def test_of_four_strangers_with_one_nickname_one_gets_it(db: None) -> None:
    def ask(number: int) -> Callable[[], Application]:
        return lambda: apply_for_access(
            user_id=number, nickname="anna", telegram_name="", username="", language="", now=NOW
        )

    results = at_once([ask(number) for number in range(4)])
    assert sum(isinstance(result, UnableToApply) for result in results) == 3
    assert Application.objects.count() == 1
