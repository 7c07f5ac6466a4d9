"""Whatever a library prints, no phone number and no secret reaches a log."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pult.config.logs import _formatter, mask_secrets
from pult.core.watch.masking import mask_phone_numbers


@given(digits=st.text("0123456789", min_size=10, max_size=15), plus=st.sampled_from(["", "+"]))
def test_a_phone_number_is_masked_to_its_last_two_digits(digits: str, plus: str) -> None:
    masked = mask_phone_numbers(f"asked for {plus}{digits} twice")
    assert digits not in masked
    assert masked == f"asked for +…{digits[-2:]} twice"


@pytest.mark.parametrize(
    "spelling", ["+7 912 345-67-89", "+7 (912) 3456789", "8 912 345 67 89", "{'phone':79123456789}"]
)
def test_spellings_with_separators_are_masked_too(spelling: str) -> None:
    assert "345" not in mask_phone_numbers(f"line: {spelling};")


def test_ids_and_times_stay_readable() -> None:
    text = "block 17 of check 1204, 2026-11-21T01:02:03.123456Z, 127.0.0.1:8011"
    assert mask_phone_numbers(text) == text


def test_fields_that_hold_secrets_are_blotted_out() -> None:
    event = mask_secrets(
        None, "", {"event": "x", "session": "1BVts…", "code": 12345, "phone": "+79123456789"}
    )
    assert event == {"event": "x", "session": "…", "code": "…", "phone": "…"}


def test_a_librarys_own_message_is_masked_as_well() -> None:
    record = logging.LogRecord("telethon", logging.WARNING, "f", 1, "no user for %s", ("+79123456789",), None)
    line = json.loads(_formatter(as_json=True, colours=False).format(record))
    assert line["event"] == "no user for +…89"
    assert line["level"] == "warning"
