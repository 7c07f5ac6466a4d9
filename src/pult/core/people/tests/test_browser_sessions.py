"""Where somebody is signed in: told to them, ended at once, without any key of a session on the page."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from pult.core.audit.models import AuditEntry
from pult.core.people.devices import device_words
from pult.core.people.models import BrowserSession, Person
from pult.core.people.operations import UnableToEndSessions, end_all_sessions
from pult.core.people.tests.conftest import NOW, PASSWORD, Browser

pytestmark = pytest.mark.django_db

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.1 Mobile/15E148 Safari/604.1"
)
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Safari, iPhone"),
        (LAPTOP, "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
            "Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_words(agent: str, words: str) -> None:
    assert device_words(agent) == words


def sign_in(person: Person, agent: str, address: str) -> Client:
    browser = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    browser.post("/sign-in/", {"login": person.email, "password": PASSWORD})
    return browser


def inside(browser: Client) -> bool:
    return browser.get("/people/profile/").status_code == 200


def test_the_profile_tells_where_one_is_signed_in(operator: Person) -> None:
    laptop, phone = sign_in(operator, LAPTOP, "192.0.2.1"), sign_in(operator, PHONE, "2001:db8::7")
    page = laptop.get("/people/profile/")
    text = page.content.decode()
    assert [session.device for session in page.context["sessions"]] == ["Firefox, Linux", "Safari, iPhone"]
    assert "192.0.2.1" in text and "2001:db8::7" in text
    assert text.count("this one") == 1
    for browser in (laptop, phone):
        assert str(browser.session.session_key) not in text


def test_one_browser_is_ended_and_only_that_one(operator: Person) -> None:
    laptop, phone = sign_in(operator, LAPTOP, "192.0.2.1"), sign_in(operator, PHONE, "192.0.2.2")
    other = BrowserSession.objects.get(agent=PHONE)
    laptop.post(f"/people/profile/sessions/{other.pk}/end/")
    assert not inside(phone)
    assert inside(laptop)
    assert laptop.post(f"/people/profile/sessions/{other.pk}/end/").status_code == 302, "twice harms nobody"
    assert AuditEntry.objects.filter(action="person.session_ended", actor=operator).count() == 1


def test_nobody_ends_a_colleagues_browser_from_the_profile(operator: Person, owner: Person) -> None:
    theirs, mine = sign_in(owner, LAPTOP, "192.0.2.1"), sign_in(operator, PHONE, "192.0.2.2")
    mine.post(f"/people/profile/sessions/{BrowserSession.objects.get(person=owner).pk}/end/")
    assert inside(theirs)


def test_everywhere_else_is_ended_and_here_one_stays(operator: Person, owner: Person) -> None:
    browsers = [sign_in(operator, agent, "192.0.2.1") for agent in (LAPTOP, PHONE, "curl/8")]
    colleague = sign_in(owner, LAPTOP, "192.0.2.9")
    forgotten = Client()
    forgotten.force_login(operator)
    BrowserSession.objects.filter(agent="").delete()
    browsers[0].post("/people/profile/sessions/end-others/")
    assert [inside(browser) for browser in [*browsers, forgotten, colleague]] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert re.search("Firefox, Linux", browsers[0].get("/people/profile/").content.decode())
    assert BrowserSession.objects.filter(person=operator).count() == 1


def test_managers_sign_people_out_but_nobody_above_them(
    owner: Person, administrator: Person, operator: Person, browser_of: Browser
) -> None:
    theirs = sign_in(operator, PHONE, "192.0.2.2")
    page = browser_of(administrator).get(f"/people/{operator.pk}/").content.decode()
    assert "Sign out everywhere" in page
    browser_of(administrator).post(f"/people/{operator.pk}/sessions/end/")
    assert not inside(theirs)
    with pytest.raises(UnableToEndSessions):
        end_all_sessions(actor=administrator, person=owner, now=NOW)
    with pytest.raises(UnableToEndSessions):
        end_all_sessions(actor=operator, person=administrator, now=NOW)


def test_a_browser_stays_one_row_when_its_session_gets_a_new_key(operator: Person) -> None:
    laptop = sign_in(operator, LAPTOP, "192.0.2.1")
    before = BrowserSession.objects.get().session_key
    fresh = "fresh pleasant parade"
    laptop.post("/sign-in/password/", {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh})
    assert inside(laptop)
    assert BrowserSession.objects.get().session_key != before


def test_sessions_that_ran_out_are_not_shown_and_are_cleared_away(operator: Person) -> None:
    sign_in(operator, PHONE, "192.0.2.2")
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    laptop = sign_in(operator, LAPTOP, "192.0.2.1")
    assert len(laptop.get("/people/profile/").context["sessions"]) == 1
    assert BrowserSession.objects.count() == 1


def test_being_seen_is_written_down_every_few_minutes_and_not_on_every_page(
    operator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = sign_in(operator, LAPTOP, "192.0.2.1")
    long_ago = timezone.now() - timedelta(hours=1)
    BrowserSession.objects.update(seen_at=long_ago)
    inside(laptop)
    assert BrowserSession.objects.get().seen_at == long_ago
    monkeypatch.setattr("pult.core.people.web.middleware.SEEN_EVERY_SECONDS", -1)
    inside(laptop)
    assert BrowserSession.objects.get().seen_at > long_ago
