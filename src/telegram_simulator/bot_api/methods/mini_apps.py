"""What a Mini App has its bot write in the name of the person who has opened it."""

from typing import Any

from telegram_simulator.bot_api.errors import bad_request, forbidden
from telegram_simulator.bot_api.formatting import formatted_text
from telegram_simulator.bot_api.methods.keyboards import markup_of
from telegram_simulator.bot_api.register import BotCall, Json, method
from telegram_simulator.world import acts
from telegram_simulator.world.mini_apps import AppQueries

LATE = "query is too old and response timeout expired or query ID is invalid"


@method("answerWebAppQuery")
def answer_web_app_query(call: BotCall, *, web_app_query_id: str = "", result: Json = None) -> Any:
    """Results of type article; the message stands in the person's chat with the bot, sent "via" it."""
    queries = AppQueries(call.world.connection)
    person_id = queries.person_of(web_app_query_id, bot_id=call.bot.id, now=call.now)
    if person_id is None:
        raise bad_request(LATE)
    if call.world.bots.blocked_by(call.bot.id, person_id):
        raise forbidden("bot was blocked by the user")
    said = _article(result)
    text, entities = formatted_text(
        call, str(said.get("message_text") or ""), str(said.get("parse_mode") or ""), said.get("entities")
    )
    content: dict[str, Any] = {"via_bot": call.bot.id} | ({"entities": entities} if entities else {})
    markup = markup_of(result.get("reply_markup"), private=True, only_inline=True)
    content |= {"markup": markup} if markup else {}
    with call.world.transaction():
        queries.close(web_app_query_id)
        acts.post(
            call.world, sender_id=person_id, place=("user", call.bot.id), text=text, now=call.now, content=content
        )  # fmt: skip
    return {}


def _article(result: Any) -> dict[str, Any]:
    """The input_message_content of the result."""
    if not isinstance(result, dict):
        raise bad_request("can't parse InlineQueryResult: expected an Object")
    if result.get("type") != "article":
        raise bad_request("the simulator knows results of Mini Apps of type article only")
    for name in ("id", "title"):
        if not isinstance(result.get(name), str) or not result[name]:
            raise bad_request(f"can't parse InlineQueryResult: Can't find field \"{name}\"")
    said = result.get("input_message_content")
    if not isinstance(said, dict) or "message_text" not in said:
        raise bad_request("can't parse InlineQueryResult: Message content is not specified")
    return said
