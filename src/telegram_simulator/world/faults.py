"""Faults that somebody has ordered through the control door: what goes wrong, for whom, how often."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

# kind → its parameters, each with its type and whether it is needed
KINDS: dict[str, dict[str, tuple[type, bool]]] = {
    "flood_wait": {"seconds": (int, True)},
    "error": {"code": (int, True), "message": (str, True)},
    "drop_before": {},
    "drop_after": {},
    "latency": {"milliseconds": (int, True)},
    "retry_contacts": {"share": (float, False), "numbers": (list, False)},
    "blind": {},
    "peer_flood": {},
    "ban": {},
    "revoke_session": {},
    "freeze": {},
}
# What can strike a bot's requests.
BOT_KINDS: dict[str, dict[str, tuple[type, bool]]] = {
    "retry_after": {"seconds": (int, True)},
    "error": {"code": (int, True), "message": (str, True)},
    "drop_before": {},
    "drop_after": {},
    "cut_answer": {},
    "latency": {"milliseconds": (int, True)},
    "down": {},
}
EVERY_BOT = "*"

RANGES: dict[str, tuple[float, float]] = {
    "seconds": (1, 1_000_000),
    "code": (300, 599),
    "milliseconds": (0, 600_000),
    "share": (0, 1),
    "count": (1, 1_000_000_000),
}


class UnableToOrderFault(ValueError):
    """The message says what is wrong with the order."""


@dataclass(slots=True)
class Fault:
    """`phone` and `method` None mean everybody and everything; `remaining` None means until cleared.

    With a `bot` (a username, or "*" for all) it strikes requests of bots, otherwise those of accounts.
    """

    id: int
    phone: str | None
    method: str | None
    kind: str
    parameters: dict[str, Any]
    remaining: int | None
    bot: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "phone": self.phone,
            "bot": self.bot,
            "method": self.method,
            "kind": self.kind,
            **self.parameters,
            "remaining": self.remaining,
        }


class Faults:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._faults = [
            Fault(
                row["id"],
                row["phone"],
                row["method"],
                row["kind"],
                json.loads(row["parameters"]),
                row["remaining"],
                row["bot"],
            )
            for row in connection.execute("SELECT * FROM faults ORDER BY id")
        ]

    def all(self) -> list[Fault]:
        return list(self._faults)

    def order(self, wishes: dict[str, Any], phone: str | None, bot: str | None = None) -> Fault:
        """Order a fault: kind, its parameters, and optionally method and count (default: until cleared)."""
        kind = wishes.get("kind")
        kinds = KINDS if bot is None else BOT_KINDS
        if kind not in kinds:
            raise UnableToOrderFault(f"kind must be one of {', '.join(kinds)}.")
        parameters = _parameters(kind, kinds[kind], wishes)
        method, count = wishes.get("method"), wishes.get("count")
        if method is not None and (not isinstance(method, str) or (bot is None) != ("." in method)):
            example = "contacts.importContacts" if bot is None else "sendMessage"
            raise UnableToOrderFault(f"method must be a full name such as {example}.")
        if count is not None:
            _check("count", count, int)
        unknown = set(wishes) - {"kind", "phone", "bot", "method", "count", *kinds[kind]}
        if unknown:
            raise UnableToOrderFault(f"A fault of kind {kind} has no {', '.join(sorted(unknown))}.")
        if kind in {"retry_contacts", "blind"}:
            method = "contacts.importContacts"
        cursor = self._connection.execute(
            "INSERT INTO faults (phone, method, kind, parameters, remaining, bot) VALUES (?,?,?,?,?,?)",
            (phone, method, kind, json.dumps(parameters), count, bot),
        )
        fault = Fault(cursor.lastrowid or 0, phone, method, kind, parameters, count, bot)
        self._faults.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> int:
        """Clear one fault, or all; returns how many were cleared."""
        gone = [fault for fault in self._faults if fault_id is None or fault.id == fault_id]
        self._faults = [fault for fault in self._faults if fault not in gone]
        self._connection.executemany("DELETE FROM faults WHERE id = ?", [(fault.id,) for fault in gone])
        return len(gone)

    def strike(self, phone: str | None, method: str) -> list[Fault]:
        """The faults that hit this request of an account, oldest first; each counts down by one."""
        return self._struck(method, [f for f in self._faults if f.bot is None and f.phone in (None, phone)])

    def strike_bot(self, username: str, method: str) -> list[Fault]:
        """The faults that hit this request of a bot."""
        wanted = username.lower()
        faults = [f for f in self._faults if f.bot is not None and f.bot.lower() in (EVERY_BOT, wanted)]
        return self._struck(method, faults)

    def _struck(self, method: str, faults: list[Fault]) -> list[Fault]:
        hits = [fault for fault in faults if fault.method is None or fault.method.lower() == method.lower()]
        for fault in hits:
            if fault.remaining is None:
                continue
            fault.remaining -= 1
            if fault.remaining == 0:
                self.clear(fault.id)
            else:
                self._connection.execute(
                    "UPDATE faults SET remaining = ? WHERE id = ?", (fault.remaining, fault.id)
                )
        return hits


def _parameters(kind: str, known: dict[str, tuple[type, bool]], wishes: dict[str, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for name, (wanted, needed) in known.items():
        value = wishes.get(name)
        if value is None:
            if needed:
                raise UnableToOrderFault(f"A fault of kind {kind} needs {name}.")
            continue
        _check(name, value, wanted)
        parameters[name] = value
    if kind == "retry_contacts" and not parameters:
        raise UnableToOrderFault(
            "A fault of kind retry_contacts needs a share (0 to 1) or a list of numbers."
        )
    return parameters


def _check(name: str, value: Any, wanted: type) -> None:
    words = {int: "a whole number", float: "a number", str: "a text", list: "a list"}[wanted]
    accepted: tuple[type, ...] = (int, float) if wanted is float else (wanted,)
    is_right = isinstance(value, accepted) and not isinstance(value, bool)
    if not is_right:
        raise UnableToOrderFault(f"{name} must be {words}.")
    if name not in RANGES:
        return
    low, high = RANGES[name]
    if not low <= value <= high:
        raise UnableToOrderFault(f"{name} must be {words} from {low:,} to {high:,}.")
