"""Bots and people in the same world: client programs, groups, privacy mode, chats that move or end."""

import asyncio
import contextlib
import http.client
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from aiogram import Dispatcher, F, types
from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat
from telethon import errors, events, functions
from telethon.tl.types import MessageEntityBold

from telegram_simulator.testing import RunningSimulator
from telegram_simulator.tests.bot_steps import (
    ask,
    meanwhile,
    met,
    new_bot,
    polling,
    program,
    refusal,
    result,
    updates_of,
)
from telegram_simulator.tests.world_steps import account_with, running, signed_in


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


def chat_with(
    simulator: RunningSimulator, bot: dict[str, Any], *people: int, kind: str = "supergroup", **wishes: Any
) -> dict[str, Any]:
    """A chat of these people (the first one made it) and the bot."""
    chat: dict[str, Any] = simulator.post(
        "/api/chats",
        {"kind": kind, "title": "Склад", "creator": people[0], "username": wishes.get("username")},
    )
    for person in people[1:]:
        simulator.post(f"/api/chats/{chat['id']}/members", {"person": person})
    simulator.post(
        f"/api/chats/{chat['id']}/members", {"person": bot["id"], "role": wishes.get("role", "member")}
    )
    return chat


def texts(simulator: RunningSimulator, bot: dict[str, Any]) -> list[str]:
    return [u["message"]["text"] for u in updates_of(simulator, bot) if "text" in u.get("message", {})]


async def test_a_telethon_account_and_an_aiogram_bot_talk(simulator: RunningSimulator) -> None:
    own = new_bot(simulator)
    dispatcher = Dispatcher()

    @dispatcher.message(F.text.startswith("/start"))
    async def started(message: types.Message) -> None:
        rows = [[types.InlineKeyboardButton(text="Готов", callback_data="ready")]]
        markup = types.InlineKeyboardMarkup(inline_keyboard=rows)
        await message.reply(f"<b>Готовы</b>? {message.text}", parse_mode="HTML", reply_markup=markup)

    @dispatcher.callback_query()
    async def ready(tap: types.CallbackQuery) -> None:
        assert isinstance(tap.message, types.Message)
        await tap.message.edit_text("Поехали")
        await tap.answer("Принято", show_alert=True)

    phone = account_with(simulator)
    async with (
        signed_in(simulator, phone) as client,
        program(simulator, own["token"]) as bot,
        polling(dispatcher, bot),
    ):
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        edited: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        client.add_event_handler(answered.set_result, events.NewMessage(incoming=True))
        client.add_event_handler(edited.set_result, events.MessageEdited())
        await client.get_me()
        peer = await client.get_input_entity(own["username"])
        await client(functions.messages.StartBotRequest(peer, peer, "from-telethon"))
        async with asyncio.timeout(10):
            event = await answered
            assert event.raw_text == "Готовы? /start from-telethon"
            assert isinstance(event.message.entities[0], MessageEntityBold)
            assert event.message.reply_to.reply_to_msg_id == (await client.get_messages(peer, limit=2))[1].id
            said = await event.message.click(text="Готов")
            assert (said.message, said.alert) == ("Принято", True)
            assert (await edited).raw_text == "Поехали"
        history = [m.text async for m in client.iter_messages(peer)]
        assert history == ["Поехали", "/start from-telethon"]
        await client(functions.contacts.BlockRequest(peer))
        me = await client.get_me()
        with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
            await bot.send_message(me.id, "Ау")
        with pytest.raises(errors.YouBlockedUserError):
            await client.send_message(peer, "Ау")


async def test_what_was_edited_or_deleted_while_away_is_told_later(simulator: RunningSimulator) -> None:
    own = new_bot(simulator)
    phone = account_with(simulator)
    player = simulator.player(phone)
    player.start(own["username"])
    sent = [
        result(simulator, own["token"], "sendMessage", chat_id=player.id, text=str(n))["message_id"]
        for n in range(2)
    ]
    async with signed_in(simulator, phone) as client:
        state = await client(functions.updates.GetStateRequest())
    place = {"chat_id": player.id}
    result(simulator, own["token"], "editMessageText", **place, message_id=sent[0], text="Иначе")
    result(simulator, own["token"], "deleteMessage", **place, message_id=sent[1])
    result(simulator, own["token"], "sendMessage", **place, text="Новое")
    async with signed_in(simulator, phone) as client:
        missed = await client(functions.updates.GetDifferenceRequest(state.pts, state.date, 0))
        assert [m.message for m in missed.new_messages] == ["Новое"]
        kinds = [type(update).__name__ for update in missed.other_updates]
        assert kinds == ["UpdateEditMessage", "UpdateDeleteMessages"]
        assert missed.other_updates[0].message.message == "Иначе"


