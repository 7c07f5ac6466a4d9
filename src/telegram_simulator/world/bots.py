"""Bots: people of the world whom a program plays through the Bot API with a token."""

import json
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

from telegram_simulator.world.limits import Limit, UnableToSetLimits
from telegram_simulator.world.people import USERNAME, UnableToChangePerson

FIRST_UPDATE_ID = 700_000_000


EVERYTHING = Limit(30, 30)  # messages, all chats together
PRIVATE = Limit(3, 1)  # messages to one person
GROUP = Limit(20, 20 / 60)  # messages to one group, supergroup or channel


@dataclass(frozen=True, slots=True)
class BotLimits:
    """What a bot may send. Telegram publishes only these rough figures; `None` is no limit at all."""

    everything: Limit | None = EVERYTHING
    private: Limit | None = PRIVATE
    group: Limit | None = GROUP

    def as_json(self) -> dict[str, dict[str, float] | None]:
        return {
            name: None if limit is None else {"capacity": limit.capacity, "per_second": limit.per_second}
            for name, limit in (
                ("everything", self.everything), ("private", self.private), ("group", self.group),
            )
        }  # fmt: skip


def bot_limits_from(wishes: Any, base: BotLimits | None = None) -> BotLimits:
    """`base` with the given ones replaced: {"private": {"capacity": 1, "per_second": 1}, "everything": null}."""
    base = base or BotLimits()
    chosen = {"everything": base.everything, "private": base.private, "group": base.group}
    if not isinstance(wishes, dict):
        raise UnableToSetLimits('Limits are an object such as {"private": {"capacity": 3, "per_second": 1}}.')
    for name, wish in wishes.items():
        if name not in chosen:
            raise UnableToSetLimits(f"There is no limit {name!r}; there are {', '.join(chosen)}.")
        chosen[name] = None if wish is None else _limit(name, wish)
    return BotLimits(**chosen)


def _limit(name: str, wish: Any) -> Limit:
    numbers = [wish.get("capacity"), wish.get("per_second")] if isinstance(wish, dict) else [None]
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < 1e12:
            raise UnableToSetLimits(f"The limit {name} takes capacity and per_second, numbers of at least 0.")
    return Limit(*numbers)


@dataclass(frozen=True, slots=True)
class Bot:
    id: int
    username: str
    first_name: str
    token: str
    can_join_groups: bool
    can_read_all_group_messages: bool
    limits: BotLimits
    webhook: dict[str, Any]  # {} without one; url, secret, max_connections, ip_address
    allowed_updates: list[str]  # empty: the default ones
    commands: dict[str, list[dict[str, str]]]
    menu_buttons: dict[str, dict[str, Any]]
    texts: dict[str, str]

    @property
    def subject(self) -> str:
        """Whose buckets and waits these are."""
        return f"bot:{self.id}"


# Columns that hold JSON and may be changed by `Bots.change`.
JSON_COLUMNS = ("webhook", "allowed_updates", "commands", "menu_buttons", "texts", "limits")


