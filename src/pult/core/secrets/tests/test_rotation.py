"""Changing keys: everything opens before, meanwhile and afterwards; no key goes while anything needs it."""

import uuid
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from pytest_django import Settings
from typer.testing import CliRunner

from pult.config.cli import app
from pult.core.people.models import Person
from pult.core.people.tests.authenticators import with_app, with_recovery_codes
from pult.core.secrets import UnableToReveal, reveal, rotation, seal
from pult.core.secrets.keyring import Keyring, keyring, write_keyring
from pult.core.telegram.models import KeyPair

pytestmark = pytest.mark.django_db
runner = CliRunner()


@pytest.fixture(autouse=True)
def own_keyring(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A keyring of the test's own, and no minute of waiting before old keys go."""
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 0)
    path = tmp_path / "keys" / "keyring.json"
    settings.PULT_KEYRING_FILE = path
    keyring()
    return path


def key_pair(text: str) -> KeyPair:
    from django.utils import timezone

    made = KeyPair(
        id=uuid.uuid4(), title=text, api_id=len(text) + KeyPair.objects.count(), created_at=timezone.now()
    )
    seal(made, "api_hash", text)
    made.save()
    return made


def run(*words: str) -> str:
    result = runner.invoke(app, ["rotate-keys", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_after_a_rotation_everything_opens_with_the_new_key_alone() -> None:
    pairs = [key_pair(f"hash {number}") for number in range(5)]
    vera = Person.objects.create_user(email="vera@example.org")
    vera_app, codes = with_app(vera), with_recovery_codes(vera)
    assert rotation.key_counts() == {1: 7}
    assert "7 secrets are sealed anew with key 2" in run()
    assert rotation.key_counts() == {2: 7}
    assert set(keyring().keys) == {1, 2}
    assert "Removed keys: 1" in run("--drop-old")
    assert set(keyring().keys) == {2}
    for pair in pairs:
        assert reveal(KeyPair.objects.get(pk=pair.pk), "api_hash") == pair.title
    assert Authenticator.objects.get(user=vera, type="totp").wrap().validate_code(vera_app.code())
    assert Authenticator.objects.get(user=vera, type="recovery_codes").wrap().get_unused_codes() == codes


def test_fingerprints_stay_the_same(own_keyring: Path) -> None:
    before = keyring().lookup
    run()
    run("--drop-old")
    assert keyring().lookup == before
    assert own_keyring.stat().st_mode & 0o077 == 0


def test_an_interrupted_rotation_goes_on_and_adds_no_further_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        key_pair(f"hash {number}")
    monkeypatch.setattr(rotation, "BATCH", 2)

    def cut(_count: int) -> None:
        raise KeyboardInterrupt

    rotation.add_key()
    rotation.use_newest_key()
    with pytest.raises(KeyboardInterrupt):
        rotation.reseal(cut)
    assert rotation.key_counts() == {1: 3, 2: 2}
    assert "begun before" in run()
    assert rotation.key_counts() == {2: 5}
    assert set(keyring().keys) == {1, 2}


def test_a_key_is_added_for_other_machines_before_it_is_used() -> None:
    key_pair("hash")
    run("--add-only")
    assert (set(keyring().keys), keyring().current) == ({1, 2}, 1)
    assert rotation.key_counts() == {1: 1}
    with pytest.raises(rotation.UnableToDropKeys):
        rotation.drop_old_keys()
    run()
    assert (set(keyring().keys), keyring().current) == ({1, 2}, 2)
    assert rotation.key_counts() == {2: 1}


def test_what_a_late_process_sealed_with_the_old_key_is_caught_before_the_key_goes(own_keyring: Path) -> None:
    run()
    present = keyring()
    write_keyring(own_keyring, Keyring(1, present.keys, present.lookup))
    late = key_pair("written late")
    write_keyring(own_keyring, present)
    assert rotation.key_counts() == {1: 1}
    run("--drop-old")
    assert reveal(KeyPair.objects.get(pk=late.pk), "api_hash") == "written late"


def test_a_key_stays_while_something_sealed_with_it_does_not_open(own_keyring: Path) -> None:
    good, damaged = key_pair("good"), key_pair("damaged")
    sealed = bytearray(bytes(damaged.api_hash or b""))
    sealed[-1] ^= 1
    KeyPair.objects.filter(pk=damaged.pk).update(api_hash=bytes(sealed))
    result = runner.invoke(app, ["rotate-keys"])
    assert result.exit_code == 1
    assert rotation.key_counts() == {1: 1, 2: 1}
    assert runner.invoke(app, ["rotate-keys", "--drop-old"]).exit_code == 1
    assert set(keyring().keys) == {1, 2}
    assert reveal(KeyPair.objects.get(pk=good.pk), "api_hash") == "good"


def test_a_process_that_runs_on_sees_the_new_key_at_once_and_survives_a_half_copied_file(
    own_keyring: Path,
) -> None:
    before = keyring()
    rotation.add_key()
    assert set(keyring().keys) == {1, 2}
    own_keyring.write_text('{"current": 2, "keys"')
    assert set(keyring().keys) == {1, 2}
    own_keyring.unlink()
    sealed = keyring().seal("text", identity="row")
    assert before.reveal(sealed, identity="row") == "text"


def test_a_missing_key_says_so(own_keyring: Path) -> None:
    pair = key_pair("hash")
    present = keyring()
    write_keyring(own_keyring, Keyring(9, {9: b"9" * 32}, present.lookup))
    with pytest.raises(UnableToReveal, match="not in the keyring"):
        reveal(KeyPair.objects.get(pk=pair.pk), "api_hash")


def test_a_second_change_of_keys_that_begins_meanwhile_ends_the_first_one_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vera = Person.objects.create_user(email="vera@example.org")
    with_app(vera)
    for number in range(5):
        key_pair(f"hash {number}")
    monkeypatch.setattr(rotation, "BATCH", 2)
    told: list[int] = []

    def another_begins(count: int) -> None:
        told.append(count)
        assert len(told) < 20, "it goes round and round"
        if len(told) == 1:
            rotation.add_key()
            rotation.use_newest_key()

    rotation.add_key()
    rotation.use_newest_key()
    rotation.reseal(another_begins)
    assert rotation.key_counts() == {3: 6}
