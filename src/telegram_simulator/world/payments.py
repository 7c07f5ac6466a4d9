"""Telegram Stars: balances, invoices, payments and what each bot has taken in and given back."""

import json
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

# Seconds in which a bot must answer a pre-checkout query.
ANSWER_WITHIN = 10.0
ASKED, AGREED, PAID, REFUSED, EXPIRED, REFUNDED = "asked", "agreed", "paid", "refused", "expired", "refunded"
INVOICE_ADDRESS = "https://t.me/$"


@dataclass(frozen=True, slots=True)
class Invoice:
    """`content`: title, description, payload, currency, amount, and maybe subscription_period (seconds)."""

    id: str
    bot_id: int
    uid: int | None  # of its message; None for a link
    content: dict[str, Any]

    @property
    def amount(self) -> int:
        return int(self.content["amount"])

    @property
    def period(self) -> int:
        return int(self.content.get("subscription_period", 0))


@dataclass(frozen=True, slots=True)
class Payment:
    """`content` of a subscription: until, canceled, canceled_by_bot."""

    id: str  # of the pre-checkout query
    bot_id: int
    person_id: int
    invoice_id: str
    currency: str
    amount: int
    payload: str
    state: str
    reason: str | None
    charge_id: str | None
    content: dict[str, Any]
    created_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Transaction:
    """`amount` is positive when Stars came to the bot."""

    number: int
    id: str
    bot_id: int
    person_id: int | None
    amount: int
    kind: str
    content: dict[str, Any]
    at: float


class Payments:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    # Balances -------------------------------------------------------------------------------------------------------

    def balance(self, person_id: int) -> int:
        """Stars of a person or a bot."""
        row = self._connection.execute(
            "SELECT stars FROM star_balances WHERE person_id = ?", (person_id,)
        ).fetchone()
        return 0 if row is None else int(row["stars"])

    def add_stars(self, person_id: int, stars: int) -> int:
        """Give (or with a negative number take); returns the new balance."""
        self._connection.execute(
            "INSERT INTO star_balances VALUES (?,?)"
            " ON CONFLICT (person_id) DO UPDATE SET stars = stars + excluded.stars",
            (person_id, stars),
        )
        return self.balance(person_id)

    # Invoices -------------------------------------------------------------------------------------------------------

    def create_invoice(self, *, bot_id: int, content: dict[str, Any], now: float) -> Invoice:
        invoice_id = secrets.token_urlsafe(16)[:22]
        self._connection.execute(
            "INSERT INTO invoices VALUES (?,?,NULL,?,?)",
            (invoice_id, bot_id, json.dumps(content, ensure_ascii=False), now),
        )
        return Invoice(invoice_id, bot_id, None, content)

    def set_message(self, invoice_id: str, uid: int) -> None:
        self._connection.execute("UPDATE invoices SET uid = ? WHERE id = ?", (uid, invoice_id))

    def invoice(self, invoice_id: str) -> Invoice | None:
        """By its id or the address of its link."""
        row = self._connection.execute(
            "SELECT * FROM invoices WHERE id = ?", (invoice_id.strip().removeprefix(INVOICE_ADDRESS),)
        ).fetchone()
        return (
            None if row is None else Invoice(row["id"], row["bot_id"], row["uid"], json.loads(row["content"]))
        )

    # Payments -------------------------------------------------------------------------------------------------------

    def ask(self, *, invoice: Invoice, person_id: int, now: float) -> Payment:
        payment_id = str(secrets.randbits(62) + 2**62)
        content = invoice.content
        self._connection.execute(
            "INSERT INTO payments"
            " (id, bot_id, person_id, invoice_id, currency, amount, payload, created_at, expires_at)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (
                payment_id, invoice.bot_id, person_id, invoice.id, content["currency"], invoice.amount,
                content["payload"], now, now + ANSWER_WITHIN,
            ),
        )  # fmt: skip
        return self.must(payment_id)

    def get(self, payment_id: str) -> Payment | None:
        return self._one("id = ?", payment_id)

    def must(self, payment_id: str) -> Payment:
        payment = self.get(payment_id)
        if payment is None:
            raise LookupError("there is no such payment")
        return payment

    def by_charge(self, bot_id: int, charge_id: str) -> Payment | None:
        return self._one("bot_id = ? AND charge_id = ?", bot_id, charge_id)

    def paid_for(self, invoice_id: str, person_id: int | None = None) -> list[Payment]:
        """Successful payments of one invoice, by everybody or one person; the oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM payments WHERE invoice_id = ? AND state = 'paid' AND (? IS NULL OR person_id = ?)"
            " ORDER BY created_at",
            (invoice_id, person_id, person_id),
        )
        return [_payment(row) for row in rows]

    def subscriptions(self, person_id: int) -> list[Payment]:
        """First payments of what a person has subscribed to, the newest first."""
        rows = self._connection.execute(
            "SELECT * FROM payments WHERE person_id = ? AND state = 'paid' ORDER BY created_at DESC",
            (person_id,),
        )
        return [payment for payment in map(_payment, rows) if payment.content.get("first")]

    def change(self, payment_id: str, **columns: Any) -> Payment:
        for name, value in columns.items():
            kept = json.dumps(value, ensure_ascii=False) if name == "content" else value
            self._connection.execute(f"UPDATE payments SET {name} = ? WHERE id = ?", (kept, payment_id))  # noqa: S608 - names from this package
        return self.must(payment_id)

    def _one(self, condition: str, *parameters: object) -> Payment | None:
        row = self._connection.execute(f"SELECT * FROM payments WHERE {condition}", parameters).fetchone()  # noqa: S608 - only names from this file
        return None if row is None else _payment(row)

    # Transactions ---------------------------------------------------------------------------------------------------

    def book(
        self, *, transaction_id: str, bot_id: int, person_id: int, amount: int, kind: str, content: dict[str, Any],
        now: float,
    ) -> None:  # fmt: skip
        """Write a transaction into the bot's book and move the Stars between the person and the bot."""
        self._connection.execute(
            "INSERT INTO star_transactions (id, bot_id, person_id, amount, kind, content, at) VALUES (?,?,?,?,?,?,?)",
            (transaction_id, bot_id, person_id, amount, kind, json.dumps(content, ensure_ascii=False), now),
        )
        self.add_stars(bot_id, amount)
        self.add_stars(person_id, -amount)

    def transactions(self, bot_id: int, *, offset: int, limit: int) -> list[Transaction]:
        """In the order in which they happened."""
        rows = self._connection.execute(
            "SELECT * FROM star_transactions WHERE bot_id = ? ORDER BY number LIMIT ? OFFSET ?",
            (bot_id, limit, offset),
        )
        return [
            Transaction(
                row["number"], row["id"], row["bot_id"], row["person_id"], row["amount"], row["kind"],
                json.loads(row["content"]), row["at"],
            )
            for row in rows
        ]  # fmt: skip


def new_charge_id() -> str:
    return "stx" + secrets.token_urlsafe(48)[:60]


def _payment(row: sqlite3.Row) -> Payment:
    return Payment(
        row["id"], row["bot_id"], row["person_id"], row["invoice_id"], row["currency"], row["amount"], row["payload"],
        row["state"], row["reason"], row["charge_id"], json.loads(row["content"]), row["created_at"], row["expires_at"],
    )  # fmt: skip