class Bots:
    """Asked at every request, so all bots are kept in memory."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._by_id: dict[int, Bot] = {}
        self._by_token: dict[str, Bot] = {}
        self.load()

    def load(self) -> None:
        """Read all bots anew: after a change, or a transaction that was taken back."""
        rows = self._connection.execute(
            "SELECT b.*, p.username, p.first_name FROM bots b JOIN people p ON p.id = b.person_id ORDER BY p.id"
        )
        self._by_id = {row["person_id"]: _bot(row) for row in rows}
        self._by_token = {bot.token: bot for bot in self._by_id.values()}

    def all(self) -> list[Bot]:
        return list(self._by_id.values())

    def by_id(self, bot_id: int) -> Bot | None:
        return self._by_id.get(bot_id)

    def by_token(self, token: str) -> Bot | None:
        return self._by_token.get(token)

    def by_username(self, username: str) -> Bot | None:
        wanted = username.removeprefix("@").lower()
        return next((bot for bot in self._by_id.values() if bot.username.lower() == wanted), None)

    def create(self, *, username: str, first_name: str, token: str | None = None) -> Bot:
        """A new bot, or the token of one that people could see so far but that no program played."""
        if not USERNAME.fullmatch(username) or not username.lower().endswith("bot"):
            raise UnableToChangePerson(
                "A bot's username is 4 to 32 Latin letters, digits and _, and ends in bot."
            )
        row = self._connection.execute(
            "SELECT id, bot FROM people WHERE username = ?", (username,)
        ).fetchone()
        if row is not None and (not row["bot"] or row["id"] in self._by_id):
            raise UnableToChangePerson("Somebody has this username already.")
        if token is not None and (not _looks_like_token(token) or token in self._by_token):
            raise UnableToChangePerson('token must look like "123456:letters-and-digits" and be new.')
        person_id = add_bot(
            self._connection,
            person_id=row["id"] if row else None,
            username=username,
            first_name=first_name,
            token=token,
        )
        self.load()
        return self._by_id[person_id]

    def revoke(self, bot_id: int) -> Bot:
        """A new token; the old one answers 401 from now on."""
        self._connection.execute("UPDATE bots SET token = ? WHERE person_id = ?", (new_token(bot_id), bot_id))
        self.load()
        return self._by_id[bot_id]

    def remove(self, bot_id: int) -> None:
        """The caller opens the transaction."""
        for table in ("bot_updates", "acquaintances", "blocks", "callbacks"):
            self._connection.execute(f"DELETE FROM {table} WHERE bot_id = ?", (bot_id,))  # noqa: S608
        self._connection.execute("DELETE FROM members WHERE person_id = ?", (bot_id,))
        self._connection.execute("DELETE FROM bots WHERE person_id = ?", (bot_id,))
        self._connection.execute("DELETE FROM people WHERE id = ?", (bot_id,))
        self.load()

    def change(self, bot_id: int, **columns: Any) -> Bot:
        """Set columns of the table; JSON columns take plain values, `limits` a BotLimits."""
        for name, value in columns.items():
            kept = value.as_json() if isinstance(value, BotLimits) else value
            kept = json.dumps(kept, ensure_ascii=False) if name in JSON_COLUMNS else kept
            self._connection.execute(f"UPDATE bots SET {name} = ? WHERE person_id = ?", (kept, bot_id))  # noqa: S608
        self.load()
        return self._by_id[bot_id]

    # Whom a bot may address -------------------------------------------------------------------------------------

    def acquaint(self, bot_id: int, person_id: int, now: float, *, may_write: bool) -> None:
        self._connection.execute(
            "INSERT INTO acquaintances VALUES (?,?,?,?) ON CONFLICT (bot_id, person_id)"
            " DO UPDATE SET may_write = max(may_write, excluded.may_write)",
            (bot_id, person_id, now, may_write),
        )

    def acquaintance(self, bot_id: int, person_id: int) -> str | None:
        """writes (the person has written to the bot), met (only in a group), or None."""
        row = self._connection.execute(
            "SELECT may_write FROM acquaintances WHERE bot_id = ? AND person_id = ?", (bot_id, person_id)
        ).fetchone()
        if row is None:
            return None
        return "writes" if row["may_write"] else "met"

    def blocked_by(self, bot_id: int, person_id: int) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM blocks WHERE person_id = ? AND bot_id = ?", (person_id, bot_id)
        ).fetchone()
        return row is not None

    def set_blocked(self, bot_id: int, person_id: int, now: float, *, blocked: bool) -> None:
        if blocked:
            self._connection.execute("INSERT OR IGNORE INTO blocks VALUES (?,?,?)", (person_id, bot_id, now))
        else:
            self._connection.execute(
                "DELETE FROM blocks WHERE person_id = ? AND bot_id = ?", (person_id, bot_id)
            )


def add_bot(
    connection: sqlite3.Connection, *, username: str, first_name: str, token: str | None, person_id: int | None
) -> int:  # fmt: skip
    """Rows of a bot; its phone is only a key of the table. A new one takes the id that its token begins with."""
    if person_id is None and token is not None:
        person_id = int(token.partition(":")[0])
    if person_id is None:
        person_id = int(connection.execute("SELECT max(id) + 1 FROM people").fetchone()[0])
    connection.execute(
        "INSERT INTO people (id, phone, first_name, username, bot) VALUES (?,?,?,?,1)"
        " ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name",
        (person_id, f"999{person_id:012d}", first_name, username),
    )
    connection.execute(
        "INSERT INTO bots (person_id, token, last_update_id) VALUES (?,?,?)",
        (person_id, token or new_token(person_id), FIRST_UPDATE_ID + person_id % 1_000_000),
    )
    return person_id


def new_token(bot_id: int) -> str:
    return f"{bot_id}:AA{secrets.token_urlsafe(40)[:33]}"


def _looks_like_token(token: str) -> bool:
    number, colon, secret = token.partition(":")
    return number.isdigit() and 0 < int(number) < 2**52 and bool(colon) and len(secret) >= 10


def _bot(row: sqlite3.Row) -> Bot:
    return Bot(
        id=row["person_id"],
        username=row["username"],
        first_name=row["first_name"],
        token=row["token"],
        can_join_groups=bool(row["can_join_groups"]),
        can_read_all_group_messages=bool(row["can_read_all_group_messages"]),
        limits=bot_limits_from(json.loads(row["limits"])),
        webhook=json.loads(row["webhook"]),
        allowed_updates=json.loads(row["allowed_updates"]),
        commands=json.loads(row["commands"]),
        menu_buttons=json.loads(row["menu_buttons"]),
        texts=json.loads(row["texts"]),
    )
