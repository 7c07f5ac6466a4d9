"""Accounts behind proxies: real sockets, real Telethon, the simulated Telegram at the other end."""

import base64
import os
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from pult.core.audit.models import AuditEntry
from pult.core.jobs import in_database
from pult.core.people.models import Person
from pult.core.secrets import reveal
from pult.core.telegram.gateway import NoAnswer, lease
from pult.core.telegram.jobs import advance_sign_in, end_session
from pult.core.telegram.models import Account, KeyPair, RetiredSession, SignIn
from pult.core.telegram.operations import sign_ins
from pult.core.telegram.operations.accounts import UnableToChangeAccount, remove_account, rest_account
from pult.core.telegram.operations.proxies import UnableToSetProxy, set_proxy
from pult.core.telegram.tests.conftest import ANNA, Connect, make_account
from pult.core.telegram.tests.proxy_servers import ProxyServer, http_connect, mtproto, running, silent, socks5
from telegram_simulator.testing import RunningSimulator

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = os.urandom(16).hex()


def give(account: Account, address: str, **fields: Any) -> Account:
    """The account's owner enters a proxy."""
    return set_proxy(
        account_id=account.pk, address=address, actor=account.owner, now=timezone.now(), **fields
    )


async def contacts_through(account: Account) -> None:
    async with lease(account.pk) as leased:
        await leased.own_contacts()


async def test_an_account_reaches_telegram_through_a_socks5_proxy_with_a_password(
    simulator: RunningSimulator, connected: Connect
) -> None:
    account = await in_database(connected)
    with running(socks5("anna", "p@ss:word")) as proxy:
        await in_database(give, account, f"socks5://anna:p@ss:word@127.0.0.1:{proxy.port}")
        await contacts_through(account)
    assert proxy.destinations == [(simulator.host, simulator.mtproto_port)]


async def test_and_through_an_http_proxy(simulator: RunningSimulator, connected: Connect) -> None:
    account = await in_database(connected)
    demanded = "Basic " + base64.b64encode(b"anna:secret").decode()
    with running(http_connect(demanded)) as proxy:
        await in_database(give, account, f"http://anna:secret@127.0.0.1:{proxy.port}")
        await contacts_through(account)
    assert proxy.destinations == [(simulator.host, simulator.mtproto_port)]


async def test_and_through_an_mtproto_proxy(simulator: RunningSimulator, connected: Connect) -> None:
    account = await in_database(connected)
    with running(mtproto(SECRET, simulator.host, simulator.mtproto_port)) as proxy:
        await in_database(
            give, account, f"https://t.me/proxy?server=127.0.0.1&port={proxy.port}&secret=dd{SECRET}"
        )
        await contacts_through(account)
    assert (proxy.served, proxy.refused) == (1, 0)


@pytest.mark.parametrize("kind", ["socks5", "http", "mtproto"])
async def test_a_proxy_that_refuses_is_named_as_the_one_that_does_not_answer(
    simulator: RunningSimulator, connected: Connect, kind: str
) -> None:
    account = await in_database(connected)
    servers = {
        "socks5": socks5("anna", "right"),
        "http": http_connect("Basic right"),
        "mtproto": mtproto(os.urandom(16).hex(), simulator.host, simulator.mtproto_port),
    }
    with running(servers[kind]) as proxy:
        names = SECRET if kind == "mtproto" else "anna:wrong"
        await in_database(give, account, f"{kind}://{names}@127.0.0.1:{proxy.port}")
        with pytest.raises(NoAnswer) as failure:
            await contacts_through(account)
    assert failure.value.reason == "proxy"
    assert proxy.served == 0
    assert proxy.refused


async def test_so_is_one_that_is_not_there_and_the_account_is_well_once_the_proxy_is_removed(
    simulator: RunningSimulator, connected: Connect
) -> None:
    account = await in_database(connected)
    with running(silent()) as gone:
        pass
    await in_database(give, account, f"socks5://127.0.0.1:{gone.port}")
    with pytest.raises(NoAnswer) as failure:
        await contacts_through(account)
    assert failure.value.reason == "proxy"
    await in_database(give, account, "")
    await contacts_through(account)


