"""Secrets open only for the row and column they were sealed for, under the key that sealed them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pult.core.secrets.keyring import Keyring, UnableToReveal, make_keyring, read_keyring

KEYRING = Keyring(current=2, keys={1: b"1" * 32, 2: b"2" * 32}, lookup=b"3" * 32)


@given(text=st.text(), identity=st.text(min_size=1))
def test_what_was_sealed_opens_again(text: str, identity: str) -> None:
    assert KEYRING.reveal(KEYRING.seal(text, identity=identity), identity=identity) == text


def test_a_value_moved_to_another_row_does_not_open() -> None:
    sealed = KEYRING.seal("session", identity="telegram_account.session:one")
    with pytest.raises(UnableToReveal):
        KEYRING.reveal(sealed, identity="telegram_account.session:two")


@given(position=st.integers(min_value=0, max_value=60), flip=st.integers(min_value=1, max_value=255))
def test_a_single_changed_byte_is_noticed(position: int, flip: int) -> None:
    sealed = bytearray(KEYRING.seal("0123456789" * 4, identity="row"))
    sealed[position % len(sealed)] ^= flip
    with pytest.raises(UnableToReveal):
        KEYRING.reveal(bytes(sealed), identity="row")


def test_a_wrong_key_is_an_error_and_never_the_sealed_text() -> None:
    sealed = KEYRING.seal("session", identity="row")
    other = Keyring(current=2, keys={2: b"x" * 32}, lookup=b"3" * 32)
    with pytest.raises(UnableToReveal):
        other.reveal(sealed, identity="row")


def test_older_keys_still_open_what_they_sealed() -> None:
    old = Keyring(current=1, keys={1: b"1" * 32}, lookup=b"3" * 32)
    assert KEYRING.reveal(old.seal("kept", identity="row"), identity="row") == "kept"


def test_a_keyring_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "keyring.json"
    make_keyring(path)
    first = path.read_text()
    make_keyring(path)
    assert path.read_text() == first
    assert path.stat().st_mode & 0o077 == 0
    assert read_keyring(path).reveal(read_keyring(path).seal("a", identity="b"), identity="b") == "a"


@pytest.mark.parametrize(
    "content", ["", "{}", json.dumps({"current": 1, "keys": {"1": "AAAA"}, "lookup": ""})]
)
def test_a_damaged_keyring_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(content)
    with pytest.raises(UnableToReveal):
        read_keyring(path)
