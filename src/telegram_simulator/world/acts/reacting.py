"""Reactions to messages."""

from dataclasses import dataclass
from typing import Any

from telegram_simulator.world.acts.posting import UnableToAct, readers_of
from telegram_simulator.world.messages import Message
from telegram_simulator.world.world import World

# What Telegram offers everybody; its list changes now and then.
EMOJI = (
    "👍", "👎", "❤", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢", "🎉", "🤩", "🤮", "💩", "🙏", "👌", "🕊",
    "🤡", "🥱", "🥴", "😍", "🐳", "❤‍🔥", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆", "💔", "🤨", "😐", "🍓", "🍾", "💋",
    "🖕", "😈", "😴", "😭", "🤓", "👻", "👨‍💻", "👀", "🎃", "🙈", "😇", "😨", "🤝", "✍", "🤗", "🫡", "🎅", "🎄", "☃",
    "💅", "🤪", "🗿", "🆒", "💘", "🙉", "🦄", "😘", "💊", "🙊", "😎", "👾", "🤷‍♂", "🤷", "🤷‍♀", "😡",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody's reaction to a message has changed; `message` is the hearer's copy."""

    message: Message
    person_id: int
    before: list[str]
    after: list[str]


def reactions(message: Message) -> dict[str, list[str]]:
    """Emoji by the id of who has chosen them."""
    return dict(message.content.get("reactions", {}))


def react(world: World, *, message: Message, person_id: int, emoji: list[str], now: float) -> bool:
    """Set somebody's reaction; an empty list takes it back. False when it was so already."""
    if message.uid is None or "service" in message.content:
        raise UnableToAct("One cannot react to this message.")
    if any(one not in EMOJI for one in emoji):
        raise UnableToAct("There is no such reaction.")
    chosen = reactions(message)
    before = chosen.pop(str(person_id), [])
    if before == emoji:
        return False
    chosen |= {str(person_id): emoji} if emoji else {}
    content: dict[str, Any] = {name: value for name, value in message.content.items() if name != "reactions"}
    content |= {"reactions": chosen} if chosen else {}
    with world.transaction():
        changed = world.messages.rewrite(
            message.uid, text=message.text, content=content, edited_at=message.edited_at
        )
        for copy in changed:
            for reader in readers_of(world, copy):
                world.hub.tell(reader, Reacted(copy, person_id, before, emoji), now)
    return True
