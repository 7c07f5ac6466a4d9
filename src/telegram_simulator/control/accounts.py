"""Accounts seen from outside: their limits, contacts, codes, sessions and counters."""

import base64
import binascii
import re
import time
from typing import Any

from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.methods.auth import token_scanned
from telegram_simulator.methods.help import DC_ID
from telegram_simulator.mtproto.keys import mint_session
from telegram_simulator.world.accounts import Account
from telegram_simulator.world.contacts import OwnContact
from telegram_simulator.world.limits import limits_from
from telegram_simulator.world.people import normalise_phone


def account_of(order: Order, phone_text: object) -> Account:
    phone = normalise_phone(phone_text) if isinstance(phone_text, str) else None
    account = None if phone is None else order.world.accounts.by_phone(phone)
    if account is None:
        raise Refused(404, f"No account has the phone {phone_text!r}. Create one with POST /api/accounts.")
    return account


def as_json(order: Order, account: Account) -> dict[str, Any]:
    person = order.world.people.must(account.id)
    world, now = order.world, order.now
    return {
        "id": account.id,
        "phone": account.phone,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
        "password": account.password,
        "banned": account.banned,
        "frozen": account.frozen,
        "sample": account.sample,
        "limits": account.limits.as_json(),
        "budget_left": round(world.buckets.level(account.phone, "contacts", account.limits.contacts, now), 3),
        "waits": {m: round(until - now, 1) for m, until in world.buckets.waits(account.phone, now).items()},
        "sessions": len(world.keys.of_account(account.id)),
        "contacts": len(world.contacts.of(account.id)),
        "saved_phones": world.contacts.saved_phones(account.id),
    }


@route("GET", "/healthz")
async def healthz(order: Order) -> Any:
    return {"ok": True, "people": order.world.people.count()}


@route("GET", "/api/key-pairs")
async def key_pairs(order: Order) -> Any:
    return {"key_pairs": order.world.accounts.key_pairs()}


@route("POST", "/api/key-pairs")
async def add_key_pair(order: Order) -> Any:
    """{"api_id": 1000002, "api_hash": 32 hexadecimal digits, "title"?}"""
    wishes = order.wishes()
    api_id, api_hash = wishes.get("api_id"), wishes.get("api_hash")
    if isinstance(api_id, bool) or not isinstance(api_id, int) or not 0 < api_id < 2**31:
        raise Refused(400, "api_id must be a whole number.")
    if not isinstance(api_hash, str) or not re.fullmatch(r"[0-9a-f]{32}", api_hash):
        raise Refused(400, "api_hash must be 32 hexadecimal digits.")
    order.world.accounts.add_key_pair(api_id, api_hash, str(wishes.get("title") or ""))
    return await key_pairs(order)


@route("GET", "/api/accounts")
async def list_accounts(order: Order) -> Any:
    return {"accounts": [as_json(order, account) for account in order.world.accounts.all()]}


@route("POST", "/api/accounts")
async def create_account(order: Order) -> Any:
    """{"phone", "first_name", "last_name"?, "username"?, "premium"?, "password"?, "limits"?}"""
    wishes = dict(order.wishes())
    limits = limits_from(wishes.pop("limits", None) or {})
    password = wishes.pop("password", None)
    if password is not None and not isinstance(password, str):
        raise Refused(400, "password must be a text.")
    phone = normalise_phone(str(wishes.get("phone", "")))
    person = None if phone is None else order.world.people.by_phone(phone)
    if person is None:
        person = order.world.people.create({"first_name": "Account", **wishes})
    order.world.accounts.ensure(person.id)
    order.world.accounts.set_limits(person.id, limits)
    order.world.accounts.set_password(person.id, password or None)
    order.world.buckets.refill(person.phone)
    return as_json(order, account_of(order, person.phone))


@route("GET", "/api/accounts/{phone}")
async def show_account(order: Order) -> Any:
    return as_json(order, account_of(order, order.path["phone"]))


@route("PUT", "/api/accounts/{phone}/limits")
async def set_limits(order: Order) -> Any:
    """Replace the named limits, keep the others. The account starts with full buckets and no wait."""
    account = account_of(order, order.path["phone"])
    order.world.accounts.set_limits(account.id, limits_from(order.wishes(), account.limits))
    order.world.buckets.refill(account.phone)
    return as_json(order, account_of(order, account.phone))


@route("PUT", "/api/accounts/{phone}/password")
async def set_password(order: Order) -> Any:
    """{"password": "…"} sets the 2FA password, {"password": null} removes it."""
    account = account_of(order, order.path["phone"])
    password = order.wishes().get("password")
    if password is not None and not isinstance(password, str):
        raise Refused(400, "password must be a text or null.")
    order.world.accounts.set_password(account.id, password or None)
    return as_json(order, account_of(order, account.phone))


@route("POST", "/api/accounts/{phone}/{act}")
async def act_on_account(order: Order) -> Any:
    """ban, unban, freeze, unfreeze, revoke-sessions"""
    account = account_of(order, order.path["phone"])
    match order.path["act"]:
        case "ban" | "unban" as act:
            order.world.accounts.set_banned(account.id, banned=act == "ban")
        case "freeze" | "unfreeze" as act:
            order.world.accounts.set_frozen(account.id, frozen=act == "freeze")
        case "revoke-sessions":
            for key in order.world.keys.of_account(account.id):
                order.world.keys.end(key.id, "SESSION_REVOKED")
        case act:
            raise Refused(
                404, f"There is no {act!r}; there are ban, unban, freeze, unfreeze, revoke-sessions."
            )
    return as_json(order, account_of(order, account.phone))


