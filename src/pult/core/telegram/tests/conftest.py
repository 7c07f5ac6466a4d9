"""A simulated Telegram in a process of its own, and people with accounts in it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from pult.core.people.models import Person
from pult.core.secrets import seal
from pult.core.telegram.models import Account, KeyPair
from pult.core.telegram.operations.key_pairs import provide_sample_key_pair
from telegram_simulator.testing import RunningSimulator, start_simulator

ANNA, BORIS, VERA = "79000000001", "79000000002", "79000000003"


@pytest.fixture(scope="session")
def running_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with start_simulator(tmp_path_factory.mktemp("simulator"), people=300) as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: RunningSimulator, settings: Settings) -> RunningSimulator:
    """The simulated Telegram without faults, with full budgets; Pult is told where it listens."""
    running_simulator.delete("/api/faults")
    for account in running_simulator.get("/api/accounts")["accounts"]:
        running_simulator.put(
            f"/api/accounts/{account['phone']}/limits", {"contacts": {"capacity": 5000, "per_second": 50}}
        )
        running_simulator.post(f"/api/accounts/{account['phone']}/unban")
        running_simulator.post(f"/api/accounts/{account['phone']}/unfreeze")
    settings.TELEGRAM = replace(
        settings.TELEGRAM,
        mode="simulated",
        host=running_simulator.host,
        port=running_simulator.mtproto_port,
        public_key_file=running_simulator.public_key_file,
        control_url=running_simulator.control_url,
    )
    return running_simulator


@pytest.fixture
def owner(db: None) -> Person:
    return Person.objects.create_user(email="olga@example.com", name="Olga", role="owner")


@pytest.fixture
def operator(db: None) -> Person:
    return Person.objects.create_user(email="oleg@example.com", name="Oleg", role="operator")


@pytest.fixture
def key_pair(db: None) -> KeyPair:
    provide_sample_key_pair(now=timezone.now())
    return KeyPair.objects.get()


Connect = Callable[..., Account]


@pytest.fixture
def connected(simulator: RunningSimulator, owner: Person, key_pair: KeyPair) -> Connect:
    """Connect a sample account without the sign-in's steps: by a session that the simulator mints."""

    def connect(phone: str = ANNA, **fields: Any) -> Account:
        found = simulator.get(f"/api/accounts/{phone}")
        account = Account(
            owner=fields.pop("owner", owner),
            key_pair=key_pair,
            simulated=True,
            telegram_user_id=found["id"],
            name=found["first_name"],
            phone_hint=phone[-4:],
            connected_at=timezone.now(),
            **fields,
        )
        seal(account, "session", simulator.session_for(phone))
        account.save()
        return account

    return connect


def make_account(person: Person, key_pair: KeyPair, number: int = 1, **fields: Any) -> Account:
    """An account that no Telegram knows, for what only concerns its row."""
    account = Account(
        owner=person,
        key_pair=key_pair,
        simulated=True,
        telegram_user_id=number,
        name=f"Account {number}",
        phone_hint=f"{number:04d}",
        connected_at=timezone.now(),
        **fields,
    )
    seal(account, "session", f"secret session {number}")
    account.save()
    return account