def test_in_a_group_a_bot_hears_only_what_is_meant_for_it(simulator: RunningSimulator) -> None:
    bot, other = new_bot(simulator), new_bot(simulator)
    owner, member = simulator.player("Хозяйка"), simulator.player("Участник")
    chat = chat_with(simulator, bot, owner.id, member.id)
    place = str(chat["bot_api_id"])
    member.write(place, "Просто разговор")
    member.write(place, f"/help@{bot['username']} мне")
    member.write(place, f"/help@{other['username']} не мне")
    member.write(place, "/stop один бот, значит ему")
    member.write(place, f"@{bot['username']} просто упомянут")
    sent = result(simulator, bot["token"], "sendMessage", chat_id=place, text="Вопрос")
    member.write(place, "Ответ", reply_to=sent["message_id"])
    expected = [f"/help@{bot['username']} мне", "/stop один бот, значит ему", "Ответ"]
    assert texts(simulator, bot) == expected
    simulator.post(f"/api/chats/{chat['id']}/members", {"person": other["id"], "role": "administrator"})
    result(simulator, other["token"], "sendMessage", chat_id=place, text="Второй здесь")
    member.write(place, "/stop кто писал последним")
    assert texts(simulator, bot) == expected, "the other bot wrote last"
    assert texts(simulator, other) == ["/stop кто писал последним"], "and bots do not hear bots"
    simulator.patch(f"/api/bots/{bot['username']}", {"can_read_all_group_messages": True})
    member.write(place, "Теперь слышно всё")
    assert texts(simulator, bot)[-1] == "Теперь слышно всё"


