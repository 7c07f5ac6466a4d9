"""Leaving for good, and taking another e-mail on the way."""

import uuid
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from typer.testing import CliRunner

from pult.core.audit.models import AuditEntry
from pult.core.people.cli import commands
from pult.core.people.events import person_leaves
from pult.core.people.models import EntryLink, Person
from pult.core.people.operations import (
    UnableToEnter,
    UnableToRemovePerson,
    create_sign_in_link,
    remove_person,
    use_sign_in_link,
)
from pult.core.people.tests.authenticators import with_app
from pult.core.people.tests.conftest import NOW, PASSWORD, Browser, PersonMaker
from pult.core.registry import Role
from pult.core.secrets import seal
from pult.core.telegram.models import Account, KeyPair, RetiredSession
from pult.modules.checks.models import Check, Number
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


def account_of(person: Person) -> Account:
    pair = KeyPair(title="pair", api_id=1, created_at=NOW)
    seal(pair, "api_hash", "hash")
    pair.save()
    account = Account(
        id=uuid.uuid4(), owner=person, key_pair=pair, telegram_user_id=1, name="Anna", connected_at=NOW
    )
    seal(account, "session", "a full credential")
    account.save()
    return account


def test_a_person_goes_with_accounts_and_sessions_and_the_trail_keeps_the_name(
    owner: Person, operator: Person, proved_browser_of: Browser
) -> None:
    theirs = proved_browser_of(operator)
    account = account_of(operator)
    with_app(operator)
    create_sign_in_link(actor=owner, person=operator, now=timezone.now())
    theirs.post("/people/profile/", {"name": "Vera S.", "language": "en", "time_zone": "UTC"})
    browser = proved_browser_of(owner)
    page = f"/people/{operator.pk}/remove/"
    assert "signed out at Telegram" in browser.get(page).content.decode()
    slip = browser.post(page, {"email": "somebody@example.org"})
    assert slip.status_code == 200 and "not the e-mail" in slip.content.decode()
    assert Person.objects.filter(pk=operator.pk).exists()

    browser.post(page, {"email": f" {operator.email.upper()} "})
    assert not Person.objects.filter(pk=operator.pk).exists()
    assert theirs.get("/people/profile/").status_code == 302
    assert not Account.objects.exists() and not EntryLink.objects.exists()
    assert RetiredSession.objects.get().held_as == account.pk, "the worker logs it out at Telegram"
    removed = AuditEntry.objects.get(action="person.removed")
    assert (removed.actor, removed.details["person"]) == (owner, "Vera S.")
    kept = AuditEntry.objects.get(action="person.profile_changed")
    assert (kept.actor, kept.actor_label) == (None, "Vera S.")
    assert "Vera S." in browser.get("/audit/").content.decode()


def test_their_checks_are_gone_or_going_and_those_of_others_stay(owner: Person, operator: Person) -> None:
    theirs, others = scenes.check(operator, numbers=3), scenes.check(owner, numbers=2)
    remove_person(actor=owner, person=operator, now=NOW)
    assert not Check.objects.filter(pk=theirs.pk).exists()
    assert Check.objects.filter(pk=others.pk).exists()
    assert Number.objects.count() == 2


def test_whoever_keeps_something_of_theirs_hears_first_and_can_stop_it(
    owner: Person, operator: Person
) -> None:
    heard: list[Any] = []

    def keeper(person: Person, **_rest: Any) -> None:
        heard.append(Person.objects.get(pk=person.pk))
        raise RuntimeError("something of theirs could not be ended")

    person_leaves.connect(keeper)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            remove_person(actor=owner, person=operator, now=NOW)
    finally:
        person_leaves.disconnect(keeper)
    assert heard == [operator]
    assert Person.objects.filter(pk=operator.pk).exists()
    assert not AuditEntry.objects.filter(action="person.removed").exists()


def test_who_may_remove_whom(
    owner: Person,
    administrator: Person,
    operator: Person,
    make_person: PersonMaker,
    proved_browser_of: Browser,
) -> None:
    for actor, target in ((administrator, owner), (operator, administrator), (owner, owner)):
        with pytest.raises(UnableToRemovePerson):
            remove_person(actor=actor, person=target, now=NOW)
    with pytest.raises(UnableToRemovePerson, match="last owner"):
        remove_person(actor=None, person=owner, now=NOW)
    assert (
        proved_browser_of(operator).post(f"/people/{owner.pk}/remove/", {"email": owner.email}).status_code
        == 403
    )
    refused = proved_browser_of(administrator).get(f"/people/{owner.pk}/remove/", follow=True)
    assert "Only an owner" in refused.content.decode()
    second = make_person(Role.OWNER)
    assert remove_person(actor=second, person=owner, now=NOW) == "Olga"


def test_the_terminal_resets_signs_out_and_removes(operator: Person, browser_of: Browser) -> None:
    runner, theirs = CliRunner(), browser_of(operator)
    with_app(operator)
    assert "password alone" in runner.invoke(commands, ["reset-second-factor", operator.email]).stdout
    assert "no second factor" in runner.invoke(commands, ["reset-second-factor", operator.email]).stdout
    assert theirs.get("/people/profile/").status_code == 200
    runner.invoke(commands, ["end-sessions", operator.email])
    assert theirs.get("/people/profile/").status_code == 302
    assert runner.invoke(commands, ["remove", operator.email], input="n\n").exit_code == 1
    assert Person.objects.filter(pk=operator.pk).exists()
    assert runner.invoke(commands, ["remove", operator.email, "--yes"]).exit_code == 0
    assert not Person.objects.filter(pk=operator.pk).exists()
    assert runner.invoke(commands, ["remove", "nobody@example.org"]).exit_code == 1


def test_another_e_mail_needs_the_password_and_no_letter(
    owner: Person, operator: Person, browser_of: Browser
) -> None:
    browser, page = browser_of(operator), "/people/profile/email/"
    link = create_sign_in_link(actor=owner, person=operator, now=timezone.now())
    wrong = browser.post(page, {"email": "new@example.org", "password": "wrong guess"}).content.decode()
    assert "not your present password" in wrong and 'value="new@example.org"' in wrong
    taken = browser.post(page, {"email": owner.email.upper(), "password": PASSWORD}).content.decode()
    assert "is here already" in taken
    browser.post(page, {"email": "New@Example.org", "password": PASSWORD})
    operator.refresh_from_db()
    assert operator.email == "new@example.org"
    assert browser.get("/people/profile/").status_code == 200
    with pytest.raises(UnableToEnter):
        use_sign_in_link(secret=link.secret, now=timezone.now())
    assert Client().post("/sign-in/", {"login": "new@example.org", "password": PASSWORD})["Location"] == "/"
    assert AuditEntry.objects.filter(action="person.email_changed", actor=operator).count() == 1


def test_guessing_the_password_on_the_e_mail_page_is_throttled(operator: Person, browser_of: Browser) -> None:
    browser, page = browser_of(operator), "/people/profile/email/"
    for _guess in range(5):
        browser.post(page, {"email": "new@example.org", "password": "wrong guess"})
    answer = browser.post(page, {"email": "new@example.org", "password": PASSWORD})
    assert "Too many attempts" in answer.content.decode()
    operator.refresh_from_db()
    assert operator.email != "new@example.org"
