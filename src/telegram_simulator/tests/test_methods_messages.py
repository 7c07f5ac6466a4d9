"""Dialogs, sending, and what other sessions hear of it."""

import asyncio
from collections.abc import Iterator

import pytest
from telethon import errors, events, functions, types

from telegram_simulator.testing import RunningSimulator
from telegram_simulator.tests.world_steps import (
    ANNA,
    BORIS,
    VERA,
    account_with,
    person_with,
    running,
    signed_in,
)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world")) as started:
        yield started


async def test_dialogs_show_the_chats_with_their_rights(simulator: RunningSimulator) -> None:
    async with signed_in(simulator, ANNA) as client:
        dialogs = {dialog.name: dialog async for dialog in client.iter_dialogs()}
        assert {"Отдел продаж", "Объявления района", "Новости компании"} <= set(dialogs)
        assert dialogs["Новости компании"].entity.creator
        assert dialogs["Только чтение"].entity.default_banned_rights.send_messages
        assert dialogs["Медленный чат"].entity.slowmode_enabled


async def test_a_message_reaches_the_other_account_and_both_histories(simulator: RunningSimulator) -> None:
    sender, receiver = (
        account_with(simulator, username="writes_first_1"),
        account_with(simulator, username="reads_it_1"),
    )
    async with signed_in(simulator, sender) as one, signed_in(simulator, receiver) as other:
        arrived: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        other.add_event_handler(
            lambda event: arrived.set_result(event.raw_text), events.NewMessage(incoming=True)
        )
        await other.get_me()
        sent = await one.send_message("reads_it_1", "Здравствуйте!")
        async with asyncio.timeout(10):
            assert await arrived == "Здравствуйте!"
        assert [m.text async for m in one.iter_messages("reads_it_1")] == ["Здравствуйте!"]
        history = [m async for m in other.iter_messages("writes_first_1")]
        assert [(m.text, m.out) for m in history] == [("Здравствуйте!", False)]
        assert sent.out


async def test_what_was_missed_is_told_by_get_difference(simulator: RunningSimulator) -> None:
    sender, receiver = account_with(simulator), account_with(simulator, username="was_away_1")
    async with signed_in(simulator, receiver) as other:
        before = await other(functions.updates.GetStateRequest())
    async with signed_in(simulator, sender) as one:
        await one.send_message("was_away_1", "Вы где?")
    async with signed_in(simulator, receiver) as other:
        missed = await other(functions.updates.GetDifferenceRequest(before.pts, before.date, 0))
        assert [m.message for m in missed.new_messages] == ["Вы где?"]
        assert missed.state.pts == before.pts + 1


async def test_the_same_random_id_is_sent_only_once(simulator: RunningSimulator) -> None:
    person = person_with(simulator, username="gets_it_once_1")
    async with signed_in(simulator, account_with(simulator)) as client:
        peer = await client.get_input_entity("gets_it_once_1")
        request = functions.messages.SendMessageRequest(peer, "Один раз", random_id=4711)
        await client._sender.send(request)
        with pytest.raises(errors.RandomIdDuplicateError):
            await client._sender.send(functions.messages.SendMessageRequest(peer, "Один раз", random_id=4711))
        assert len([m async for m in client.iter_messages(person["id"])]) == 1


@pytest.mark.parametrize(
    ("phone", "chat", "error"),
    [
        (ANNA, "read_only_chat", errors.ChatWriteForbiddenError),
        (VERA, "district_ads", errors.UserBannedInChannelError),
        (VERA, "foreign_channel", errors.ChannelPrivateError),
        (VERA, "company_news", errors.ChatAdminRequiredError),
        (BORIS, "foreign_channel", errors.ChatWriteForbiddenError),
    ],
)
async def test_each_lack_of_rights_has_its_error(
    simulator: RunningSimulator, phone: str, chat: str, error: type[errors.RPCError]
) -> None:
    async with signed_in(simulator, phone) as client:
        with pytest.raises(error):
            await client.send_message(chat, "Можно?")


async def test_administrators_post_and_slow_mode_holds_back_members(simulator: RunningSimulator) -> None:
    async with signed_in(simulator, BORIS) as client:
        post = await client.send_message("company_news", "Новость")
        assert (await client.get_messages("company_news", limit=1))[0].id == post.id
        await client.send_message("slow_chat", "Раз")
        with pytest.raises(errors.SlowModeWaitError) as wait:
            await client.send_message("slow_chat", "Два")
        assert 25 < wait.value.seconds <= 30


async def test_writing_to_many_strangers_ends_in_peer_flood(simulator: RunningSimulator) -> None:
    phone = account_with(simulator, limits={"strangers": {"capacity": 2, "per_second": 0}})
    names = ["never_met_1", "never_met_2", "never_met_3", "knows_me_1"]
    people = [person_with(simulator, username=name) for name in names]
    simulator.patch(f"/api/people/{people[3]['phone']}", {"knows": {phone: True}})
    async with signed_in(simulator, phone) as client:
        for name in names[:2]:
            await client.send_message(name, "Здравствуйте")
        with pytest.raises(errors.PeerFloodError):
            await client.send_message(names[2], "Здравствуйте")
        await client.send_message(names[3], "Привет")


async def test_sending_too_fast_to_one_chat_is_a_flood_wait(simulator: RunningSimulator) -> None:
    phone = account_with(simulator, limits={"chat": {"capacity": 2, "per_second": 0.1}})
    person_with(simulator, username="hears_too_much_1")
    async with signed_in(simulator, phone) as client:
        with pytest.raises(errors.FloodWaitError) as wait:
            for number in range(3):
                await client.send_message("hears_too_much_1", f"Сообщение {number}")
        assert wait.value.seconds == 10


async def test_joining_and_leaving_changes_who_one_is_there(simulator: RunningSimulator) -> None:
    async with signed_in(simulator, account_with(simulator)) as client:
        chat = await client.get_input_entity("district_ads")
        await client(functions.channels.JoinChannelRequest(chat))
        me = await client(functions.channels.GetParticipantRequest(chat, types.InputPeerSelf()))
        assert isinstance(me.participant, types.ChannelParticipantSelf)
        await client.send_message(chat, "Продаю гараж")
        await client(functions.channels.LeaveChannelRequest(chat))
        with pytest.raises(errors.UserNotParticipantError):
            await client(functions.channels.GetParticipantRequest(chat, types.InputPeerSelf()))
        seen = await client(functions.channels.GetChannelsRequest([chat]))
        assert seen.chats[0].left
