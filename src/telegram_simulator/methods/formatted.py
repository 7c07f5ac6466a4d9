"""Formatting and keyboards: from the Bot API's JSON, which the world keeps, to TL objects and back."""

import json
from typing import Any

from telethon.tl import types as tl

PLAIN = {
    "mention": tl.MessageEntityMention, "hashtag": tl.MessageEntityHashtag, "cashtag": tl.MessageEntityCashtag,
    "bot_command": tl.MessageEntityBotCommand, "url": tl.MessageEntityUrl, "email": tl.MessageEntityEmail,
    "phone_number": tl.MessageEntityPhone, "bold": tl.MessageEntityBold, "italic": tl.MessageEntityItalic,
    "underline": tl.MessageEntityUnderline, "strikethrough": tl.MessageEntityStrike,
    "spoiler": tl.MessageEntitySpoiler, "code": tl.MessageEntityCode, "blockquote": tl.MessageEntityBlockquote,
}  # fmt: skip
NAMES = {kind.CONSTRUCTOR_ID: name for name, kind in PLAIN.items()}


def entities_to_tl(entities: list[dict[str, Any]]) -> list[Any] | None:
    found = []
    for entity in entities:
        place = entity["offset"], entity["length"]
        match entity["type"]:
            case "text_link":
                found.append(tl.MessageEntityTextUrl(*place, entity["url"]))
            case "text_mention":
                found.append(tl.MessageEntityMentionName(*place, entity["user"]["id"]))
            case "pre":
                found.append(tl.MessageEntityPre(*place, entity.get("language", "")))
            case "custom_emoji":
                found.append(tl.MessageEntityCustomEmoji(*place, int(entity["custom_emoji_id"])))
            case "expandable_blockquote":
                found.append(tl.MessageEntityBlockquote(*place, collapsed=True))
            case kind:
                found.append(PLAIN[kind](*place))
    return found or None


def entities_from_tl(entities: list[Any] | None) -> list[dict[str, Any]]:
    """What a client program sends along with its text; kinds that are not simulated are left out."""
    found = []
    for entity in entities or []:
        place = {"offset": entity.offset, "length": entity.length}
        if isinstance(entity, tl.MessageEntityTextUrl):
            found.append({"type": "text_link", **place, "url": entity.url})
        elif isinstance(entity, tl.MessageEntityPre):
            language = {"language": entity.language} if entity.language else {}
            found.append({"type": "pre", **place, **language})
        elif entity.CONSTRUCTOR_ID in NAMES:
            found.append({"type": NAMES[entity.CONSTRUCTOR_ID], **place})
    return found


def markup_to_tl(markup: dict[str, Any] | None) -> Any:
    if not markup:
        return None
    if "inline_keyboard" in markup:
        return tl.ReplyInlineMarkup(
            [
                tl.KeyboardInlineButtonRow([_inline(button) for button in row])
                for row in markup["inline_keyboard"]
            ]
        )
    if "keyboard" in markup:
        rows = [tl.KeyboardButtonRow([_button(button) for button in row]) for row in markup["keyboard"]]
        return tl.ReplyKeyboardMarkup(
            rows,
            resize=markup.get("resize_keyboard") or None,
            single_use=markup.get("one_time_keyboard") or None,
            persistent=markup.get("is_persistent") or None,
            placeholder=markup.get("input_field_placeholder"),
        )
    if markup.get("remove_keyboard"):
        return tl.ReplyKeyboardHide()
    if markup.get("force_reply"):
        return tl.ReplyKeyboardForceReply(placeholder=markup.get("input_field_placeholder"))
    return None


# What a button does, as TL of layer 229 says it.
INLINE: dict[str, Any] = {
    "callback_data": lambda value: tl.InlineButtonTypeCallback(value.encode()),
    "url": tl.InlineButtonTypeUrl,
    "login_url": lambda value: tl.InlineButtonTypeUrl(value["url"]),
    "web_app": lambda value: tl.InlineButtonTypeWebView(value["url"]),
    "copy_text": lambda value: tl.InlineButtonTypeCopy(value["text"]),
    "pay": lambda _: tl.InlineButtonTypeBuy(),
}


def _inline(button: dict[str, Any]) -> Any:
    for name, made in INLINE.items():
        if name in button:
            return tl.KeyboardInlineButton(button["text"], made(button[name]))
    query = next((button[name] for name in button if name.startswith("switch_inline_query")), "")
    shown = query if isinstance(query, str) else json.dumps(query)
    return tl.KeyboardInlineButton(button["text"], tl.InlineButtonTypeSwitchInline(shown))


def _button(button: dict[str, Any]) -> Any:
    kind = tl.ButtonTypeDefault()
    if button.get("request_contact"):
        kind = tl.ButtonTypeRequestPhone()
    elif button.get("request_location"):
        kind = tl.ButtonTypeRequestGeoLocation()
    elif "web_app" in button:
        kind = tl.ButtonTypeSimpleWebView(button["web_app"]["url"])
    return tl.KeyboardButton(button["text"], kind)
