"""One-time links: made, shown once, used once, and worthless afterwards."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from pult.core.audit.models import AuditEntry
from pult.core.people.models import PLACEHOLDER_EMAIL, EntryLink, Person
from pult.core.people.operations import (
    UnableToEnter,
    UnableToInvite,
    UnableToIssueLink,
    accept_invitation,
    change_role,
    choose_password,
    create_owner_link,
    create_sign_in_link,
    invite_colleague,
    revoke_link,
    settle_in,
    switch_off,
    use_sign_in_link,
)
from pult.core.people.queries import working_link
from pult.core.people.rules import INVITATION_LIFE, SIGN_IN_LINK_LIFE, digest_of
from pult.core.people.tests.conftest import NOW, PASSWORD, PersonMaker
from pult.core.registry import Role

SECOND = timedelta(seconds=1)


def accept(secret: str, now: object = NOW, **changes: str) -> Person:
    given = {"name": "Nina", "password": PASSWORD, "language": "ru", "time_zone": "Europe/Moscow"} | changes
    return accept_invitation(secret=secret, now=now, **given)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_first_start_makes_the_owner_and_each_start_a_new_link_until_there_is_a_password() -> None:
    first = create_owner_link(now=NOW)
    second = create_owner_link(now=NOW + SECOND)
    assert first is not None and second is not None
    owner = Person.objects.get()
    assert (owner.role, owner.email, owner.has_usable_password()) == ("owner", PLACEHOLDER_EMAIL, False)

    with pytest.raises(UnableToEnter):
        use_sign_in_link(secret=first.secret, now=NOW + SECOND)
    assert use_sign_in_link(secret=second.secret, now=NOW + SECOND) == owner

    settle_in(
        person=owner,
        name="Olga",
        email="Olga@Example.org",
        password=PASSWORD,
        language="ru",
        time_zone="",
        now=NOW,
    )
    assert Person.objects.get().email == "olga@example.org"
    assert create_owner_link(now=NOW) is None
    assert create_owner_link(now=NOW, even_with_password=True) is not None


@pytest.mark.django_db
def test_the_database_knows_only_the_digest_of_a_link() -> None:
    issued = create_owner_link(now=NOW)
    assert issued is not None
    row = EntryLink.objects.get()
    assert bytes(row.secret_digest) == digest_of(issued.secret)
    assert issued.secret not in repr(issued)
    assert not AuditEntry.objects.filter(details__icontains=issued.secret).exists()


def test_a_sign_in_link_works_once_within_its_day(owner: Person, operator: Person) -> None:
    issued = create_sign_in_link(actor=owner, person=operator, now=NOW)
    assert working_link(secret=issued.secret, now=NOW + SIGN_IN_LINK_LIFE - SECOND) == issued.link
    with pytest.raises(UnableToEnter):
        use_sign_in_link(secret=issued.secret, now=NOW + SIGN_IN_LINK_LIFE)
    assert use_sign_in_link(secret=issued.secret, now=NOW + SIGN_IN_LINK_LIFE - SECOND) == operator
    with pytest.raises(UnableToEnter):
        use_sign_in_link(secret=issued.secret, now=NOW + SECOND)
    assert AuditEntry.objects.filter(action="person.entered_by_link", object_id=str(operator.pk)).count() == 1


def test_forged_and_mistaken_links_let_nobody_in(owner: Person) -> None:
    invitation = invite_colleague(actor=owner, email="nina@example.org", role=Role.OPERATOR, now=NOW)
    for secret in ("", "x", invitation.secret[:-1], invitation.secret.swapcase(), "\x00"):
        assert working_link(secret=secret, now=NOW) is None
        with pytest.raises(UnableToEnter):
            use_sign_in_link(secret=secret, now=NOW)
    with pytest.raises(UnableToEnter):
        use_sign_in_link(secret=invitation.secret, now=NOW)
    sign_in = create_owner_link(now=NOW, even_with_password=True)
    assert sign_in is not None
    with pytest.raises(UnableToEnter):
        accept(sign_in.secret)


def test_an_invited_colleague_joins_with_the_role_given(administrator: Person) -> None:
    issued = invite_colleague(actor=administrator, email=" Nina@Example.org", role=Role.OPERATOR, now=NOW)
    with pytest.raises(UnableToEnter):
        accept(issued.secret, now=NOW + INVITATION_LIFE)
    nina = accept(issued.secret, now=NOW + INVITATION_LIFE - SECOND)
    assert (nina.email, nina.role, nina.language) == ("nina@example.org", "operator", "ru")
    assert nina.check_password(PASSWORD)
    with pytest.raises(UnableToEnter):
        accept(issued.secret)
    with pytest.raises(UnableToInvite, match="already"):
        invite_colleague(actor=administrator, email="NINA@example.org", role=Role.OPERATOR, now=NOW)


def test_a_weak_password_does_not_burn_the_invitation(owner: Person) -> None:
    issued = invite_colleague(actor=owner, email="nina@example.org", role=Role.OPERATOR, now=NOW)
    for weak in ("short", "1234567890123", "password1234", "nina@example.org"):
        with pytest.raises(ValidationError):
            accept(issued.secret, password=weak)
    assert accept(issued.secret).pk


def test_inviting_again_voids_the_earlier_invitation(owner: Person) -> None:
    first = invite_colleague(actor=owner, email="nina@example.org", role=Role.ADMINISTRATOR, now=NOW)
    second = invite_colleague(actor=owner, email="nina@example.org", role=Role.OPERATOR, now=NOW)
    with pytest.raises(UnableToEnter):
        accept(first.secret)
    assert accept(second.secret).role == "operator"


def test_only_an_address_can_be_invited(owner: Person) -> None:
    with pytest.raises(UnableToInvite):
        invite_colleague(actor=owner, email="not an address", role=Role.OPERATOR, now=NOW)


def test_a_revoked_link_lets_nobody_in_and_revoking_twice_changes_nothing(owner: Person) -> None:
    issued = invite_colleague(actor=owner, email="nina@example.org", role=Role.OPERATOR, now=NOW)
    assert revoke_link(actor=owner, link_id=issued.link.pk, now=NOW)
    assert not revoke_link(actor=owner, link_id=issued.link.pk, now=NOW)
    with pytest.raises(UnableToEnter):
        accept(issued.secret)
    assert AuditEntry.objects.filter(action="link.revoked").count() == 1


def test_an_administrator_can_neither_invite_owners_nor_enter_as_one(
    owner: Person, administrator: Person, operator: Person
) -> None:
    with pytest.raises(UnableToInvite):
        invite_colleague(actor=administrator, email="x@example.org", role=Role.OWNER, now=NOW)
    with pytest.raises(UnableToIssueLink):
        create_sign_in_link(actor=administrator, person=owner, now=NOW)
    with pytest.raises(UnableToInvite):
        invite_colleague(actor=operator, email="x@example.org", role=Role.OPERATOR, now=NOW)
    as_owner = invite_colleague(actor=owner, email="x@example.org", role=Role.OWNER, now=NOW)
    with pytest.raises(UnableToIssueLink):
        revoke_link(actor=administrator, link_id=as_owner.link.pk, now=NOW)


def test_a_link_made_for_an_operator_is_void_once_they_are_owner(
    owner: Person, administrator: Person, operator: Person
) -> None:
    issued = create_sign_in_link(actor=administrator, person=operator, now=NOW)
    change_role(actor=owner, person=operator, role=Role.OWNER, now=NOW)
    with pytest.raises(UnableToEnter):
        use_sign_in_link(secret=issued.secret, now=NOW)


def test_invitations_of_somebody_shut_out_or_demoted_are_void(
    owner: Person, make_person: PersonMaker
) -> None:
    leaving, demoted = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    one = invite_colleague(actor=leaving, email="one@example.org", role=Role.ADMINISTRATOR, now=NOW)
    two = invite_colleague(actor=demoted, email="two@example.org", role=Role.OPERATOR, now=NOW)
    switch_off(actor=owner, person=leaving, now=NOW)
    change_role(actor=owner, person=demoted, role=Role.OPERATOR, now=NOW)
    for issued in (one, two):
        with pytest.raises(UnableToEnter):
            accept(issued.secret)


def test_a_new_password_and_a_closed_access_void_sign_in_links(
    owner: Person, make_person: PersonMaker
) -> None:
    careful, leaving = make_person(), make_person()
    to_careful = create_sign_in_link(actor=owner, person=careful, now=NOW)
    to_leaving = create_sign_in_link(actor=owner, person=leaving, now=NOW)
    choose_password(person=careful, password="another good battery", now=NOW)
    switch_off(actor=owner, person=leaving, now=NOW)
    for issued in (to_careful, to_leaving):
        with pytest.raises(UnableToEnter):
            use_sign_in_link(secret=issued.secret, now=NOW)
    with pytest.raises(UnableToIssueLink):
        create_sign_in_link(actor=owner, person=leaving, now=NOW)
