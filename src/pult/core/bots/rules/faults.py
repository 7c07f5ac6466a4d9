"""What Telegram's refusals mean. It has no codes of its own for them, only an HTTP status and English words."""

import re

from pult.core.bots.values import Fault

# In the words of core.telegram.org/bots/api and of the official server's sources; the first that fits counts.
_DONE = re.compile(r"message is not modified|message to delete not found", re.IGNORECASE)
_GONE = re.compile(
    r"message to edit not found|message can't be edited|message_id_invalid|message to be edited",
    re.IGNORECASE,
)
_LATE = re.compile(r"query is too old|query id is invalid|query_id_invalid", re.IGNORECASE)
_RECIPIENT = re.compile(
    r"chat not found|peer_id_invalid|user not found|user is deactivated|input_user_deactivated|bot was blocked|"
    r"bot was kicked|bot is not a member|group chat was deleted|group is deactivated|chat was deleted|"
    r"have no rights to send|not enough rights to send|need administrator rights|chat_write_forbidden|"
    r"chat_restricted|chat_send_\w+_forbidden|can't initiate conversation|can't send messages to bots|"
    r"user_is_blocked|channel_private",
    re.IGNORECASE,
)
# Everything that is forbidden to a bot is forbidden to it in that chat.
_BY_STATUS = {401: Fault.TOKEN, 403: Fault.RECIPIENT, 429: Fault.WAIT}
_BY_WORDS = ((Fault.DONE, _DONE), (Fault.GONE, _GONE), (Fault.LATE, _LATE), (Fault.RECIPIENT, _RECIPIENT))
# The column `Chat.unreachable`; what fits none of them is "not_found".
_WORDS = (
    ("blocked", re.compile(r"blocked", re.IGNORECASE)),
    ("deactivated", re.compile(r"user is deactivated|input_user_deactivated", re.IGNORECASE)),
    ("kicked", re.compile(r"kicked", re.IGNORECASE)),
    ("not_member", re.compile(r"not a member|channel_private", re.IGNORECASE)),
    ("deleted", re.compile(r"deleted|deactivated", re.IGNORECASE)),
    ("no_rights", re.compile(r"rights|forbidden$|restricted", re.IGNORECASE)),
    ("not_started", re.compile(r"initiate conversation", re.IGNORECASE)),
)
_RETRY_AFTER = re.compile(r"retry after (\d+)", re.IGNORECASE)


def fault_of(status: int, description: str) -> Fault:
    """The class of an error that Telegram answered with this HTTP status and in these words."""
    if status >= 500:
        return Fault.AGAIN
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status == 400:
        return next((fault for fault, words in _BY_WORDS if words.search(description)), Fault.CONTENT)
    return Fault.CONTENT


def unreachable_word(description: str) -> str:
    """Why a chat cannot be reached, as a short word for its row."""
    for word, said in _WORDS:
        if said.search(description):
            return word
    return "not_found"


def seconds_to_wait(description: str) -> int | None:
    """The pause that "Too Many Requests: retry after 5" names, where it came without its parameter."""
    found = _RETRY_AFTER.search(description)
    return int(found[1]) if found else None
