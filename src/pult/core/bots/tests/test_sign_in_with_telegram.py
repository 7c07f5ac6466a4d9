"""People sign in with Telegram: by OpenID Connect, by the widget, by a code; and everything that must not get in."""

import copy
import hashlib
import json
import re
import time
import urllib.request
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pult.core.audit.models import AuditEntry
from pult.core.bots.models import Bot
from pult.core.bots.operations.bots import SAMPLE_TOKEN, provide_sample_bot
from pult.core.bots.tests.scene import person as person_of_user
from pult.core.people.models import Application, Person, TelegramIdentity
from pult.core.people.operations import create_sign_in_code, switch_off
from pult.core.people.telegram_sign_in import widget_signature
from pult.core.people.web.telegram_arrival import Ways, ways_here
from pult.core.registry import Role
from telegram_simulator.testing import RunningSimulator, start_simulator

pytestmark = pytest.mark.django_db
ANNA = 1_000_100
BORIS = 1_000_101
HERE = "http://testserver"
PASSWORD = "a calm river in autumn"


@pytest.fixture(scope="module")
def telegram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    """One simulated Telegram for the file."""
    with start_simulator(tmp_path_factory.mktemp("telegram"), people=50) as simulator:
        simulator.post("/oauth/api/origins", {"origin": HERE})
        yield simulator


@pytest.fixture(autouse=True)
def installation(telegram: RunningSimulator, settings: Settings) -> Bot:
    """Pult at that Telegram, with the sample bot as the main one."""
    there = replace(settings.TELEGRAM, control_url=telegram.control_url)
    settings.TELEGRAM = there
    providers = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"][0]["settings"]["server_url"] = there.oauth_url
    settings.SOCIALACCOUNT_PROVIDERS = providers
    cache.clear()
    provide_sample_bot(now=timezone.now())
    return Bot.objects.get()


@pytest.fixture
def anna() -> Person:
    return person_of_user(ANNA)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are looked at, not followed."""

    def redirect_request(self, *_: Any) -> None:
        return None


def choose(address: str, person: int | str) -> str:
    """What somebody does on Telegram's page: opens it, taps a person; returns where Telegram sends them."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    with opener.open(address) as page:
        assert "Who signs in?" in page.read().decode()
    form = urlencode({**asked, "person": person}).encode()
    parts = urlsplit(address)
    try:
        opener.open(f"{parts.scheme}://{parts.netloc}{parts.path}", data=form)
    except urllib.error.HTTPError as answer:
        with answer:
            assert answer.code == 303, answer.read()
            return str(answer.headers["Location"])
    raise AssertionError("Telegram did not send anybody back")


def by_oidc(client: Client, person: int | str, *, start: str = "/sign-in/telegram/oidc/", **form: str) -> Any:
    """The whole way; the last answer of Pult."""
    away = client.post(start, form)
    assert away.status_code == 302, away.content
    return client.get(choose(away["Location"], person).removeprefix(HERE))


def by_widget(
    client: Client, person: int | str, *, start: str = "/sign-in/telegram/widget/", **form: str
) -> Any:
    """The same by the widget's page; the module of our page does what stands here."""
    path, data = widget_data(client, person, start=start, **form)
    assert "telegram-widget.js" in client.get(path).content.decode()
    return client.post(path, {"data": data})


def widget_data(
    client: Client, person: int | str, *, start: str = "/sign-in/telegram/widget/", **form: str
) -> tuple[str, str]:
    """Our address that Telegram sends to, and the decoded data of its fragment."""
    away = client.post(start, form)
    back, _, fragment = choose(away["Location"], person).partition("#tgAuthResult=")
    data = (
        fragment if fragment == "false" else urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4)).decode()
    )
    return back.removeprefix(HERE), data


def by_code(client: Client, code: str, **form: str) -> Any:
    return client.post("/sign-in/telegram/", {"code": code, **form})


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