async def test_a_whole_life_goes_through_the_proxy_from_signing_in_to_logging_out(
    simulator: RunningSimulator, owner: Person, key_pair: KeyPair
) -> None:
    with running(socks5()) as proxy:
        account = await _signed_in(simulator, owner, key_pair, proxy)
        assert proxy.served, "codes are asked for through the proxy"
        assert (account.proxy_hint, await in_database(reveal, account, "proxy")) == (
            f"SOCKS5 127.0.0.1:{proxy.port}",
            f"socks5://127.0.0.1:{proxy.port}",
        )
        before = proxy.served
        await in_database(remove_account, account_id=account.pk, actor=owner, now=timezone.now())
        retired = await in_database(RetiredSession.objects.get)
        await end_session(str(retired.pk))
        assert proxy.served == before + 1
        assert not await in_database(RetiredSession.objects.exists)


async def _signed_in(
    simulator: RunningSimulator, owner: Person, key_pair: KeyPair, proxy: ProxyServer
) -> Account:
    started = await in_database(
        sign_ins.start_sign_in,
        key_pair_id=key_pair.pk,
        method="code",
        phone=ANNA,
        proxy=f"socks5://127.0.0.1:{proxy.port}",
        actor=owner,
        now=timezone.now(),
    )
    await advance_sign_in(str(started.pk))
    code = await in_database(simulator.code_for, ANNA)
    await in_database(sign_ins.give_code, sign_in_id=started.pk, code=code, actor=owner, now=timezone.now())
    await advance_sign_in(str(started.pk))
    finished = await in_database(SignIn.objects.select_related("account").get, pk=started.pk)
    assert finished.proxy is None, "the sign-in forgets everything typed"
    assert finished.account is not None
    return finished.account


async def test_a_sign_in_behind_a_silent_proxy_says_so_and_keeps_what_was_typed(
    simulator: RunningSimulator, owner: Person, key_pair: KeyPair
) -> None:
    with running(silent()) as gone:
        pass
    started = await in_database(
        sign_ins.start_sign_in,
        key_pair_id=key_pair.pk,
        method="code",
        phone=ANNA,
        proxy=f"http://127.0.0.1:{gone.port}",
        actor=owner,
        now=timezone.now(),
    )
    await advance_sign_in(str(started.pk))
    found = await in_database(SignIn.objects.get, pk=started.pk)
    assert (found.state, found.problem) == ("paused", "proxy_silent")
    assert "proxy" in found.problem_in_words


def test_a_new_proxy_ends_the_rest_that_a_silent_one_caused_and_every_change_is_recorded(
    owner: Person, key_pair: KeyPair
) -> None:
    account = make_account(owner, key_pair)
    give(account, "socks5://anna:hidden@first.example:1080")
    rest_account(account_id=account.pk, reason="proxy_silent", seconds=60, now=timezone.now())
    changed = give(account, "http://second.example:3128")
    assert (changed.resting_until, changed.rest_reason) == (None, "")
    rest_account(account_id=account.pk, reason="flood_wait", seconds=60, now=timezone.now())
    assert give(account, "").resting_until is not None, "Telegram's own wait is not ended by another proxy"
    told = list(
        AuditEntry.objects.filter(object_type="account").order_by("id").values_list("action", "details")
    )
    assert told == [
        ("account.proxy_set", {"proxy": "SOCKS5 first.example:1080"}),
        ("account.proxy_set", {"proxy": "HTTP second.example:3128"}),
        ("account.proxy_removed", {}),
    ]
    give(account, "")
    assert AuditEntry.objects.filter(object_type="account").count() == 3, (
        "nothing changed, nothing is recorded"
    )


