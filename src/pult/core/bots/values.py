"""Words that several parts of bots share."""

from enum import StrEnum


class Fault(StrEnum):
    """What a refused or lost call means; each is handled in its own way (`operations.settling`)."""

    # This chat cannot be reached: blocked, kicked, deleted …
    RECIPIENT = "recipient"
    # What was to be sent is at fault; the chat is fine.
    CONTENT = "content"
    # The bot's token opens nothing any more.
    TOKEN = "token"  # noqa: S105 (a word)
    # Certainly not carried out: it may be tried again after a pause.
    AGAIN = "again"
    # The answer got lost: nobody knows whether it was carried out.
    UNKNOWN = "unknown"
    # The group has become a supergroup with another id.
    MIGRATED = "migrated"
    # Too many: Telegram names the seconds to wait.
    WAIT = "wait"
    # It looks like that already, or the message is gone that was to be deleted: what was wanted is so.
    DONE = "done"
    # The message that was to be edited is gone.
    GONE = "gone"
    # A tap was answered too late; there is nobody to tell.
    LATE = "late"
