"""What roles may do is chosen by the installation, within bounds, and holds at once."""

from datetime import timedelta
from itertools import product

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from pult.core.api.operations.tokens import create_token, use_token
from pult.core.audit.models import AuditEntry
from pult.core.people.models import PermissionChoice, Person
from pult.core.people.operations import (
    UnableToChoosePermission,
    UnableToInvite,
    choose_permissions,
    invite_colleague,
    reset_permissions,
)
from pult.core.people.rules import RANK, Refusal, Standing, role_holds, why_not_choose_permission
from pult.core.people.tests.conftest import NOW, Browser
from pult.core.registry import Permission, Role, registry

roles = st.sampled_from(list(Role))


@given(roles, roles, st.sets(roles), st.booleans(), st.booleans())
def test_nobody_gives_what_they_do_not_hold_or_to_whom_they_are_not_above(
    actor_role: Role, role: Role, comes_with: set[Role], held: bool, active: bool
) -> None:
    permission = Permission("x.y", "", frozenset(comes_with))
    actor = Standing(1, actor_role, active, manages=True)
    if why_not_choose_permission(actor, role, permission, held=held) is None:
        assert active and held and RANK[role] < RANK[actor_role]
        assert comes_with - {Role.OWNER}, "what Pult comes with for owners alone stays theirs"


def test_an_owner_may_always_everything_and_owners_rights_go_to_nobody_else() -> None:
    own = Permission("x.y", "", frozenset({Role.OWNER}))
    shared = Permission("x.z", "", frozenset(Role))
    for permission, choice in product((own, shared), (None, True, False)):
        assert role_holds(Role.OWNER, permission, choice)
    assert not role_holds(Role.ADMINISTRATOR, own, True)
    assert why_not_choose_permission(None, Role.ADMINISTRATOR, own, held=True) is Refusal.OWNERS_ONLY_RIGHT
    assert not role_holds(Role.OPERATOR, shared, False)


pytestmark = pytest.mark.django_db


def test_a_right_holds_with_the_very_next_request_on_every_surface(
    owner: Person, operator: Person, browser_of: Browser
) -> None:
    browser, now = browser_of(operator), timezone.now()
    token = create_token(
        actor=operator,
        person=operator,
        name="t",
        scopes=["checks:read"],
        expires_at=now + timedelta(9),
        now=now,
    ).text
    headers = {"Authorization": f"Bearer {token}"}
    assert browser.get("/audit/").status_code == 403
    assert browser.get("/checks/").status_code == 200
    assert Client().get("/api/v1/checks", headers=headers).status_code == 200
    choose_permissions(
        actor=owner, role=Role.OPERATOR, wanted={"audit.see": True, "checks.use": False}, now=NOW
    )
    assert browser.get("/audit/").status_code == 200
    assert browser.get("/checks/").status_code == 403
    assert Client().get("/api/v1/checks", headers=headers).status_code == 403
    assert "/audit/" in browser.get("/people/profile/").content.decode(), "and stands in the navigation"
    reset_permissions(actor=owner, role=Role.OPERATOR, now=NOW)
    assert browser.get("/audit/").status_code == 403
    assert browser.get("/checks/").status_code == 200
    assert not PermissionChoice.objects.exists()


def test_what_changed_is_in_the_trail_with_before_and_after(owner: Person) -> None:
    wanted = {"audit.see": True, "checks.use": True}
    changes = choose_permissions(actor=owner, role=Role.OPERATOR, wanted=wanted, now=NOW)
    assert [(change.permission, change.allowed) for change in changes] == [("audit.see", True)]
    assert choose_permissions(actor=owner, role=Role.OPERATOR, wanted=wanted, now=NOW) == []
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.object_id) == ("role.permission_given", owner, "operator")
    assert entry.details == {
        "role": "operator",
        "permission": "audit.see",
        "before": "not_allowed",
        "after": "allowed",
    }


def test_an_administrator_deals_only_with_roles_below_and_only_with_what_they_hold(
    owner: Person, administrator: Person, operator: Person
) -> None:
    for role, name, allowed in (
        (Role.ADMINISTRATOR, "audit.see", False),
        (Role.OWNER, "audit.see", False),
        (Role.OPERATOR, "checks.see_numbers", True),
        (Role.OPERATOR, "people.demand", True),
    ):
        with pytest.raises(UnableToChoosePermission):
            choose_permissions(actor=administrator, role=role, wanted={name: allowed}, now=NOW)
    with pytest.raises(UnableToChoosePermission):
        choose_permissions(actor=operator, role=Role.OPERATOR, wanted={"audit.see": True}, now=NOW)
    choose_permissions(actor=owner, role=Role.ADMINISTRATOR, wanted={"audit.see": False}, now=NOW)
    with pytest.raises(UnableToChoosePermission, match="do not hold"):
        choose_permissions(actor=administrator, role=Role.OPERATOR, wanted={"audit.see": True}, now=NOW)
    assert choose_permissions(
        actor=administrator, role=Role.OPERATOR, wanted={"checks.manage": True}, now=NOW
    )
    with pytest.raises(KeyError):
        choose_permissions(actor=owner, role=Role.OPERATOR, wanted={"no.such": True}, now=NOW)


def test_managing_people_is_a_right_like_others_and_still_never_leads_upwards(
    owner: Person, administrator: Person, operator: Person, browser_of: Browser
) -> None:
    choose_permissions(
        actor=owner, role=Role.OPERATOR, wanted={"people.manage": True, "people.see": True}, now=NOW
    )
    assert invite_colleague(actor=operator, role=Role.OPERATOR, now=NOW)
    with pytest.raises(UnableToInvite):
        invite_colleague(actor=operator, role=Role.ADMINISTRATOR, now=NOW)
    page = browser_of(operator).get(f"/people/{administrator.pk}/").content.decode()
    assert "Close the access" not in page and "Make a one-time link" not in page
    choose_permissions(actor=owner, role=Role.ADMINISTRATOR, wanted={"people.manage": False}, now=NOW)
    with pytest.raises(UnableToInvite):
        invite_colleague(actor=administrator, role=Role.OPERATOR, now=NOW)


def test_rights_cost_no_question_beyond_the_person_of_the_request(
    owner: Person, operator: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    choose_permissions(actor=owner, role=Role.OPERATOR, wanted={"audit.see": True}, now=NOW)
    with django_assert_num_queries(1):
        person = Person.objects.with_standing().get(pk=operator.pk)
        held = [permission.name for permission in registry.permissions() if person.may(permission.name)]
        assert "audit.see" in held and "people.see" not in held and not person.held_back()
    with django_assert_num_queries(2):
        found = Person.objects.get(pk=operator.pk)
        assert [one.name for one in registry.permissions() if found.may(one.name)] == held
    with django_assert_num_queries(0):
        assert all(owner.may(permission.name) for permission in registry.permissions())


def test_a_person_read_anew_knows_the_new_rights(owner: Person, operator: Person) -> None:
    assert not operator.may("audit.see")
    choose_permissions(actor=owner, role=Role.OPERATOR, wanted={"audit.see": True}, now=NOW)
    operator.refresh_from_db()
    assert operator.may("audit.see")
    operator.role = Role.ADMINISTRATOR
    assert operator.may("people.see")
    token = create_token(
        actor=owner,
        person=owner,
        name="t",
        scopes=["checks:read"],
        expires_at=NOW.replace(year=2027),
        now=NOW,
    )
    used = use_token(text=token.text, limit=9)
    assert used is not None and used.person.may("people.demand")
