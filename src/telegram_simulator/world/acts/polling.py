"""Polls: answering one, taking an answer back, closing it.

A message's `content["poll"]` is {"id", "question", "options": texts, "anonymous", "quiz", "multiple", "correct"?,
"explanation"?, "closed", "votes": {person: numbers of options}}.
"""

from dataclasses import dataclass
from typing import Any

from telegram_simulator.world.acts.posting import UnableToAct, readers_of
from telegram_simulator.world.messages import Message
from telegram_simulator.world.world import World


@dataclass(frozen=True, slots=True)
class PollChanged:
    """Told to the bot that has sent the poll; `voter` is None when it was closed."""

    poll: dict[str, Any]
    sender_id: int
    voter: int | None
    uid: int  # of the message


def vote(world: World, *, message: Message, person_id: int, options: list[int], now: float) -> dict[str, Any]:
    """Answer, or with no options take the answer back; returns the poll."""
    poll = message.content.get("poll")
    if poll is None or message.uid is None:
        raise UnableToAct("This message is no poll.")
    if poll["closed"]:
        raise UnableToAct("This poll is closed.")
    if any(not 0 <= one < len(poll["options"]) for one in options) or len(set(options)) != len(options):
        raise UnableToAct("The poll has no such option.")
    if len(options) > 1 and not poll["multiple"]:
        raise UnableToAct("Only one answer can be given.")
    votes = dict(poll["votes"])
    if poll["quiz"] and str(person_id) in votes:
        raise UnableToAct("An answer to a quiz stays.")
    votes.pop(str(person_id), None)
    votes |= {str(person_id): sorted(options)} if options else {}
    return _write(world, message, poll | {"votes": votes}, person_id, now)


def close(world: World, *, message: Message, now: float) -> dict[str, Any]:
    return _write(world, message, message.content["poll"] | {"closed": True}, None, now)


def _write(
    world: World, message: Message, poll: dict[str, Any], voter: int | None, now: float
) -> dict[str, Any]:
    if message.uid is None:
        raise UnableToAct("Messages of before bots cannot be changed.")
    with world.transaction():
        changed = world.messages.rewrite(
            message.uid, text=message.text, content=message.content | {"poll": poll}, edited_at=message.edited_at
        )  # fmt: skip
        fact = PollChanged(poll, message.from_id, voter, message.uid)
        readers = {reader for copy in changed for reader in readers_of(world, copy)} | {message.from_id}
        for reader in sorted(readers):
            world.hub.tell(reader, fact, now)
    return poll
