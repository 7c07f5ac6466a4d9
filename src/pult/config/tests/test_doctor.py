"""The doctor names what is wrong and what to do about it."""

import dataclasses
import io
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from rich.console import Console

from pult.config import doctor
from pult.config.environment import Environment
from pult.core.secrets import UnableToReveal, seal
from pult.core.secrets.keyring import make_keyring
from pult.core.watch import rules

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


def test_a_keyring_that_got_lost_is_a_fault_and_no_reason_for_a_new_one(environment: Environment) -> None:
    assert doctor.look_at_keys(environment).well
    key_pair = apps.get_model("telegram", "KeyPair")
    pair = key_pair(title="Ours", api_id=1, created_at=timezone.now())
    pair.api_hash = b"sealed long ago"
    pair.save()
    finding = doctor.look_at_keys(environment)
    assert not finding.well
    assert "backup" in finding.advice
    with override_settings(PULT_KEYRING_FILE=environment.keyring_file), pytest.raises(UnableToReveal):
        seal(pair, "api_hash", "another")
    assert not environment.keyring_file.exists()


def test_a_damaged_keyring_is_a_fault(environment: Environment) -> None:
    environment.keyring_file.write_text("{}")
    assert "backup" in doctor.look_at_keys(environment).advice


def test_a_full_disk_is_a_fault(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.look_at_disk(environment).well
    monkeypatch.setattr(rules, "LEAST_FREE_BYTES", 10**18)
    assert not doctor.look_at_disk(environment).well


def test_the_clocks_agree(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.look_at_clock(environment).well
    monkeypatch.setattr(rules, "MOST_CLOCK_DIFFERENCE_SECONDS", -1)
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


def test_bots_need_a_process_and_a_token_that_works(environment: Environment) -> None:
    assert doctor.look_at_bots(environment).said == "none is connected"
    bot = apps.get_model("bots", "Bot").objects.create(
        telegram_id=7, simulated=True, name="Desk", username="desk_bot", added_at=timezone.now()
    )
    waiting = doctor.look_at_bots(environment)
    assert not waiting.well
    assert "pult bots" in waiting.advice
    now = timezone.now()
    apps.get_model("watch", "RunningProcess").objects.create(
        kind="bots", host="here", pid=1, version="0", started_at=now, seen_at=now, memory=1
    )
    assert doctor.look_at_bots(environment).said == "@desk_bot"
    bot.problem = "conflict"
    bot.save()
    assert doctor.look_at_bots(environment).said == "@desk_bot: conflict"
