"""The sample world of a first start: the same for the same number of people."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from telegram_simulator.world import names
from telegram_simulator.world.bots import add_bot
from telegram_simulator.world.messages import Messages
from telegram_simulator.world.passwords import password_columns

SAMPLE_API_ID = 1000001
SAMPLE_API_HASH = "5a3c0e9d1b7f42868f1e2d3c4b5a6978"
FIRST_PERSON_ID = 1_000_100
SAMPLE_BOT_ID = 1_000_090
SAMPLE_BOT_TOKEN = "1000090:AAE5simulated-pult-sample-bot-token0"  # noqa: S105 - the same in every world
SAMPLE_BOT_USERNAME = "pult_sample_bot"
SEEDED_AT = 1_760_000_000.0  # chats and messages of the sample world were made in October 2025

LAST_SEEN = ("online", "offline", "recently", "last_week", "last_month", "long_ago", "hidden")
LAST_SEEN_WEIGHTS = (4, 18, 38, 14, 10, 10, 6)


@dataclass(frozen=True, slots=True)
class SampleAccount:
    phone: str
    first_name: str
    last_name: str
    username: str
    password: str | None
    limits: dict[str, dict[str, float]]


SAMPLE_ACCOUNTS = (
    SampleAccount("79000000001", "Анна", "Быстрова", "anna_fast", None,
                  {"contacts": {"capacity": 5000, "per_second": 50}}),
    SampleAccount("79000000002", "Борис", "Замков", "boris_locked", "pult",
                  {"contacts": {"capacity": 1000, "per_second": 10}}),
    SampleAccount("79000000003", "Вера", "Строгова", "vera_strict", None,
                  {"contacts": {"capacity": 150, "per_second": 2}, "requests": {"capacity": 20, "per_second": 5},
                   "send": {"capacity": 5, "per_second": 0.2}}),
)  # fmt: skip

SAMPLE_BOTS = (
    ("4915199000001", "Погода", "weather_helper_bot"),
    ("4915199000002", "Заказы", "order_desk_bot"),
)


def seed_world(connection: sqlite3.Connection, *, people: int) -> None:
    """Fill an empty world inside the caller's transaction. About a second for 100,000 people on one core."""
    random = Random(20261121)
    connection.execute("INSERT INTO facts VALUES ('access_secret', ?)", (random.randbytes(16).hex(),))
    connection.execute("INSERT INTO facts VALUES ('counters_reset_at', '0')")
    connection.execute(
        "INSERT INTO key_pairs VALUES (?, ?, 'Sample key pair')", (SAMPLE_API_ID, SAMPLE_API_HASH)
    )
    accounts = [_seed_account(connection, place, account) for place, account in enumerate(SAMPLE_ACCOUNTS)]
    connection.executemany(
        "INSERT OR IGNORE INTO people (id, phone, first_name, last_name, username, second_username, premium, verified,"
        " last_seen, find_by_phone, phone_visible) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        _people(people - len(accounts) - len(SAMPLE_BOTS), random),
    )
    _seed_contacts(connection, accounts, random)
    _seed_chats(connection, accounts, random)
    connection.executemany(
        "INSERT OR IGNORE INTO people (phone, first_name, last_name, username, bot) VALUES (?,?,'',?,1)",
        SAMPLE_BOTS,
    )


def seed_sample_bot(connection: sqlite3.Connection) -> None:
    """The bot that a newcomer's Pult works with; also added to a world of an earlier version."""
    add_bot(
        connection,
        person_id=SAMPLE_BOT_ID,
        username=SAMPLE_BOT_USERNAME,
        first_name="Пульт (пробный)",
        token=SAMPLE_BOT_TOKEN,
    )


def _seed_account(connection: sqlite3.Connection, place: int, account: SampleAccount) -> int:
    person_id = FIRST_PERSON_ID + place
    connection.execute(
        "INSERT INTO people (id, phone, first_name, last_name, username, premium) VALUES (?,?,?,?,?,?)",
        (person_id, account.phone, account.first_name, account.last_name, account.username, place == 0),
    )
    connection.execute(
        "INSERT INTO accounts (person_id, password, password_salt1, password_salt2, password_verifier, limits, sample)"
        " VALUES (?,?,?,?,?,?,1)",
        (person_id, *password_columns(account.password), json.dumps(account.limits)),
    )
    return person_id