Way = Callable[..., Any]
BOTH = pytest.mark.parametrize("way", [by_oidc, by_widget])


@BOTH
def test_whom_telegram_names_comes_in_and_back_to_the_page_asked_for(
    way: Way, anna: Person, client: Client
) -> None:
    before = client.session.session_key
    answer = way(client, ANNA, next="/people/profile/")
    assert answer["Location"] == "/people/profile/"
    assert signed_in_as(client) == str(anna.pk)
    assert client.session.session_key != before, "the session of before is not taken over"
    entry = AuditEntry.objects.get(action="person.signed_in")
    assert (entry.actor_id, entry.details) == (anna.pk, {"way": way.__name__.removeprefix("by_")})


def test_a_code_of_the_bot_signs_in_once(anna: Person, client: Client) -> None:
    code = create_sign_in_code(person=anna, now=timezone.now())
    assert (
        by_code(client, f"{code[:4]} {code[4:]}", next="/people/profile/")["Location"] == "/people/profile/"
    )
    assert signed_in_as(client) == str(anna.pk)
    assert AuditEntry.objects.get(action="person.signed_in").details == {"way": "code"}
    other = Client()
    assert "does not work" in by_code(other, code).content.decode()
    assert signed_in_as(other) is None


@BOTH
def test_a_stranger_of_telegram_stays_outside_and_learns_how_to_apply(way: Way, client: Client) -> None:
    answer = way(client, BORIS)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "@pult_sample_bot" in page and "press Start" in page
    assert signed_in_as(client) is None
    assert not Person.objects.exists()
    # Within one second Telegram signs the same again, which is a replay.
    cache.clear()
    Application.objects.create(user_id=BORIS, simulated=True, nickname="Boris", created_at=timezone.now())
    assert "still waiting" in way(client, BORIS).content.decode()


@BOTH
def test_whose_access_is_closed_stays_outside(way: Way, anna: Person, client: Client) -> None:
    switch_off(actor=None, person=anna, now=timezone.now())
    assert way(client, ANNA)["Location"] == "/sign-in/off/"
    assert signed_in_as(client) is None


def test_a_code_made_before_the_access_was_closed_lets_nobody_in(anna: Person, client: Client) -> None:
    code = create_sign_in_code(person=anna, now=timezone.now())
    switch_off(actor=None, person=anna, now=timezone.now())
    assert by_code(client, code)["Location"] == "/sign-in/off/"
    assert signed_in_as(client) is None


@pytest.mark.parametrize("way", ["oidc", "widget", "code"])
def test_the_second_factor_is_asked_for_after_telegram_as_after_a_password(
    way: str, anna: Person, client: Client
) -> None:
    with_recovery_codes(anna)
    if way == "code":
        answer = by_code(client, create_sign_in_code(person=anna, now=timezone.now()))
    else:
        answer = (by_oidc if way == "oidc" else by_widget)(client, ANNA)
    assert answer["Location"].startswith("/sign-in/second-step/")
    assert signed_in_as(client) is None


def with_recovery_codes(person: Person) -> None:
    """A second factor that needs no phone: an authenticator app with codes beside it."""
    from pult.core.people.second_factor import seal_factor

    Authenticator.objects.create(
        user=person,
        type=Authenticator.Type.TOTP,
        data={"secret": seal_factor("JBSWY3DPEHPK3PXP", person_id=person.pk)},
    )


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
@BOTH
def test_telegram_leads_to_no_other_site(way: Way, elsewhere: str, anna: Person, client: Client) -> None:
    assert way(client, ANNA, next=elsewhere)["Location"] == "/"


