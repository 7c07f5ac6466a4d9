"""What a bot knows of its chats: who can be reached, and which group has become another one."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction

from pult.core.bots.models import Chat, Conversation, LiveScreen, Outgoing
from pult.core.bots.operations import outbox
from pult.core.bots.values import Fault

if TYPE_CHECKING:
    from pult.core.bots.rules.incoming import Incoming

# What somebody's `my_chat_member` makes of the bot there.
_PRESENT = frozenset({"member", "administrator", "creator", "restricted"})


def kind_of(chat_id: int) -> str:
    """What the number alone tells of a chat: people are positive, supergroups and channels begin with -100."""
    if chat_id > 0:
        return "private"
    return "supergroup" if chat_id <= -1_000_000_000_000 else "group"


@transaction.atomic
def note_membership(*, bot_id: UUID, incoming: "Incoming", now: datetime) -> Chat | None:
    """Telegram tells that the bot was blocked, unblocked, let in or put out; None for what says nothing of a chat."""
    if not incoming.chat_id or not incoming.membership:
        return None
    private = incoming.chat_kind == "private"
    if incoming.membership in _PRESENT:
        word = ""
    elif incoming.membership == "kicked":
        word = "blocked" if private else "kicked"
    else:
        word = "not_member"
    chat, _ = Chat.objects.update_or_create(
        bot_id=bot_id,
        chat_id=incoming.chat_id,
        defaults={"kind": incoming.chat_kind[:12], "title": incoming.chat_title[:130]},
    )
    if word:
        mark_unreachable(bot_id=bot_id, chat_id=incoming.chat_id, word=word, now=now)
    else:
        mark_reachable(bot_id=bot_id, chat_ids=[incoming.chat_id])
    chat.refresh_from_db()
    return chat


@transaction.atomic
def mark_unreachable(*, bot_id: UUID, chat_id: int, word: str, now: datetime) -> int:
    """Nothing can be sent there: what waits for it is dropped; returns how many rows."""
    chat, made = Chat.objects.get_or_create(
        bot_id=bot_id,
        chat_id=chat_id,
        defaults={"kind": kind_of(chat_id), "unreachable": word, "unreachable_since": now},
    )
    if not made and chat.unreachable != word:
        since = chat.unreachable_since if chat.unreachable else now
        Chat.objects.filter(pk=chat.pk).update(unreachable=word, unreachable_since=since)
    LiveScreen.objects.filter(bot=bot_id, chat_id=chat_id).delete()
    return outbox.drop(Outgoing.objects.filter(bot=bot_id, chat_id=chat_id), fault=Fault.RECIPIENT)


def mark_reachable(*, bot_id: UUID, chat_ids: list[int]) -> int:
    """Something arrived there, or came from there."""
    marked = Chat.objects.filter(bot=bot_id, chat_id__in=chat_ids).exclude(unreachable="")
    return marked.update(unreachable="", unreachable_since=None)


@transaction.atomic
def rewrite(*, bot_id: UUID, old: int, new: int) -> None:
    """A group has become a supergroup: its new id takes the place of the old one everywhere."""
    _move_chat(bot_id, old, new)
    Outgoing.objects.filter(bot=bot_id, chat_id=old, state=Outgoing.State.WAITING).update(chat_id=new)
    # Where both ids are known already the newer one stays.
    taken = Conversation.objects.filter(bot=bot_id, chat_id=new).values("user_id")
    Conversation.objects.filter(bot=bot_id, chat_id=old, user_id__in=taken).delete()
    Conversation.objects.filter(bot=bot_id, chat_id=old).update(chat_id=new)
    shown = LiveScreen.objects.filter(bot=bot_id, chat_id=new).values("message_id")
    LiveScreen.objects.filter(bot=bot_id, chat_id=old, message_id__in=shown).delete()
    LiveScreen.objects.filter(bot=bot_id, chat_id=old).update(chat_id=new)


def _move_chat(bot_id: UUID, old: int, new: int) -> None:
    former = Chat.objects.filter(bot=bot_id, chat_id=old).first()
    if former is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bots_chat SET chat_id = %s, kind = 'supergroup' WHERE id = %s"
            " AND NOT EXISTS (SELECT FROM bots_chat WHERE bot_id = %s AND chat_id = %s)",
            [new, former.pk, bot_id, new],
        )
        if not cursor.rowcount:
            former.delete()