def _people(count: int, random: Random) -> Iterator[tuple[Any, ...]]:
    """Rows for `people`. Plain draws from one uniform source: `choices` for every field would take twice as long."""
    draw = random.random
    countries = random.choices(names.COUNTRIES, weights=[c.share for c in names.COUNTRIES], k=count)
    seen = random.choices(LAST_SEEN, weights=LAST_SEEN_WEIGHTS, k=count)
    words = names.USERNAME_WORDS
    person_id = FIRST_PERSON_ID + 1000
    for place in range(count):
        person_id += 1 + int(draw() * 60)
        country = countries[place]
        first, last = names.full_name(country.language, random)
        username = second = None
        if draw() < 1 / 3:
            username = f"{words[int(draw() * len(words))]}_{words[int(draw() * len(words))]}{place}"
            if draw() < 0.03:
                second = f"{words[int(draw() * len(words))]}{place}"
        privacy, number = draw(), draw()
        yield (
            person_id,
            names.mobile_number(country, random),
            first,
            last,
            username,
            second,
            draw() < 0.09,
            draw() < 0.002,
            seen[place],
            "everybody" if privacy < 0.88 else "contacts" if privacy < 0.97 else "nobody",
            "everybody" if number < 0.12 else "contacts" if number < 0.8 else "nobody",
        )


def _seed_contacts(connection: sqlite3.Connection, accounts: list[int], random: Random) -> None:
    """Each account knows some people under names of its own, a few of them without their number."""
    ids = [row[0] for row in connection.execute("SELECT id FROM people ORDER BY id LIMIT 4000 OFFSET 3")]
    titles = ("Коллега", "Сосед", "Мастер", "Тренер", "Врач", "Клиент", "Поставщик", "Друг")
    for account in accounts:
        chosen = random.sample(ids, min(12, len(ids)))
        for place, person_id in enumerate(chosen):
            person = connection.execute(
                "SELECT phone, username FROM people WHERE id = ?", (person_id,)
            ).fetchone()
            by_username = place % 4 == 3
            connection.execute(
                "INSERT INTO contacts VALUES (?,?,?,?,?)",
                (account, person_id, titles[place % len(titles)], f"№{place + 1}",
                 None if by_username else person["phone"]),
            )  # fmt: skip
            if place % 3 == 0:
                connection.execute("INSERT INTO known_by VALUES (?,?)", (person_id, account))


def _seed_chats(connection: sqlite3.Connection, accounts: list[int], random: Random) -> None:
    """Chats whose rights differ: who may write where is what a broadcast has to find out."""
    others = [row[0] for row in connection.execute("SELECT id FROM people ORDER BY id LIMIT 200 OFFSET 3")]
    messages = Messages(connection)
    sample = (
        (2001, "group", "Отдел продаж", None, 1, 0),
        (2002, "supergroup", "Объявления района", "district_ads", 1, 0),
        (2003, "supergroup", "Медленный чат", "slow_chat", 1, 30),
        (2004, "supergroup", "Только чтение", "read_only_chat", 0, 0),
        (2005, "channel", "Новости компании", "company_news", 0, 0),
        (2006, "channel", "Чужой канал", "foreign_channel", 0, 0),
    )
    for chat_id, kind, title, username, may_write, slow_mode in sample:
        connection.execute(
            "INSERT INTO chats (id, kind, title, username, members_may_write, slow_mode, created_at)"
            " VALUES (?,?,?,?,?,?,?)",
            (chat_id, kind, title, username, may_write, slow_mode, SEEDED_AT),
        )
        members = random.sample(others, min(20, len(others)))
        rows = [(chat_id, person, "member", 0.0) for person in members]
        roles = _account_roles(chat_id)
        rows += [(chat_id, account, role, 0.0) for account, role in zip(accounts, roles, strict=True) if role]
        connection.executemany(
            "INSERT INTO members (chat_id, person_id, role, wrote_at) VALUES (?,?,?,?)", rows
        )
        writer = members[0] if members else accounts[0]
        boxes = accounts if kind == "group" else [-chat_id]
        uid = messages.new_uid()
        for box in boxes:
            messages.put(
                box,
                peer=("chat" if kind == "group" else "channel", chat_id),
                from_id=writer,
                text="Добро пожаловать!",
                now=SEEDED_AT,
                uid=uid,
            )


def _account_roles(chat_id: int) -> tuple[str | None, str | None, str | None]:
    special: dict[int, tuple[str | None, str | None, str | None]] = {
        2001: ("creator", "member", "member"),
        2002: ("member", "member", "restricted"),
        2005: ("creator", "administrator", "member"),
        2006: ("member", None, "banned"),
    }
    return special.get(chat_id, ("member", "member", "member"))
