"""`pult check queue`, `hold`, `release`, `log`: what administrators do from the terminal."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from typer.testing import CliRunner, Result

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.modules.checks.cli import commands
from pult.modules.checks.models import Hold, LogEntry
from pult.modules.checks.operations.journal import note
from pult.modules.checks.tests.scenes import check, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """The language that a command has chosen ends with the test."""
    language = translation.get_language()
    yield
    translation.activate(language)


@pytest.fixture
def olga() -> Person:
    return person("olga", role="owner")


def pult(*words: object) -> Result:
    return CliRunner().invoke(commands, [str(word) for word in words])


def test_the_queue_says_who_waits_for_what(olga: Person) -> None:
    made = check(person("anna"))
    listed = pult("queue")
    assert listed.exit_code == 0
    assert str(made.pk) in listed.output
    assert "Waits for an account" in listed.output


def test_holding_and_releasing_a_person(olga: Person) -> None:
    anna = person("anna")
    assert pult("hold", "--person", anna.email, "--reason", "audit").exit_code == 0
    hold = Hold.objects.get()
    assert (hold.person, hold.reason, hold.laid_by) == (anna, "audit", olga)
    assert pult("release", "--person", anna.email).exit_code == 0
    assert pult("release", "--person", anna.email).exit_code == 1
    assert AuditEntry.objects.filter(actor=olga, action__startswith="queue.").count() == 2


def test_only_administrators_may(olga: Person) -> None:
    anna = person("anna")
    assert pult("hold", "--by", anna.email).exit_code == 1
    assert pult("log", "--by", anna.email).exit_code == 1
    assert not Hold.objects.exists()


def test_the_log_of_a_person_is_shown_and_exported(olga: Person, tmp_path: Path) -> None:
    anna, boris = person("anna"), person("boris")
    note(check(anna).pk, LogEntry.Kind.STARTED)
    note(check(boris).pk, LogEntry.Kind.PAUSED)
    shown = pult("log", "--person", anna.email).output
    assert "Check started." in shown
    assert "Check paused." not in shown
    target = tmp_path / "log.json"
    assert pult("log", "--export", target).exit_code == 0
    assert [row["kind"] for row in json.loads(target.read_text())] == ["started", "paused"]
    assert pult("log", "--export", tmp_path / "log.pdf").exit_code == 1
