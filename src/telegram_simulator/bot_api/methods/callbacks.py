"""Answering taps on inline buttons."""

from typing import Any

from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.register import BotCall, method
from telegram_simulator.world import acts

LONGEST_ANSWER = 200


@method("answerCallbackQuery")
def answer_callback_query(
    call: BotCall, *, callback_query_id: str, text: str = "", show_alert: bool = False, url: str = "",
    cache_time: int = 0,
) -> Any:  # fmt: skip
    """A query can be answered once, and for half a minute."""
    callback = call.world.callbacks.get(callback_query_id)
    foreign = callback is None or callback.bot_id != call.bot.id
    if callback is None or foreign or callback.answered_at is not None or callback.expires_at < call.now:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if url and not url.startswith(
        (f"https://t.me/{call.bot.username}", f"http://t.me/{call.bot.username}", "t.me/")
    ):
        raise bad_request("URL_INVALID")
    acts.answer_tap(
        call.world,
        callback.id,
        text=text or None,
        alert=show_alert,
        url=url or None,
        cache_time=cache_time,
        now=call.now,
    )
    return True
