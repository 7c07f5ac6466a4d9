"""Taking lists in and reading them in the worker: nothing half-stored, no file left, a clear word for every refusal."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from pult.modules.checks.models import Block, Check, LogEntry, Number
from pult.modules.checks.operations import lists
from pult.modules.checks.operations.dispatch import dispatch, next_dispatch
from pult.modules.checks.operations.lists import read_check
from pult.modules.checks.operations.removal import next_sweep, sweep_uploads
from pult.modules.checks.operations.uploads import UnableToAccept, accept_paste, accept_upload, confirm_column
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.scenes import NOW

pytestmark = pytest.mark.django_db
CSV = "name;phone\nАнна;+7 912 345-67-89\nBoris;+7 912 345-67-90\nx;12\nАнна;8 912 345 67 89\n".encode()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.PULT_UPLOADS_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


def upload(content: bytes = CSV, name: str = "list.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_an_uploaded_list_waits_for_its_column_and_is_then_read_into_blocks(folder: Path) -> None:
    anna = scenes.person()
    check = accept_upload(actor=anna, file=upload(), now=NOW)
    assert (check.state, check.name, check.source_name) == ("uploaded", "list", "list.csv")
    assert check.source_size == len(CSV)
    assert [path.read_bytes() for path in files(folder)] == [CSV]
    confirm_column(actor=anna, check_id=check.pk, column=1, region="RU", now=NOW)
    assert ProcrastinateJob.objects.get().task_name == "checks.read_list"
    assert read_check(check_id=check.pk) == Check.State.READY
    check.refresh_from_db()
    assert (check.valid_count, check.rejected_count, check.repeated_count) == (2, 1, 1)
    assert check.source_path == "" and files(folder) == []
    assert list(Number.objects.order_by("pk").values_list("phone", flat=True)) == [79123456789, 79123456790]
    kinds = LogEntry.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["accepted", "read"]


def test_a_pasted_list_is_read_at_once(folder: Path) -> None:
    anna = scenes.person()
    check = accept_paste(actor=anna, text="+7 912 345-67-89\n+7 912 345-67-90", now=NOW, name="Evening")
    assert (check.state, check.name) == ("reading", "Evening")
    assert read_check(check_id=check.pk) == Check.State.READY
    assert Block.objects.get().size == 2 and files(folder) == []


@pytest.mark.parametrize("content", [b""])
def test_an_empty_list_is_refused_and_nothing_stays(folder: Path, content: bytes) -> None:
    with pytest.raises(UnableToAccept) as refused:
        accept_upload(actor=scenes.person(), file=upload(content), now=NOW)
    assert "empty" in str(refused.value.reason)
    with pytest.raises(UnableToAccept):
        accept_paste(actor=scenes.person("boris"), text="", now=NOW)
    assert files(folder) == [] and not Check.objects.exists()


class EndlessFile:
    """Claims to be small and never ends."""

    name = "endless.csv"
    size = 10

    def chunks(self) -> Iterator[bytes]:
        while True:
            yield b"79123456789\n" * 1000


def test_a_list_beyond_the_limit_is_refused_while_it_streams_in(folder: Path, settings: Settings) -> None:
    settings.PULT_UPLOAD_LIMIT = 2 * 1024 * 1024
    with pytest.raises(UnableToAccept) as refused:
        accept_upload(actor=scenes.person(), file=EndlessFile(), now=NOW)
    assert "2 megabytes" in str(refused.value.reason)
    assert files(folder) == [] and not Check.objects.exists()


def test_the_name_of_a_file_leads_nowhere(folder: Path) -> None:
    check = accept_upload(actor=scenes.person(), file=upload(name="../../etc/passwd.csv"), now=NOW)
    assert check.source_name == "passwd.csv"
    assert [path.parent for path in files(folder)] == [folder]


@pytest.mark.parametrize(
    ("content", "column", "reason", "kept"),
    [
        (
            b"name;phone\nAnna;+79123456789\n" * 600 + b'"Boris;+79123456788\nVera;+79123456787\n',
            1,
            "unclosed_quote:1201",
            False,
        ),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, 0, "picture", False),
        (CSV, 7, "no_such_column", True),
    ],
)
def test_a_list_that_cannot_be_read_says_why(
    folder: Path, content: bytes, column: int, reason: str, kept: bool
) -> None:
    anna = scenes.person()
    check = accept_upload(actor=anna, file=upload(content), now=NOW)
    confirm_column(actor=anna, check_id=check.pk, column=column, now=NOW)
    assert read_check(check_id=check.pk) == Check.State.UNREADABLE
    check.refresh_from_db()
    assert check.unreadable_reason == reason
    assert bool(check.source_path) == bool(files(folder)) == kept
    assert LogEntry.objects.get(kind="unreadable").details == {"reason": reason, "about": "phone"}
    if kept:
        confirm_column(actor=anna, check_id=check.pk, column=1, now=NOW)
        assert read_check(check_id=check.pk) == Check.State.READY


def test_a_file_that_is_gone_ends_the_reading(folder: Path) -> None:
    anna = scenes.person()
    check = accept_upload(actor=anna, file=upload(), now=NOW)
    confirm_column(actor=anna, check_id=check.pk, column=1, now=NOW)
    files(folder)[0].unlink()
    assert read_check(check_id=check.pk) == Check.State.UNREADABLE
    assert Check.objects.get().unreadable_reason == "file_gone"


def test_only_the_owner_confirms_the_column_and_only_once() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris", role="owner")
    check = accept_upload(actor=anna, file=upload(), now=NOW)
    with pytest.raises(Check.DoesNotExist):
        confirm_column(actor=boris, check_id=check.pk, column=1, now=NOW)
    confirm_column(actor=anna, check_id=check.pk, column=1, now=NOW)
    with pytest.raises(UnableToAccept):
        confirm_column(actor=anna, check_id=check.pk, column=1, now=NOW)


def test_a_worker_killed_in_the_middle_of_reading_leaves_nothing_and_the_list_is_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = scenes.person()
    check = accept_upload(actor=anna, file=upload(), now=NOW)
    confirm_column(actor=anna, check_id=check.pk, column=1, now=NOW)

    def killed(**_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(lists, "read_list", killed)
        read_check(check_id=check.pk)
    assert not Block.objects.exists() and len(files(folder)) == 1
    ProcrastinateJob.objects.all()
    assert read_check(check_id=check.pk) == Check.State.READY
    assert read_check(check_id=check.pk) is None


def test_a_kill_between_reading_and_forgetting_the_file_is_made_up_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = scenes.person()
    check = accept_upload(actor=anna, file=upload(), now=NOW)
    confirm_column(actor=anna, check_id=check.pk, column=1, now=NOW)

    def killed(_: Check) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(lists, "_close", killed)
        read_check(check_id=check.pk)
    check.refresh_from_db()
    assert check.state == Check.State.READY and len(files(folder)) == 1
    dispatch()
    assert read_check(check_id=check.pk) == Check.State.READY
    assert files(folder) == [] and LogEntry.objects.filter(kind="read").count() == 1
    assert next_dispatch() is None


def test_a_file_that_no_check_knows_goes_after_a_day(folder: Path) -> None:
    anna = scenes.person()
    accept_upload(actor=anna, file=upload(), now=NOW)
    known = files(folder)
    young, old = folder / "young.list", folder / "old.list"
    for path in (young, old, *known):
        path.touch()
    two_days_ago = time.time() - 2 * 86_400
    for path in (old, *known):
        os.utime(path, (two_days_ago, two_days_ago))
    assert next_sweep() is not None and next_sweep() <= timezone.now()  # type: ignore[operator]
    sweep_uploads()
    assert sorted(files(folder)) == sorted([*known, young])
    assert next_sweep() == datetime.fromtimestamp(young.stat().st_mtime, tz=UTC) + timedelta(days=1)


def test_an_error_of_ours_while_reading_is_shown_and_not_repeated_for_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = scenes.person()
    check = accept_upload(actor=anna, file=upload(), now=NOW)
    confirm_column(actor=anna, check_id=check.pk, column=1, now=NOW)

    def broken(**_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(lists, "read_list", broken)
    assert read_check(check_id=check.pk) == Check.State.UNREADABLE
    check.refresh_from_db()
    assert check.unreadable_reason == "failed"
    assert len(files(folder)) == 1
