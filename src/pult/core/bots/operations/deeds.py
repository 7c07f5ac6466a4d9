"""What an update makes a bot do: the room's function run on its person's ground, and what it answered as rows."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pult.core.bots import rooms
from pult.core.bots.models import Update
from pult.core.bots.operations import words
from pult.core.bots.operations.grounds import ground, person_ground
from pult.core.bots.operations.in_hand import Claimed
from pult.core.bots.operations.rendering import Post, Target, parts_of, render
from pult.core.bots.operations.routing import Unfetched, Wanted, deed_of
from pult.core.bots.rules.callbacks import ForeignButton, ForgedButton, unpack
from pult.core.bots.rules.incoming import Incoming, SentFile
from pult.core.bots.screens import Answer, GivenFile, Refused, Screen

SHUT_OUT = "home.shut_out"

Hurried = Callable[[str], bool]
"""Whether a function may be run now, by its name; raises or says no before it is begun."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a deed wants: its answer, and what is expected next (None: as it was). `name` is what answered."""

    name: str
    answer: Answer = ()
    expects: str | None = None
    notes: dict[str, Any] = field(default_factory=dict)


class FileFirst(Exception):
    """Nothing has happened: this file must be fetched first, at most `largest` bytes of it."""

    def __init__(self, file: SentFile, largest: int) -> None:
        super().__init__()
        self.file, self.largest = file, largest


class RefusedHere(Exception):
    """A room refused; its reason in the words of the person's language."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name, self.reason = name, reason


class NotNow(Exception):
    """The function may be slow, and others would wait: it is run another time, alone."""


def always(_name: str) -> bool:
    """Any function may be run."""
    return True


def do(
    claimed: Claimed,
    *,
    now: datetime,
    file: GivenFile | Unfetched | None,
    post: Post,
    may_run: Hurried = always,
) -> Result:
    """Run what the update asks for and write the answer down with `post`.

    Raises FileFirst, RefusedHere, NotNow (`may_run` said no), and whatever a room raises.
    """
    incoming, person = claimed.incoming, claimed.person
    if incoming.kind == "my_chat_member":
        from pult.core.bots.operations import chats

        chats.note_membership(bot_id=claimed.bot_id, incoming=incoming, now=now)
        return Result("engine.membership")
    if incoming.user_id is None or incoming.kind not in {"message", "callback_query"}:
        return Result("engine.ignored")
    target = target_of(claimed)
    if not incoming.private:
        # In groups a bot stays silent; a tap is answered all the same, or its wheel would turn on.
        if incoming.query_id:
            render((), target=target, now=now, post=post)
        else:
            # What people say to each other is not ours to keep, and anybody may add a bot to their group.
            Update.objects.filter(pk=claimed.pk).update(payload={})
        return Result("engine.ignored")
    with person_ground(person) if person else ground(language=incoming.language):
        try:
            result = _result(claimed, now, file, may_run)
        except Refused as refusal:
            raise RefusedHere("engine.refused", str(refusal.reason)) from refusal
        render(result.answer, target=target, now=now, post=post)
    return result


def target_of(claimed: Claimed) -> Target:
    """Whom the answer to an update is for."""
    incoming = claimed.incoming
    return Target(
        bot_id=claimed.bot_id,
        chat_id=incoming.chat_id,
        user_id=incoming.user_id or 0,
        person=claimed.person,
        update_pk=claimed.pk,
        edits=incoming.message_id if incoming.editable else None,
        edits_live=claimed.live,
        query_id=incoming.query_id,
    )


def _result(claimed: Claimed, now: datetime, file: GivenFile | Unfetched | None, may_run: Hurried) -> Result:
    incoming, person = claimed.incoming, claimed.person
    if incoming.query_id:
        try:
            incoming = _unpacked(incoming)
        except ForeignButton:
            return Result("engine.foreign_button", words.foreign_button())
        except ForgedButton:
            return Result("engine.forged_button", words.outdated_button())
        if claimed.repeated:
            return Result("engine.repeated")
    if person is None:
        return _from_newcomer(incoming, now, may_run)
    if not person.is_active:
        return _shut_out(incoming, now)
    deed = deed_of(incoming, person, now=now, file=file)
    if isinstance(deed, Wanted):
        assert incoming.file is not None  # noqa: S101 - only a file can be wanted
        raise FileFirst(incoming.file, deed.largest)
    if not may_run(deed.name):
        raise NotNow
    return _ended(deed.name, deed.run(), consumes=deed.consumes)


def _unpacked(incoming: Incoming) -> Incoming:
    if incoming.bot_id is None or incoming.user_id is None:
        raise ForgedButton
    action, arguments = unpack(incoming.data, bot_id=incoming.bot_id, user_id=incoming.user_id)
    return dataclasses.replace(incoming, action=action, arguments=arguments)


def _from_newcomer(incoming: Incoming, now: datetime, may_run: Hurried) -> Result:
    if not may_run("home.newcomer"):
        raise NotNow
    return _ended("home.newcomer", rooms.to_newcomer(incoming, now))


def _shut_out(incoming: Incoming, now: datetime) -> Result:
    """Told once; after that a bot is silent for them (a tap is still answered, with nothing)."""
    if incoming.expects == SHUT_OUT:
        return Result(SHUT_OUT)
    return Result(SHUT_OUT, rooms.to_shut_out(incoming, now), expects=SHUT_OUT)


def _ended(name: str, answer: Answer, *, consumes: bool = False) -> Result:
    """The last screen says what is expected next; a toast or a file alone leaves that as it was."""
    screens = [part for part in parts_of(answer) if isinstance(part, Screen)]
    if screens:
        return Result(name, answer, screens[-1].expects, dict(screens[-1].notes))
    return Result(name, answer, "" if consumes else None)
