"""Bots as administrators: members and their rights, invite links, people who ask to be let in, titles and pins."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import ChatPermissions, Update

from telegram_simulator.testing import ControlRefused, RunningSimulator
from telegram_simulator.tests.bot_steps import ask, met, new_bot, program, refusal, result, updates_of
from telegram_simulator.tests.world_steps import running

ALL_KINDS = ["message", "chat_member", "my_chat_member", "chat_join_request"]
MAY_PROMOTE = {"can_promote_members": True, "can_restrict_members": True, "can_invite_users": True}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


def chat_of(
    simulator: RunningSimulator, bot: dict[str, Any], *people: int, kind: str = "supergroup", **wishes: Any
) -> dict[str, Any]:
    """A chat whose first person made it; the bot is an administrator unless `role` says otherwise."""
    role, rights = wishes.pop("role", "administrator"), wishes.pop("rights", None)
    chat: dict[str, Any] = simulator.post(
        "/api/chats", {"kind": kind, "title": "Склад", "creator": people[0], **wishes}
    )
    for person in people[1:]:
        simulator.post(f"/api/chats/{chat['id']}/members", {"person": person})
    member = {"person": bot["id"], "role": role, "rights": rights}
    simulator.post(f"/api/chats/{chat['id']}/members", member)
    return chat


def heard(simulator: RunningSimulator, bot: dict[str, Any], kind: str) -> list[Any]:
    """Contents of the waiting updates of one kind, as aiogram reads them."""
    found = [Update.model_validate(update) for update in updates_of(simulator, bot)]
    return [getattr(update, kind) for update in found if getattr(update, kind) is not None]


def listen_to_everything(simulator: RunningSimulator, bot: dict[str, Any]) -> None:
    ask(simulator, bot["token"], "getUpdates", allowed_updates=ALL_KINDS)


async def test_a_bot_bans_and_everybody_who_asked_hears_of_it(simulator: RunningSimulator) -> None:
    bot, deaf = new_bot(simulator), new_bot(simulator)
    owner, guest = met(simulator, bot, "Ольга Главная"), met(simulator, bot, "Гость Шумный")
    chat = chat_of(simulator, bot, owner.id, guest.id)
    simulator.post(f"/api/chats/{chat['id']}/members", {"person": deaf["id"], "role": "administrator"})
    listen_to_everything(simulator, bot)
    number = chat["bot_api_id"]
    async with program(simulator, bot["token"]) as client:
        member = await client.get_chat_member(number, guest.id)
        assert member.status == "member"
        assert await client.ban_chat_member(number, guest.id)
        assert (await client.get_chat_member(number, guest.id)).status == "kicked"
        assert await client.get_chat_member_count(number) == 3
        with pytest.raises(TelegramBadRequest, match="can't remove chat owner"):
            await client.ban_chat_member(number, owner.id)
        with pytest.raises(TelegramBadRequest, match="user is an administrator of the chat"):
            await client.ban_chat_member(number, deaf["id"])
        (change,) = heard(simulator, bot, "chat_member")
        assert (change.old_chat_member.status, change.new_chat_member.status) == ("member", "kicked")
        assert change.from_user.id == bot["id"]
        assert heard(simulator, deaf, "chat_member") == []  # nobody hears of members without asking for it
        assert [m.left_chat_member.id for m in heard(simulator, deaf, "message") if m.left_chat_member] == [
            guest.id
        ]
        assert await client.unban_chat_member(number, guest.id)
        assert (await client.get_chat_member(number, guest.id)).status == "left"


async def test_rights_are_given_and_taken(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner, guest = met(simulator, bot), met(simulator, bot, "Пётр Новый")
    chat = chat_of(simulator, bot, owner.id, guest.id, rights=MAY_PROMOTE)
    number = chat["bot_api_id"]
    async with program(simulator, bot["token"]) as client:
        assert await client.promote_chat_member(number, guest.id, can_invite_users=True)
        assert await client.set_chat_administrator_custom_title(number, guest.id, "кладовщик")
        bosses: dict[int, Any] = {one.user.id: one for one in await client.get_chat_administrators(number)}
        assert set(bosses) == {owner.id, guest.id, bot["id"]}
        assert bosses[guest.id].can_invite_users and not bosses[guest.id].can_restrict_members
        assert bosses[guest.id].custom_title == "кладовщик"
        with pytest.raises(TelegramBadRequest, match="RIGHT_FORBIDDEN"):
            await client.promote_chat_member(number, guest.id, can_delete_messages=True)
        assert await client.promote_chat_member(number, guest.id)
        nothing = ChatPermissions(can_send_messages=False)
        assert await client.restrict_chat_member(number, guest.id, nothing)
        restricted: Any = await client.get_chat_member(number, guest.id)
        assert restricted.status == "restricted" and not restricted.can_send_messages
        with pytest.raises(ControlRefused, match="may not write here"):
            guest.write(str(number), "Можно?")
        everything = ChatPermissions(**dict.fromkeys(ChatPermissions.model_fields, True))
        assert await client.restrict_chat_member(number, guest.id, everything)
        assert (await client.get_chat_member(number, guest.id)).status == "member"


async def test_a_bot_without_rights_is_told_so(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner, guest = met(simulator, bot), met(simulator, bot, "Иван Тихий")
    stranger = simulator.player("Незнакомка Чужая")
    number = chat_of(simulator, bot, owner.id, guest.id, stranger.id, role="member")["bot_api_id"]
    channel = chat_of(simulator, bot, owner.id, kind="channel", username=f"news{bot['id']}", role="left")
    async with program(simulator, bot["token"]) as client:
        assert (await client.get_chat_member(number, guest.id)).status == "member"
        with pytest.raises(TelegramForbiddenError, match="bot is not a member of the channel chat"):
            await client.get_chat_member(channel["bot_api_id"], owner.id)
        with pytest.raises(TelegramBadRequest, match="not enough rights to restrict/unrestrict chat member"):
            await client.ban_chat_member(number, guest.id)
        with pytest.raises(TelegramBadRequest, match="not enough rights to manage chat invite link"):
            await client.create_chat_invite_link(number)
        with pytest.raises(
            TelegramBadRequest, match="not enough rights to manage pinned messages in the chat"
        ):
            sent = await client.send_message(number, "Важно")
            await sent.pin()
        assert await client.leave_chat(number)
        with pytest.raises(TelegramForbiddenError, match="bot is not a member of the supergroup chat"):
            await client.send_message(number, "Я ушёл")
    assert heard(simulator, bot, "my_chat_member")[-1].new_chat_member.status == "left"


def test_only_administrators_look_at_people_whom_they_have_not_met(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner = met(simulator, bot)
    unknown = simulator.player("Тень Неизвестная")
    chat = chat_of(simulator, bot, owner.id, role="member")
    number = chat["bot_api_id"]
    asked = {"chat_id": number, "user_id": unknown.id}
    assert refusal(simulator, bot["token"], "getChatMember", **asked) == (
        400,
        "Bad Request: PARTICIPANT_ID_INVALID",
    )
    simulator.post(f"/api/chats/{chat['id']}/members", {"person": bot["id"], "role": "administrator"})
    assert result(simulator, bot["token"], "getChatMember", **asked)["status"] == "left"


async def test_people_ask_to_be_let_in_and_the_bot_decides(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner = met(simulator, bot)
    anna, boris = simulator.player("Анна Просит"), simulator.player("Борис Просит")
    chat = chat_of(simulator, bot, owner.id, kind="channel")
    number = chat["bot_api_id"]
    listen_to_everything(simulator, bot)
    async with program(simulator, bot["token"]) as client:
        link = await client.create_chat_invite_link(number, name="Для своих", creates_join_request=True)
        assert link.creates_join_request and link.creator.id == bot["id"]
        for player in (anna, boris):
            assert player.post("join_by_link", link=link.invite_link, bio="Хочу")["state"] == "asked"
        first, second = heard(simulator, bot, "chat_join_request")
        assert (first.from_user.id, first.user_chat_id, first.bio) == (anna.id, anna.id, "Хочу")
        assert first.invite_link.name == "Для своих" and first.invite_link.pending_join_request_count == 1
        await client.send_message(second.user_chat_id, "Кто вы?")  # a bot may write to whoever asks
        assert boris.wait_for(bot["username"], "Кто вы?")
        assert await first.approve().as_(client)
        assert await second.decline().as_(client)
        with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation with a user"):
            await client.send_message(boris.id, "Ещё вопрос")
        assert (await client.get_chat_member(number, anna.id)).status == "member"
        assert (await client.get_chat_member(number, boris.id)).status == "left"
        (change,) = heard(simulator, bot, "chat_member")
        assert change.via_join_request and change.invite_link.invite_link == link.invite_link
        with pytest.raises(TelegramBadRequest, match="USER_ALREADY_PARTICIPANT"):
            await client.approve_chat_join_request(number, anna.id)
        with pytest.raises(TelegramBadRequest, match="HIDE_REQUESTER_MISSING"):
            await client.approve_chat_join_request(number, boris.id)


async def test_invite_links_have_limits_and_ends(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner = met(simulator, bot)
    number = chat_of(simulator, bot, owner.id)["bot_api_id"]
    first, second = simulator.player("Первый Успел"), simulator.player("Второй Опоздал")
    async with program(simulator, bot["token"]) as client:
        link = await client.create_chat_invite_link(number, member_limit=1)
        assert first.post("join_by_link", link=link.invite_link)["state"] == "joined"
        with pytest.raises(ControlRefused, match="invalid or has expired"):
            second.post("join_by_link", link=link.invite_link)
        edited = await client.edit_chat_invite_link(number, link.invite_link, member_limit=5, name="Пятеро")
        assert (edited.member_limit, edited.name) == (5, "Пятеро")
        assert (await client.revoke_chat_invite_link(number, link.invite_link)).is_revoked
        with pytest.raises(ControlRefused, match="invalid or has expired"):
            second.post("join_by_link", link=link.invite_link)
        primary = await client.export_chat_invite_link(number)
        assert (await client.get_chat(number)).invite_link == primary
        assert second.post("join_by_link", link=primary)["state"] == "joined"
        assert await client.export_chat_invite_link(number) != primary
        with pytest.raises(TelegramBadRequest, match="member limit can't be specified for links requiring"):
            await client.create_chat_invite_link(number, member_limit=3, creates_join_request=True)


async def test_title_description_permissions_and_pins(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner = met(simulator, bot)
    chat = chat_of(simulator, bot, owner.id)
    number = chat["bot_api_id"]
    async with program(simulator, bot["token"]) as client:
        assert await client.set_chat_title(number, "Склад № 2")
        assert await client.set_chat_description(number, "Только о складе")
        with pytest.raises(TelegramBadRequest, match="chat title is not modified"):
            await client.set_chat_title(number, "Склад № 2")
        sent = await client.send_message(number, "Читать всем")
        assert await sent.pin()
        about = await client.get_chat(number)
        assert (about.title, about.description) == ("Склад № 2", "Только о складе")
        assert about.pinned_message and about.pinned_message.message_id == sent.message_id
        assert about.permissions and about.permissions.can_send_messages
        assert await client.set_chat_permissions(number, ChatPermissions(can_send_polls=True))
        permissions = (await client.get_chat(number)).permissions
        assert permissions and permissions.can_send_messages and not permissions.can_send_photos
        member = new_bot(simulator)
        simulator.post(f"/api/chats/{chat['id']}/members", {"person": member["id"]})
        asked = {"chat_id": number, "phone_number": "+79", "first_name": "Т"}
        assert ask(simulator, member["token"], "sendContact", **asked)[0] == 200
        dice = refusal(simulator, member["token"], "sendDice", chat_id=number)
        assert dice == (400, "Bad Request: not enough rights to send dice to the chat")
        assert await client.unpin_chat_message(number)
        assert (await client.get_chat(number)).pinned_message is None
        private = await client.get_chat(owner.id)
        assert (private.type, private.id) == ("private", owner.id)


async def test_topics_of_a_forum(simulator: RunningSimulator) -> None:
    bot, other = new_bot(simulator), new_bot(simulator)
    owner = met(simulator, bot)
    rights = {"can_manage_topics": True, "can_delete_messages": True}
    chat = chat_of(simulator, bot, owner.id, rights=rights, forum=True)
    simulator.post(f"/api/chats/{chat['id']}/members", {"person": other["id"], "role": "administrator"})
    number = chat["bot_api_id"]
    async with program(simulator, bot["token"]) as client:
        assert (await client.get_chat(number)).is_forum
        topic = await client.create_forum_topic(number, "Отгрузки")
        sent = await client.send_message(number, "Первая", message_thread_id=topic.message_thread_id)
        assert sent.is_topic_message and sent.message_thread_id == topic.message_thread_id
        created = next(m for m in heard(simulator, other, "message") if m.forum_topic_created)
        assert (
            created.message_id == topic.message_thread_id and created.forum_topic_created.name == "Отгрузки"
        )
        assert await client.edit_forum_topic(number, topic.message_thread_id, name="Приёмка")
        assert await client.close_forum_topic(number, topic.message_thread_id)
        with pytest.raises(TelegramBadRequest, match="TOPIC_CLOSED"):
            await client.send_message(number, "Вторая", message_thread_id=topic.message_thread_id)
        with pytest.raises(TelegramBadRequest, match="TOPIC_NOT_MODIFIED"):
            await client.close_forum_topic(number, topic.message_thread_id)
        assert await client.reopen_forum_topic(number, topic.message_thread_id)
        assert await client.hide_general_forum_topic(number)
        assert await client.reopen_general_forum_topic(number)
        with pytest.raises(TelegramBadRequest, match="TOPIC_NOT_MODIFIED"):
            await client.unhide_general_forum_topic(number)
        assert await client.edit_general_forum_topic(number, "Курилка")
        said = heard(simulator, other, "message")
        assert any(m.general_forum_topic_hidden for m in said)
        assert said[-1].forum_topic_edited.name == "Курилка" and said[-1].message_thread_id is None
        assert await client.delete_forum_topic(number, topic.message_thread_id)
        with pytest.raises(TelegramBadRequest, match="message thread not found"):
            await client.send_message(number, "Третья", message_thread_id=topic.message_thread_id)


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("getChat", {"chat_id": 77}, "chat not found"),
    ("getChat", {}, "chat_id is empty"),
    ("getChatMember", {"chat_id": "own", "user_id": -5}, "invalid user_id specified"),
    ("getChatMember", {"chat_id": "own"}, "invalid user_id specified"),
    ("getChatAdministrators", {"chat_id": "private"}, "there are no administrators in the private chat"),
    ("banChatMember", {"chat_id": "private", "user_id": 1}, "can't ban members in private chats"),
    ("banChatMember", {"chat_id": "own", "user_id": "self"}, "can't restrict self"),
    ("banChatMember", {"chat_id": "own", "user_id": 99}, "PARTICIPANT_ID_INVALID"),
    ("restrictChatMember", {"chat_id": "own", "user_id": 1, "permissions": []},
     "can't parse permissions: expected an Object"),
    ("leaveChat", {"chat_id": "private"}, "chat member status can't be changed in private chats"),
    ("setChatTitle", {"chat_id": "own"}, "title must be non-empty"),
    ("setChatTitle", {"chat_id": "private", "title": "x"}, "can't change private chat title"),
    ("setChatDescription", {"chat_id": "own", "description": "x" * 256}, "CHAT_ABOUT_TOO_LONG"),
    ("pinChatMessage", {"chat_id": "own", "message_id": 999}, "message to pin not found"),
    ("unpinChatMessage", {"chat_id": "own"}, "message to unpin not found"),
    ("createChatInviteLink", {"chat_id": "own", "name": "x" * 33}, "INVITE_NAME_TOO_LONG"),
    ("createChatInviteLink", {"chat_id": "own", "expire_date": 5}, "EXPIRE_DATE_INVALID"),
    ("revokeChatInviteLink", {"chat_id": "own", "invite_link": "https://t.me/+no"}, "INVITE_HASH_EXPIRED"),
    ("createForumTopic", {"chat_id": "own", "name": "x"}, "the chat is not a forum"),
]  # fmt: skip


def test_bad_requests_are_answered_in_telegrams_words(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    owner = met(simulator, bot)
    chat = chat_of(simulator, bot, owner.id)
    stands_for = {"own": chat["bot_api_id"], "private": owner.id, "self": bot["id"]}
    for method, parameters, sentence in BAD:
        given = {name: stands_for.get(str(value), value) for name, value in parameters.items()}
        assert refusal(simulator, bot["token"], method, **given) == (400, f"Bad Request: {sentence}"), (
            method,
            parameters,
        )
