"""Checks over the API: a programme makes them, follows them, steers them, and fetches what came of them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pult.core.api.tests.callers import Caller, caller, problem
from pult.core.people.models import Person
from pult.modules.checks.models import Block, Check, LogEntry
from pult.modules.checks.operations.lists import read_check
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db
LIST = b"name;phone\nAnna;+7 912 345-67-89\nBoris;+44 20 7946 0958\nnobody;123\n"


@pytest.fixture
def anna(db: None) -> Person:
    return scenes.person("anna")


@pytest.fixture
def programme(anna: Person) -> Caller:
    return caller(anna)


def a_file(content: bytes = LIST, name: str = "list.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/csv")


def test_from_numbers_to_a_running_check(programme: Caller, anna: Person) -> None:
    answer = programme.post(
        "/checks",
        {"numbers": ["+7 912 345-67-89", "8 912 345 67 89", "rubbish"], "region": "RU", "purpose": "test",
         "name": "Spring", "keep_days": 7, "start": True},
    )  # fmt: skip
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["state"], made["purpose"]) == ("Spring", "reading", "test")
    assert answer["Location"] == f"http://testserver/api/v1/checks/{made['id']}"
    read_check(check_id=made["id"])
    now = programme.get(f"/checks/{made['id']}").json()
    assert now["state"] == "running"
    assert now["list"] == {"valid": 1, "rejected": 1, "repeated": 1, "read_lines": 3}
    assert now["totals"] == {"found": 0, "not_found": 0, "unanswered": 0, "waiting": 1}
    assert now["progress"]["blocks"] == {"waiting": 1, "working": 0, "done": 0, "cancelled": 0}
    assert now["created_at"].endswith("Z")
    assert now["erase_at"][:10] > now["created_at"][:10]
    rejected = programme.get(f"/checks/{made['id']}/rejected").json()
    assert [(line["line"], line["text"]) for line in rejected["items"]] == [(3, "rubbish")]


def test_without_start_it_waits_to_be_started(programme: Caller) -> None:
    made = programme.post("/checks", {"text": "+79123456789\n", "purpose": "test"}).json()
    read_check(check_id=made["id"])
    assert programme.get(f"/checks/{made['id']}").json()["state"] == "ready"
    assert programme.raw("POST", f"/checks/{made['id']}/start").json()["state"] == "running"
    problem(programme.post(f"/checks/{made['id']}/start"), 409, "conflict")


def test_a_list_without_numbers_is_not_started(programme: Caller) -> None:
    made = programme.post(
        "/checks", {"numbers": ["+79123456", "+4412345"], "purpose": "test", "start": True}
    ).json()
    read_check(check_id=made["id"])
    assert programme.get(f"/checks/{made['id']}").json()["state"] == "ready"


def test_an_uploaded_file_waits_for_its_column(programme: Caller) -> None:
    made = programme.upload("/checks/from-file", file=a_file(), purpose="test", start="true").json()
    assert made["state"] == "uploaded"
    columns = programme.get(f"/checks/{made['id']}/columns").json()
    assert (columns["format"], columns["suggested"]) == ("csv", 2)
    phone = columns["columns"][1]
    assert (phone["number"], phone["title"]) == (2, "phone")
    assert phone["readings"][0] == {"text": "+7 912 345-67-89", "subject": "+79123456789", "problem": None}
    assert phone["readings"][2]["subject"] is None
    wrong = programme.post(f"/checks/{made['id']}/column", {"column": "nothing"})
    assert problem(wrong, 422, "invalid")["errors"][0]["pointer"] == "/column"
    chosen = programme.post(f"/checks/{made['id']}/column", {"column": "phone"})
    assert chosen.json()["state"] == "reading"
    read_check(check_id=made["id"])
    assert programme.get(f"/checks/{made['id']}").json()["state"] == "running"
    problem(programme.get(f"/checks/{made['id']}/columns"), 409, "conflict")


@pytest.mark.parametrize("column", ["suggested", "PHONE", "2"])
def test_a_column_may_be_named_with_the_file(programme: Caller, column: str) -> None:
    answer = programme.upload("/checks/from-file", file=a_file(), purpose="test", column=column)
    assert answer.status_code == 201
    assert Check.objects.get().column == 1


def test_nothing_stays_of_a_file_that_is_refused(programme: Caller, settings: Any, tmp_path: Any) -> None:
    settings.PULT_UPLOADS_DIR = tmp_path
    refused = programme.upload(
        "/checks/from-file", file=a_file(b"\x89PNG\r\n\x1a\n" + b"\0" * 99), purpose="x"
    )
    assert problem(refused, 422, "invalid")["errors"][0]["pointer"] == "/file"
    wrong = programme.upload("/checks/from-file", file=a_file(), purpose="x", column="nothing")
    assert problem(wrong, 422, "invalid")["errors"][0]["pointer"] == "/column"
    empty = programme.upload("/checks/from-file", file=a_file(b""), purpose="x")
    assert problem(empty, 422, "invalid")["errors"][0]["pointer"] == "/file"
    assert not Check.objects.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        ({"numbers": ["+79123456789"]}, "/purpose"),
        ({"numbers": ["+79123456789"], "purpose": "  "}, "/purpose"),
        ({"purpose": "x"}, "/numbers"),
        ({"purpose": "x", "numbers": ["1"], "text": "1"}, "/numbers"),
        ({"purpose": "x", "numbers": []}, "/numbers"),
        ({"purpose": "x", "numbers": [79123456789]}, "/numbers/0"),
        ({"purpose": "x", "numbers": ["a\nb"]}, "/numbers/0"),
        ({"purpose": "x", "text": "nothing at all"}, "/text"),
        ({"purpose": "x", "numbers": ["1"], "region": "ZZ"}, "/region"),
        ({"purpose": "x", "numbers": ["1"], "kind": "smell"}, "/kind"),
        ({"purpose": "x", "numbers": ["1"], "keep_days": -1}, "/keep_days"),
        ({"purpose": "x", "numbers": ["1"], "keep_days": 36_500}, "/keep_days"),
        ({"purpose": "x", "numbers": ["1"], "start": "yes"}, "/start"),
        ({"purpose": "x", "numbers": ["1"], "nmae": "typo"}, "/nmae"),
        ({"purpose": "x\0", "numbers": ["1"]}, "/purpose"),
        ([], ""),
    ],
)
def test_every_value_that_cannot_be_used_is_named(programme: Caller, content: Any, pointer: str) -> None:
    answer = problem(programme.post("/checks", content), 422, "invalid")
    assert pointer in [fault["pointer"] for fault in answer["errors"]]
    assert all(fault["detail"] for fault in answer["errors"])


def test_a_check_is_steered(programme: Caller, anna: Person) -> None:
    check = scenes.check(anna, numbers=3)
    path = f"/checks/{check.pk}"
    assert programme.post(f"{path}/pause").json()["state"] == "paused"
    problem(programme.post(f"{path}/pause"), 409, "conflict")
    assert programme.post(f"{path}/resume").json()["state"] == "running"
    problem(programme.post(f"{path}/ask-again"), 409, "conflict")
    problem(programme.raw("DELETE", path), 409, "conflict")
    assert programme.post(f"{path}/cancel").json()["state"] == "cancelled"
    assert programme.raw("DELETE", path).status_code == 204
    problem(programme.get(path), 404, "not-found")
    problem(programme.raw("DELETE", path), 404, "not-found")


def test_unanswered_numbers_are_asked_again(programme: Caller, anna: Person) -> None:
    check = scenes.check(anna, numbers=3, state=Check.State.FINISHED)
    numbers = scenes.numbers_of(check)
    type(numbers[0]).objects.filter(block__check_ref=check).update(state="u", unanswered_reason="limit")
    Block.objects.filter(check_ref=check).update(state=Block.State.DONE, unanswered_count=3)
    rows = programme.get(f"/checks/{check.pk}/results").json()["items"]
    assert {(row["verdict"], row["reason"]) for row in rows} == {("unanswered", "limit")}
    assert programme.post(f"/checks/{check.pk}/ask-again").json() == {"asked_again": 3}
    assert programme.get(f"/checks/{check.pk}").json()["state"] == "running"


def test_the_history_is_filtered(programme: Caller, anna: Person) -> None:
    ready = scenes.check(anna, numbers=1, state=Check.State.READY)
    running = scenes.check(anna, numbers=1)
    Check.objects.filter(pk=ready.pk).update(name="Spring")

    def listed(**query: str) -> list[int]:
        return [check["id"] for check in programme.get("/checks", **query).json()["items"]]

    assert listed() == [running.pk, ready.pk]
    assert listed(state="preparing") == [ready.pk]
    assert listed(state="running") == [running.pk]
    assert listed(search="spri") == [ready.pk]
    wrong = problem(programme.get("/checks", state="sleeping", limit="0"), 422, "invalid")
    assert {fault["parameter"] for fault in wrong["errors"]} == {"state", "limit"}


def test_the_log_is_followed_without_phone_numbers(programme: Caller, anna: Person) -> None:
    check = scenes.check(anna, numbers=1)
    for state in ("pause", "resume", "pause"):
        programme.post(f"/checks/{check.pk}/{state}")
    entries = programme.get(f"/checks/{check.pk}/log").json()["items"]
    assert [entry["kind"] for entry in entries] == ["paused", "resumed", "paused"]
    programme.post(f"/checks/{check.pk}/resume")
    later = programme.get(f"/checks/{check.pk}/log", after=entries[-1]["id"]).json()["items"]
    assert [entry["kind"] for entry in later] == ["resumed"]
    russian = Caller(programme.headers["Authorization"].partition(" ")[2], **{"Accept-Language": "ru"})
    assert russian.get(f"/checks/{check.pk}/log").json()["items"][0]["text"] == "Проверка на паузе."
    assert LogEntry.objects.filter(check_ref=check).count() == 4


@pytest.mark.parametrize("file_format", ["csv", "json", "xlsx"])
def test_results_come_as_a_file(programme: Caller, anna: Person, file_format: str) -> None:
    check = scenes.check(anna, numbers=3)
    answer = programme.get(f"/checks/{check.pk}/export", format=file_format)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    assert f'filename="check-{check.pk}.{file_format}"' in answer["Content-Disposition"]
    assert content.startswith(b"PK") if file_format == "xlsx" else b"+79000000000" in content


def test_accounts_are_shown_without_anything_to_use_them(programme: Caller, anna: Person) -> None:
    own = scenes.account(anna, name="Own", phone_hint="4567")
    colleague = scenes.person("boris")
    shared, private = scenes.account(colleague, shared=True), scenes.account(colleague)
    shown = programme.get("/accounts").json()["items"]
    assert {account["id"] for account in shown} == {str(own.pk), str(shared.pk)}
    assert str(private.pk) not in str(shown)
    mine = next(account for account in shown if account["own"])
    assert (mine["label"], mine["state"]) == ("Own …4567", "connected")
    assert "session" not in mine
