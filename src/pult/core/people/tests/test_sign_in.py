"""Signing in, out, and what strangers try."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.core.people.operations import switch_off
from pult.core.people.tests.conftest import NOW, PASSWORD, Browser, PersonMaker

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> str | None:
    """Where the answer leads, None when the form is shown again."""
    answer = client.post("/sign-in/", {"login": email, "password": password, **more})
    return answer.get("Location")


def test_e_mail_in_any_case_and_password_open_the_door(operator: Person, client: Client) -> None:
    assert sign_in(client, operator.email.upper()) == "/"
    assert client.get("/people/profile/").status_code == 200
    assert AuditEntry.objects.filter(action="person.signed_in", actor=operator).exists()
    client.post("/sign-in/out/")
    assert client.get("/people/profile/").status_code == 302


def test_wrong_password_and_unknown_e_mail_get_the_same_answer(operator: Person, client: Client) -> None:
    words = "E-mail or password is wrong."
    for email in (operator.email, "nobody@example.org"):
        answer = client.post("/sign-in/", {"login": email, "password": "not the password"})
        assert words in answer.content.decode()


def test_guessing_is_throttled_even_for_the_right_password(operator: Person, client: Client) -> None:
    for _guess in range(5):
        assert sign_in(client, operator.email, "wrong guess") is None
    answer = client.post("/sign-in/", {"login": operator.email, "password": PASSWORD})
    assert "Too many attempts" in answer.content.decode()
    assert client.get("/people/profile/").status_code == 302


def test_a_flood_of_sign_ins_gets_a_page_that_says_so(client: Client) -> None:
    for _attempt in range(30):
        assert client.post("/sign-in/", {}).status_code == 200
    answer = client.post("/sign-in/", {})
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()


def test_somebody_shut_out_learns_it_only_with_the_right_password(
    owner: Person, operator: Person, client: Client
) -> None:
    switch_off(actor=owner, person=operator, now=NOW)
    assert sign_in(client, operator.email, "wrong guess") is None
    assert sign_in(client, operator.email) == "/sign-in/off/"
    assert "Your access is closed" in client.get("/sign-in/off/").content.decode()
    assert client.get("/people/profile/").status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil"],
)
def test_signing_in_leads_to_no_other_site(elsewhere: str, operator: Person, client: Client) -> None:
    assert sign_in(client, operator.email, next=elsewhere) == "/"
    assert client.post("/sign-in/language/", {"language": "ru", "next": elsewhere})["Location"] == "/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(operator: Person, client: Client) -> None:
    assert sign_in(client, operator.email, next="/people/profile/") == "/people/profile/"


def test_nobody_signs_up(client: Client) -> None:
    given = {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD}
    for address in ("/accounts/signup", "/accounts/signup/", "/accounts/login/", "/accounts/email/"):
        assert client.get(address).status_code == 404
    assert "By invitation only" in client.get("/sign-in/signup/").content.decode()
    client.post("/sign-in/signup/", given)
    assert not Person.objects.exists()


def test_changing_the_password_asks_for_the_present_one(operator: Person, browser_of: Browser) -> None:
    browser, elsewhere = browser_of(operator), browser_of(operator)
    fresh = "fresh pleasant parade"
    wanted = {"oldpassword": "not this", "password1": fresh, "password2": fresh}
    assert "not your present password" in browser.post("/sign-in/password/", wanted).content.decode()
    weak = wanted | {"oldpassword": PASSWORD, "password1": "1234567890", "password2": "1234567890"}
    assert browser.post("/sign-in/password/", weak).status_code == 200
    answer = browser.post("/sign-in/password/", wanted | {"oldpassword": PASSWORD})
    assert answer["Location"] == "/people/profile/"
    operator.refresh_from_db()
    assert operator.check_password(fresh)
    assert browser.get("/people/profile/").status_code == 200
    assert elsewhere.get("/people/profile/").status_code == 302
    assert AuditEntry.objects.filter(action="person.password_changed", actor=operator).count() == 1


def test_without_mail_the_page_names_who_can_help(operator: Person, client: Client) -> None:
    assert "one-time link" in client.get("/sign-in/password/reset/").content.decode()
    assert (
        client.post("/sign-in/password/reset/", {"email": operator.email})["Location"]
        == "/sign-in/password/reset/"
    )
    assert mail.outbox == []


def test_with_mail_a_letter_leads_to_a_new_password(
    operator: Person, client: Client, settings: Settings
) -> None:
    settings.MAIL_CONFIGURED = True
    for email in (operator.email, "nobody@example.org"):
        assert (
            client.post("/sign-in/password/reset/", {"email": email})["Location"]
            == "/sign-in/password/reset/sent/"
        )
    (letter,) = mail.outbox
    assert letter.to == [operator.email]
    found = re.search(r"http://testserver(/\S+)", str(letter.body))
    assert found is not None
    form = client.get(found[1])["Location"]
    fresh = "fresh pleasant parade"
    assert client.post(form, {"password1": "short", "password2": "short"}).status_code == 200
    assert client.post(form, {"password1": fresh, "password2": fresh}).status_code == 302
    operator.refresh_from_db()
    assert operator.check_password(fresh)
    assert "no longer works" in Client().get(found[1], follow=True).content.decode()


def test_the_language_switches_for_visitors_and_stays_with_the_person(
    make_person: PersonMaker, client: Client
) -> None:
    person = make_person(language="en")
    assert "Sign in" in client.get("/sign-in/").content.decode()
    client.post("/sign-in/language/", {"language": "ru"})
    assert "Войти" in client.get("/sign-in/").content.decode()
    sign_in(client, person.email)
    assert "Your profile" in client.get("/people/profile/").content.decode(), "the person's own choice wins"
    client.post("/sign-in/language/", {"language": "ru"})
    page = client.get("/people/profile/")
    assert "Ваш профиль" in page.content.decode()
    assert page["Content-Language"] == "ru"
    client.post("/sign-in/language/", {"language": "tlh"})
    person.refresh_from_db()
    assert person.language == "ru"


def test_one_persons_language_and_zone_do_not_stick_to_the_next_request(
    make_person: PersonMaker, browser_of: Browser
) -> None:
    tokyo = make_person(language="ru", time_zone="Asia/Tokyo")
    plain = make_person()
    theirs = browser_of(tokyo).get("/people/profile/").content.decode()
    assert timezone.get_current_timezone_name() == "Asia/Tokyo"
    mine = browser_of(plain).get("/people/profile/").content.decode()
    assert timezone.get_current_timezone_name() == "UTC"
    assert 'lang="ru"' in theirs and 'data-zone="Asia/Tokyo"' in theirs
    assert 'lang="en"' in mine and "data-zone" not in mine


def test_the_profile_keeps_name_language_and_zone(operator: Person, browser_of: Browser) -> None:
    browser = browser_of(operator)
    given = {"name": " Vera S. ", "language": "ru", "time_zone": "Asia/Yekaterinburg"}
    assert "Сохранено." in browser.post("/people/profile/", given, follow=True).content.decode()
    operator.refresh_from_db()
    assert (operator.name, operator.language, operator.time_zone) == ("Vera S.", "ru", "Asia/Yekaterinburg")
    assert browser.post("/people/profile/", {**given, "time_zone": "Mars/Base"}).status_code == 200
    operator.refresh_from_db()
    assert operator.time_zone == "Asia/Yekaterinburg"
