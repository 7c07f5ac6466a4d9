"""`pult check …`: the same checks from a terminal, with a worker beside it."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from django.db import close_old_connections, connection, transaction
from django.utils import timezone, translation
from pytest_django.fixtures import Settings
from typer.testing import CliRunner, Result

from pult.core.people.models import Person, RoleChoice
from pult.modules.checks.cli import commands, following
from pult.modules.checks.models import Block, Check, Number
from pult.modules.checks.operations.blocks import finish_if_over, lock_check
from pult.modules.checks.operations.control import cancel_check
from pult.modules.checks.operations.lists import read_check
from pult.modules.checks.tests.scenes import check, person, phone_of

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "Customer;Phone\nAnna;8 912 345-67-89\nBoris;+7 912 345-67-90\nVera;+79123456791\nNobody;letters\n"


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The bar looks often; the language that a command has chosen ends with the test."""
    monkeypatch.setattr(following, "LOOK_EVERY_SECONDS", 0.02)
    language = translation.get_language()
    yield
    translation.activate(language)


@pytest.fixture
def owner(settings: Settings, tmp_path: Path) -> Person:
    settings.PULT_UPLOADS_DIR = tmp_path / "uploads"
    return person("owner", role=RoleChoice.OWNER)


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    path = tmp_path / "numbers.csv"
    path.write_text(LIST)
    return path


class Worker(threading.Thread):
    """Reads lists and settles numbers as a real worker would: even ones are found, the others as `otherwise` says."""

    def __init__(self, otherwise: str = "n") -> None:
        super().__init__(daemon=True)
        self.otherwise = otherwise
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(0.02):
            for waiting in Check.objects.filter(state=Check.State.READING):
                read_check(check_id=waiting.pk)
            for running in Check.objects.filter(state=Check.State.RUNNING):
                self._settle(running)
            close_old_connections()
        connection.close()

    @transaction.atomic
    def _settle(self, running: Check) -> None:
        locked = lock_check(running.pk)
        for number in Number.objects.filter(block__check_ref=running):
            number.state = "f" if phone_of(number) % 2 == 0 else self.otherwise
            number.save()
        for block in Block.objects.filter(check_ref=running):
            states = "".join(block.numbers.values_list("state", flat=True))
            block.found_count, block.not_found_count = states.count("f"), states.count("n")
            block.unanswered_count, block.state = states.count("u"), Block.State.DONE
            block.save()
        finish_if_over(locked)


@pytest.fixture
def worker(owner: Person, request: pytest.FixtureRequest) -> Iterator[Worker]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_register_worker_v1()")
    running = Worker(getattr(request, "param", "n"))
    running.start()
    yield running
    running.stopping.set()
    running.join(20)


def pult(*words: object) -> Result:
    if words[0] == "run" and "--purpose" not in words:
        words = (*words, "--purpose", "autumn fair")
    return CliRunner().invoke(commands, [str(word) for word in words])


def test_run_reads_checks_and_writes_a_workbook(worker: Worker, numbers: Path, tmp_path: Path) -> None:
    out = tmp_path / "result.xlsx"
    result = pult("run", numbers, "--country", "ru", "--out", out)
    assert result.exit_code == 0, result.output
    assert result.stdout == "Found 1, not found 2, unanswered 0, invalid 1\n"
    assert "column 2 Phone" in result.stderr
    assert "3 valid, 0 repeated, 1 rejected" in result.stderr
    assert "There are letters in it" in result.stderr
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None
    rows = [[cell.value for cell in row[:2]] for row in sheet.iter_rows(min_row=2)]
    assert rows == [
        ["+79123456789", "not found"], ["+79123456790", "found"], ["+79123456791", "not found"], ["letters", "invalid"],
    ]  # fmt: skip
    assert list(tmp_path.glob(".result*")) == []


def test_a_column_is_named_by_heading_or_by_number(worker: Worker, numbers: Path) -> None:
    for column in ("phone", "2"):
        assert pult("run", numbers, "--column", column, "--country", "RU").exit_code == 0
    missing = pult("run", numbers, "--column", "mobile")
    assert missing.exit_code == 1
    assert "There is no column mobile. Its columns: 1 Customer, 2 Phone." in missing.stderr
    assert Check.objects.exclude(state=Check.State.REMOVED).count() == 2


@pytest.mark.parametrize("worker", ["u"], indirect=True)
def test_unanswered_numbers_have_an_exit_code_of_their_own(worker: Worker, numbers: Path) -> None:
    assert pult("run", numbers, "--country", "RU").exit_code == 3


