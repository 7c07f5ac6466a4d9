"""contacts.*: importing numbers, one's own contacts, and finding people by number or username."""

import random
from typing import Any

from telethon.tl import types as tl
from telethon.tl.functions import contacts as fn

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call, flood_wait, method
from telegram_simulator.mtproto.seam import RpcError
from telegram_simulator.world.contacts import OwnContact, contacts_hash
from telegram_simulator.world.people import USERNAME, Person, normalise_phone

LARGEST_IMPORT = 500


@method(fn.ImportContactsRequest, refused_when_frozen=True)
def import_contacts(call: Call) -> Any:
    """Numbers that a limit or a fault leaves unanswered come back in `retry_contacts`, by client_id."""
    asked = list(call.request.contacts)
    if len(asked) > LARGEST_IMPORT:
        call.violate("too_many_numbers")
        raise RpcError(400, "INPUT_REQUEST_TOO_LONG")
    answered, refused = _grant(call, asked)
    phones = {id(entry): normalise_phone(entry.phone) for entry in answered}
    blind = any(fault.kind == "blind" for fault in call.faults)
    found = {} if blind else _findable(call, sorted({phone for phone in phones.values() if phone}))
    imported, people, own, unknown = [], {}, [], []
    for entry in answered:
        phone = phones[id(entry)]
        if phone is None:
            continue
        person = found.get(phone)
        if person is None:
            unknown.append((phone, entry.first_name, entry.last_name))
            continue
        imported.append(tl.ImportedContact(user_id=person.id, client_id=entry.client_id))
        people[person.id] = person
        own.append(OwnContact(person.id, entry.first_name, entry.last_name, phone))
    with call.world.transaction():
        call.world.contacts.put(call.account.id, own)
        call.world.contacts.save_phones(call.account.id, unknown)
        call.world.contacts.forget_phones(call.account.id, [contact.phone or "" for contact in own])
    call.world.counters.add(call.account.phone, "granted", len(answered))
    return tl.contacts.ImportedContacts(
        imported=imported,
        popular_invites=[],
        retry_contacts=[entry.client_id for entry in refused],
        users=entities.users(call.world, call.account.id, list(people.values()), call.now),
    )


def _grant(call: Call, asked: list[Any]) -> tuple[list[Any], list[Any]]:
    """Charge the contacts budget and let the faults choose: (entries to answer, entries to send back)."""
    limit = call.account.limits.contacts
    buckets, phone = call.world.buckets, call.account.phone
    if len(asked) <= limit.capacity:
        granted, wait = len(asked), buckets.take(phone, "contacts", limit, len(asked), call.now)
    else:
        granted, wait = buckets.take_up_to(phone, "contacts", limit, len(asked), call.now)
    if wait:
        raise flood_wait(wait)
    answered, refused = asked[:granted], asked[granted:]
    for fault in call.faults:
        if fault.kind != "retry_contacts":
            continue
        numbers = {normalise_phone(str(number)) for number in fault.parameters.get("numbers", [])}
        share = float(fault.parameters.get("share", 0))
        kept: list[Any] = []
        for entry in answered:
            hit = normalise_phone(entry.phone) in numbers or random.random() < share
            (refused if hit else kept).append(entry)
        answered = kept
    return answered, refused


def _findable(call: Call, phones: list[str]) -> dict[str, Person]:
    """Registered people whom this account may find by number; a hidden one is simply not there."""
    registered = call.world.people.by_phones(phones)
    knowing = call.world.people.knowing(call.account.id, [person.id for person in registered.values()])
    return {
        phone: person
        for phone, person in registered.items()
        if person.id == call.account.id
        or call.world.people.may_be_found_by_phone(person, known=person.id in knowing)
    }


