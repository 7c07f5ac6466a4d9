"""Strangers ask to be let in, and one colleague decides; links and invitations of Telegram."""

from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from pult.core.audit.models import AuditEntry
from pult.core.people.events import application_decided, application_made
from pult.core.people.models import Application, EntryLink, Person, TelegramIdentity
from pult.core.people.operations import (
    UnableToApply,
    UnableToDecide,
    UnableToEnter,
    UnableToJoin,
    UnableToLink,
    UnableToUnlink,
    accept_invitation_by_telegram,
    apply_for_access,
    choose_permissions,
    create_telegram_link,
    decide_application,
    invite_colleague,
    link_telegram,
    switch_off,
    take_telegram_away,
    unlink_telegram,
    use_telegram_link,
)
from pult.core.people.queries import (
    administrators_in_telegram,
    person_of_telegram,
    telegram_of,
    waiting_application,
)
from pult.core.people.rules import APPLY_AGAIN_AFTER, MOST_WAITING, TELEGRAM_LINK_LIFE
from pult.core.people.tests.conftest import NOW, PersonMaker
from pult.core.registry import Role

pytestmark = pytest.mark.django_db


def apply(user_id: int = 7, nickname: str = "anna", **given: Any) -> Application:
    fields = {"telegram_name": "Анна Новая", "username": "anna_n", "language": "ru", "now": NOW}
    return apply_for_access(user_id=user_id, nickname=nickname, **{**fields, **given})


def join(secret: str, user_id: int = 7, nickname: str = "anna") -> Person:
    return accept_invitation_by_telegram(
        secret=secret,
        user_id=user_id,
        nickname=nickname,
        telegram_name="Анна",
        username="anna_n",
        language="ru",
        now=NOW,
    )


def test_somebody_asks_and_is_let_in_with_a_role(administrator: Person) -> None:
    heard: list[Any] = []

    def listen(sender: object, **facts: Any) -> None:
        heard.append((facts["application"].state, facts.get("actor")))

    application_made.connect(listen)
    application_decided.connect(listen)
    try:
        application = apply(nickname="  Анна  Н. ")
        assert application.nickname == "Анна Н." and waiting_application(7) == application
        decided = decide_application(
            actor=administrator, application_id=application.pk, approve=True, role=Role.OPERATOR, now=NOW
        )
    finally:
        application_made.disconnect(listen)
        application_decided.disconnect(listen)
    person = person_of_telegram(7)
    assert person is not None and decided.person == person
    assert (person.name, person.role, person.language, person.email) == ("Анна Н.", "operator", "ru", "")
    assert not person.has_usable_password()
    assert heard == [("waiting", None), ("approved", administrator)]
    entry = AuditEntry.objects.get(action="application.approved")
    assert (entry.actor, entry.object_id, entry.details) == (
        administrator,
        str(person.pk),
        {"role": "operator"},
    )


def test_the_first_decision_stands_and_the_second_hears_whose_it_was(
    owner: Person, administrator: Person
) -> None:
    application = apply()
    decide_application(actor=owner, application_id=application.pk, approve=False, now=NOW)
    with pytest.raises(UnableToDecide, match="Olga has declined this already") as refused:
        decide_application(actor=administrator, application_id=application.pk, approve=True, now=NOW)
    assert refused.value.application is not None and refused.value.application.state == "declined"
    assert person_of_telegram(7) is None


def test_who_may_decide(owner: Person, administrator: Person, operator: Person) -> None:
    application = apply()
    for actor, role in ((operator, Role.OPERATOR), (administrator, Role.OWNER)):
        with pytest.raises(UnableToDecide):
            decide_application(actor=actor, application_id=application.pk, approve=True, role=role, now=NOW)
    assert waiting_application(7) is not None
    assert decide_application(
        actor=owner, application_id=application.pk, approve=True, role=Role.OWNER, now=NOW
    )


@pytest.mark.parametrize(
    ("nickname", "words"),
    [
        ("", "2 to 40"),
        ("x", "2 to 40"),
        ("x" * 41, "2 to 40"),
        ("\u202eanna", "letters"),
        ("Vera\ufe0f", "letters"),
        ("Vera\u3164", "letters"),
        ("\u3164\u3164", "letters"),
        ("Ve\u034fra", "letters"),
        ("an\u0000na", "letters"),
        ("<b>anna</b>", "letters"),
        ("anna \U0001f600", "letters"),
        ("\ud800anna", "letters"),
        ("...", "letters"),
        ("VERA", "already"),
        ("Ｖｅｒａ", "already"),
        ("boris", "already"),
    ],
)
def test_a_nickname_that_is_odd_or_taken_is_refused_with_what_to_do(
    nickname: str, words: str, operator: Person
) -> None:
    apply(user_id=8, nickname="Boris")
    with pytest.raises(UnableToApply, match=words) as refused:
        apply(nickname=nickname)
    assert refused.value.field == "nickname"
    assert waiting_application(7) is None


def test_asking_twice_after_a_refusal_or_from_inside(operator: Person, owner: Person) -> None:
    application = apply()
    with pytest.raises(UnableToApply, match="asked already"):
        apply(nickname="other")
    decide_application(actor=owner, application_id=application.pk, approve=False, now=NOW)
    with pytest.raises(UnableToApply, match="after a day"):
        apply(nickname="other", now=NOW + APPLY_AGAIN_AFTER / 2)
    assert apply(nickname="other", now=NOW + APPLY_AGAIN_AFTER * 2)
    link_telegram(person=operator, user_id=9, name="V", username="", now=NOW)
    with pytest.raises(UnableToApply, match="known here already"):
        apply(user_id=9)
    switch_off(actor=owner, person=operator, now=NOW)
    with pytest.raises(UnableToApply, match="closed"):
        apply(user_id=9)


