"""The simulated Telegram as tests and benchmarks of checks use it: accounts, lists with a known truth, contacts."""

from typing import Any
from urllib.parse import quote

from django.utils import timezone

from pult.core.people.models import Person
from pult.core.secrets import seal
from pult.core.telegram.models import Account, KeyPair
from pult.core.telegram.operations.key_pairs import provide_sample_key_pair
from pult.modules.checks.models import Check, Number
from pult.modules.checks.tests import scenes
from telegram_simulator.testing import RunningSimulator

Truth = dict[int, bool]
# How numbers of canaries begin that tests put into the world.
CANARIES = "4915550"
SPARE = 100


def connect_account(
    world: RunningSimulator, owner: Person, phone: str, *, limits: dict[str, Any] | None = None, **fields: Any
) -> Account:
    """A fresh simulated account with its own limits, connected for a person without the sign-in's steps."""
    known = world.post("/api/accounts", {"phone": phone, "first_name": "Tester", "limits": limits or {}})
    provide_sample_key_pair(now=timezone.now())
    account = Account(
        owner=owner,
        key_pair=KeyPair.objects.get(simulated=True),
        simulated=True,
        telegram_user_id=known["id"],
        name=fields.pop("name", "Tester"),
        phone_hint=phone[-4:],
        connected_at=timezone.now(),
        **fields,
    )
    seal(account, "session", world.session_for(phone))
    account.save()
    return account


def list_of(world: RunningSimulator, count: int, seed: str) -> Truth:
    """Numbers, and whether anybody who asks finds a person behind them."""
    # Canaries that other tests have put into the same world are no part of any list: others stand in for them.
    drawn = [*_sample(world, count, seed), *_sample(world, SPARE, f"{seed} spare")]
    truth = {phone: found for phone, found in drawn if not str(phone).startswith(CANARIES)}
    return dict(list(truth.items())[:count])


def _sample(world: RunningSimulator, count: int, seed: str) -> list[tuple[int, bool]]:
    address = f"/api/sample-numbers?count={count}&hits=0.4&seed={quote(seed)}&format=json"
    return [(int(row["phone"]), row["findable"]) for row in world.get(address)["numbers"]]


def check_of(owner: Person, truth: Truth) -> Check:
    """A running check of these numbers."""
    check = scenes.check(owner, numbers=len(truth))
    numbers = scenes.numbers_of(check)
    for number, phone in zip(numbers, truth, strict=True):
        number.phone = phone
    Number.objects.bulk_update(numbers, ["phone"], batch_size=2000)
    return check


def verdicts(check: Check) -> dict[int, str]:
    """Number → state."""
    return {scenes.phone_of(number): number.state for number in scenes.numbers_of(check)}


def expected(truth: Truth) -> dict[int, str]:
    """What `verdicts` has to be in the end."""
    return {phone: "f" if findable else "n" for phone, findable in truth.items()}


def contacts(world: RunningSimulator, phone: str) -> list[tuple[int, str, str]]:
    """The account's contacts as Telegram keeps them."""
    listed = world.get(f"/api/accounts/{phone}/contacts")["contacts"]
    return sorted((contact["id"], contact["first_name"], contact["last_name"]) for contact in listed)


def violations(world: RunningSimulator) -> int:
    """How often an account did what Telegram forbids."""
    total: int = world.get("/api/counters")["violations_total"]
    return total