# OpenID Connect: tokens that are not good -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        "other_audience",
        "other_issuer",
        "expired",
        "other_key",
        "unsigned",
        "signed_with_secret",
        "other_nonce",
        "no_id",
        "other_id",
        "no_token",
        "failing",
    ],
)
def test_a_token_that_is_wrong_in_one_way_lets_nobody_in(
    kind: str, telegram: RunningSimulator, anna: Person, client: Client
) -> None:
    telegram.post("/oauth/api/misdeeds", {"kind": kind})
    answer = by_oidc(client, ANNA)
    assert answer.status_code == 400
    assert "That did not work" in answer.content.decode()
    assert signed_in_as(client) is None
    by_oidc(client, ANNA)
    assert signed_in_as(client) == str(anna.pk), "the next good one works"


def test_an_answer_that_somebody_else_began_signs_nobody_in(anna: Person, client: Client) -> None:
    """Login forgery: the attacker's own finished address, opened by a victim."""
    attacker = Client()
    address = choose(attacker.post("/sign-in/telegram/oidc/")["Location"], ANNA).removeprefix(HERE)
    assert client.get(address).status_code == 400
    assert signed_in_as(client) is None


def test_an_answer_works_once(anna: Person, client: Client) -> None:
    address = choose(client.post("/sign-in/telegram/oidc/")["Location"], ANNA).removeprefix(HERE)
    assert client.get(address).status_code == 302
    client.logout()
    assert client.get(address).status_code == 400
    assert signed_in_as(client) is None


def test_who_cancels_at_telegram_is_told_so(client: Client) -> None:
    assert "You cancelled" in by_oidc(client, "").content.decode()
    assert "You cancelled" in by_widget(client, "").content.decode()


def test_pkce_state_and_nonce_go_along_and_the_address_of_the_visitor_adds_nothing(client: Client) -> None:
    away = client.post("/sign-in/telegram/oidc/?scope=phone&auth_params=redirect_uri%3Dhttp://evil.example/")
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["nonce"][0]) == 64 and asked["state"][0]
    assert set(asked["scope"][0].split()) == {"openid", "profile"}
    assert asked["redirect_uri"] == [f"{HERE}/sign-in/telegram/oidc/back/"]


def test_without_telegram_at_all_the_page_says_so(settings: Settings, client: Client) -> None:
    providers = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    settings.SOCIALACCOUNT_PROVIDERS = providers
    assert client.post("/sign-in/telegram/oidc/").status_code == 400


def test_a_description_that_speaks_for_another_issuer_is_not_followed(
    telegram: RunningSimulator, settings: Settings, client: Client
) -> None:
    settings.TELEGRAM = replace(settings.TELEGRAM, control_url=f"http://localhost:{telegram.control_port}")
    assert client.post("/sign-in/telegram/oidc/").status_code == 400


def test_only_a_form_of_ours_sends_people_to_telegram() -> None:
    strict = Client(enforce_csrf_checks=True)
    for page in ("oidc", "widget"):
        assert strict.get(f"/sign-in/telegram/{page}/").status_code == 405
        assert strict.post(f"/sign-in/telegram/{page}/").status_code == 403


# The widget: data that are not good --------------------------------------------------------------------------------


def post_widget(client: Client, change: Callable[[dict[str, Any]], Any]) -> Any:
    """Go the whole way, but change the data before they are posted."""
    path, data = widget_data(client, ANNA)
    changed = change(json.loads(data))
    return client.post(path, {"data": changed if isinstance(changed, str) else json.dumps(changed)})


def resigned(data: dict[str, Any], token: str = SAMPLE_TOKEN, **more: Any) -> dict[str, Any]:
    """With other fields, signed again."""
    fresh = {name: value for name, value in {**data, **more}.items() if name != "hash"}
    return {**fresh, "hash": widget_signature({n: str(v) for n, v in fresh.items()}, token)}


