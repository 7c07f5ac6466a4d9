"""What a bot says of itself: commands, menu button, texts."""

import re
from typing import Any

from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.methods.keyboards import check_web_app
from telegram_simulator.bot_api.register import BotCall, ChatId, Json, method
from telegram_simulator.bot_api.targets import target_of

SCOPES = (
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators",
    "chat_member",
)  # fmt: skip
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
DEFAULT_BUTTON = {"type": "commands"}


def _key(call: BotCall, scope: Any, language_code: str) -> str:
    """Where a list of commands is kept: "scope language"."""
    if language_code and not re.fullmatch(r"[a-z]{2}", language_code):
        raise bad_request("invalid language code specified")
    wanted = scope or {"type": "default"}
    if not isinstance(wanted, dict) or wanted.get("type") not in SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    name = str(wanted["type"])
    if name in ("chat", "chat_administrators", "chat_member"):
        peer = target_of(call, ChatId(str(wanted.get("chat_id", "")))).peer
        name += f":{peer[0]}{peer[1]}"
        if name.startswith("chat_member"):
            name += f":{wanted.get('user_id')}"
    return f"{name} {language_code}"


@method("setMyCommands")
def set_my_commands(call: BotCall, commands: Json, scope: Json = None, language_code: str = "") -> Any:
    key = _key(call, scope, language_code)
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    checked = [_command(command) for command in commands]
    _keep(call, call.bot.commands | {key: checked})
    return True


def _command(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not isinstance(given.get("command"), str):
        raise bad_request("can't parse BotCommand: Can't find field \"command\"")
    name = given["command"].removeprefix("/")
    description = given.get("description")
    if not COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not isinstance(description, str) or not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


@method("getMyCommands")
def get_my_commands(call: BotCall, scope: Json = None, language_code: str = "") -> Any:
    """Exactly what was set for this scope and language; which list a person sees is `commands_for`."""
    return call.bot.commands.get(_key(call, scope, language_code), [])


@method("deleteMyCommands")
def delete_my_commands(call: BotCall, scope: Json = None, language_code: str = "") -> Any:
    key = _key(call, scope, language_code)
    _keep(call, {name: value for name, value in call.bot.commands.items() if name != key})
    return True


def _keep(call: BotCall, commands: dict[str, Any]) -> None:
    call.bot = call.world.bots.change(call.bot.id, commands=commands)


@method("setChatMenuButton")
def set_chat_menu_button(call: BotCall, chat_id: ChatId = ChatId(""), menu_button: Json = None) -> Any:  # noqa: B008
    button = menu_button or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("MenuButton has unsupported type")
    if button["type"] == "web_app":
        if not button.get("text"):
            raise bad_request("BUTTON_TEXT_INVALID")
        check_web_app(button.get("web_app"), "menu button Web App")
    kept = {name: value for name, value in call.bot.menu_buttons.items() if name != _place(call, chat_id)}
    if button["type"] != "default":
        kept[_place(call, chat_id)] = button
    call.bot = call.world.bots.change(call.bot.id, menu_buttons=kept)
    return True


@method("getChatMenuButton")
def get_chat_menu_button(call: BotCall, chat_id: ChatId = ChatId("")) -> Any:  # noqa: B008
    buttons = call.bot.menu_buttons
    return buttons.get(_place(call, chat_id)) or buttons.get("default") or DEFAULT_BUTTON


def _place(call: BotCall, chat_id: ChatId) -> str:
    if not chat_id:
        return "default"
    target = target_of(call, chat_id)
    if target.chat is not None:
        raise bad_request("chat not found")
    return str(target.peer[1])


# Texts ----------------------------------------------------------------------------------------------------------------

LONGEST = {"name": 64, "description": 512, "short_description": 120}
WRONG = {
    "name": "TITLE_INVALID",
    "description": "DESCRIPTION_TOO_LONG",
    "short_description": "ABOUT_TOO_LONG",
}


def _set_text(call: BotCall, kind: str, text: str, language_code: str) -> bool:
    if len(text) > LONGEST[kind]:
        raise bad_request(WRONG[kind])
    texts = {name: value for name, value in call.bot.texts.items() if name != f"{kind} {language_code}"}
    if text:
        texts[f"{kind} {language_code}"] = text
    if kind == "name" and text and not language_code:
        call.world.people.change(call.bot.id, {"first_name": text})
    call.bot = call.world.bots.change(call.bot.id, texts=texts)
    return True


def _text(call: BotCall, kind: str, language_code: str) -> dict[str, str]:
    texts = call.bot.texts
    found = texts.get(f"{kind} {language_code}") or texts.get(f"{kind} ")
    return {kind: found or (call.bot.first_name if kind == "name" else "")}


@method("setMyName")
def set_my_name(call: BotCall, name: str = "", language_code: str = "") -> Any:
    return _set_text(call, "name", name, language_code)


@method("getMyName")
def get_my_name(call: BotCall, language_code: str = "") -> Any:
    return _text(call, "name", language_code)


@method("setMyDescription")
def set_my_description(call: BotCall, description: str = "", language_code: str = "") -> Any:
    return _set_text(call, "description", description, language_code)


@method("getMyDescription")
def get_my_description(call: BotCall, language_code: str = "") -> Any:
    return _text(call, "description", language_code)


@method("setMyShortDescription")
def set_my_short_description(call: BotCall, short_description: str = "", language_code: str = "") -> Any:
    return _set_text(call, "short_description", short_description, language_code)


@method("getMyShortDescription")
def get_my_short_description(call: BotCall, language_code: str = "") -> Any:
    return _text(call, "short_description", language_code)
