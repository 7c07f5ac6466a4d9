"""Keyboards: checked as strictly as Telegram checks them, and kept as the bot has sent them."""

from typing import Any
from urllib.parse import urlsplit

from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.formatting import correct_url

LONGEST_DATA = 64  # bytes
LONGEST_COPY = 256
INLINE_FIELDS = (
    "callback_data", "url", "web_app", "login_url", "copy_text", "pay", "switch_inline_query",
    "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "callback_game",
)  # fmt: skip
LOOKS = ("style", "icon_custom_emoji_id")


def markup_of(given: Any, *, private: bool, only_inline: bool = False) -> dict[str, Any] | None:
    """The reply_markup of a request, or None without one. Raises 400. `private`: the chat is with one person."""
    if given in (None, {}, ""):
        return None
    if not isinstance(given, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in given:
        return {"inline_keyboard": _rows(given["inline_keyboard"], "inline keyboard", private=private)}
    if only_inline:
        raise bad_request("inline keyboard expected")
    if "keyboard" in given:
        return given | {"keyboard": _rows(given["keyboard"], "keyboard", private=private)}
    if given.get("remove_keyboard") or given.get("force_reply"):
        return dict(given)
    return None


def _rows(given: Any, what: str, *, private: bool) -> list[list[dict[str, Any]]]:
    field = "inline_keyboard" if what == "inline keyboard" else "keyboard"
    if not isinstance(given, list):
        raise bad_request(f'field "{field}" must be of type Array')
    rows = []
    for row in given:
        if not isinstance(row, list):
            raise bad_request(f'field "{field}" must be an Array of Arrays')
        check = _inline_button if what == "inline keyboard" else _reply_button
        buttons = [check(button, private=private) for button in row]
        if buttons:
            rows.append(buttons)
    if sum(len(row) for row in rows) > (100 if what == "inline keyboard" else 300):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return rows


def _text_of(button: Any, what: str) -> str:
    if not isinstance(button, dict):
        raise bad_request(f"can't parse {what} button: Expected an Object")
    text = button.get("text")
    if "text" not in button:
        raise bad_request(f"can't parse {what} button: Can't find field \"text\"")
    if not isinstance(text, str):
        raise bad_request(f'can\'t parse {what} button: Field "text" must be of type String')
    return text


def _inline_button(button: Any, *, private: bool) -> dict[str, Any]:
    if not _text_of(button, "inline keyboard").strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = [name for name in INLINE_FIELDS if name in button]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    unknown = set(button) - {"text", *INLINE_FIELDS, *LOOKS}
    if unknown:
        raise bad_request(f"the simulator does not know {sorted(unknown)[0]} of an inline keyboard button")
    for name in actions:
        _check_action(name, button[name], private=private)
    return dict(button)


def _check_action(name: str, value: Any, *, private: bool) -> None:
    match name:
        case "callback_data":
            _demand(
                isinstance(value, str) and 1 <= len(value.encode()) <= LONGEST_DATA, "BUTTON_DATA_INVALID"
            )
        case "url":
            _check_url(value, "URL")
        case "login_url":
            _check_url(value.get("url") if isinstance(value, dict) else None, "login URL")
        case "web_app":
            _demand(private, "BUTTON_TYPE_INVALID")
            check_web_app(value, "inline keyboard button Web App")
        case "copy_text":
            text = value.get("text") if isinstance(value, dict) else None
            _demand(isinstance(text, str) and 1 <= len(text) <= LONGEST_COPY, "BUTTON_COPY_TEXT_INVALID")


def _demand(fulfilled: bool, sentence: str) -> None:
    if not fulfilled:
        raise bad_request(sentence)


def _check_url(url: Any, what: str) -> None:
    if not isinstance(url, str) or not correct_url(url):
        raise bad_request(f"inline keyboard button {what} '{url}' is invalid: Wrong HTTP URL")


def check_web_app(value: Any, what: str) -> None:
    """Telegram wants https; the simulator also takes http on the machine itself, as Telegram's test servers do."""
    url = value.get("url") if isinstance(value, dict) else None
    if not isinstance(url, str) or not url:
        raise bad_request(f"can't parse {what.lower()}: Can't find field \"url\"")
    parts = urlsplit(url)
    at_home = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not at_home and (parts.scheme != "https" or not correct_url(url)):
        raise bad_request(f"{what} URL '{url}' is invalid: Only HTTPS links are allowed")


def _reply_button(button: Any, *, private: bool) -> dict[str, Any]:
    """A button of the keyboard that replaces a person's own; a bare text is one too."""
    if isinstance(button, str):
        button = {"text": button}
    if not _text_of(button, "keyboard").strip():
        raise bad_request("keyboard button text must be non-empty")
    for name in (
        "request_contact",
        "request_location",
        "request_poll",
        "web_app",
        "request_users",
        "request_chat",
    ):
        if button.get(name) and not private:
            words = {
                "request_contact": "phone number",
                "request_location": "location",
                "request_poll": "poll",
            }
            if name in words:
                raise bad_request(f"{words[name]} can be requested in private chats only")
            raise bad_request("BUTTON_TYPE_INVALID")
    if "web_app" in button:
        check_web_app(button["web_app"], "keyboard button Web App")
    return dict(button)
