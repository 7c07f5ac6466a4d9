"""Telegram's words for what went wrong, and what each of them means."""

import pytest

from pult.core.bots.rules.faults import fault_of, seconds_to_wait, unreachable_word
from pult.core.bots.rules.methods import is_harmless, is_limited, messages_in, names_chat
from pult.core.bots.values import Fault

# As the Bot API words them.
WORDINGS = [
    (403, "Forbidden: bot was blocked by the user", Fault.RECIPIENT, "blocked"),
    (403, "Forbidden: user is deactivated", Fault.RECIPIENT, "deactivated"),
    (403, "Forbidden: bot was kicked from the supergroup chat", Fault.RECIPIENT, "kicked"),
    (403, "Forbidden: bot is not a member of the channel chat", Fault.RECIPIENT, "not_member"),
    (403, "Forbidden: the group chat was deleted", Fault.RECIPIENT, "deleted"),
    (403, "Forbidden: bot can't initiate conversation with a user", Fault.RECIPIENT, "not_started"),
    (400, "Bad Request: chat not found", Fault.RECIPIENT, "not_found"),
    (
        400,
        "Bad Request: not enough rights to send text messages to the chat",
        Fault.RECIPIENT,
        "no_rights",
    ),
    (400, "Bad Request: message is too long", Fault.CONTENT, None),
    (400, "Bad Request: can't parse entities: unclosed start tag at byte offset 3", Fault.CONTENT, None),
    (404, "Not Found", Fault.CONTENT, None),
    (413, "Request Entity Too Large", Fault.CONTENT, None),
    (400, "Bad Request: message is not modified: specified new message content …", Fault.DONE, None),
    (400, "Bad Request: message to delete not found", Fault.DONE, None),
    (400, "Bad Request: message to edit not found", Fault.GONE, None),
    (400, "Bad Request: message can't be edited", Fault.GONE, None),
    (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
        Fault.LATE,
        None,
    ),
    (401, "Unauthorized", Fault.TOKEN, None),
    (429, "Too Many Requests: retry after 5", Fault.WAIT, None),
    (500, "Internal Server Error", Fault.AGAIN, None),
    (502, "Bad Gateway", Fault.AGAIN, None),
]


@pytest.mark.parametrize(("status", "description", "fault", "word"), WORDINGS)
def test_each_wording_has_its_class(status: int, description: str, fault: Fault, word: str | None) -> None:
    assert fault_of(status, description) is fault
    if word is not None:
        assert unreachable_word(description) == word


def test_the_pause_stands_in_the_words_too() -> None:
    assert seconds_to_wait("Too Many Requests: retry after 17") == 17
    assert seconds_to_wait("Too Many Requests") is None


def test_what_counts_against_the_limits_and_what_may_be_repeated() -> None:
    assert [
        name
        for name in ("sendMessage", "editMessageText", "copyMessage", "forwardMessages")
        if not is_limited(name)
    ] == []
    assert [
        name
        for name in ("answerCallbackQuery", "sendChatAction", "deleteMessage", "getFile")
        if is_limited(name)
    ] == []
    assert [name for name in ("sendMessage", "copyMessage", "sendInvoice") if is_harmless(name)] == []
    assert (
        is_harmless("editMessageText") and is_harmless("answerCallbackQuery") and is_harmless("deleteMessage")
    )
    assert messages_in("sendMediaGroup", {"media": [1, 2, 3]}) == 3
    assert messages_in("deleteMessages", {"message_ids": [1, 2, 3]}) == 1
    assert names_chat("sendMessage") and not names_chat("answerCallbackQuery")
