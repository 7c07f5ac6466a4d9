"""Every kind of log entry is a sentence in both languages, with and without its details."""

import pytest
from django.utils.translation import override

from pult.modules.checks.models import LogEntry
from pult.modules.checks.queries.log_texts import sentence
from pult.modules.checks.tests.scenes import NOW

DETAILS = {
    "attempt": 2,
    "count": 1234,
    "found": 5,
    "not_found": 6,
    "unanswered": 7,
    "valid": 1200,
    "rejected": 3,
    "repeated": 4,
    "reason": "flood_wait",
    "until": NOW.isoformat(),
    "error": "ValueError",
    "size": 2048,
}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("details", [DETAILS, {}, {"reason": 7, "until": "soon", "found": "x"}])
@pytest.mark.parametrize("kind", LogEntry.Kind)
def test_every_kind_is_a_sentence(language: str, details: dict[str, object], kind: LogEntry.Kind) -> None:
    if kind == LogEntry.Kind.UNREADABLE and details is DETAILS:
        details = {**details, "reason": "picture"}
    entry = LogEntry(at=NOW, kind=kind, block_ordinal=4, account_label="Anna …0001", details=details)
    with override(language):
        text = sentence(entry)
    assert text.strip().endswith(".")
    assert "%(" not in text


def test_a_sentence_names_the_block_as_people_count_and_the_account() -> None:
    entry = LogEntry(
        at=NOW, kind="call_refused", block_ordinal=0, account_label="Anna …0001", details=DETAILS
    )
    with override("en"):
        text = sentence(entry)
    assert text.startswith("Block 1: Anna …0001 rests until")
    assert "flood wait" in text
