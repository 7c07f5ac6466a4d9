"""The sign-in door is as strict as oauth.telegram.org is documented to be."""

import hashlib
import json
import urllib.error
import urllib.request
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from telegram_simulator.oauth.grants import at_home
from telegram_simulator.oauth.tokens import client_secret
from telegram_simulator.testing import RunningSimulator, start_simulator
from telegram_simulator.world.seed import SAMPLE_BOT_TOKEN

BOT = "1000090"
ANNA = 1_000_100
VERIFIER = "a-verifier-of-at-least-forty-three-characters-1"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "http://127.0.0.1:9999/back/?from=telegram"
ASKED = {
    "client_id": BOT,
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "openid profile",
    "state": "S",
    "nonce": "N",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with start_simulator(tmp_path_factory.mktemp("world"), people=50) as running:
        yield running


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def ask(
    simulator: RunningSimulator, path: str, form: dict[str, Any] | None = None, **headers: str
) -> tuple[int, Any, str]:
    """Status, body (JSON decoded), Location."""
    data = None if form is None else urlencode(form).encode()
    request = urllib.request.Request(f"{simulator.control_url}/oauth{path}", data=data, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
    try:
        with opener.open(request) as answer:
            return answer.status, _body(answer), ""
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, _body(answer), answer.headers.get("Location", "")


def _body(answer: Any) -> Any:
    text = answer.read().decode()
    return json.loads(text) if answer.headers.get_content_type() == "application/json" and text else text


def basic(secret: str | None = None) -> dict[str, str]:
    pair = f"{BOT}:{client_secret(SAMPLE_BOT_TOKEN) if secret is None else secret}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def code(simulator: RunningSimulator, **changes: str) -> str:
    _, _, location = ask(simulator, "/auth", {**ASKED, **changes, "person": ANNA})
    assert location.startswith("http://127.0.0.1:9999/back/?from=telegram&code=")
    return parse_qs(urlsplit(location).query)["code"][0]


def exchange(simulator: RunningSimulator, given: str, **changes: str) -> tuple[int, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": given,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    status, body, _ = ask(simulator, "/token", form, **basic())
    return status, body


def test_a_code_becomes_a_token_signed_with_the_published_key(simulator: RunningSimulator) -> None:
    status, answer = exchange(simulator, code(simulator))
    assert status == 200
    (published,) = simulator.get("/oauth/.well-known/jwks.json")["keys"]
    claims = jwt.decode(
        answer["id_token"],
        jwt.PyJWK.from_dict(published),
        algorithms=["RS256"],
        audience=BOT,
        issuer=f"{simulator.control_url}/oauth",
    )
    assert (claims["id"], claims["preferred_username"]) == (ANNA, "anna_fast")
    assert "nonce" not in claims, "the real one was seen not to give it back"
    assert claims["sub"] != str(ANNA), "programs must take the claim `id`"
    assert "phone_number" not in claims, "only with the scope phone"


def test_a_code_works_once(simulator: RunningSimulator) -> None:
    given = code(simulator)
    assert exchange(simulator, given)[0] == 200
    status, answer = exchange(simulator, given)
    assert (status, answer["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": VERIFIER + "x"},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:9999/elsewhere/"},
        {"code": "made up"},
    ],
)
def test_a_code_is_bound_to_verifier_and_address(change: dict[str, str], simulator: RunningSimulator) -> None:
    status, answer = exchange(simulator, code(simulator), **change)
    assert (status, answer["error"]) == (400, "invalid_grant")


def test_only_basic_authentication_with_the_right_secret(simulator: RunningSimulator) -> None:
    form = {"grant_type": "authorization_code", "code": code(simulator), "client_id": BOT}
    for headers in ({}, basic("wrong"), {"Authorization": "Basic %%%"}, {"Authorization": "Bearer x"}):
        status, answer, _ = ask(simulator, "/token", form, **headers)
        assert (status, answer["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_wrong_request_goes_back_with_its_error_and_state(
    change: dict[str, str], error: str, simulator: RunningSimulator
) -> None:
    status, _, location = ask(simulator, f"/auth?{urlencode({**ASKED, **change})}")
    told = parse_qs(urlsplit(location).query)
    assert (status, told["error"], told["state"]) == (303, [error], ["S"])


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "12"},
        {"client_id": "x"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://127.0.0.1@evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": BACK + "#fragment"},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_entered(
    change: dict[str, str], simulator: RunningSimulator
) -> None:
    status, page, location = ask(simulator, f"/auth?{urlencode({**ASKED, **change})}")
    assert (status, location) == (400, "")
    assert "This cannot work" in page


def test_a_parameter_sent_twice_is_refused(simulator: RunningSimulator) -> None:
    assert ask(simulator, f"/auth?{urlencode(ASKED)}&state=T")[0] == 400


def test_the_page_escapes_what_people_are_called_and_finds_them(simulator: RunningSimulator) -> None:
    simulator.post("/api/people", {"phone": "+79991112233", "first_name": "<b>Ева</b>"})
    _, page, _ = ask(simulator, f"/auth?{urlencode({**ASKED, 'find': '79991112233'})}")
    assert "&lt;b&gt;Ева" in page and "<b>Ева" not in page
    _, page, _ = ask(simulator, f"/auth?{urlencode({**ASKED, 'find': 'nobody at all'})}")
    assert "Nobody is called that" in page


def test_the_widget_hands_over_signed_data_in_the_fragment_or_false(simulator: RunningSimulator) -> None:
    asked = {"bot_id": BOT, "origin": "http://127.0.0.1:9999", "return_to": "http://127.0.0.1:9999/w/"}
    _, _, location = ask(simulator, "/auth", {**asked, "person": ANNA})
    fragment = location.partition("#tgAuthResult=")[2]
    data = json.loads(urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4)))
    assert (data["id"], data["username"], len(data["hash"])) == (ANNA, "anna_fast", 64)
    assert ask(simulator, "/auth", {**asked, "person": ""})[2].endswith("/w/#tgAuthResult=false")
    status, page, _ = ask(simulator, f"/auth?{urlencode({**asked, 'origin': 'http://127.0.0.1:1'})}")
    assert (status, "Bot domain invalid" in page) == (400, True)


def test_the_key_outlives_a_restart(simulator: RunningSimulator) -> None:
    before = simulator.get("/oauth/.well-known/jwks.json")
    simulator.restart()
    assert simulator.get("/oauth/.well-known/jwks.json") == before


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("http://localhost:1/x", True),
        ("http://[::1]:8000/", True),
        ("http://127.8.0.1/", True),
        ("https://pult.example/", True),
        ("https://pult.example:444/", False),
        ("http://192.168.0.1/", False),
        ("ftp://localhost/", False),
        ("http:///x", False),
    ],
)
def test_this_machine_and_entered_origins_only(address: str, allowed: bool) -> None:
    assert at_home(address, {"https://pult.example"}) is allowed