def test_the_address_is_sealed_and_nobody_else_changes_it(
    owner: Person, operator: Person, key_pair: KeyPair
) -> None:
    account = make_account(owner, key_pair, shared=True)
    give(account, "socks5://anna:hidden@first.example:1080")
    account.refresh_from_db()
    assert b"hidden" not in bytes(account.proxy or b"")
    with pytest.raises(UnableToChangeAccount):
        set_proxy(account_id=account.pk, address="", actor=operator, now=timezone.now())
    with pytest.raises(UnableToSetProxy, match="Begin with socks5://"):
        give(account, "somewhere:1080")
    account.refresh_from_db()
    assert account.proxy_hint == "SOCKS5 first.example:1080"


def test_the_page_keeps_a_proxy_shows_only_where_it_is_and_says_what_was_wrong(
    client: Client, owner: Person, operator: Person, key_pair: KeyPair
) -> None:
    account = make_account(owner, key_pair, shared=True)
    page = reverse("telegram:proxy", args=[account.pk])
    client.force_login(owner)
    refused = client.post(page, {"proxy": "socks5://anna:hidden@proxy.example"}).content.decode()
    assert "The port is missing" in refused
    assert "socks5://anna:hidden@proxy.example" in refused, "what was typed is not lost"
    kept = client.post(
        page, {"proxy": "socks5://anna:hidden@proxy.example:1080"}, follow=True
    ).content.decode()
    assert "SOCKS5 proxy.example:1080" in kept
    assert "hidden@" not in kept
    removed = client.post(page, {"remove": "1"}, follow=True).content.decode()
    assert "connects to Telegram directly" in removed
    client.force_login(operator)
    assert client.get(page).status_code == 404
    assert client.post(page, {"proxy": "http://mine.example:3128"}).status_code == 404


def test_the_form_that_connects_an_account_takes_a_proxy(
    simulator: RunningSimulator, client: Client, owner: Person, key_pair: KeyPair
) -> None:
    client.force_login(owner)
    given = {"key_pair": str(key_pair.pk), "phone": f"+{ANNA}", "proxy": "proxy.example:1080"}
    refused = client.post(reverse("telegram:connect"), given).content.decode()
    assert "Begin with socks5://" in refused
    assert '<details class="more" open>' in refused, "what was wrong is not hidden"
    taken = client.post(reverse("telegram:connect"), given | {"proxy": "http://proxy.example:3128"})
    assert taken.status_code == 302
    found = SignIn.objects.get()
    assert reveal(found, "proxy") == "http://proxy.example:3128"
    assert found.expires_at < timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "169.254.169.254", "[fe80::1]",  # noqa: S104
     "localhost", "LOCALHOST.", "db.localhost", "0x7f.1", "0x7f000001", "100.100.100.200",
     "metadata.google.internal"],
)  # fmt: skip
def test_nobody_knocks_at_the_server_itself_through_a_proxy(
    host: str, owner: Person, operator: Person, key_pair: KeyPair, settings: Settings
) -> None:
    settings.SIMULATED_TELEGRAM = False
    address = f"http://{host}:5432"
    with pytest.raises(UnableToSetProxy, match="belongs to the server"):
        give(make_account(operator, key_pair), address)
    with pytest.raises(sign_ins.UnableToStartSignIn, match="belongs to the server") as refused:
        sign_ins.start_sign_in(
            key_pair_id=key_pair.pk, method="qr", actor=operator, now=timezone.now(), proxy=address
        )
    assert refused.value.field == "proxy"
    assert give(make_account(owner, key_pair, 2), address).proxy_hint, "a proxy of one's own on the server"


def test_a_proxy_in_a_private_network_is_usual(
    operator: Person, key_pair: KeyPair, settings: Settings
) -> None:
    settings.SIMULATED_TELEGRAM = False
    account = make_account(operator, key_pair)
    for host in ("10.0.0.7", "192.168.1.1", "[fd12::1]", "proxy.internal", "cafe.example"):
        assert host in give(account, f"socks5://{host}:1080").proxy_hint
