"""Contacts, places, dice, polls, reactions and Mini Apps; and what of it can be passed on."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputTextMessageContent,
    KeyboardButton,
    LabeledPrice,
    Message,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
    Update,
)

from telegram_simulator.testing import ControlRefused, RunningSimulator
from telegram_simulator.tests.bot_steps import ask, met, new_bot, program, refusal, updates_of
from telegram_simulator.tests.world_steps import running


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


def heard(simulator: RunningSimulator, bot: dict[str, Any], kind: str) -> list[Any]:
    found = [Update.model_validate(update) for update in updates_of(simulator, bot)]
    return [getattr(update, kind) for update in found if getattr(update, kind) is not None]


async def test_a_person_shares_their_number_by_a_button(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    button = KeyboardButton(text="Мой номер", request_contact=True)
    async with program(simulator, bot["token"]) as client:
        await client.send_message(player.id, "Кто вы?", reply_markup=ReplyKeyboardMarkup(keyboard=[[button]]))
        player.press(bot["username"], "Мой номер")
        (message,) = heard(simulator, bot, "message")
        assert (message.contact.user_id, message.contact.phone_number) == (player.id, f"+{player.phone}")
        card = await client.send_contact(player.id, f"+{player.phone}", "Инна", last_name="В.")
        assert card.contact and card.contact.user_id == player.id and card.contact.last_name == "В."


async def test_places_and_dice(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    async with program(simulator, bot["token"]) as client:
        place = await client.send_location(player.id, 55.75, 37.61)
        assert place.location and place.location.latitude == 55.75
        venue = await client.send_venue(player.id, 55.75, 37.61, title="Склад", address="Красная площадь, 1")
        assert venue.venue and venue.venue.title == "Склад" and venue.location
        dice = await client.send_dice(player.id, emoji="🎰")
        assert dice.dice and 1 <= dice.dice.value <= 64
    assert player.chat(bot["username"])[-1].raw["shown"]["dice"]["value"] == dice.dice.value


async def test_people_vote_in_a_poll_until_it_is_closed(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    async with program(simulator, bot["token"]) as client:
        sent = await client.send_poll(player.id, "Когда?", ["Утром", "Вечером"], is_anonymous=False)
        shown = player.chat(bot["username"])[-1]
        assert (
            player.post("vote", to=bot["username"], message=shown.id, options=[1])["total_voter_count"] == 1
        )
        (answer,) = heard(simulator, bot, "poll_answer")
        assert (answer.user.id, answer.option_ids, answer.poll_id) == (player.id, [1], sent.poll.id)  # type: ignore[union-attr]
        assert heard(simulator, bot, "poll")[-1].options[1].voter_count == 1
        closed = await client.stop_poll(player.id, sent.message_id)
        assert closed.is_closed and closed.options[1].voter_count == 1
        with pytest.raises(ControlRefused, match="This poll is closed"):
            player.post("vote", to=bot["username"], message=shown.id, options=[0])
        with pytest.raises(TelegramBadRequest, match="poll has already been closed"):
            await client.stop_poll(player.id, sent.message_id)
        quiz = await client.send_poll(player.id, "2 × 2?", ["3", "4"], type="quiz", correct_option_id=1)
        assert quiz.poll and quiz.poll.correct_option_id == 1


async def test_reactions_go_both_ways(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    ask(simulator, bot["token"], "getUpdates", allowed_updates=["message", "message_reaction"])
    async with program(simulator, bot["token"]) as client:
        own = player.write(bot["username"], "Спасибо")
        (message,) = heard(simulator, bot, "message")
        assert await client.set_message_reaction(
            player.id, message.message_id, [ReactionTypeEmoji(emoji="👍")]
        )
        assert player.chat(bot["username"])[-1].raw["reactions"] == {str(bot["id"]): ["👍"]}
        assert player.post("react", to=bot["username"], message=own.id, emoji="🔥")["changed"]
        (change,) = heard(simulator, bot, "message_reaction")
        assert (change.user.id, change.message_id) == (player.id, message.message_id)
        assert [one.emoji for one in change.new_reaction] == ["🔥"] and change.old_reaction == []
        with pytest.raises(TelegramBadRequest, match="REACTION_INVALID"):
            await client.set_message_reaction(player.id, message.message_id, [ReactionTypeEmoji(emoji="🪑")])
    assert heard(simulator, bot, "edited_message") == []


async def test_a_mini_app_knows_who_opened_it_and_has_its_bot_write(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    opened = player.post("web_app", bot=bot["username"], url="https://app.example/", start_param="a")
    data = dict(parse_qsl(parse_qs(urlsplit(opened["url"]).fragment)["tgWebAppData"][0]))
    signed = "\n".join(f"{name}={value}" for name, value in sorted(data.items()) if name != "hash")
    key = hmac.digest(b"WebAppData", bot["token"].encode(), hashlib.sha256)
    assert data["hash"] == hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()
    result = InlineQueryResultArticle(
        id="1", title="Заказ", input_message_content=InputTextMessageContent(message_text="Заказ принят")
    )
    async with program(simulator, bot["token"]) as client:
        await client.answer_web_app_query(data["query_id"], result)
        (message,) = heard(simulator, bot, "message")
        assert (message.text, message.via_bot.id, message.from_user.id) == (
            "Заказ принят",
            bot["id"],
            player.id,
        )
        with pytest.raises(TelegramBadRequest, match="query is too old"):
            await client.answer_web_app_query(data["query_id"], result)
    player.post("web_app_data", bot=bot["username"], data='{"n":1}', button="Открыть")
    sent = heard(simulator, bot, "message")[-1].web_app_data
    assert (sent.data, sent.button_text) == ('{"n":1}', "Открыть")


async def test_albums_are_passed_on_together_and_invoices_not_copied(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    files: list[Any] = [InputMediaDocument(media=BufferedInputFile(b"x", f"{n}.txt")) for n in range(2)]
    async with program(simulator, bot["token"]) as client:
        album = await client.send_media_group(player.id, files)
        numbers = [message.message_id for message in album]
        await client.copy_messages(player.id, player.id, numbers)
        copies = [message.raw["files"][0]["group"] for message in player.chat(bot["username"])[-2:]]
        assert len(set(copies)) == 1 and copies[0] != album[0].media_group_id
        forwarded = await client.forward_message(player.id, player.id, numbers[0])
        assert forwarded.media_group_id is None and forwarded.document and forwarded.forward_origin
        price = [LabeledPrice(label="a", amount=5)]
        invoice = await client.send_invoice(player.id, "Счёт", "За всё", "p", "XTR", price)
        with pytest.raises(TelegramBadRequest, match="message can't be copied"):
            await client.copy_message(player.id, player.id, invoice.message_id)
        passed_on = await client.forward_message(player.id, player.id, invoice.message_id)
        assert isinstance(passed_on, Message) and passed_on.invoice


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("sendContact", {"phone_number": "+7900"}, 'parameter "first_name" is required'),
    ("sendLocation", {"longitude": 1}, "latitude is empty"),
    ("sendLocation", {"latitude": 91, "longitude": 1}, "invalid location specified"),
    ("sendDice", {"emoji": "🪑"}, "invalid dice emoji specified"),
    ("sendPoll", {"options": ["a", "b"]}, "poll question must be non-empty"),
    ("sendPoll", {"question": "q", "options": []}, "poll must have at least 1 option"),
    ("sendPoll", {"question": "q", "options": ["a"] * 13}, "poll can't have more than 12 options"),
    ("sendPoll", {"question": "q", "options": ["a", " "]}, "poll options must be non-empty"),
    ("sendPoll", {"question": "q", "options": ["a", "b"], "type": "quiz"}, "wrong correct option ID specified"),
    ("stopPoll", {"message_id": 2}, "message to edit not found"),
    ("setMessageReaction", {"message_id": 999}, "message to react not found"),
    ("answerWebAppQuery", {"web_app_query_id": "x"},
     "query is too old and response timeout expired or query ID is invalid"),
]  # fmt: skip


def test_bad_requests_are_answered_in_telegrams_words(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    for method, parameters, sentence in BAD:
        given = parameters | ({} if method == "answerWebAppQuery" else {"chat_id": player.id})
        answer = refusal(simulator, bot["token"], method, **given)
        assert answer == (400, f"Bad Request: {sentence}"), (method, parameters)
