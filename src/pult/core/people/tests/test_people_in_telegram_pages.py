"""Pages about people of Telegram: who waits, invitations for whoever has the link, merging, rights, two ways in."""

import re
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from pult.core.people import telegram_sign_in
from pult.core.people.models import Application, EntryLink, PermissionChoice, Person, TelegramIdentity
from pult.core.people.operations import (
    apply_for_access,
    choose_permissions,
    invite_colleague,
    link_telegram,
)
from pult.core.people.queries import person_named, person_of_telegram
from pult.core.people.telegram_sign_in import MainBot, provide_main_bot
from pult.core.people.tests.conftest import NOW, PASSWORD, Browser, PersonMaker
from pult.core.registry import Role
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db
SETTLE_IN = {
    "name": "Nina",
    "password": PASSWORD,
    "password_again": PASSWORD,
    "language": "ru",
    "time_zone": "UTC",
}


@pytest.fixture
def main_bot() -> Iterator[MainBot]:
    """A main bot that is at work; afterwards the one of the house."""
    former = list(telegram_sign_in._provider)
    bot = MainBot(1, "pult_test_bot", lambda _data: False, lambda payload: f"https://t.me/x?start={payload}")
    provide_main_bot(lambda: replace(bot))
    yield bot
    telegram_sign_in._provider[:] = former


def asks(user_id: int = 7, nickname: str = "anna") -> Application:
    return apply_for_access(
        user_id=user_id,
        nickname=nickname,
        telegram_name="Anna",
        username="a",
        language="en",
        now=timezone.now(),
    )


def text(browser: Client, page: str) -> str:
    return browser.get(page).content.decode()


def test_whoever_waits_is_let_in_or_declined_by_a_button(
    owner: Person, administrator: Person, browser_of: Browser
) -> None:
    anna, boris = asks(), asks(8, "boris")
    browser, other = browser_of(administrator), browser_of(owner)
    page = text(browser, "/people/waiting/")
    assert "anna" in page and "topic=applications:all" in page and 'value="owner"' not in page
    assert 'class="count">2<' in text(browser, "/people/")
    done = browser.post(
        f"/people/waiting/{anna.pk}/decide/", {"decision": "approve", "role": "administrator"}, follow=True
    )
    assert "anna may come in" in done.content.decode()
    person = person_of_telegram(7)
    assert person is not None and person.role == "administrator"
    late = other.post(f"/people/waiting/{anna.pk}/decide/", {"decision": "decline"}, follow=True)
    assert "Anton has approved this already" in late.content.decode()
    browser.post(f"/people/waiting/{boris.pk}/decide/", {"decision": "decline"})
    assert person_of_telegram(8) is None
    assert "Nobody waits" in text(other, "/people/waiting/")
    too_high = asks(9, "nina")
    refused = browser.post(f"/people/waiting/{too_high.pk}/decide/", {"decision": "approve", "role": "owner"})
    assert refused.status_code == 302 and person_of_telegram(9) is None
    assert browser.post(f"/people/waiting/{uuid4()}/decide/", {"decision": "approve"}).status_code == 404
    browser.post(f"/people/waiting/{too_high.pk}/decide/", {"decision": "approve", "role": "king"})
    assert Application.objects.get(pk=too_high.pk).state == "waiting"


def test_an_invitation_for_whoever_has_the_link(
    owner: Person, browser_of: Browser, client: Client, main_bot: MainBot
) -> None:
    made = (
        browser_of(owner)
        .post("/people/invite/", {"email": "", "role": "operator", "hours": "1"})
        .content.decode()
    )
    found = re.search(r"http://testserver(/enter/([\w-]+)/)", made)
    assert found is not None and f"https://t.me/x?start=invite-{found[2]}" in made
    link = EntryLink.objects.get()
    assert link.email == "" and (link.expires_at - link.created_at).total_seconds() == 3600
    assert "whoever has the link" in text(browser_of(owner), "/people/")
    page = text(client, found[1])
    assert "join in the bot" in page and 'name="email"' in page
    taken = client.post(found[1], {**SETTLE_IN, "email": owner.email.upper()}).content.decode()
    assert "is here already" in taken and 'value="Nina"' in taken
    assert client.post(found[1], {**SETTLE_IN, "email": "Nina@example.org"})["Location"] == "/"
    assert Person.objects.get(email="nina@example.org").name == "Nina"
    assert Client().get(found[1]).status_code == 410


@pytest.mark.parametrize("hours", ["0", "100000", "soon"])
def test_an_invitation_does_not_work_longer_than_offered(
    hours: str, owner: Person, browser_of: Browser
) -> None:
    browser_of(owner).post("/people/invite/", {"email": "", "role": "operator", "hours": hours})
    assert not EntryLink.objects.exists()


def test_the_list_finds_people_by_telegram_and_way_in(
    owner: Person, browser_of: Browser, make_person: PersonMaker
) -> None:
    bare = make_person(Role.OPERATOR, email="", password=None, name="verochka")
    link_telegram(person=bare, user_id=7, name="Vera S.", username="vera_s", now=NOW)
    browser = browser_of(owner)
    for address, there in (
        ("?q=@vera_s", True),
        ("?q=Vera+S", True),
        ("?way=telegram", True),
        ("?way=email", False),
        ("?way=both", False),
        ("?way=nonsense", True),
        ("?q=%00", True),
    ):
        assert ("verochka" in text(browser, f"/people/{address}")) == there, address
    assert person_named("@VERA_S") == person_named(f"#{bare.pk}") == bare
    assert person_named("") is None and person_named("#x") is None, "nobody is found by an empty e-mail"


