"""Roles and access in the database: sessions end, the trail is written, an owner stays."""

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.core.people.operations import UnableToChangePerson, change_role, switch_off, switch_on
from pult.core.people.tests.conftest import NOW, Browser, PersonMaker
from pult.core.registry import Role

people = st.integers(min_value=0, max_value=3)
deeds = st.lists(st.tuples(st.sampled_from([*Role, "off", "on"]), people, people), max_size=8)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds)
def test_no_sequence_of_operations_ends_without_an_active_owner(order: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        roles = ["owner", "owner", "administrator", "operator"]
        house = [
            Person.objects.create(email=f"p{number}@example.org", role=role)
            for number, role in enumerate(roles)
        ]
        for deed, actor, target in order:
            try:
                with transaction.atomic():
                    if deed == "off":
                        switch_off(actor=house[actor], person=house[target], now=NOW)
                    elif deed == "on":
                        switch_on(actor=house[actor], person=house[target], now=NOW)
                    else:
                        change_role(actor=house[actor], person=house[target], role=Role(deed), now=NOW)
            except UnableToChangePerson:
                continue
            finally:
                assert Person.objects.filter(role="owner", is_active=True).exists()
        transaction.set_rollback(True)


def test_an_administrator_manages_operators_and_leaves_owners_alone(
    owner: Person, administrator: Person, operator: Person
) -> None:
    assert (
        change_role(actor=administrator, person=operator, role=Role.ADMINISTRATOR, now=NOW).role
        == "administrator"
    )
    forbidden: list[Callable[[], Person]] = [
        lambda: change_role(actor=administrator, person=owner, role=Role.OPERATOR, now=NOW),
        lambda: switch_off(actor=administrator, person=owner, now=NOW),
        lambda: change_role(actor=administrator, person=operator, role=Role.OWNER, now=NOW),
        lambda: change_role(actor=administrator, person=administrator, role=Role.OWNER, now=NOW),
    ]
    for verb in forbidden:
        with pytest.raises(UnableToChangePerson):
            verb()


def test_a_role_taken_away_a_moment_ago_counts(
    owner: Person, administrator: Person, operator: Person
) -> None:
    change_role(actor=owner, person=administrator, role=Role.OPERATOR, now=NOW)
    assert administrator.role == "administrator", "this object is stale on purpose"
    with pytest.raises(UnableToChangePerson):
        switch_off(actor=administrator, person=operator, now=NOW)


def test_the_trail_says_who_changed_what(owner: Person, operator: Person) -> None:
    change_role(actor=owner, person=operator, role=Role.ADMINISTRATOR, now=NOW)
    change_role(actor=owner, person=operator, role=Role.ADMINISTRATOR, now=NOW)
    entry = AuditEntry.objects.get(action="person.role_changed")
    assert (entry.actor, entry.object_id) == (owner, str(operator.pk))
    assert entry.details == {"before": "operator", "after": "administrator"}


def test_sessions_end_at_once_and_do_not_come_back_to_life(
    owner: Person, operator: Person, browser_of: Browser
) -> None:
    browser = browser_of(operator)
    assert browser.get("/people/profile/").status_code == 200
    switch_off(actor=owner, person=operator, now=NOW)
    assert browser.get("/people/profile/").status_code == 302
    switch_on(actor=owner, person=operator, now=NOW)
    assert browser.get("/people/profile/").status_code == 302, "the old session must stay dead"
    operator.refresh_from_db()
    assert browser_of(operator).get("/people/profile/").status_code == 200


def test_owners_are_found_whatever_the_case_of_their_e_mail(make_person: PersonMaker) -> None:
    person = make_person(email="Mixed@Example.ORG")
    assert person.email == "mixed@example.org"
    assert Person.objects.get_by_natural_key("MIXED@example.org") == person