def test_no_wait_prints_the_number_of_the_check(worker: Worker, numbers: Path, tmp_path: Path) -> None:
    result = pult("run", numbers, "--country", "RU", "--no-wait")
    made = Check.objects.get()
    assert (result.exit_code, result.stdout) == (0, f"{made.pk}\n")
    out = tmp_path / "later.json"
    followed = pult("follow", made.pk, "--out", out)
    assert followed.exit_code == 0, followed.output
    assert [row["verdict"] for row in json.loads(out.read_text())] == [
        "not_found",
        "found",
        "not_found",
        "invalid",
    ]


def test_ctrl_c_leaves_the_check_running_and_says_how_to_come_back(
    worker: Worker, numbers: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(worker, "_settle", lambda running: None)
    monkeypatch.setattr(following, "progress_of", interrupted)
    out = tmp_path / "result.csv"
    result = pult("run", numbers, "--country", "RU", "--out", out)
    made = Check.objects.get()
    assert result.exit_code == 130
    assert f"pult check follow {made.pk} --out {out}" in result.stderr
    assert "goes on without this terminal" in result.stderr
    assert made.state == Check.State.RUNNING
    assert not out.exists()


def test_without_a_worker_it_says_what_to_start(owner: Person) -> None:
    made = check(owner, state=Check.State.FINISHED)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    result = pult("follow", made.pk)
    assert "No worker is running" in result.stderr
    assert "pult up" in result.stderr


def test_a_picture_and_a_wrong_suffix_are_refused_before_anything_is_stored(
    owner: Person, tmp_path: Path
) -> None:
    picture = tmp_path / "numbers.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    refused = pult("run", picture)
    assert refused.exit_code == 1
    assert "This is a picture" in refused.stderr
    text = tmp_path / "list.txt"
    text.write_text("+79123456789")
    wrong = pult("run", text, "--out", tmp_path / "result.doc")
    assert wrong.exit_code == 1
    assert ".csv, .xlsx, .json" in wrong.stderr
    assert pult("run", text, "--country", "XX").exit_code == 1
    assert not Check.objects.exclude(state=Check.State.REMOVED).exists()


def test_the_only_owner_is_meant_unless_there_are_several(owner: Person) -> None:
    mine = check(owner)
    assert str(mine.pk) in pult("list").stdout
    other = person("second", role=RoleChoice.OWNER)
    ambiguous = pult("list")
    assert ambiguous.exit_code == 1
    assert "--person" in ambiguous.stderr
    assert "list" not in pult("list", "--person", other.email).stdout
    assert pult("list", "--person", "nobody@example.org").exit_code == 1


def test_pause_resume_and_cancel(owner: Person) -> None:
    made = check(owner)
    for words, state in (
        (("pause", made.pk), "paused"), (("resume", made.pk), "running"), (("cancel", made.pk, "--yes"), "cancelled"),
    ):  # fmt: skip
        assert pult(*words).exit_code == 0
        made.refresh_from_db()
        assert made.state == state
    again = pult("pause", made.pk)
    assert again.exit_code == 1
    assert "Only a running check can be paused." in again.stderr


def test_following_a_cancelled_check_ends_with_its_own_exit_code(owner: Person) -> None:
    made = check(owner)
    cancel_check(actor=owner, check_id=made.pk, now=timezone.now())
    assert pult("follow", made.pk).exit_code == 4


def test_nobody_reaches_somebody_elses_check(owner: Person, tmp_path: Path) -> None:
    made = check(person("boris"))
    for words in (("pause", made.pk), ("follow", made.pk), ("export", made.pk, "--out", tmp_path / "x.csv")):
        result = pult(*words)
        assert result.exit_code == 1
        assert f"has no check {made.pk}" in result.stderr


def test_export_writes_one_verdict(owner: Person, worker: Worker, numbers: Path, tmp_path: Path) -> None:
    pult("run", numbers, "--country", "RU")
    out = tmp_path / "found.csv"
    result = pult("export", Check.objects.get().pk, "--out", out, "--verdict", "found")
    assert result.exit_code == 0
    assert [line.split(",")[0] for line in out.read_text("utf-8-sig").splitlines()] == [
        '"Number"',
        '"+79123456790"',
    ]
    assert pult("export", Check.objects.get().pk, "--out", out, "--verdict", "maybe").exit_code == 1


def test_the_terminal_speaks_the_persons_language(owner: Person, worker: Worker, numbers: Path) -> None:
    Person.objects.filter(pk=owner.pk).update(language="ru")
    result = pult("run", numbers, "--country", "RU")
    assert result.stdout == "Найдено 1, не найдено 2, без ответа 0, неверных 1\n"
