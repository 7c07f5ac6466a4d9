"""Many at once, over connections of their own: one gets in, and an owner stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from pult.core.people.models import EntryLink, Person
from pult.core.people.operations import (
    UnableToChangePerson,
    UnableToEnter,
    UnableToInvite,
    accept_invitation,
    change_role,
    create_owner_link,
    create_sign_in_link,
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
        except (UnableToEnter, UnableToChangePerson, UnableToInvite) as unable:
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