FORGED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another person": lambda data: {**data, "id": BORIS},
    "another time": lambda data: {**data, "auth_date": data["auth_date"] + 1},
    "one more field": lambda data: {**data, "is_admin": "1"},
    "signed with another token": lambda data: resigned(data, token="1000090:another"),
    "signed with the hash of Mini Apps": lambda data: {**data, "hash": hashlib.sha256(b"x").hexdigest()},
    "no hash": lambda data: {name: value for name, value in data.items() if name != "hash"},
    "an empty hash": lambda data: {**data, "hash": ""},
    "a hash that is no text": lambda data: {**data, "hash": ["a"]},
    "too old": lambda data: resigned(data, auth_date=int(time.time()) - 301),
    "from the future": lambda data: resigned(data, auth_date=int(time.time()) + 120),
    "no number": lambda data: resigned(data, id="1e6"),
    "two lines in one": lambda data: resigned(data, first_name="A\nid=1000101"),
    "an unpaired surrogate": lambda data: json.dumps({**data, "first_name": "\ud800"}),
    "no object": lambda _: "[1]",
    "no JSON": lambda _: "{",
    "deep": lambda _: "[" * 4000,
    "huge": lambda data: {**data, "first_name": "A" * 9000},
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("forgery", FORGED)
def test_forged_data_of_the_widget_let_nobody_in(forgery: str, anna: Person, client: Client) -> None:
    person_of_user(BORIS)
    answer = post_widget(client, FORGED[forgery])
    assert answer.status_code == 400
    assert signed_in_as(client) is None


def test_the_untouched_data_of_that_very_way_do(anna: Person, client: Client) -> None:
    assert post_widget(client, lambda data: data).status_code == 302
    assert signed_in_as(client) == str(anna.pk)


def test_stolen_data_of_the_widget_work_nowhere_else_and_never_twice(anna: Person, client: Client) -> None:
    path, data = widget_data(client, ANNA)
    thief = Client()
    assert thief.post(path, {"data": data}).status_code == 400, "the address belongs to another session"
    own_path, _ = widget_data(thief, BORIS)
    assert client.post(path, {"data": data}).status_code == 302
    assert thief.post(own_path, {"data": data}).status_code == 400, "seen before"
    assert signed_in_as(thief) is None


def test_who_comes_back_after_a_quarter_of_an_hour_begins_anew(anna: Person, client: Client) -> None:
    path, data = widget_data(client, ANNA)
    session = client.session
    for errand in session["people_telegram_widget"].values():
        errand["began"] -= 900
    session.save()
    assert client.post(path, {"data": data}).status_code == 400
    assert signed_in_as(client) is None


def test_a_new_token_of_the_bot_ends_what_the_old_one_signed(
    installation: Bot, anna: Person, client: Client
) -> None:
    path, data = widget_data(client, ANNA)
    from pult.core.secrets import seal

    seal(installation, "token", "1000090:another-token-another-token-another")
    installation.save()
    assert client.post(path, {"data": data}).status_code == 400


# Codes: guessing ---------------------------------------------------------------------------------------------------


def test_guessing_codes_ends_after_ten_from_one_address(anna: Person, client: Client) -> None:
    code = create_sign_in_code(person=anna, now=timezone.now())
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for _ in range(10):
        assert "does not work" in by_code(client, wrong).content.decode()
    assert "Too many attempts" in by_code(client, code).content.decode()
    assert signed_in_as(client) is None


def test_guessing_codes_from_many_addresses_ends_as_well(anna: Person, settings: Settings) -> None:
    limits = settings.ACCOUNT_RATE_LIMITS["telegram_code"]
    assert limits == "10/300s/ip,100/300s/key"
    settings.ACCOUNT_RATE_LIMITS = {
        **settings.ACCOUNT_RATE_LIMITS,
        "telegram_code": limits.replace("100/", "8/"),
    }
    code = create_sign_in_code(person=anna, now=timezone.now())
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for number in range(8):
        Client(REMOTE_ADDR=f"10.0.{number}.1").post("/sign-in/telegram/", {"code": wrong})
    answer = Client(REMOTE_ADDR="10.9.9.9").post("/sign-in/telegram/", {"code": code})
    assert "Too many attempts" in answer.content.decode()


