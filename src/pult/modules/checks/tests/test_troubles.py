"""Every trouble has its rule: driven by the simulated Telegram, with what the account becomes, what the pages say has
happened and will happen next, that verdicts end true, and that the account heals or asks for a new sign-in.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from pult.core.people.models import Person
from pult.core.telegram.models import Account
from pult.core.telegram.operations.proxies import set_proxy
from pult.core.telegram.reasons import in_words
from pult.modules.checks.models import Check, LogEntry
from pult.modules.checks.queries.log_texts import sentence
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.conftest import Connect
from pult.modules.checks.tests.test_engine import short_waits, work
from pult.modules.checks.tests.world import check_of, contacts, expected, list_of, verdicts, violations
from telegram_simulator.testing import RunningSimulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]
__all__ = ["short_waits"]

HELPER = "79110000061"
GENEROUS = {
    "contacts": {"capacity": 5000, "per_second": 500},
    "requests": {"capacity": 5000, "per_second": 500},
}
REST = "pult.modules.checks.operations.shift.REST_WITHOUT_CONNECTION"
IMPORT = {"method": "contacts.importContacts"}


@dataclass(frozen=True)
class Trouble:
    """`make` brings it about for an account with a phone, `end` ends it; `said` is what comes next, in English.

    `heals`: "by itself" after its rest or pause, "by a look" of the worker's, "by signing in" of its owner.
    """

    name: str
    make: Callable[[RunningSimulator, Account, str], Any]
    state: str
    reason: str
    said: str
    heals: str = "by itself"
    end: Callable[[RunningSimulator, str], Any] = field(default=lambda world, phone: None)
    log: str = ""
    within: float = 20.0


def fault(**order: Any) -> Callable[[RunningSimulator, Account, str], Any]:
    return lambda world, account, phone: world.post("/api/faults", {**order, "phone": phone})


def act(name: str) -> Callable[[RunningSimulator, Account, str], Any]:
    return lambda world, account, phone: world.post(f"/api/accounts/{phone}/{name}")


def silent_proxy(world: RunningSimulator, account: Account, phone: str) -> None:
    # Port 9 of loopback: nobody listens there.
    set_proxy(account_id=account.pk, address="socks5://127.0.0.1:9", actor=account.owner, now=timezone.now())


TROUBLES = [
    Trouble(
        "flood wait", fault(kind="flood_wait", seconds=20, count=1, **IMPORT), "connected", "flood_wait",
        "It goes on by itself in", log="rests until",
        end=lambda world, phone: world.put(f"/api/accounts/{phone}/limits", GENEROUS),
    ),
    Trouble(
        "PEER_FLOOD", fault(kind="peer_flood", count=1, **IMPORT), "restricted", "peer_flood",
        "tries a few numbers", heals="by a look", log="cannot go on",
    ),
    Trouble(
        "frozen", act("freeze"), "restricted", "frozen", "uses it again then", heals="by a look",
        end=lambda world, phone: world.post(f"/api/accounts/{phone}/unfreeze"), log="cannot go on",
    ),
    Trouble(
        "session revoked", act("revoke-sessions"), "needs_sign_in", "session_ended", "Sign in again",
        heals="by signing in",
    ),
    Trouble(
        "session revoked under way", fault(kind="revoke_session", count=1, **IMPORT), "needs_sign_in",
        "session_ended", "Sign in again", heals="by signing in", log="cannot go on",
    ),
    Trouble("banned", act("ban"), "banned", "banned", "connect it again", heals="by signing in"),
    Trouble(
        "key duplicated", fault(kind="error", code=406, message="AUTH_KEY_DUPLICATED", count=1, **IMPORT),
        "needs_sign_in", "used_twice", "Sign in again", heals="by signing in", log="cannot go on",
    ),
    Trouble(
        "network down", fault(kind="drop_before"), "connected", "out_of_reach", "tried again by itself",
        end=lambda world, phone: world.delete("/api/faults"),
    ),
    Trouble(
        "connection breaks under way", fault(kind="drop_before", count=1, **IMPORT), "connected", "",
        "it takes part", log="the connection broke",
    ),
    Trouble(
        "time-out", fault(kind="latency", milliseconds=4000, count=1, **IMPORT), "connected", "",
        "it takes part", log="no answer in time", within=1.0,
    ),
    Trouble(
        "trouble of the server", fault(kind="error", code=500, message="INTERNAL", count=3, **IMPORT),
        "connected", "", "it takes part", log="Telegram had trouble",
    ),
    Trouble(
        "silent proxy", silent_proxy, "connected", "proxy_silent", "tried again by itself",
        end=lambda world, phone: Account.objects.update(proxy=None, proxy_hint=""),
    ),
]  # fmt: skip


@pytest.fixture
def anna() -> Person:
    return scenes.person("anna")


def page(client: Client, person: Person, address: str) -> str:
    client.force_login(person)
    return html.unescape(client.get(address).content.decode())


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_every_trouble_has_its_rule(  # noqa: PLR0917 - fixtures
    world: RunningSimulator,
    connect: Connect,
    anna: Person,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Trouble,
) -> None:
    monkeypatch.setattr("pult.core.telegram.gateway.contacts.IMPORT_WITHIN_SECONDS", trouble.within)
    # Long enough to be seen resting.
    monkeypatch.setattr(REST, timedelta(seconds=30))
    phone = f"7911001{TROUBLES.index(trouble):04d}"
    account = connect(anna, phone, limits=GENEROUS, name="Troubled")
    truth = list_of(world, 40, "troubles")
    check = check_of(anna, truth)
    trouble.make(world, account, phone)

    work(account, seconds=3)
    account.refresh_from_db()
    assert account.state == trouble.state
    if trouble.reason:
        assert trouble.reason in {account.state_reason, account.rest_reason}
        assert_words(trouble.reason)
    told = page(client, anna, reverse("telegram:account", args=[account.pk]))
    assert trouble.said in told
    check.refresh_from_db()
    if check.state == Check.State.RUNNING and trouble.reason:
        assert in_words(trouble.reason) in page(client, anna, reverse("checks:check", args=[check.pk]))
    if trouble.log:
        log = [sentence(entry) for entry in LogEntry.objects.filter(check_ref=check)]
        assert any(trouble.log in line for line in log), log
    assert "n" not in {verdicts(check)[number] for number, findable in truth.items() if findable}

    helper = connect(anna, HELPER, limits=GENEROUS, name="Helper")
    work(helper, *([account] if trouble.heals == "by itself" else []), seconds=40)
    check.refresh_from_db()
    assert check.state == Check.State.FINISHED
    assert verdicts(check) == expected(truth)
    assert violations(world) == 0

    trouble.end(world, phone)
    heal(world, account, phone, trouble.heals)
    again = check_of(anna, truth)
    Account.objects.filter(pk=helper.pk).update(state="switched_off")
    work(account, seconds=40)
    assert verdicts(again) == expected(truth)
    assert contacts(world, phone) == []
    assert world.get(f"/api/accounts/{phone}/contacts")["saved_phones"] == 0


def heal(world: RunningSimulator, account: Account, phone: str, how: str) -> None:
    """What happens without anybody's doing, or the one thing that the page asks its owner for."""
    import asyncio

    from pult.core.secrets import seal
    from pult.core.telegram.gateway.probing import probe_account

    account.refresh_from_db()
    if how == "by itself":
        assert account.state == "connected"
        assert account.resting_until is None or account.resting_until < timezone.now() + timedelta(minutes=1)
        Account.objects.filter(pk=account.pk).update(resting_until=None)
    elif how == "by a look":
        assert account.probe_at is not None and account.probe_at > timezone.now() + timedelta(hours=5)
        asyncio.run(probe_account(account.pk))
    else:
        # The sign-in itself is tested elsewhere; here it only brings a new session.
        world.post(f"/api/accounts/{phone}/unban")
        seal(account, "session", world.session_for(phone))
        account.state, account.state_reason = Account.State.CONNECTED, ""
        account.save()
    account.refresh_from_db()
    assert account.state == "connected"


def assert_words(reason: str) -> None:
    """In both languages there is a sentence, and it is not the code."""
    with translation.override("en"):
        english = in_words(reason)
    with translation.override("ru"):
        russian = in_words(reason)
    assert len(english) > 20 and reason not in {english, russian}
    assert russian and russian != english


def test_a_restarted_telegram_is_waited_for(
    world: RunningSimulator,
    connect: Connect,
    anna: Person,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(REST, timedelta(seconds=30))
    phone = "79110010099"
    account = connect(anna, phone, limits=GENEROUS)
    truth = list_of(world, 40, "restart")
    check = check_of(anna, truth)
    world.stop()
    try:
        work(account, seconds=2)
        account.refresh_from_db()
        assert (account.state, account.rest_reason) == ("connected", "out_of_reach")
        assert "tried again by itself" in page(client, anna, reverse("telegram:account", args=[account.pk]))
        assert_words("out_of_reach")
    finally:
        world.restart()
    Account.objects.update(resting_until=None)
    work(account, seconds=40)
    check.refresh_from_db()
    assert verdicts(check) == expected(truth)
    assert violations(world) == 0
