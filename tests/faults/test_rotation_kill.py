"""kill -9 of `pult rotate-keys` in the middle of the change: afterwards everything opens, and the next run ends it."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from pult.core.people.models import Person
from pult.core.people.tests.authenticators import with_app, with_recovery_codes
from pult.core.secrets import UnableToReveal, reveal, rotation, seal_for
from pult.core.secrets.keyring import keyring
from pult.core.telegram.models import Account, KeyPair
from tests.installation import wait_for
from tests.workers import database_url

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
ACCOUNTS = 3_000
COLUMNS = ("session", "own_contacts")


@pytest.fixture(autouse=True)
def own_keyring(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 0)
    settings.PULT_KEYRING_FILE = tmp_path / "keys" / "keyring.json"


@contextmanager
def rotating(tmp_path: Path) -> "Iterator[subprocess.Popen[str]]":
    """`pult rotate-keys` as a process of its own, on this test's database and keyring; it never outlives the test."""
    process = _start(tmp_path)
    try:
        yield process
    except AssertionError as failure:
        # It says where it stands: PYTHONFAULTHANDLER writes the stacks of all threads.
        process.send_signal(signal.SIGABRT)
        failure.add_note(process.communicate(timeout=10)[0])
        raise
    finally:
        process.kill()
        process.communicate(timeout=10)


def _start(tmp_path: Path) -> "subprocess.Popen[str]":
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULT_", "DJANGO_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "pult.config.cli", "rotate-keys"],
        env={
            **kept,
            "PULT_DATA_DIR": str(tmp_path),
            "PULT_KEYRING_FILE": str(tmp_path / "keys" / "keyring.json"),
            "DATABASE_URL": database_url(),
            "PYTHONFAULTHANDLER": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def people_with_secrets() -> None:
    owner = Person.objects.create_user(email="olga@example.org")
    with_app(owner)
    with_recovery_codes(owner)
    pair = KeyPair(title="pair", api_id=1, created_at=timezone.now())
    pair.api_hash = seal_for(KeyPair, pair.pk, "api_hash", "hash")
    pair.save()
    accounts = []
    for number in range(ACCOUNTS):
        account = Account(
            id=uuid.uuid4(),
            owner=owner,
            key_pair=pair,
            telegram_user_id=number + 1,
            state=Account.State.SWITCHED_OFF,
            connected_at=timezone.now(),
        )
        for column in COLUMNS:
            setattr(account, column, seal_for(Account, account.pk, column, f"{column} {number + 1}"))
        accounts.append(account)
    Account.objects.bulk_create(accounts, batch_size=1000)


def unopened() -> int:
    """How many secrets no longer give back what was put into them."""
    lost = 0
    for account in Account.objects.iterator():
        for column in COLUMNS:
            try:
                lost += reveal(account, column) != f"{column} {account.telegram_user_id}"
            except UnableToReveal:
                lost += 1
    return lost


def test_a_kill_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    people_with_secrets()
    stored = 2 * ACCOUNTS + 3
    assert rotation.key_counts() == {1: stored}

    with rotating(tmp_path):
        wait_for(lambda: rotation.key_counts().get(2, 0) > 0, seconds=60, what="sealing anew has begun")
    counts = rotation.key_counts()
    assert 0 < counts[2] < stored, "the kill came in the middle"
    assert sum(counts.values()) == stored
    assert unopened() == 0

    with rotating(tmp_path) as again:
        output, _ = again.communicate(timeout=100)
    assert again.returncode == 0, output
    assert "begun before" in output
    assert rotation.key_counts() == {2: stored}
    assert set(keyring().keys) == {1, 2}, "the second run added no further key"
    assert rotation.drop_old_keys() == [1]
    assert unopened() == 0
