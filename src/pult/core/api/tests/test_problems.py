"""Problems: by RFC 9457, in the reader's language, for whatever goes wrong, and never a trace."""

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from pult.core.api.models import Token
from pult.core.api.tests.callers import ROOT, Caller, caller, problem
from pult.core.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(anna: Person) -> Caller:
    return caller(anna)


def test_nothing_is_here(programme: Caller) -> None:
    for path in (
        "/",
        "/nowhere",
        "/checks/",
        "/checks/abc",
        "/checks/-1",
        "/checks/1/",
        "/checks/" + "9" * 40,
    ):
        answer = problem(programme.get(path), 404, "not-found")
        assert answer["instance"] == ROOT + path
    problem(programme.post("/nowhere"), 404, "not-found")
    problem(Caller(None).post("/nowhere"), 404, "not-found")


def test_another_method_is_needed(programme: Caller) -> None:
    answer = programme.raw("PATCH", "/checks")
    problem(answer, 405, "method-not-allowed")
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"nonsense",
        b'{"purpose": ' * 50_000,
        b"[" * 200_000,
        b'{"keep_days": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_json(programme: Caller, body: bytes) -> None:
    problem(programme.raw("POST", "/checks", body), 400, "malformed")


def test_half_characters_and_nul_are_refused(programme: Caller) -> None:
    for text in ('"\\ud800"', '"a\\u0000b"'):
        body = f'{{"purpose": {text}, "numbers": ["+79123456789"]}}'.encode()
        assert (
            problem(programme.raw("POST", "/checks", body), 422, "invalid")["errors"][0]["pointer"]
            == "/purpose"
        )
    problem(programme.get("/checks", search="a\0b"), 422, "invalid")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"]
)
def test_another_content_type_is_needed(programme: Caller, content_type: str) -> None:
    problem(
        programme.raw("POST", "/checks", b'{"purpose": "x"}', content_type), 415, "unsupported-media-type"
    )


def test_json_is_no_form(programme: Caller) -> None:
    problem(programme.raw("POST", "/checks/from-file", b"{}"), 415, "unsupported-media-type")


def test_a_damaged_form(programme: Caller) -> None:
    answer = programme.raw("POST", "/checks/from-file", b"nonsense", "multipart/form-data; boundary=")
    problem(answer, 400, "malformed")


def test_a_body_that_is_too_large(programme: Caller, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = json.dumps({"purpose": "x", "text": "1" * 2000}).encode()
    problem(programme.raw("POST", "/checks", body), 413, "too-large")
    settings.PULT_UPLOAD_LIMIT = 10
    enormous = Client().post(
        ROOT + "/checks/from-file",
        b"",
        content_type="multipart/form-data; boundary=x",
        headers=programme.headers,
        CONTENT_LENGTH="99999999999",
    )
    problem(enormous, 413, "too-large")


def test_nothing_is_read_of_a_body_without_a_token() -> None:
    """Otherwise anybody could fill the disk."""

    class Body:
        def read(self, *_sizes: int) -> bytes:
            raise AssertionError("read")

        readline = read

    length_only: Any = {"wsgi.input": Body(), "CONTENT_LENGTH": "900000"}
    answer = Client().generic(
        "POST",
        ROOT + "/checks/from-file",
        content_type="multipart/form-data; boundary=x",
        **length_only,
    )
    problem(answer, 401, "unauthenticated")


def test_an_error_inside_pult_tells_nothing_about_itself(
    programme: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        @staticmethod
        def get(**_what: object) -> None:
            raise RuntimeError("secret detail")

    monkeypatch.setattr(Token, "objects", Broken)
    answer = programme.get("/token")
    problem(answer, 500, "server-error")
    assert b"secret detail" not in answer.content
    assert b"Traceback" not in answer.content


def test_a_database_that_is_away_is_no_error_of_pult(
    programme: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        @staticmethod
        def get(**_what: object) -> None:
            raise OperationalError

    monkeypatch.setattr(Token, "objects", Away)
    answer = programme.get("/token")
    problem(answer, 503, "unavailable")
    assert answer["Retry-After"]


def test_problems_speak_the_language_that_was_asked_for(anna: Person) -> None:
    russian = caller(anna, **{"Accept-Language": "ru-RU,ru;q=0.9"})
    answer = problem(russian.get("/checks", limit="many"), 422, "invalid")
    assert answer["title"] == "Некоторые значения не подходят"
    assert answer["errors"] == [{"detail": "Здесь нужно целое число.", "parameter": "limit"}]
    english = problem(caller(anna).get("/nowhere"), 404, "not-found")
    assert english["title"] == "There is nothing here"
