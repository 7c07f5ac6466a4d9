"""The pages about people in the hands of each role."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from pult.core.people.models import EntryLink, Person
from pult.core.people.operations import create_owner_link, create_sign_in_link, invite_colleague
from pult.core.people.tests.conftest import PASSWORD, Browser, PersonMaker
from pult.core.registry import Role

SETTLE_IN = {
    "name": "Nina",
    "password": PASSWORD,
    "password_again": PASSWORD,
    "language": "ru",
    "time_zone": "Europe/Moscow",
}
LINK = re.compile(r"http://testserver(/enter/[\w-]+/)")


def test_who_may_open_what(
    owner: Person, administrator: Person, operator: Person, browser_of: Browser, client: Client
) -> None:
    pages = ["/people/", f"/people/{operator.pk}/", "/people/invite/"]
    for page in [*pages, "/people/profile/"]:
        answer = client.get(page)
        assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={page}")
        assert browser_of(owner).get(page).status_code == 200
        assert browser_of(administrator).get(page).status_code == 200
    for page in pages:
        assert browser_of(operator).get(page).status_code == 403
    assert browser_of(operator).get("/people/profile/").status_code == 200


def test_an_operator_cannot_post_what_they_cannot_see(
    operator: Person, owner: Person, browser_of: Browser
) -> None:
    link = invite_colleague(actor=owner, email="x@example.org", role=Role.OPERATOR, now=timezone.now()).link
    for page in ("role", "off", "on", "sign-in-link"):
        assert (
            browser_of(operator).post(f"/people/{owner.pk}/{page}/", {"role": "operator"}).status_code == 403
        )
    assert browser_of(operator).post(f"/people/links/{link.pk}/revoke/").status_code == 403
    assert browser_of(operator).post("/people/invite/", {"email": "y@example.org"}).status_code == 403


def test_changes_need_post(owner: Person, operator: Person, browser_of: Browser) -> None:
    for page in ("role", "off", "on", "sign-in-link"):
        assert browser_of(owner).get(f"/people/{operator.pk}/{page}/").status_code == 405


def test_a_fragment_asked_by_htmx_leads_the_whole_page_to_the_sign_in(client: Client, db: None) -> None:
    answer = client.get(
        "/people/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people/"}
    )
    assert answer["HX-Redirect"] == "/sign-in/?next=http%3A//testserver/people/"
    foreign = client.get(
        "/people/", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/"}
    )
    assert foreign["HX-Redirect"] == "/sign-in/?next=/"


def test_from_the_first_link_to_a_settled_owner(client: Client, db: None) -> None:
    issued = create_owner_link(now=timezone.now())
    assert issued is not None
    for _look in range(2):
        assert client.get(issued.path()).status_code == 200
    assert client.head(issued.path()).status_code == 200
    answer = client.post(issued.path())
    assert answer["Location"] == "/people/welcome/"
    answer = client.post("/people/welcome/", {**SETTLE_IN, "name": "Olga", "email": "olga@example.org"})
    assert answer.status_code == 302
    owner = Person.objects.get()
    assert (owner.email, owner.name, owner.language, owner.time_zone) == (
        "olga@example.org",
        "Olga",
        "ru",
        "Europe/Moscow",
    )
    assert client.get("/people/profile/").status_code == 200, "still signed in after the password was set"
    assert client.get("/people/welcome/").status_code == 302, "the old password is asked for from now on"
    assert Client().get(issued.path()).status_code == 410


def test_an_invitation_from_the_page_to_the_first_sign_in(owner: Person, browser_of: Browser) -> None:
    page = browser_of(owner).post(
        "/people/invite/", {"email": "nina@example.org", "role": "administrator", "hours": "168"}
    )
    found = LINK.search(page.content.decode())
    assert found is not None
    assert "no-store" in page["Cache-Control"]
    nina = Client()
    assert b"nina@example.org" in nina.get(found[1]).content
    refused = nina.post(found[1], {**SETTLE_IN, "password": "short", "password_again": "short"})
    assert refused.status_code == 200
    assert nina.post(found[1], SETTLE_IN)["Location"] == "/"
    assert Person.objects.get(email="nina@example.org").role == "administrator"
    assert nina.get("/people/").status_code == 200
    assert Client().get(found[1]).status_code == 410


def test_the_link_is_mailed_where_mail_is_set_up(
    owner: Person, browser_of: Browser, settings: Settings
) -> None:
    settings.MAIL_CONFIGURED = True
    browser_of(owner).post(
        "/people/invite/", {"email": "nina@example.org", "role": "operator", "hours": "168"}
    )
    (letter,) = mail.outbox
    assert letter.to == ["nina@example.org"]
    found = LINK.search(str(letter.body))
    assert found is not None and Client().get(found[1]).status_code == 200


def test_a_refused_invitation_keeps_what_was_typed(
    administrator: Person, owner: Person, browser_of: Browser
) -> None:
    page = browser_of(administrator).post(
        "/people/invite/", {"email": owner.email, "role": "operator", "hours": "168"}
    )
    assert owner.email in page.content.decode() and "is here already" in page.content.decode()
    assert (
        browser_of(administrator)
        .post("/people/invite/", {"email": "x@example.org", "role": "owner", "hours": "168"})
        .status_code
        == 200
    )
    assert not EntryLink.objects.exists()


def test_somebody_who_forgot_the_password_comes_in_by_link_and_sets_a_new_one(
    owner: Person, operator: Person, proved_browser_of: Browser
) -> None:
    page = proved_browser_of(owner).post(f"/people/{operator.pk}/sign-in-link/")
    found = LINK.search(page.content.decode())
    assert found is not None
    theirs, elsewhere = Client(), proved_browser_of(operator)
    theirs.post(found[1])
    fresh = "fresh pleasant parade"
    answer = theirs.post("/people/welcome/", {**SETTLE_IN, "password": fresh, "password_again": fresh})
    assert answer.status_code == 302
    operator.refresh_from_db()
    assert operator.check_password(fresh)
    assert elsewhere.get("/people/profile/").status_code == 302, "other sessions end with the old password"


def test_without_a_link_the_welcome_page_sets_no_password(operator: Person, browser_of: Browser) -> None:
    answer = browser_of(operator).post(
        "/people/welcome/",
        {**SETTLE_IN, "password": "stolen session here", "password_again": "stolen session here"},
    )
    assert answer["Location"] == "/people/profile/"
    operator.refresh_from_db()
    assert operator.check_password(PASSWORD)


def test_the_link_signs_somebody_else_out_first(owner: Person, operator: Person, browser_of: Browser) -> None:
    issued = create_sign_in_link(actor=owner, person=operator, now=timezone.now())
    browser = browser_of(owner)
    assert owner.name in browser.get(issued.path()).content.decode()
    browser.post(issued.path())
    assert browser.get("/people/").status_code == 403, "now it is the operator's browser"


def test_managing_from_the_page(owner: Person, operator: Person, proved_browser_of: Browser) -> None:
    browser = proved_browser_of(owner)
    browser.post(f"/people/{operator.pk}/role/", {"role": "administrator"})
    browser.post(f"/people/{operator.pk}/off/")
    operator.refresh_from_db()
    assert (operator.role, operator.is_active) == ("administrator", False)
    browser.post(f"/people/{operator.pk}/on/")
    operator.refresh_from_db()
    assert operator.is_active
    refused = browser.post(f"/people/{owner.pk}/role/", {"role": "operator"}, follow=True)
    assert "last owner" in refused.content.decode()
    assert browser.post(f"/people/{operator.pk}/role/", {"role": "king"}, follow=True).status_code == 200
    assert browser.get("/people/999999/").status_code == 404


def test_taking_an_invitation_back_from_the_list(owner: Person, browser_of: Browser) -> None:
    issued = invite_colleague(actor=owner, email="nina@example.org", role=Role.OPERATOR, now=timezone.now())
    browser = browser_of(owner)
    assert b"nina@example.org" in browser.get("/people/").content
    assert (
        b"nina@example.org"
        not in browser.post(f"/people/links/{issued.link.pk}/revoke/", follow=True).content
    )
    assert Client().get(issued.path()).status_code == 410


def test_search_filters_and_order_of_the_list(
    owner: Person, make_person: PersonMaker, browser_of: Browser
) -> None:
    make_person(name="Zoya", email="zoya@example.org", last_login=timezone.now())
    make_person(name="Adam", is_active=False, last_login=timezone.now() - timedelta(days=3))
    browser = browser_of(owner)

    def listed(query: str) -> list[str]:
        page = browser.get(f"/people/?{query}").context["page"]
        return [person.name for person in page.object_list]

    assert listed("") == ["Adam", "Olga", "Zoya"]
    assert listed("sort=-name") == ["Zoya", "Olga", "Adam"]
    assert listed("q=ZOYA@") == ["Zoya"]
    assert listed("state=off") == ["Adam"]
    assert listed("role=owner") == ["Olga"]
    assert listed("role=king&state=x&sort=y&page=99") == ["Adam", "Olga", "Zoya"]
    assert listed("q=nobody") == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_database_seven_times_however_long_it_is(
    rows: int,
    owner: Person,
    make_person: PersonMaker,
    browser_of: Browser,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        make_person()
        invite_colleague(actor=owner, email=f"n{number}@example.org", role=Role.OPERATOR, now=timezone.now())
    browser = browser_of(owner)
    # Session, person, who waits, count, people, their Telegrams, invitations; each invitation with who gave it.
    with django_assert_num_queries(7):
        assert browser.get("/people/").status_code == 200
