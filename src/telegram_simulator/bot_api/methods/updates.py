"""Receiving updates: long polling, and setting a webhook."""

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.errors import bad_request, conflict
from telegram_simulator.bot_api.polls import Poll, Polls
from telegram_simulator.bot_api.register import BotCall, Json, method
from telegram_simulator.world.updates import KINDS

LONGEST_POLL = 50  # seconds
PORTS = (443, 80, 88, 8443)


class RawJson(str):
    """An answer that is JSON already."""

    __slots__ = ()


@method("getMe")
def get_me(call: BotCall) -> Any:
    return shapes.me(call.world, call.bot)


@method("getUpdates")
async def get_updates(
    call: BotCall, *, offset: int = 0, limit: int = 100, timeout: int = 0, allowed_updates: Json = None
) -> Any:
    """Waits up to `timeout` seconds for the first update. An offset acknowledges everything before it.

    Of two polls at once the newer one goes on, and the older one is answered 409.
    """
    if call.bot.webhook:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    _set_allowed(call, allowed_updates)
    limit = min(max(limit, 1), 100)
    polls: Polls = call.services.polls
    poll = polls.begin(call.bot.id)
    try:
        offset = _acknowledge(call, offset)
        found = call.world.updates.waiting(call.bot.id, limit=limit, offset=offset, now=call.now)
        if not found and timeout > 0:
            await _wait(call, poll, min(timeout, LONGEST_POLL))
            found = call.world.updates.waiting(call.bot.id, limit=limit, offset=offset)
    finally:
        polls.end(poll)
    return RawJson("[" + ",".join(update.as_text() for update in found) + "]")


def _acknowledge(call: BotCall, offset: int) -> int:
    if offset > 0:
        call.world.updates.confirm_below(call.bot.id, offset)
        return offset
    if offset < 0:
        call.world.updates.keep_last(call.bot.id, -offset)
    return 0


async def _wait(call: BotCall, poll: Poll, seconds: float) -> None:
    gone = asyncio.ensure_future(call.gone())
    woken = asyncio.ensure_future(poll.woken.wait())
    try:
        await asyncio.wait({gone, woken}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        woken.cancel()
    if poll.ended_by is not None:
        raise conflict(f"terminated by {poll.ended_by}")


def _set_allowed(call: BotCall, given: Any) -> None:
    """What is named here lasts until it is named again; an empty list means the default kinds."""
    if given is None:
        return
    if not isinstance(given, list) or not all(isinstance(kind, str) for kind in given):
        raise bad_request("can't parse allowed_updates: expected an Array of String")
    wanted = [kind for kind in KINDS if kind in given]  # Telegram ignores unknown ones
    if wanted != call.bot.allowed_updates:
        call.bot = call.world.bots.change(call.bot.id, allowed_updates=wanted)


@method("setWebhook")
async def set_webhook(
    call: BotCall, *, url: str = "", ip_address: str = "", max_connections: int = 40, allowed_updates: Json = None,
    drop_pending_updates: bool = False, secret_token: str = "",
) -> Any:  # fmt: skip
    """An empty URL removes the webhook."""
    if secret_token and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret_token):
        too_long = len(secret_token) > 256
        raise bad_request(
            "secret token is too long" if too_long else "secret token contains unallowed characters"
        )
    if url:
        _check_webhook_url(url)
    _set_allowed(call, allowed_updates)
    already = call.bot.webhook.get("url", "") == url
    webhook = {
        "url": url,
        "secret": secret_token,
        "max_connections": min(max(max_connections, 1), 100),
        "ip_address": ip_address,
    }
    return await _put_webhook(call, webhook if url else {}, drop=drop_pending_updates, already=already)


@method("deleteWebhook")
async def delete_webhook(call: BotCall, *, drop_pending_updates: bool = False) -> Any:
    return await _put_webhook(call, {}, drop=drop_pending_updates, already=not call.bot.webhook)


async def _put_webhook(call: BotCall, webhook: dict[str, Any], *, drop: bool, already: bool) -> Any:
    if drop:
        call.world.updates.drop_all(call.bot.id)
    call.bot = call.world.bots.change(call.bot.id, webhook=webhook)
    call.services.polls.interrupt(call.bot.id, "setWebhook request")
    await call.services.webhooks.follow(call.bot.id)
    sentence = "Webhook was set" if webhook else "Webhook was deleted"
    if already:
        sentence = "Webhook is already set" if webhook else "Webhook is already deleted"
    return Described(True, sentence)


class Described:
    """An answer with a `description` beside its result."""

    def __init__(self, result: Any, description: str) -> None:
        self.result = result
        self.description = description


def _check_webhook_url(url: str) -> None:
    """https on Telegram's ports; the simulator also takes http and any port on the machine itself."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise bad_request("invalid webhook URL specified") from None
    if not host or parts.scheme not in ("http", "https"):
        raise bad_request("invalid webhook URL specified")
    if host in ("127.0.0.1", "::1", "localhost"):
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (port or 443) not in PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


@method("getWebhookInfo")
def get_webhook_info(call: BotCall) -> Any:
    webhook = call.bot.webhook
    answer: dict[str, Any] = {
        "url": webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": call.world.updates.count(call.bot.id),
    }
    if webhook:
        answer["max_connections"] = webhook["max_connections"]
        if webhook.get("ip_address"):
            answer["ip_address"] = webhook["ip_address"]
        answer |= call.services.webhooks.trouble(call.bot.id)
    if call.bot.allowed_updates:
        answer["allowed_updates"] = call.bot.allowed_updates
    return answer


@method("logOut")
def log_out(call: BotCall) -> Any:
    """Ends the bot's polls; here there is only one server that it could go to."""
    call.services.polls.interrupt(call.bot.id, "logOut request")
    return True


@method("close")
def close(call: BotCall) -> Any:
    call.services.polls.interrupt(call.bot.id, "close request")
    return True
