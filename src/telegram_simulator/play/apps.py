"""Mini Apps: the address with which a person's Telegram opens one, and what one sends back to its bot.

https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from telegram_simulator.bot_api.shapes import user
from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.play.api import bot_id_of, player_of, post_of
from telegram_simulator.world.mini_apps import AppQueries
from telegram_simulator.world.people import Person

LARGEST_DATA = 4096  # bytes
VERSION = "8.0"
THEME = {
    "bg_color": "#ffffff",
    "text_color": "#1d2a33",
    "button_color": "#1f7f8c",
    "button_text_color": "#ffffff",
}


@route("POST", "/play/api/{person}/web_app")
async def open_app(order: Order) -> Any:
    """{"bot", "url", "keyboard"?: whether its button stood on the bot's keyboard, "start_param"?} → {"url"}"""
    person, wishes = player_of(order), order.wishes()
    bot = order.world.bots.by_id(bot_id_of(order, wishes.get("bot")))
    url = str(wishes.get("url") or "")
    parts = urlsplit(url)
    if bot is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(400, "url must be the web address of a Mini App.")
    told = {"tgWebAppVersion": VERSION, "tgWebAppPlatform": "web", "tgWebAppThemeParams": json.dumps(THEME)}
    # Apps that are opened from the keyboard do not get to know who has opened them.
    if not wishes.get("keyboard"):
        start = str(wishes.get("start_param") or "")
        query_id = AppQueries(order.world.connection).new(bot_id=bot.id, person_id=person.id, now=order.now)
        data = init_data(person, bot.token, now=order.now, start_param=start, query_id=query_id)
        told = {"tgWebAppData": data} | told
    return {"url": f"{url}{'&' if parts.fragment else '#'}{urlencode(told)}"}


def init_data(person: Person, token: str, *, now: float, start_param: str = "", query_id: str = "") -> str:
    """Signed `initData` as a query string. `query_id`: for answerWebAppQuery."""
    about = {name: value for name, value in user(person).items() if name != "is_bot"}
    fields = {
        "user": json.dumps(about, ensure_ascii=False, separators=(",", ":")),
        "auth_date": str(int(now)),
    }
    fields |= {"start_param": start_param} if start_param else {}
    fields |= {"query_id": query_id} if query_id else {}
    text = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
    return urlencode(fields | {"hash": hmac.new(key, text.encode(), hashlib.sha256).hexdigest()})


@route("POST", "/play/api/{person}/web_app_data")
async def send_data(order: Order) -> Any:
    """{"bot", "data", "button"}: Telegram.WebApp.sendData of an app that was opened from the keyboard."""
    person, wishes = player_of(order), order.wishes()
    data = str(wishes.get("data") or "")
    if not 1 <= len(data.encode()) <= LARGEST_DATA:
        raise Refused(400, "data must be a text of 1 to 4096 bytes.")
    told = {"data": data, "button_text": str(wishes.get("button") or "")}
    content = {"service": {"kind": "web_app_data", "value": told}}
    place = ("user", bot_id_of(order, wishes.get("bot")))
    return post_of(order, person, place, text="", content=content, reply_to=None)
