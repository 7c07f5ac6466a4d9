"""A person and a bot: starting it, blocking it, letting it write again."""

from telegram_simulator.world.acts.posting import Posted, post
from telegram_simulator.world.hub import MemberChanged
from telegram_simulator.world.world import World


def press_start(world: World, *, person_id: int, bot_id: int, payload: str = "", now: float) -> Posted:
    """What the Start button does; for somebody who has blocked the bot it is called Restart and unblocks."""
    with world.transaction():
        unblock(world, person_id=person_id, bot_id=bot_id, now=now)
        text = f"/start {payload}" if payload else "/start"
        command = {"type": "bot_command", "offset": 0, "length": len("/start")}
        return post(
            world,
            sender_id=person_id,
            place=("user", bot_id),
            text=text,
            now=now,
            content={"entities": [command]},
        )


def block(world: World, *, person_id: int, bot_id: int, now: float) -> bool:
    """The bot may no longer write; it is told. False when it was blocked already."""
    return _set_blocked(world, person_id, bot_id, now, blocked=True)


def unblock(world: World, *, person_id: int, bot_id: int, now: float) -> bool:
    return _set_blocked(world, person_id, bot_id, now, blocked=False)


def _set_blocked(world: World, person_id: int, bot_id: int, now: float, *, blocked: bool) -> bool:
    if world.bots.blocked_by(bot_id, person_id) == blocked:
        return False
    statuses = ({"role": "member"}, {"role": "banned", "until": None})
    before, after = statuses if blocked else statuses[::-1]
    with world.transaction():
        world.bots.set_blocked(bot_id, person_id, now, blocked=blocked)
        if world.bots.acquaintance(bot_id, person_id) == "writes":
            world.hub.tell(bot_id, MemberChanged(None, person_id, bot_id, before, after, {}), now)
    return True