def test_strangers_cannot_fill_the_list(db: None) -> None:
    Application.objects.bulk_create(
        Application(user_id=n, simulated=settings.TELEGRAM.simulated, nickname=f"n{n}", created_at=NOW)
        for n in range(100, 100 + MOST_WAITING)
    )
    with pytest.raises(UnableToApply, match="Too many"):
        apply()


def test_names_from_telegram_are_stored_as_they_can_be_shown(db: None) -> None:
    application = apply(telegram_name="\u202eevil\u0000 \ud83d name" + "x" * 200, username="\ud800")
    application.refresh_from_db()
    assert application.telegram_name.startswith("evil name") and len(application.telegram_name) == 130
    assert application.username == ""


def test_a_deep_link_makes_telegram_the_persons_own_once(operator: Person, make_person: PersonMaker) -> None:
    first, second = (create_telegram_link(person=operator, now=NOW) for _ in range(2))
    opened = {"user_id": 7, "name": "Vera", "username": "vera", "now": NOW}
    with pytest.raises(UnableToEnter):
        use_telegram_link(secret=first.secret, **opened)  # type: ignore[arg-type]
    with pytest.raises(UnableToEnter), transaction.atomic():
        use_telegram_link(secret=second.secret, **{**opened, "now": NOW + TELEGRAM_LINK_LIFE})  # type: ignore[arg-type]
    assert use_telegram_link(secret=second.secret, **opened) == operator  # type: ignore[arg-type]
    assert person_of_telegram(7) == operator and str(telegram_of(operator)) == "@vera"
    with pytest.raises(UnableToEnter):
        use_telegram_link(secret=second.secret, **opened)  # type: ignore[arg-type]
    other = make_person(Role.OPERATOR)
    third = create_telegram_link(person=other, now=NOW)
    with pytest.raises(UnableToLink, match="another person"):
        use_telegram_link(secret=third.secret, **opened)  # type: ignore[arg-type]
    assert EntryLink.objects.get(pk=third.link.pk).used_at is None, "the link is still good"
    with pytest.raises(UnableToLink, match="Unlink"):
        link_telegram(person=operator, user_id=8, name="", username="", now=NOW)


def test_nobody_unlinks_their_only_way_in_but_a_manager_may(
    operator: Person, administrator: Person, owner: Person, make_person: PersonMaker
) -> None:
    bare = make_person(Role.OPERATOR, email="", password=None)
    for number, person in enumerate((operator, bare, owner)):
        link_telegram(person=person, user_id=number + 1, name="", username="", now=NOW)
    with pytest.raises(UnableToUnlink, match="password"):
        unlink_telegram(person=bare, now=NOW)
    assert unlink_telegram(person=operator, now=NOW) and not unlink_telegram(person=operator, now=NOW)
    assert take_telegram_away(actor=administrator, person=bare, now=NOW)
    with pytest.raises(UnableToUnlink):
        take_telegram_away(actor=administrator, person=owner, now=NOW)
    assert TelegramIdentity.objects.get().person == owner


def test_an_invitation_without_an_address_is_used_once_in_the_bot(administrator: Person) -> None:
    issued = invite_colleague(actor=administrator, role=Role.ADMINISTRATOR, now=NOW)
    apply(nickname="anna")
    person = join(issued.secret)
    assert (person.name, person.role) == ("anna", "administrator") and person_of_telegram(7) == person
    application = Application.objects.get()
    assert (application.state, application.person, application.decided_by) == (
        "approved",
        person,
        administrator,
    )
    with pytest.raises(UnableToEnter):
        join(issued.secret, 8, "boris")


def test_an_invitation_stays_good_when_it_could_not_be_accepted(operator: Person) -> None:
    issued = invite_colleague(actor=None, role=Role.OPERATOR, now=NOW, email="nina@example.org")
    link_telegram(person=operator, user_id=9, name="", username="", now=NOW)
    with pytest.raises(UnableToJoin):
        join(issued.secret, 9, "nina")
    with pytest.raises(UnableToApply):
        join(issued.secret, 7, "vera")
    assert join(issued.secret, 7, "nina").email == "nina@example.org"


def test_who_hears_of_applications(owner: Person, administrator: Person, operator: Person) -> None:
    for number, person in enumerate((owner, administrator, operator)):
        link_telegram(person=person, user_id=number + 1, name="", username="", now=NOW)
    assert administrators_in_telegram() == [(owner, 1), (administrator, 2)]
    choose_permissions(actor=owner, role=Role.ADMINISTRATOR, wanted={"people.manage": False}, now=NOW)
    assert administrators_in_telegram() == [(owner, 1)]
    choose_permissions(actor=owner, role=Role.OPERATOR, wanted={"people.manage": True}, now=NOW)
    assert administrators_in_telegram() == [(owner, 1), (operator, 3)]


def test_a_simulated_telegram_user_is_nobody_at_the_real_telegram(operator: Person) -> None:
    link_telegram(person=operator, user_id=7, name="", username="", now=timezone.now())
    TelegramIdentity.objects.update(simulated=not settings.TELEGRAM.simulated)
    assert person_of_telegram(7) is None
    assert apply() is not None