def test_right_codes_do_not_use_the_limit_up(anna: Person) -> None:
    for _ in range(12):
        code = create_sign_in_code(person=anna, now=timezone.now())
        assert by_code(Client(), code).status_code == 302


# Linking -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def vera(client: Client) -> Person:
    """Somebody with e-mail and password, signed in, who has proved that a moment ago."""
    made = Person.objects.create_user(
        email="vera@example.org", name="Vera", role="operator", password=PASSWORD
    )
    client.force_login(made)
    assert client.post("/sign-in/again/", {"password": PASSWORD}).status_code == 302
    return made


LINKING = pytest.mark.parametrize(
    ("way", "start"),
    [(by_oidc, "/people/profile/telegram/oidc/"), (by_widget, "/people/profile/telegram/widget/")],
)


@LINKING
def test_somebody_links_their_telegram_and_signs_in_with_it(
    way: Way, start: str, vera: Person, client: Client
) -> None:
    assert way(client, BORIS, start=start)["Location"] == "/people/profile/telegram/"
    assert TelegramIdentity.objects.get(person=vera).user_id == BORIS
    assert "@boris_locked" in client.get("/people/profile/telegram/").content.decode()
    client.logout()
    cache.clear()
    way(client, BORIS)
    assert signed_in_as(client) == str(vera.pk)


@LINKING
def test_linking_asks_again_who_it_is(way: Way, start: str, vera: Person) -> None:
    stolen = Client()
    stolen.force_login(vera)
    assert stolen.post(start)["Location"].startswith("/sign-in/again/")


@LINKING
def test_a_telegram_of_somebody_else_cannot_be_taken(
    way: Way, start: str, vera: Person, anna: Person, client: Client
) -> None:
    way(client, ANNA, start=start)
    assert "belongs to another person" in client.get("/people/profile/telegram/").content.decode()
    assert not TelegramIdentity.objects.filter(person=vera).exists()


def test_a_link_begun_by_one_is_not_ended_by_another(vera: Person, client: Client) -> None:
    """The session changes hands between leaving and coming back."""
    path, data = widget_data(client, BORIS, start="/people/profile/telegram/widget/")
    other = Person.objects.create_user(email="o@example.org", role="operator", password=PASSWORD)
    session = client.session
    errands = session["people_telegram_widget"]
    client.force_login(other)
    session = client.session
    session["people_telegram_widget"] = errands
    session.save()
    assert client.post(path, {"data": data}).status_code == 400
    assert not TelegramIdentity.objects.exists()


def test_the_link_with_the_bot_opens_it_on_the_players_page(vera: Person, client: Client) -> None:
    page = client.post("/people/profile/telegram/bot/").content.decode()
    found = re.search(r"/play/\?open=pult_sample_bot&amp;start=(link-[\w-]+)", page)
    assert found is not None
    assert len(found[1]) <= 64, "Telegram carries no more"


def test_unlinking_needs_another_way_in(vera: Person, anna: Person, client: Client) -> None:
    by_oidc(client, BORIS, start="/people/profile/telegram/oidc/")
    client.post("/people/profile/telegram/unlink/")
    assert not TelegramIdentity.objects.filter(person=vera).exists()
    alone = Client()
    by_code(alone, create_sign_in_code(person=anna, now=timezone.now()))
    prove_by_code(alone, anna)
    alone.post("/people/profile/telegram/unlink/")
    assert TelegramIdentity.objects.filter(person=anna).exists(), "nothing else would let her in"


# Proving again without a password ----------------------------------------------------------------------------------


def prove_by_code(client: Client, person: Person, then: str = "/") -> Any:
    code = create_sign_in_code(person=person, now=timezone.now())
    return client.post("/sign-in/again/telegram/", {"code": code, "next": then})


