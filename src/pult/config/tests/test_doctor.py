"""The doctor names what is wrong and what to do about it."""

import dataclasses
import io
from pathlib import Path

import pytest
from django.conf import settings
from rich.console import Console

from pult.config import doctor
from pult.config.environment import Environment
from pult.core.secrets.keyring import make_keyring

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    found: Environment = settings.ENVIRONMENT
    return dataclasses.replace(found, data_dir=tmp_path, keyring_file=tmp_path / "keyring.json")


def test_a_migrated_database_is_well(environment: Environment) -> None:
    finding = doctor.look_at_database(environment)
    assert finding.well
    assert "tables up to date" in finding.said


def test_missing_tables_are_counted(environment: Environment) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="people").delete()
    finding = doctor.look_at_database(environment)
    assert not finding.well
    assert "pult migrate" in finding.advice


def test_a_keyring_that_others_can_read_is_a_fault(environment: Environment) -> None:
    assert doctor.look_at_keys(environment).well
    make_keyring(environment.keyring_file)
    assert doctor.look_at_keys(environment).well
    environment.keyring_file.chmod(0o644)
    finding = doctor.look_at_keys(environment)
    assert not finding.well
    assert "chmod 600" in finding.advice


def test_a_damaged_keyring_is_a_fault(environment: Environment) -> None:
    environment.keyring_file.write_text("{}")
    assert "backup" in doctor.look_at_keys(environment).advice


def test_a_full_disk_is_a_fault(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.look_at_disk(environment).well
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 10**18)
    assert not doctor.look_at_disk(environment).well


def test_the_clocks_agree(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.look_at_clock(environment).well
    monkeypatch.setattr(doctor, "MOST_CLOCK_DIFFERENCE_SECONDS", -1)
    assert "NTP" in doctor.look_at_clock(environment).advice


def test_without_processes_each_says_what_to_start(environment: Environment) -> None:
    # Nothing listens on port 1.
    telegram = dataclasses.replace(environment.telegram, control_url="http://127.0.0.1:1")
    alone = dataclasses.replace(environment, telegram=telegram, bind_host="127.0.0.1", bind_port=1)
    screen = io.StringIO()
    assert not doctor.examine(alone, Console(file=screen, width=120))
    said = screen.getvalue()
    assert said.count("✘") == 3, said
    assert "pult up" in said
