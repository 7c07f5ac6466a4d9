"""kill -9 of the worker in the middle of a list: nothing of it is stored, the next worker reads it from the start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from pult.modules.checks.models import Block, Check, LogEntry, Number
from pult.modules.checks.operations.uploads import accept_upload, confirm_column
from pult.modules.checks.tests import scenes
from tests.installation import wait_for
from tests.workers import Workers, workers

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(150)]
LINES = 400_000


@pytest.fixture
def crew(tmp_path: Path, settings: Settings) -> Iterator[Workers]:
    settings.PULT_UPLOADS_DIR = tmp_path / "uploads"
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    with workers(tmp_path, people=10) as crew:
        yield crew


def heartbeats_grow_old() -> None:
    """The dead worker is found out after half a minute; here that time has passed at once."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")


def test_a_list_is_stored_whole_or_not_at_all(crew: Workers) -> None:
    anna = scenes.person()
    content = "phone\n" + "".join(f"+79{line:09d}\n" for line in range(LINES))
    check = accept_upload(
        actor=anna, file=SimpleUploadedFile("long.csv", content.encode()), now=timezone.now()
    )
    confirm_column(actor=anna, check_id=check.pk, column=0, region="", now=timezone.now())
    crew.start()
    wait_for(lambda: Check.objects.get(pk=check.pk).read_lines > 0, seconds=60, what="reading has begun")
    crew.kill()
    half = Check.objects.get(pk=check.pk)
    assert half.state == Check.State.READING
    assert not Block.objects.exists() and not Number.objects.exists()
    heartbeats_grow_old()
    crew.start()
    wait_for(
        lambda: (
            Check.objects.get(pk=check.pk).state == Check.State.READY
            and not Check.objects.get(pk=check.pk).source_path
        ),
        seconds=90,
        what="the list is read",
    )
    whole = Check.objects.get(pk=check.pk)
    assert whole.valid_count + whole.rejected_count == LINES
    assert Number.objects.count() == whole.valid_count == sum(Block.objects.values_list("size", flat=True))
    assert list((crew.data_dir / "uploads").iterdir()) == []
    assert LogEntry.objects.filter(kind="read").count() == 1
