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
    ids = [row["id"] for row in connection.execute("SELECT id FROM people ORDER BY id")]
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


def _number(order: Order, name: str, default: float, low: float, high: float) -> float:
    try:
        value = float(order.query.get(name, default))
    except ValueError:
        value = -1.0
    if not low <= value <= high:
        raise Refused(400, f"{name} must be a number from {low:g} to {high:g}.")
    return value