@route("GET", "/api/accounts/{phone}/contacts")
async def list_contacts(order: Order) -> Any:
    account = account_of(order, order.path["phone"])
    own = order.world.contacts.of(account.id)
    people = order.world.people.by_ids([contact.person_id for contact in own])
    contacts = [
        {
            "id": contact.person_id,
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "phone": contact.phone,
            "real_phone": people[contact.person_id].phone,
            "username": people[contact.person_id].username,
        }
        for contact in own
    ]
    return {
        "contacts": contacts,
        "saved_phones": order.world.contacts.saved_phones(account.id),
        "saved_count": order.world.contacts.saved_count(account.id),
    }


@route("PUT", "/api/accounts/{phone}/contacts")
async def set_contacts(order: Order) -> Any:
    """{"contacts": [{"phone", "first_name", "last_name"?, "by_username"?: true}]}: exactly these from now on.

    With `by_username` the account does not know the contact's number.
    """
    account = account_of(order, order.path["phone"])
    entries = order.wishes().get("contacts")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refused(400, "contacts must be a list of objects with phone and first_name.")
    own = []
    for entry in entries:
        phone = normalise_phone(str(entry.get("phone", "")))
        person = None if phone is None else order.world.people.by_phone(phone)
        if person is None:
            raise Refused(400, f"Nobody in this world has the phone {entry.get('phone')!r}.")
        first, last = str(entry.get("first_name", "")), str(entry.get("last_name", ""))
        own.append(OwnContact(person.id, first, last, None if entry.get("by_username") else phone))
    with order.world.transaction():
        order.world.contacts.replace_all(account.id, own)
    return await list_contacts(order)


@route("GET", "/api/codes")
async def codes(order: Order) -> Any:
    """Newest first. With ?phone= only codes that still work; without, the latest of all phones."""
    phone = None
    if "phone" in order.query:
        phone = normalise_phone(order.query["phone"])
        if phone is None:
            raise Refused(400, "phone must be an international number.")
    return {
        "codes": [
            {
                "phone": code.phone,
                "code": code.code,
                "sent_at": code.sent_at,
                "expires_at": code.expires_at,
                "works": code.state == "open" and code.expires_at > order.now,
            }
            for code in order.world.sign_ins.latest_codes(phone)
            if phone is None or code.expires_at > order.now
        ]
    }


@route("POST", "/api/codes/expire")
async def expire_codes(order: Order) -> Any:
    """{"phone"}: the codes sent to it no longer work (PHONE_CODE_EXPIRED)."""
    phone = normalise_phone(str(order.wishes().get("phone", "")))
    if phone is None:
        raise Refused(400, "phone must be an international number.")
    return {"expired": order.world.sign_ins.expire_codes(phone, order.now)}


@route("POST", "/api/sessions")
async def mint(order: Order) -> Any:
    """{"phone"}: a StringSession that is signed in already, without key exchange, code or password."""
    account = account_of(order, order.wishes().get("phone"))
    host, port = order.dispatcher.address
    session, key_id, key = mint_session(host, port, DC_ID)
    order.world.keys.add_auth_key(key_id, key)
    order.world.keys.sign_in(key_id, account.id)
    return {"session": session, "dc_id": DC_ID, "host": host, "port": port}


@route("POST", "/api/qr/scan")
async def scan_qr(order: Order) -> Any:
    """{"url" or "token", "phone"}: a person scans the QR picture with the phone on which they are signed in."""
    wishes = order.wishes()
    account = account_of(order, wishes.get("phone"))
    given = str(wishes.get("url") or wishes.get("token") or "")
    found = re.search(r"(?:token=)?([A-Za-z0-9_\-+/]{20,})={0,2}$", given.strip())
    try:
        raw = base64.b64decode(found[1] + "=" * (-len(found[1]) % 4), altchars=b"-_") if found else b""
    except binascii.Error:
        raw = b""
    token = order.world.sign_ins.token(raw)
    if token is None:
        raise Refused(400, "This is not a QR code that the simulated Telegram has shown. Show a new one.")
    if token.expires_at < order.now:
        raise Refused(400, "This QR code has expired (they live 30 seconds). Show a new one.")
    if token.account_id is not None:
        raise Refused(400, "This QR code was scanned already.")
    order.world.sign_ins.accept_token(raw, account.id)
    await order.dispatcher.push(token.auth_key_id, token_scanned(order.now))
    return {"scanned": True, "phone": account.phone, "password_needed": account.password is not None}


@route("GET", "/api/counters")
async def counters(order: Order) -> Any:
    """What was asked, granted and violated since the last reset, with the contacts budget in force."""
    order.world.flush()
    accounts = {}
    for account in order.world.accounts.all():
        limit = account.limits.contacts
        accounts[account.phone] = {
            **order.world.counters.of(account.phone),
            "capacity": limit.capacity,
            "per_second": limit.per_second,
            "budget_left": round(order.world.buckets.level(account.phone, "contacts", limit, order.now), 3),
        }
    bots = {bot.username: order.world.counters.of(bot.username) for bot in order.world.bots.all()}
    everybody = [order.world.counters.of("") | {"phone": None}, *accounts.values(), *bots.values()]
    return {
        "now": order.now,
        "reset_at": order.world.counters.reset_at,
        "accounts": accounts,
        "bots": bots,
        "not_signed_in": order.world.counters.of(""),
        "numbers_granted": sum(one["numbers_granted"] for one in everybody),
        "violations_total": sum(one["violations_total"] for one in everybody),
    }


@route("POST", "/api/counters/reset")
async def reset_counters(order: Order) -> Any:
    order.world.counters.reset(time.time())
    return {"reset": True}