def test_who_has_only_telegram_proves_it_by_a_code_before_something_dangerous(client: Client) -> None:
    olga = person_of_user(ANNA, role=Role.OWNER)
    client.force_login(olga)
    asked = client.get("/sign-in/second-factor/app/")
    assert asked["Location"] == "/sign-in/again/telegram/?next=%2Fsign-in%2Fsecond-factor%2Fapp%2F"
    assert "Sign in on the web" in client.get(asked["Location"]).content.decode()
    assert (
        prove_by_code(client, olga, "/sign-in/second-factor/app/")["Location"]
        == "/sign-in/second-factor/app/"
    )
    assert client.get("/sign-in/second-factor/app/").status_code == 200
    session = client.session
    session["account_authentication_methods"][-1]["at"] -= 601
    session.save()
    assert client.get("/sign-in/second-factor/app/").status_code == 302


def test_anothers_code_proves_nothing(client: Client) -> None:
    olga, boris = person_of_user(ANNA, role=Role.OWNER), person_of_user(BORIS)
    client.force_login(olga)
    assert "does not work" in prove_by_code(client, boris).content.decode()
    assert client.get("/sign-in/second-factor/app/").status_code == 302


def test_what_was_asked_for_is_done_after_the_proof(client: Client) -> None:
    olga = person_of_user(ANNA, role=Role.OWNER)
    Person.objects.filter(pk=olga.pk).update(email="olga@example.org")
    olga.refresh_from_db()
    client.force_login(olga)
    asked = client.post("/people/profile/telegram/bot/")
    assert asked["Location"].startswith("/sign-in/again/telegram/")
    answer = prove_by_code(client, olga, "/people/profile/telegram/bot/")
    assert answer.status_code in {200, 302}
    assert signed_in_as(client) == str(olga.pk)


# What is offered ---------------------------------------------------------------------------------------------------


def test_the_sign_in_page_offers_only_ways_that_work_here(client: Client, settings: Settings) -> None:
    assert "/sign-in/telegram/?next=%2Fpeople%2F" in client.get("/sign-in/?next=/people/").content.decode()
    page = client.get("/sign-in/telegram/").content.decode()
    assert all(way in page for way in ("/telegram/oidc/", "/telegram/widget/", 'name="code"'))
    Bot.objects.all().delete()
    page = client.get("/sign-in/telegram/").content.decode()
    assert "/telegram/oidc/" in page and "/telegram/widget/" not in page and 'name="code"' not in page
    providers = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"] = []
    settings.SOCIALACCOUNT_PROVIDERS = providers
    assert "has no bot yet" in client.get("/sign-in/telegram/").content.decode()
    assert "Telegram" not in re.sub(r'role="note".*?</div>', "", client.get("/sign-in/").content.decode())
    assert client.post("/sign-in/telegram/oidc/").status_code == 404
    assert client.post("/sign-in/telegram/widget/").status_code == 404


def test_with_the_real_telegram_the_widget_needs_https_and_a_bot_without_openid_connect(
    installation: Bot, settings: Settings
) -> None:
    settings.TELEGRAM = replace(settings.TELEGRAM, mode="real")
    Bot.objects.filter(pk=installation.pk).update(simulated=False)
    with_oidc = settings.SOCIALACCOUNT_PROVIDERS
    settings.PULT_ADDRESS = "https://pult.example"
    assert ways_here() == Ways(oidc=True, widget=False, code=True)
    without = copy.deepcopy(with_oidc)
    without["openid_connect"]["APPS"] = []
    settings.SOCIALACCOUNT_PROVIDERS = without
    assert ways_here() == Ways(oidc=False, widget=True, code=True)
    settings.PULT_ADDRESS = "http://127.0.0.1:8000"
    assert ways_here() == Ways(oidc=False, widget=False, code=True)


def test_a_page_that_leads_to_telegram_may_and_others_may_not(client: Client, settings: Settings) -> None:
    policy = client.get("/sign-in/telegram/")["Content-Security-Policy"]
    assert re.search(r"form-action 'self' http://127\.0\.0\.1:\d+", policy)
    assert "form-action 'self';" in client.get("/sign-in/")["Content-Security-Policy"] + ";"
