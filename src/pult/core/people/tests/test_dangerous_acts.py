"""What a stolen session must not do: some acts ask for password, second factor or a code again."""

import time

import pytest
from django.test import Client

from pult.core.people.models import EntryLink, Person, SecondFactorDemand
from pult.core.people.tests.conftest import PASSWORD, Browser, PersonMaker
from pult.core.people.tests.proving import prove
from pult.core.registry import Role

pytestmark = pytest.mark.django_db

ACTS: dict[str, tuple[str, dict[str, str]]] = {
    "removing somebody": ("/people/{id}/remove/", {"email": "{email}"}),
    "giving a role": ("/people/{id}/role/", {"role": "owner"}),
    "a link that signs in as somebody": ("/people/{id}/sign-in-link/", {}),
    "taking a second factor away": ("/people/{id}/second-factor/reset/", {}),
    "demanding a second factor": ("/people/second-factor/", {"roles": "owner"}),
    "keys of Telegram": ("/accounts/key-pairs/", {"title": "x", "api_id": "1", "api_hash": "0" * 32}),
    "a webhook with its secret": ("/webhooks/new/", {}),
    "a token": ("/api/tokens/new/", {}),
    "linking Telegram by the bot": ("/people/profile/telegram/bot/", {}),
    "linking Telegram by signing in": ("/people/profile/telegram/oidc/", {}),
    "linking Telegram by the widget": ("/people/profile/telegram/widget/", {}),
    "unlinking Telegram": ("/people/profile/telegram/unlink/", {}),
    "an authenticator app": ("/sign-in/second-factor/app/", {}),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_stolen_session_is_asked_who_it_is(
    act: str, owner: Person, operator: Person, browser_of: Browser
) -> None:
    path, form = ACTS[act]
    answer = browser_of(owner).post(
        path.format(id=operator.pk),
        {name: value.format(email=operator.email) for name, value in form.items()},
    )
    if answer.status_code == 404:
        pytest.fail(f"nothing is at {path}")
    assert answer["Location"].startswith("/sign-in/again/"), act
    operator.refresh_from_db()
    assert operator.role == Role.OPERATOR
    assert not EntryLink.objects.exists()
    assert not SecondFactorDemand.objects.exists()


def test_after_the_password_the_very_act_goes_on(
    owner: Person, operator: Person, browser_of: Browser
) -> None:
    browser = browser_of(owner)
    asked = browser.post(f"/people/{operator.pk}/role/", {"role": "administrator"})
    browser.post(asked["Location"], {"password": PASSWORD})
    operator.refresh_from_db()
    assert operator.role == Role.ADMINISTRATOR


def test_a_wrong_password_carries_nothing_out(owner: Person, operator: Person, browser_of: Browser) -> None:
    browser = browser_of(owner)
    asked = browser.post(f"/people/{operator.pk}/role/", {"role": "administrator"})
    assert browser.post(asked["Location"], {"password": "wrong guess"}).status_code == 200
    operator.refresh_from_db()
    assert operator.role == Role.OPERATOR


def test_a_proof_is_one_persons_and_grows_old(owner: Person, administrator: Person, operator: Person) -> None:
    browser = Client()
    browser.force_login(owner)
    prove(browser, administrator)
    path = f"/people/{operator.pk}/remove/"
    assert browser.get(path).status_code == 302, "somebody else proved that"
    prove(browser, owner)
    assert browser.get(path).status_code == 200
    session = browser.session
    session["account_authentication_methods"][-1]["at"] = time.time() - 601
    session.save()
    assert browser.get(path).status_code == 302


def test_htmx_leads_the_whole_page_to_the_proof(owner: Person, operator: Person, browser_of: Browser) -> None:
    answer = browser_of(owner).post(
        f"/people/{operator.pk}/role/",
        {"role": "administrator"},
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people/"},
    )
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/sign-in/again/?next=http%3A%2F%2Ftestserver%2Fpeople%2F"


def test_the_first_owner_without_any_proof_has_a_while_and_then_chooses_a_password(
    make_person: PersonMaker, operator: Person, browser_of: Browser
) -> None:
    fresh = make_person(Role.OWNER, password=None)
    browser = browser_of(fresh)
    path = f"/people/{operator.pk}/remove/"
    assert browser.get(path).status_code == 200
    Person.objects.filter(pk=fresh.pk).update(last_login="2026-01-01T00:00:00Z")
    assert browser.get(path)["Location"].startswith("/people/welcome/")
    assert browser.get("/people/welcome/").status_code == 200
