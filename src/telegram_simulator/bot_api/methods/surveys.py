"""Polls and quizzes."""

import secrets
from dataclasses import dataclass
from typing import Any

from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.methods.messages import message_to_edit, with_markup
from telegram_simulator.bot_api.poll_shape import poll_shape
from telegram_simulator.bot_api.register import BotCall, ChatId, Json, method
from telegram_simulator.bot_api.sending import SendOptions, send
from telegram_simulator.bot_api.targets import target_of
from telegram_simulator.world.acts.polling import close

MOST_OPTIONS = 12
LONGEST_QUESTION, LONGEST_OPTION, LONGEST_EXPLANATION = 300, 100, 200


@dataclass(slots=True)
class Kind:
    is_anonymous: bool = True
    type: str = "regular"
    allows_multiple_answers: bool = False
    correct_option_id: int = -1
    correct_option_ids: Json = None
    explanation: str = ""
    is_closed: bool = False


@method("sendPoll")
def send_poll(
    call: BotCall,
    *,
    chat_id: ChatId,
    common: SendOptions,
    kind: Kind,
    question: str = "",
    options: Json = None,
) -> Any:
    """Plain texts only; polls that end by themselves, or with files, are not simulated."""
    if not question.strip():
        raise bad_request("poll question must be non-empty")
    if len(question) > LONGEST_QUESTION:
        raise bad_request(f"poll question length must not exceed {LONGEST_QUESTION}")
    texts = _texts(options)
    quiz = kind.type == "quiz"
    if kind.type not in ("quiz", "regular"):
        raise bad_request("unsupported poll type specified")
    if quiz and kind.allows_multiple_answers:
        raise bad_request("quiz can't have multiple answers")
    if len(kind.explanation) > LONGEST_EXPLANATION:
        raise bad_request("message caption is too long")
    poll = {
        "id": str(secrets.randbits(62) + 2**62), "question": question.strip(), "options": texts, "quiz": quiz,
        "anonymous": kind.is_anonymous, "multiple": kind.allows_multiple_answers, "closed": kind.is_closed,
        "correct": _correct(kind, len(texts)) if quiz else None, "explanation": kind.explanation, "votes": {},
    }  # fmt: skip
    return send(call, chat_id, "", {"poll": poll}, common, right="can_send_polls", what="polls")


def _texts(options: Any) -> list[str]:
    """Texts of the options: of InputPollOption, or bare ones as older bots send them."""
    if not isinstance(options, list):
        raise bad_request("expected an Array of String as options")
    texts = [one.get("text") if isinstance(one, dict) else one for one in options]
    if not texts:
        raise bad_request("poll must have at least 1 option")
    if len(texts) > MOST_OPTIONS:
        raise bad_request(f"poll can't have more than {MOST_OPTIONS} options")
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            raise bad_request("poll options must be non-empty")
        if len(text) > LONGEST_OPTION:
            raise bad_request(f"poll options length must not exceed {LONGEST_OPTION}")
    return [str(text).strip() for text in texts]


def _correct(kind: Kind, count: int) -> int:
    many = kind.correct_option_ids
    if many and (not isinstance(many, list) or len(many) != 1):
        raise bad_request("the simulator knows quizzes with one correct answer only")
    number = many[0] if many else kind.correct_option_id
    if not isinstance(number, int) or not 0 <= number < count:
        raise bad_request("wrong correct option ID specified")
    return number


@method("stopPoll")
def stop_poll(call: BotCall, *, chat_id: ChatId, message_id: int, reply_markup: Json = None) -> Any:
    target = target_of(call, chat_id)
    message = message_to_edit(call, target, message_id)
    if "poll" not in message.content:
        raise bad_request("message is not a poll")
    if message.content["poll"]["closed"]:
        raise bad_request("poll has already been closed")
    with_markup(message.content, reply_markup, target)  # only checked: a closed poll keeps its keyboard here
    return poll_shape(close(call.world, message=message, now=call.now))