@method(fn.GetContactsRequest)
def get_contacts(call: Call) -> Any:
    own = call.world.contacts.of(call.account.id)
    saved_count = call.world.contacts.saved_count(call.account.id)
    ids = [contact.person_id for contact in own]
    if call.request.hash and call.request.hash == contacts_hash(saved_count, ids):
        return tl.contacts.ContactsNotModified()
    known = call.world.people.knowing(call.account.id, ids)
    people = call.world.people.by_ids(ids)
    return tl.contacts.Contacts(
        contacts=[tl.Contact(user_id=person_id, mutual=person_id in known) for person_id in ids],
        saved_count=saved_count,
        users=entities.users(call.world, call.account.id, [people[i] for i in ids], call.now),
    )


@method(fn.DeleteContactsRequest, refused_when_frozen=True)
def delete_contacts(call: Call) -> Any:
    """The answer shows the people as strangers again: under the names of their own profiles."""
    asked = [entities.person_or_gone(call, given) for given in call.request.id]
    people = [person for person in asked if person is not None]
    call.world.contacts.remove(call.account.id, [person.id for person in people])
    changes = [tl.UpdatePeerSettings(tl.PeerUser(person.id), tl.PeerSettings()) for person in people]
    return entities.updates(call, changes, people)


@method(fn.DeleteByPhonesRequest, refused_when_frozen=True)
def delete_by_phones(call: Call) -> Any:
    phones = {normalise_phone(phone) for phone in call.request.phones}
    own = call.world.contacts.of(call.account.id)
    call.world.contacts.remove(call.account.id, [c.person_id for c in own if c.phone in phones and c.phone])
    call.world.contacts.forget_phones(call.account.id, [phone for phone in phones if phone])
    return True


@method(fn.AddContactRequest, refused_when_frozen=True)
def add_contact(call: Call) -> Any:
    person = entities.person_of(call, call.request.id)
    if not call.request.first_name and not call.request.last_name:
        raise RpcError(400, "CONTACT_NAME_EMPTY")
    # A number is only kept when it really is that person's.
    phone = person.phone if normalise_phone(call.request.phone) == person.phone else None
    own = OwnContact(person.id, call.request.first_name, call.request.last_name, phone)
    call.world.contacts.put(call.account.id, [own])
    return entities.updates(
        call, [tl.UpdatePeerSettings(tl.PeerUser(person.id), tl.PeerSettings())], [person]
    )


@method(fn.ResolvePhoneRequest)
def resolve_phone(call: Call) -> Any:
    _charge_resolve(call)
    phone = normalise_phone(call.request.phone)
    found = _findable(call, [phone] if phone else [])
    if not found:
        raise RpcError(400, "PHONE_NOT_OCCUPIED")
    return _resolved(call, next(iter(found.values())))


@method(fn.ResolveUsernameRequest)
def resolve_username(call: Call) -> Any:
    if not USERNAME.fullmatch(call.request.username):
        raise RpcError(400, "USERNAME_INVALID")
    _charge_resolve(call)
    person = call.world.people.by_username(call.request.username)
    if person is not None:
        return _resolved(call, person)
    chat = call.world.chats.by_username(call.request.username)
    if chat is None:
        raise RpcError(400, "USERNAME_NOT_OCCUPIED")
    return tl.contacts.ResolvedPeer(
        peer=tl.PeerChannel(chat.id), chats=entities.chats(call.world, call.account.id, [chat]), users=[]
    )


@method(fn.GetStatusesRequest)
def get_statuses(call: Call) -> Any:
    people = call.world.people.by_ids(
        [contact.person_id for contact in call.world.contacts.of(call.account.id)]
    )
    return [
        tl.ContactStatus(person.id, entities.status(person, call.now) or tl.UserStatusEmpty())
        for person in people.values()
    ]


def _resolved(call: Call, person: Person) -> Any:
    users = entities.users(call.world, call.account.id, [person], call.now)
    return tl.contacts.ResolvedPeer(peer=tl.PeerUser(person.id), chats=[], users=users)


def _charge_resolve(call: Call) -> None:
    wait = call.world.buckets.take(call.account.phone, "resolve", call.account.limits.resolve, 1, call.now)
    if wait:
        raise flood_wait(wait)
