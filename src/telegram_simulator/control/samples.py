"""Lists of numbers to try things with: some registered, some not, all valid."""

import asyncio
import csv
import io
from random import Random
from typing import Any

from telegram_simulator.control.orders import Order, Refused, Text, route
from telegram_simulator.world import names

LARGEST_SAMPLE = 200_000
ROWS_AT_A_TIME = 2000  # between them clients get their answers


@route("GET", "/api/sample-numbers")
async def sample_numbers(order: Order) -> Any:
    """?count=1000&hits=0.4&seed=1&format=csv|json. The same list each time for the same seed and world."""
    count = _number(order, "count", 1000, 1, LARGEST_SAMPLE)
    hits = _number(order, "hits", 0.4, 0, 1)
    rows = await sample(order, count=int(count), hits=hits, seed=order.query.get("seed", "1"))
    if order.query.get("format", "csv") == "json":
        return {"numbers": rows}
    if order.query.get("format", "csv") != "csv":
        raise Refused(400, "format must be csv or json.")
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(["phone", "name"])
    writer.writerows((f"+{row['phone']}", row["name"]) for row in rows)
    return Text(table.getvalue(), "text/csv", "sample-numbers.csv")


async def sample(order: Order, *, count: int, hits: float, seed: str) -> list[dict[str, Any]]:
    """Rows of phone (digits), name, registered, findable (registered and found by anybody who asks).

    All numbers differ. `hits` is the share of registered ones, as far as there are enough people.
    """
    random = Random(f"sample {seed}")
    connection = order.world.connection
    wanted = round(count * hits)
    ids = [row["id"] for row in connection.execute("SELECT id FROM people WHERE NOT bot ORDER BY id")]
    rows: dict[str, dict[str, Any]] = {}
    for person_id in random.sample(ids, min(wanted, len(ids))):
        person = connection.execute(
            "SELECT phone, first_name, last_name, find_by_phone FROM people WHERE id = ?", (person_id,)
        ).fetchone()
        if person is None:
            continue  # left Telegram while this list was drawn
        rows[person["phone"]] = {
            "phone": person["phone"],
            "name": f"{person['first_name']} {person['last_name']}".strip(),
            "registered": True,
            "findable": person["find_by_phone"] == "everybody",
        }
        if len(rows) % ROWS_AT_A_TIME == 0:
            await asyncio.sleep(0)
    while len(rows) < count:
        country = names.pick_country(random)
        phone = names.mobile_number(country, random)
        taken = connection.execute("SELECT 1 FROM people WHERE phone = ?", (phone,)).fetchone()
        if taken is None and phone not in rows:
            name = " ".join(names.full_name(country.language, random)).strip()
            rows[phone] = {"phone": phone, "name": name, "registered": False, "findable": False}
            if len(rows) % ROWS_AT_A_TIME == 0:
                await asyncio.sleep(0)
    mixed = list(rows.values())
    random.shuffle(mixed)
    return mixed


@route("GET", "/api/sample-usernames")
async def sample_usernames(order: Order) -> Any:
    """?count=200&hits=0.4&seed=1&format=csv|json: usernames of people, bots and chats, and some that nobody has."""
    count = int(_number(order, "count", 200, 1, LARGEST_SAMPLE))
    hits = _number(order, "hits", 0.4, 0, 1)
    if order.query.get("format", "csv") not in {"csv", "json"}:
        raise Refused(400, "format must be csv or json.")
    rows = _usernames(order, count=count, hits=hits, seed=order.query.get("seed", "1"))
    if order.query.get("format", "csv") == "json":
        return {"usernames": rows}
    text = "username\r\n" + "".join(f"@{row['username']}\r\n" for row in rows)
    return Text(text, "text/csv", "sample-usernames.csv")


def _usernames(order: Order, *, count: int, hits: float, seed: str) -> list[dict[str, Any]]:
    """Rows of username and `entity`: user, bot, channel, group, or None where nobody has it."""
    random = Random(f"usernames {seed}")
    connection = order.world.connection
    known: list[tuple[str, str]] = [
        (row["username"], "bot" if row["bot"] else "user")
        for row in connection.execute(
            "SELECT username, bot FROM people WHERE username IS NOT NULL ORDER BY id"
        )
    ]
    chats = connection.execute("SELECT username, kind FROM chats WHERE username IS NOT NULL ORDER BY id")
    others = [(row["username"], "channel" if row["kind"] == "channel" else "group") for row in chats]
    others += [entry for entry in known if entry[1] == "bot"]
    wanted = round(count * hits)
    chosen = random.sample(others, min(wanted // 2, len(others)))
    people = [entry for entry in known if entry[1] == "user"]
    chosen += random.sample(people, min(wanted - len(chosen), len(people)))
    rows: dict[str, str | None] = dict(chosen)
    taken = {name.casefold() for name, _ in (*known, *others)}
    while len(rows) < count:
        free = f"nobody_{random.randrange(10**9):09d}"
        if free not in taken:
            rows[free] = None
    mixed = [{"username": name, "entity": entity} for name, entity in rows.items()]
    random.shuffle(mixed)
    return mixed


def _number(order: Order, name: str, default: float, low: float, high: float) -> float:
    try:
        value = float(order.query.get(name, default))
    except ValueError:
        value = -1.0
    if not low <= value <= high:
        raise Refused(400, f"{name} must be a number from {low:g} to {high:g}.")
    return value
