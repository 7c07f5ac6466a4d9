"""The play page itself: a web page like a Telegram app, whose files come from nowhere else."""

import re
from pathlib import Path
from typing import Any

from telegram_simulator.control.orders import Bytes, Order, Refused, route

FOLDER = Path(__file__).parent
TYPES = {
    ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
}  # fmt: skip
# Mini Apps are shown in frames, from this machine or over https; everything else is the page's own.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "frame-src https: http://127.0.0.1:* http://localhost:*",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (("content-security-policy", POLICY), ("referrer-policy", "no-referrer"))


@route("GET", "/play/?")
async def page(_: Order) -> Any:
    """?as= an id, phone or @username, &open= a chat, &start= a payload for the Start button"""
    return Bytes((FOLDER / "page.html").read_bytes(), "text/html; charset=utf-8", headers=HEADERS)


@route("GET", "/play/static/{file}")
async def static(order: Order) -> Any:
    name = order.path["file"]
    place = FOLDER / "static" / name
    if not re.fullmatch(r"[a-z]+\.(js|css|svg)", name) or not place.is_file():
        raise Refused(404, "There is no such file of the page.")
    return Bytes(place.read_bytes(), TYPES[place.suffix])