def test_coming_and_going_is_told(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner, guest = simulator.player("Хозяйка"), simulator.player("Гостья")
    result(
        simulator, bot["token"], "getUpdates", allowed_updates=["message", "my_chat_member", "chat_member"]
    )
    chat = chat_with(simulator, bot, owner.id, username=f"shop_of_{owner.id}")
    first, second = updates_of(simulator, bot)[:2]
    assert first["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert first["my_chat_member"]["from"]["id"] == owner.id
    assert second["message"]["new_chat_members"][0]["id"] == bot["id"]
    guest.join(f"@shop_of_{owner.id}")
    guest.leave(f"@shop_of_{owner.id}")
    names = [
        next(iter(set(u["message"]) & {"new_chat_members", "left_chat_member"}))
        for u in updates_of(simulator, bot)[2:]
    ]
    assert names == ["new_chat_members", "left_chat_member"], "who is no administrator hears no chat_member"
    simulator.post(f"/api/chats/{chat['id']}/members", {"person": bot["id"], "role": "administrator"})
    guest.join(f"@shop_of_{owner.id}")
    changes = [
        u["chat_member"]["new_chat_member"]["status"]
        for u in updates_of(simulator, bot)
        if "chat_member" in u
    ]
    assert changes == ["member"]


async def test_a_bot_that_was_thrown_out_is_told_why_it_cannot_write(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner = simulator.player("Хозяйка")
    for kind, name in (("group", "group"), ("supergroup", "supergroup"), ("channel", "channel")):
        chat = chat_with(simulator, bot, owner.id, kind=kind, role="administrator")
        place = {"chat_id": chat["bot_api_id"], "text": "Ау"}
        result(simulator, bot["token"], "sendMessage", **place)
        simulator.post(f"/api/chats/{chat['id']}/members", {"person": bot["id"], "role": "banned"})
        kicked = (403, f"Forbidden: bot was kicked from the {name} chat")
        assert refusal(simulator, bot["token"], "sendMessage", **place) == kicked
        assert updates_of(simulator, bot)[-1]["my_chat_member"]["new_chat_member"]["status"] == "kicked"
        simulator.post(f"/api/chats/{chat['id']}/members", {"person": bot["id"], "role": "left"})


def test_rights_in_chats_are_asked(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner = simulator.player("Хозяйка")
    silent = chat_with(simulator, bot, owner.id)
    simulator.post(f"/api/chats/{silent['id']}/silence")
    channel = chat_with(simulator, bot, owner.id, kind="channel")
    foreign = simulator.post(
        "/api/chats",
        {"kind": "supergroup", "title": "Чужой", "creator": owner.id, "username": f"alien_{owner.id}"},
    )
    gone = chat_with(simulator, bot, owner.id, kind="group")
    simulator.post(f"/api/chats/{gone['id']}/delete")
    cases = [
        (silent, 400, "Bad Request: not enough rights to send text messages to the chat"),
        (channel, 400, "Bad Request: need administrator rights in the channel chat"),
        (foreign, 403, "Forbidden: bot is not a member of the supergroup chat"),
        (gone, 403, "Forbidden: the group chat was deleted"),
    ]
    for chat, code, sentence in cases:
        place = chat["bot_api_id"]
        assert refusal(simulator, bot["token"], "sendMessage", chat_id=place, text="Ау") == (code, sentence)


async def test_a_group_that_became_a_supergroup_says_where_it_went(simulator: RunningSimulator) -> None:
    own = new_bot(simulator)
    owner = simulator.player("Хозяйка")
    group = chat_with(simulator, own, owner.id, kind="group")
    async with program(simulator, own["token"]) as bot:
        before = await bot.send_message(group["bot_api_id"], "Здесь")
        assert before.chat.type == "group"
        new = await meanwhile(lambda: simulator.post(f"/api/chats/{group['id']}/upgrade"))
        with pytest.raises(TelegramMigrateToChat) as moved:
            await bot.send_message(group["bot_api_id"], "Туда же")
        assert moved.value.migrate_to_chat_id == new["bot_api_id"]
        after = await bot.send_message(new["bot_api_id"], "Уже там")
        assert after.chat.type == "supergroup"
    told = [u["message"] for u in updates_of(simulator, own) if "message" in u]
    assert new["bot_api_id"] in [message.get("migrate_to_chat_id") for message in told]
    assert group["bot_api_id"] in [message.get("migrate_from_chat_id") for message in told]


def test_posts_of_a_channel_reach_its_bots(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner = simulator.player("Хозяйка")
    channel = chat_with(simulator, bot, owner.id, kind="channel", role="administrator")
    written = owner.write(str(channel["bot_api_id"]), "Новость")
    owner.edit(str(channel["bot_api_id"]), written.id, "Новость дня")
    posts = [u for u in updates_of(simulator, bot) if "channel_post" in u or "edited_channel_post" in u]
    assert posts[0]["channel_post"]["sender_chat"]["id"] == channel["bot_api_id"]
    assert "from" not in posts[0]["channel_post"]
    assert posts[1]["edited_channel_post"]["text"] == "Новость дня"


def test_everything_is_there_again_after_a_sudden_death(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    markup = {"inline_keyboard": [[{"text": "Да", "callback_data": "1"}]]}
    sent = result(simulator, bot["token"], "sendMessage", chat_id=player.id, text="До", reply_markup=markup)
    player.write(bot["username"], "Непрочитанное")
    tap = player.tap(bot["username"], "Да")
    result(simulator, bot["token"], "setMyCommands", commands=[{"command": "x", "description": "y"}])
    simulator.kill()
    simulator.restart()
    kinds = [next(k for k in u if k != "update_id") for u in updates_of(simulator, bot)]
    assert kinds == ["message", "callback_query"]
    assert (
        result(simulator, bot["token"], "answerCallbackQuery", callback_query_id=tap.id, text="Успел") is True
    )
    assert tap.look()["text"] == "Успел"
    edited = result(
        simulator,
        bot["token"],
        "editMessageText",
        chat_id=player.id,
        message_id=sent["message_id"],
        text="После",
    )
    assert edited["text"] == "После"
    after = result(simulator, bot["token"], "sendMessage", chat_id=player.id, text="Ещё")
    assert after["message_id"] == sent["message_id"] + 2, "numbers go on"
    assert [m.text for m in player.chat(bot["username"])] == ["/start", "После", "Непрочитанное", "Ещё"]
    assert ask(simulator, bot["token"], "getMyCommands")[1]["result"][0]["command"] == "x"


def test_what_was_answered_before_a_sudden_death_has_happened_for_both_sides(
    simulator: RunningSimulator,
) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    answered: list[str] = []
    enough = threading.Event()

    def write_on() -> None:
        # The kill may also cut an answer in the middle.
        with contextlib.suppress(OSError, http.client.HTTPException):
            for number in range(10_000):
                player.write(bot["username"], str(number))
                answered.append(str(number))
                if number == 20:
                    enough.set()

    writer = threading.Thread(target=write_on)
    writer.start()
    assert enough.wait(20)
    simulator.kill()
    writer.join(20)
    simulator.restart()
    told = texts(simulator, bot)
    assert told[: len(answered)] == answered, "in order, each once"
    assert len(told) - len(answered) <= 1, "only the answer to the last one may have got lost"
    assert [m.text for m in player.chat(bot["username"])[1:]] == told, "both sides have the same"
