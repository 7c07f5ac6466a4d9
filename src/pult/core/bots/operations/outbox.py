"""Writing down what a bot is to send, in the transaction that wants it. The process that holds the bot sends it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext as _

from pult.core.bots.models import Outgoing
from pult.core.bots.operations.bots import announce
from pult.core.bots.operations.places import forget_outgoing
from pult.core.bots.rules.methods import outdates
from pult.core.people.models import Person

LARGEST_FILE = 50_000_000
"""Bytes of a file that Telegram takes from a bot."""

_DROP_OUTDATED = """
UPDATE bots_outgoing o SET state = 'dropped'
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS edit (id, chat_id, message_id, methods)
WHERE o.bot_id = %s AND o.chat_id = edit.chat_id AND o.state = 'waiting' AND o.id < edit.id
  AND o.method = ANY(string_to_array(edit.methods, ',')) AND o.payload ->> 'message_id' = edit.message_id
"""

# JSON of PostgreSQL takes neither; Telegram would show neither.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def enqueue(
    *,
    bot_id: UUID,
    chat_id: int,
    method: str,
    payload: Mapping[str, Any],
    now: datetime,
    priority: int = 10,
    key: str | None = None,
    file: str | None = None,
    file_name: str = "",
    file_parameter: str = "",
    update_id: int | None = None,
    person: Person | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    when_sent: Mapping[str, Any] | None = None,
) -> Outgoing | None:
    """Write a call of the Bot API down; it is made soon after the commit. None where `key` was used before.

    `payload` holds the parameters under Telegram's names ("chat_id" need not be among them); `file` is a path below the
    data folder that goes along as the parameter `file_parameter`. Lower `priority` first; calls for one chat and of one
    priority keep their order. `update_id` is the row of the update that it answers. An edit that still waits is dropped
    when the same message is to be edited again or deleted.

    `when_sent` says what follows:
    - {"anew": true}: an edit whose message is gone is sent as a new message;
    - {"live": {"user_id": …, "topic": "check:12", "action": "checks.open", "arguments": […], "digest": hex}}: the
      message is a live screen from then on.
    """
    wanted = draft(
        bot_id=bot_id, chat_id=chat_id, method=method, payload=payload, now=now, priority=priority, key=key,
        file=file, file_name=file_name, file_parameter=file_parameter, update_id=update_id, person=person,
        not_before=not_before, expires_at=expires_at, when_sent=when_sent,
    )  # fmt: skip
    if not _stored(wanted):
        return None
    _drop_outdated(wanted)
    announce(bot_id)
    return wanted


def draft(
    *,
    bot_id: UUID,
    chat_id: int,
    method: str,
    payload: Mapping[str, Any],
    now: datetime,
    priority: int = 10,
    key: str | None = None,
    file: str | None = None,
    file_name: str = "",
    file_parameter: str = "",
    update_id: int | None = None,
    person: Person | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    when_sent: Mapping[str, Any] | None = None,
) -> Outgoing:
    """The same call as a row that is not stored yet, for `enqueue_all`."""
    wanted = Outgoing(
        bot_id=bot_id,
        chat_id=chat_id,
        method=method,
        payload=_storable(dict(payload)),
        priority=priority,
        key=key,
        file=file or "",
        file_name=_storable(file_name)[:255],
        file_parameter=file_parameter,
        update_id=update_id,
        person=person,
        created_at=now,
        not_before=not_before,
        expires_at=expires_at,
        when_sent=_storable(dict(when_sent or {})),
    )
    _replace_what_is_too_large(wanted)
    return wanted


def enqueue_all(drafts: Sequence[Outgoing]) -> None:
    """Store drafts of one bot without keys, in their order, by two statements.

    Nobody is told: this is for the process that holds the bot, which wakes its sender itself after the commit.
    """
    if not drafts:
        return
    Outgoing.objects.bulk_create(drafts)
    edits = [row for row in drafts if "message_id" in row.payload and outdates(row.method)]
    if edits:
        with connection.cursor() as cursor:
            cursor.execute(
                _DROP_OUTDATED,
                [
                    [row.pk for row in edits],
                    [row.chat_id for row in edits],
                    [str(row.payload["message_id"]) for row in edits],
                    [",".join(outdates(row.method)) for row in edits],
                    drafts[0].bot_id,
                ],
            )


def drop(rows: "QuerySet[Outgoing]", *, fault: str = "") -> int:
    """What still waits of these is not sent any more, and files made for it go with the commit; returns how many."""
    with_files = list(rows.filter(state=Outgoing.State.WAITING).exclude(file="").values_list("pk", flat=True))
    dropped = rows.filter(state=Outgoing.State.WAITING).update(state=Outgoing.State.DROPPED, fault=fault)
    if with_files:
        # One of them may have been taken for sending in between: that one keeps its file.
        gone = Outgoing.objects.filter(pk__in=with_files, state=Outgoing.State.DROPPED)
        for file in gone.values_list("file", flat=True):
            transaction.on_commit(partial(forget_outgoing, file))
    return dropped


def _stored(wanted: Outgoing) -> bool:
    if wanted.key is None:
        wanted.save(force_insert=True)
        return True
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError:
        if not Outgoing.objects.filter(key=wanted.key).exists():
            raise
        return False
    return True


def _drop_outdated(wanted: Outgoing) -> None:
    message_id, methods = wanted.payload.get("message_id"), outdates(wanted.method)
    if message_id is None or not methods:
        return
    Outgoing.objects.filter(
        bot=wanted.bot_id,
        chat_id=wanted.chat_id,
        state=Outgoing.State.WAITING,
        method__in=methods,
        payload__message_id=message_id,
        pk__lt=wanted.pk,
    ).update(state=Outgoing.State.DROPPED)


def _replace_what_is_too_large(wanted: Outgoing) -> None:
    """Say where a file is to be had that Telegram would not take."""
    if not wanted.file:
        return
    path = settings.PULT_DATA_DIR / wanted.file
    if not path.is_file() or path.stat().st_size <= LARGEST_FILE:
        # A missing one is found missing by whoever sends it, and said in the row.
        return
    text = format_html(
        _("<b>{name}</b> is larger than the 50 MB that Telegram takes. Fetch it on the web: {address}"),
        name=wanted.file_name,
        address=settings.PULT_ADDRESS,
    )
    wanted.method, wanted.payload = "sendMessage", {"text": text, "parse_mode": "HTML"}
    wanted.file = wanted.file_name = wanted.file_parameter = ""


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {_storable(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(each) for each in value]
    return value
