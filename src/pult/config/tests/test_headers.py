"""Every answer tells the browser to run nothing but Pult's own files; cookies are as closed as the address allows."""

import json
import os
import subprocess
import sys
from http.cookies import Morsel
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from pytest_django import Settings

from pult.config.environment import read_environment
from pult.config.urls import urlpatterns as house
from pult.core.people.models import Person

PASSWORD = "correct horse battery"


def policy_of(answer: Any) -> dict[str, str]:
    """The directives of the answer's policy."""
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def fall_over(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of the programme")


urlpatterns = [path("fall-over/", fall_over), *house]


@pytest.fixture
def operator(db: None) -> Person:
    return Person.objects.create_user(email="vera@example.org", password=PASSWORD, name="Vera")


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/sign-in/", 200),
        ("/people/", 302),
        ("/nowhere/", 404),
        ("/fall-over/", 500),
        ("/healthz", 200),
        ("/static/ui/img/mark.svg", 200),
        ("/static/nothing.css", 404),
        ("/enter/unknown/", 410),
    ],
)
def test_every_kind_of_answer_carries_the_policy(address: str, status: int) -> None:
    answer = Client(raise_request_exception=False).get(address)
    answer.close()
    assert answer.status_code == status
    policy = policy_of(answer)
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["Cross-Origin-Opener-Policy"] == answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_pages_of_somebody_signed_in_and_forbidden_ones_carry_it_too(
    operator: Person, client: Client
) -> None:
    client.force_login(operator)
    for address, status in (("/people/profile/", 200), ("/people/", 403), ("/people/profile/?x=%00", 200)):
        answer = client.get(address)
        assert answer.status_code == status
        assert policy_of(answer)["script-src"] == "'self'"
    forged = Client(enforce_csrf_checks=True).post("/sign-in/", {})
    assert forged.status_code == 403
    assert policy_of(forged)["script-src"] == "'self'"


def settings_behind(address: str, data_dir: Path) -> dict[str, Any]:
    """What the settings say about cookies when this is the address."""
    names = [
        f"{cookie}_COOKIE_{what}"
        for cookie in ("SESSION", "CSRF")
        for what in ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")
    ] + ["SECURE_HSTS_SECONDS", "LANGUAGE_COOKIE_SECURE"]
    code = (
        "import json\nfrom django.conf import settings\n"
        f"print(json.dumps({{name: getattr(settings, name) for name in {names!r}}}))"
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PULT_")}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **kept,
            "PULT_ADDRESS": address,
            "PULT_DATA_DIR": str(data_dir),
            "DJANGO_SETTINGS_MODULE": "pult.config.settings",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def closed(cookie: "Morsel[str]") -> bool:
    """Secure, unreadable for scripts, not sent by other sites' forms, for this host and its whole."""
    return bool(
        cookie["secure"]
        and cookie["httponly"]
        and cookie["samesite"] == "Lax"
        and cookie["path"] == "/"
        and not cookie["domain"]
    )


def test_behind_https_cookies_are_bound_to_the_host(
    operator: Person, settings: Settings, tmp_path: Path
) -> None:
    found = settings_behind("https://pult.example.org", tmp_path)
    for name, value in found.items():
        setattr(settings, name, value)
    browser = Client(enforce_csrf_checks=True)
    browser.get("/sign-in/", secure=True)
    token = browser.cookies["__Host-csrftoken"]
    assert closed(token)
    answer = browser.post(
        "/sign-in/",
        {"login": operator.email, "password": PASSWORD, "csrfmiddlewaretoken": token.value},
        secure=True,
        headers={"Origin": "https://testserver"},
    )
    assert answer.status_code == 302
    assert closed(browser.cookies["__Host-pult_session"])
    assert browser.get("/people/profile/", secure=True).status_code == 200
    assert found["SECURE_HSTS_SECONDS"] > 0 and found["LANGUAGE_COOKIE_SECURE"]


def test_without_https_cookies_still_work_and_stay_closed_to_scripts(tmp_path: Path) -> None:
    found = settings_behind("http://127.0.0.1:8000", tmp_path)
    assert (found["SESSION_COOKIE_NAME"], found["SESSION_COOKIE_SECURE"]) == ("pult_session", False)
    assert found["SESSION_COOKIE_HTTPONLY"] and found["CSRF_COOKIE_HTTPONLY"]


def test_a_new_secret_key_signs_nobody_out_while_the_former_one_is_named(
    operator: Person, client: Client, settings: Settings
) -> None:
    client.force_login(operator)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another secret key of fifty characters and some more"
    settings.SECRET_KEY_FALLBACKS = [former]
    assert client.get("/people/profile/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get("/people/profile/").status_code == 200, "the session was signed anew meanwhile"


def test_former_secret_keys_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULT_FORMER_SECRET_KEYS", "one, two,")
    monkeypatch.setenv("PULT_DATA_DIR", str(tmp_path))
    assert read_environment(tmp_path / "no.env").former_secret_keys == ("one", "two")
