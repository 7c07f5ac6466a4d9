"""Two things open the door, whichever way somebody comes; and whoever owes the second sets it up first."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.core.people.operations import (
    UnableToDemand,
    UnableToResetSecondFactor,
    create_sign_in_link,
    demand_second_factor,
    reset_second_factor,
)
from pult.core.people.tests.authenticators import App, with_app, with_recovery_codes
from pult.core.people.tests.conftest import NOW, PASSWORD, Browser, PersonMaker
from pult.core.registry import Role
from pult.core.secrets import UnableToReveal

pytestmark = pytest.mark.django_db

STEP = "/sign-in/second-step/"
INSIDE = "/people/profile/"


def first_step(client: Client, person: Person) -> None:
    answer = client.post("/sign-in/", {"login": person.email, "password": PASSWORD})
    assert answer["Location"] == STEP


def inside(client: Client) -> bool:
    return client.get(INSIDE).status_code == 200


def confirm(client: Client, page: str) -> None:
    """Open a page that asks for the password first."""
    answer = client.get(page)
    assert answer["Location"].startswith("/sign-in/again/")
    assert client.post(answer["Location"], {"password": PASSWORD})["Location"] == page


def test_the_password_alone_opens_nothing_and_the_code_does(operator: Person, client: Client) -> None:
    app = with_app(operator)
    first_step(client, operator)
    assert not inside(client)
    refused = client.post(STEP, {"code": "000000"}).content.decode()
    assert re.search(r'id="id_code_error".*This code is not right', refused, re.S), "beside the field"
    code = app.code()
    assert client.post(STEP, {"code": code})["Location"] == "/"
    assert inside(client)
    again = Client()
    first_step(again, operator)
    again.post(STEP, {"code": code})
    assert not inside(again), "a code that was overheard is worth nothing"
    assert again.post(STEP, {"code": app.code()}).status_code == 302


def test_the_second_step_can_be_left_for_somebody_else(
    operator: Person, owner: Person, client: Client
) -> None:
    with_app(operator)
    first_step(client, operator)
    client.post("/sign-in/out/")
    assert client.post("/sign-in/", {"login": owner.email, "password": PASSWORD})["Location"] == "/"


def test_a_recovery_code_works_once(operator: Person, client: Client) -> None:
    with_app(operator)
    codes = with_recovery_codes(operator)
    first_step(client, operator)
    client.post(STEP, {"code": codes[0]})
    assert inside(client)
    again = Client()
    first_step(again, operator)
    again.post(STEP, {"code": codes[0]})
    assert not inside(again)
    again.post(STEP, {"code": codes[1]})
    assert inside(again)


def test_a_one_time_link_does_not_pass_by_the_second_step(
    owner: Person, operator: Person, client: Client
) -> None:
    app = with_app(operator)
    link = create_sign_in_link(actor=owner, person=operator, now=timezone.now())
    assert client.post(link.path())["Location"] == STEP
    assert not inside(client)
    assert client.get("/people/welcome/").status_code == 302
    assert client.post(STEP, {"code": app.code()})["Location"] == "/people/welcome/"
    assert client.get("/people/welcome/").status_code == 200, "a new password may be chosen now"


def test_the_right_to_a_new_password_stays_with_who_the_link_was_for(
    owner: Person, operator: Person, make_person: PersonMaker, client: Client
) -> None:
    with_app(operator)
    other = make_person()
    client.post(create_sign_in_link(actor=owner, person=operator, now=timezone.now()).path())
    client.post("/sign-in/out/")
    client.post("/sign-in/", {"login": other.email, "password": PASSWORD})
    assert inside(client)
    assert client.get("/people/welcome/")["Location"] == INSIDE


def test_resetting_the_password_does_not_pass_by_the_second_step(
    operator: Person, client: Client, settings: Settings
) -> None:
    settings.MAIL_CONFIGURED = True
    with_app(operator)
    client.post("/sign-in/password/reset/", {"email": operator.email})
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[0].body))
    assert found is not None
    fresh = "fresh pleasant parade"
    client.post(client.get(found[1])["Location"], {"password1": fresh, "password2": fresh})
    assert not inside(client)
    answer = client.post("/sign-in/", {"login": operator.email, "password": fresh})
    assert answer["Location"] == STEP
    assert not inside(client)


@pytest.mark.parametrize("kind", ["codes of the app", "recovery codes"])
def test_guessing_codes_is_throttled_even_for_the_right_one(
    kind: str, operator: Person, client: Client
) -> None:
    app, codes = with_app(operator), with_recovery_codes(operator)
    first_step(client, operator)
    for guess in range(5):
        client.post(STEP, {"code": f"{guess:06}" if kind == "codes of the app" else f"{guess:08}"})
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    first_step(elsewhere, operator)
    right = app.code() if kind == "codes of the app" else codes[0]
    answer = elsewhere.post(STEP, {"code": right})
    assert "Too many attempts" in answer.content.decode(), "the person is protected wherever the guesser sits"
    assert not inside(elsewhere)


def test_one_address_guesses_for_many_people_only_so_often(make_person: PersonMaker, client: Client) -> None:
    for _person in range(10):
        client.post("/sign-in/", {"login": make_person().email, "password": "wrong guess"})
    victim = make_person()
    answer = client.post("/sign-in/", {"login": victim.email, "password": PASSWORD})
    assert "Too many attempts" in answer.content.decode()
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.post("/sign-in/", {"login": victim.email, "password": PASSWORD})["Location"] == "/"
    forged = Client(HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert forged.post("/sign-in/", {"login": victim.email, "password": PASSWORD}).status_code == 200, (
        "an address that the visitor claims is none: there is no proxy in front"
    )


def test_setting_up_an_app_from_the_page(operator: Person, browser_of: Browser) -> None:
    browser, page = browser_of(operator), "/sign-in/second-factor/app/"
    confirm(browser, page)
    shown = browser.get(page)
    app = App(shown.context["form"].secret)
    assert app.secret in shown.content.decode() and "<svg" in shown.content.decode()
    assert app.secret not in str(dict(browser.session)), "what waits in the session is sealed"
    assert browser.post(page, {"code": "000000"}).status_code == 200
    assert browser.get(page).context["form"].secret == app.secret, "a slip does not make a new secret"
    codes_page = browser.post(page, {"code": app.code()})["Location"]
    stored = Authenticator.objects.get(user=operator, type="totp").data["secret"]
    assert app.secret not in stored
    first = browser.get(codes_page).content.decode()
    codes = re.findall(r"\b\d{8}\b", first)
    assert len(codes) == 10
    second = browser.get(codes_page).content.decode()
    assert not any(code in second for code in codes), "shown once"
    actions = AuditEntry.objects.filter(action="person.second_factor_added", actor=operator)
    assert {entry.details["factor"] for entry in actions} == {"totp", "recovery_codes"}


def test_factors_change_only_after_the_password_was_typed_again(
    operator: Person, browser_of: Browser
) -> None:
    with_app(operator)
    browser = browser_of(operator)
    for page in ("app/remove/", "keys/add/", "codes/new/"):
        answer = browser.post(f"/sign-in/second-factor/{page}", {})
        assert answer["Location"].startswith("/sign-in/again/"), page
    assert Authenticator.objects.filter(user=operator).count() == 1
    confirm(browser, "/sign-in/second-factor/app/remove/")
    browser.post("/sign-in/second-factor/app/remove/")
    assert not Authenticator.objects.filter(user=operator).exists()
    assert AuditEntry.objects.filter(action="person.second_factor_removed", actor=operator).exists()


def test_typing_the_password_again_is_throttled(operator: Person, browser_of: Browser) -> None:
    browser = browser_of(operator)
    for _guess in range(10):
        browser.post("/sign-in/again/?next=/", {"password": "wrong guess"})
    assert browser.post("/sign-in/again/?next=/", {"password": PASSWORD}).status_code == 429


def test_new_recovery_codes_void_the_old_ones(operator: Person, browser_of: Browser, client: Client) -> None:
    with_app(operator)
    old = with_recovery_codes(operator)
    browser, page = browser_of(operator), "/sign-in/second-factor/codes/new/"
    confirm(browser, page)
    shown = browser.post(page, follow=True).content.decode()
    fresh = re.findall(r"\b\d{8}\b", shown)
    assert len(fresh) == 10 and not set(fresh) & set(old)
    first_step(client, operator)
    client.post(STEP, {"code": old[0]})
    assert not inside(client)
    client.post(STEP, {"code": fresh[0]})
    assert inside(client)


def test_a_factor_copied_into_another_persons_row_opens_nothing(
    operator: Person, owner: Person, client: Client
) -> None:
    with_app(operator)
    with_app(owner)
    stolen = Authenticator.objects.get(user=operator).data
    Authenticator.objects.filter(user=owner).update(data=stolen)
    with pytest.raises(UnableToReveal):
        Authenticator.objects.get(user=owner)
    renamed = {"secret": stolen["secret"].replace(f"{operator.pk}.", f"{owner.pk}.", 1)}
    Authenticator.objects.filter(user=owner).update(data=renamed)
    with pytest.raises(UnableToReveal):
        Authenticator.objects.get(user=owner).wrap().validate_code("000000")
    first_step(client, owner)
    assert "cannot be read on this server" in client.post(STEP, {"code": "000000"}).content.decode()


def test_a_manager_takes_a_lost_factor_away_and_the_person_is_told(
    administrator: Person, operator: Person, owner: Person, proved_browser_of: Browser, client: Client
) -> None:
    with_app(operator)
    browser = proved_browser_of(administrator)
    assert "Lost the second factor?" in browser.get(f"/people/{operator.pk}/").content.decode()
    browser.post(f"/people/{operator.pk}/second-factor/reset/")
    assert client.post("/sign-in/", {"login": operator.email, "password": PASSWORD})["Location"] == "/"
    for page in (INSIDE, "/sign-in/second-factor/"):
        assert "was taken away" in client.get(page).content.decode()
    entry = AuditEntry.objects.get(action="person.second_factor_reset")
    assert (entry.actor, entry.object_id) == (administrator, str(operator.pk))
    with_app(operator)
    assert "was taken away" not in client.get(INSIDE).content.decode()

    with_app(owner)
    with pytest.raises(UnableToResetSecondFactor):
        reset_second_factor(actor=administrator, person=owner, now=NOW)
    with pytest.raises(UnableToResetSecondFactor):
        reset_second_factor(actor=operator, person=administrator, now=NOW)
    with pytest.raises(UnableToResetSecondFactor):
        reset_second_factor(actor=owner, person=owner, now=NOW)


def test_a_factor_that_no_longer_opens_can_still_be_taken_away(owner: Person, operator: Person) -> None:
    Authenticator.objects.create(
        user=operator, type="totp", data={"secret": f"{operator.pk}.bm90aGluZyB0aGF0IHdhcyBzZWFsZWQ="}
    )
    assert reset_second_factor(actor=owner, person=operator, now=NOW) == 1
    assert reset_second_factor(actor=owner, person=operator, now=NOW) == 0


def test_a_demanded_factor_comes_before_everything_else(
    owner: Person, administrator: Person, operator: Person, browser_of: Browser, proved_browser_of: Browser
) -> None:
    with_app(owner)
    browser, unaffected = browser_of(administrator), browser_of(operator)
    page = proved_browser_of(owner).post("/people/second-factor/", {"roles": ["administrator"]}, follow=True)
    assert "Saved." in page.content.decode()
    for address in ("/", INSIDE, "/people/", "/people/profile/email/", "/nowhere/"):
        assert browser.get(address)["Location"] == "/sign-in/second-factor/", address
    fragment = browser.get("/people/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (403, "/sign-in/second-factor/")
    assert browser.post(f"/people/{operator.pk}/off/").status_code == 302
    operator.refresh_from_db()
    assert operator.is_active, "nothing was done on the way"
    assert "Set one up to go on" in browser.get("/sign-in/second-factor/").content.decode()
    assert unaffected.get(INSIDE).status_code == 200
    assert browser_of(owner).get(INSIDE).status_code == 200

    set_up = "/sign-in/second-factor/app/"
    confirm(browser, set_up)
    app = App(browser.get(set_up).context["form"].secret)
    browser.post(set_up, {"code": app.code()})
    assert browser.get("/people/").status_code == 200
    assert AuditEntry.objects.get(action="role.second_factor_demanded").details == {"role": "administrator"}

    proved_browser_of(owner).post("/people/second-factor/", {})
    assert AuditEntry.objects.filter(action="role.second_factor_waived").count() == 1


def test_only_owners_demand(administrator: Person, operator: Person, browser_of: Browser) -> None:
    for person in (administrator, operator):
        assert browser_of(person).post("/people/second-factor/", {"roles": ["operator"]}).status_code == 403
        with pytest.raises(UnableToDemand):
            demand_second_factor(actor=person, roles=[Role.OPERATOR], now=NOW)
    assert not operator.held_back()


def test_recovery_codes_alone_are_no_second_factor(operator: Person) -> None:
    demand_second_factor(actor=None, roles=[Role.OPERATOR], now=NOW)
    with_recovery_codes(operator)
    assert operator.held_back()
    with_app(operator)
    assert not operator.held_back()


def test_a_forged_answer_of_a_key_opens_nothing(operator: Person, client: Client) -> None:
    with_app(operator)
    first_step(client, operator)
    for forged in ('{"id": "x"}', "[]", "not JSON", "null", ""):
        assert client.post(STEP, {"credential": forged}).status_code == 200, forged
    assert not inside(client)


def test_a_forged_key_is_not_added(operator: Person, browser_of: Browser) -> None:
    browser, page = browser_of(operator), "/sign-in/second-factor/keys/add/"
    confirm(browser, page)
    browser.get(page)
    for forged in ('{"id": "x"}', "[]", "not JSON"):
        answer = browser.post(page, {"name": "Mine", "credential": forged})
        assert "The key was not accepted" in answer.content.decode(), forged
        assert 'value="Mine"' in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_an_overheard_code_stays_worthless_as_long_as_the_server_would_take_it(
    operator: Person, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = time.time() // 30 * 30
    monkeypatch.setattr(time, "time", lambda: begin)
    app = with_app(operator)
    app.code(), app.code()
    ahead = app.code()
    first_step(client, operator)
    assert client.post(STEP, {"code": ahead})["Location"] == "/"
    again = Client()
    first_step(again, operator)
    for later in (31, 61, 89):
        monkeypatch.setattr(time, "time", lambda later=later: begin + later)
        # The cache goes by another clock: after one step allauth has forgotten the code.
        cache.delete(f"allauth.mfa.totp.used?user={operator.pk}&code={ahead}")
        assert again.post(STEP, {"code": ahead}).status_code == 200
    assert not inside(again)


def test_a_flood_of_attempts_pushes_nobodys_counts_out(db: None) -> None:
    """The limits of sign-in and the codes that were used are rows of the cache."""
    cache.set("0-somebody-tried-five-times", 5, 300)
    for number in range(350):
        cache.set(f"flood-{number}", 1, 300)
    assert cache.get("0-somebody-tried-five-times") == 5