def test_two_records_become_one_on_the_pages(
    administrator: Person,
    owner: Person,
    browser_of: Browser,
    proved_browser_of: Browser,
    make_person: PersonMaker,
) -> None:
    web, bare = (
        make_person(Role.OPERATOR, name="Vera"),
        make_person(Role.OPERATOR, email="", password=None, name="v"),
    )
    link_telegram(person=bare, user_id=7, name="Vera", username="vera_s", now=NOW)
    scenes.check(bare, numbers=1)
    browser = proved_browser_of(administrator)
    assert f"/people/{web.pk}/merge/{bare.pk}/" in text(browser, f"/people/{web.pk}/merge/?q=vera_s")
    page = f"/people/{web.pk}/merge/{bare.pk}/"
    shown = text(browser, page)
    assert "Checks: 1" in shown and "@vera_s" in shown and "Merge for good" in shown
    too_high = text(browser, f"/people/{web.pk}/merge/{owner.pk}/")
    assert "Only an owner can do this" in too_high and "Merge for good" not in too_high
    done = browser.post(page, follow=True).content.decode()
    assert "is now one with Vera" in done and "@vera_s" in done
    assert not Person.objects.filter(pk=bare.pk).exists() and web.checks.count() == 1
    assert browser.get(page).status_code == 404


def test_merging_and_rights_ask_who_it_is_once_more(
    owner: Person, operator: Person, make_person: PersonMaker, browser_of: Browser
) -> None:
    browser, other = browser_of(owner), make_person(Role.OPERATOR)
    for page, data in (
        (f"/people/{operator.pk}/merge/{other.pk}/", {}),
        ("/people/roles/", {"shown": "operator/audit.see/0", "right": "operator/audit.see"}),
        ("/people/roles/operator/reset/", {}),
    ):
        assert "again" in browser.post(page, data)["Location"], page
    assert Person.objects.filter(pk=other.pk).exists() and not PermissionChoice.objects.exists()


def test_a_tick_changes_what_was_touched_and_nothing_else(
    owner: Person, administrator: Person, browser_of: Browser, proved_browser_of: Browser
) -> None:
    browser, page = proved_browser_of(owner), "/people/roles/"
    assert 'value="operator/audit.see/0"' in text(browser, page)
    # A colleague has changed something since the page was shown.
    choose_permissions(actor=owner, role=Role.OPERATOR, wanted={"watch.see": True}, now=NOW)
    shown = ["operator/audit.see/0", "operator/watch.see/0", "administrator/audit.see/1", "no/such/1", "x"]
    ticked = ["operator/audit.see", "operator/people.demand", "administrator/audit.see"]
    done = browser.post(page, {"shown": shown, "right": ticked}, follow=True).content.decode()
    assert "1 right is changed" in done
    chosen = set(PermissionChoice.objects.values_list("role", "permission", "allowed"))
    assert chosen == {("operator", "audit.see", True), ("operator", "watch.see", True)}
    limited = proved_browser_of(administrator)
    assert 'value="administrator/audit.see/1"' not in text(limited, page)
    refused = limited.post(page, {"shown": "administrator/audit.see/1"}, follow=True).content.decode()
    assert "Only somebody with a higher role" in refused
    assert (
        "may do again what Pult comes with"
        in browser.post(f"{page}operator/reset/", follow=True).content.decode()
    )
    assert not PermissionChoice.objects.exists()


def test_somebody_of_telegram_alone_has_every_page_and_adds_e_mail_and_password(
    owner: Person, make_person: PersonMaker, browser_of: Browser, proved_browser_of: Browser
) -> None:
    bare = make_person(Role.OPERATOR, email="", password=None, name="verochka")
    link_telegram(person=bare, user_id=7, name="", username="", now=NOW)
    theirs, managers = browser_of(bare), proved_browser_of(owner)
    assert "Add e-mail and password" in text(theirs, "/people/profile/")
    assert "verochka" in text(managers, f"/people/{bare.pk}/")
    slip = managers.post(f"/people/{bare.pk}/remove/", {"email": ""}).content.decode()
    assert "verochka" in slip and Person.objects.filter(pk=bare.pk).exists()
    made = managers.post(f"/people/{bare.pk}/sign-in-link/").content.decode()
    found = re.search(r"http://testserver(/enter/[\w-]+/)", made)
    assert found is not None
    visitor = Client()
    assert visitor.post(found[1])["Location"] == "/people/welcome/"
    visitor.post("/people/welcome/", {**SETTLE_IN, "name": "Vera", "email": "vera@example.org"})
    bare.refresh_from_db()
    assert (bare.email, bare.name) == ("vera@example.org", "Vera") and bare.check_password(PASSWORD)
    assert Client().post("/sign-in/", {"login": "vera@example.org", "password": PASSWORD})["Location"] == "/"
    managers.post(f"/people/{bare.pk}/telegram/unlink/")
    assert not TelegramIdentity.objects.exists()


def test_an_empty_e_mail_signs_nobody_in(make_person: PersonMaker) -> None:
    make_person(Role.OPERATOR, email="", password=PASSWORD)
    answer = Client().post("/sign-in/", {"login": "", "password": PASSWORD})
    assert answer.status_code == 200 and "_auth_user_id" not in Client().session
    assert settings.SESSION_COOKIE_NAME not in answer.cookies


def test_the_letter_of_an_invitation_without_an_address_is_never_sent(
    owner: Person, browser_of: Browser, settings: object, mailoutbox: list[object]
) -> None:
    settings.MAIL_CONFIGURED = True  # type: ignore[attr-defined]
    made = browser_of(owner).post("/people/invite/", {"email": "", "role": "operator", "hours": "24"})
    assert "It was mailed" not in made.content.decode() and mailoutbox == []
    assert invite_colleague(actor=owner, role=Role.OPERATOR, now=timezone.now())
