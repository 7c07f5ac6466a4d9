"""Which addresses may be told, how a body is signed, when it is tried again."""

from datetime import timedelta

import pytest

from pult.core.webhooks.rules import DELAYS, delay_after, may_be_told, signature, url_fault


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_addresses_may_be_told(address: str) -> None:
    assert may_be_told(address, private=False, loopback=False)


INNER = [
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "fd00::1",
    "100.64.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
]
LOOPS = ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "2002:7f00:1::"]
NEVER = ["169.254.169.254", "fe80::1%eth0", "224.0.0.1", "ff02::1", "0.0.0.0", "::", "::ffff:169.254.169.254"]  # noqa: S104


@pytest.mark.parametrize("address", [*INNER, *LOOPS, *NEVER, "192.0.2.1", "240.0.0.1", "255.255.255.255"])
def test_the_inner_network_is_not_told(address: str) -> None:
    assert not may_be_told(address, private=False, loopback=False)


@pytest.mark.parametrize("address", LOOPS)
def test_this_machine_may_be_told_where_telegram_is_simulated(address: str) -> None:
    assert may_be_told(address, private=False, loopback=True)


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.1", "fd00::1", "127.0.0.1"])
def test_the_setting_opens_private_networks(address: str) -> None:
    assert may_be_told(address, private=True, loopback=False)


@pytest.mark.parametrize("address", NEVER)
def test_nothing_opens_what_clouds_keep_credentials_at(address: str) -> None:
    assert not may_be_told(address, private=True, loopback=True)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://crm.example.com/pult?x=1", ""),
        ("http://127.0.0.1:9000/", ""),
        ("http://[::1]:9000/", ""),
        ("ftp://crm.example.com/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("crm.example.com", "scheme"),
        ("https://", "form"),
        ("https://crm.example.com:99999/", "form"),
        ("https://[zz]/", "form"),
        ("https://crm.example.com/a b", "form"),
        ("https://crm.example.com/\r\nX: y", "form"),
        ("https://anna:pass@crm.example.com/", "credentials"),
        ("https://crm.example.com/" + "x" * 500, "form"),
    ],
)
def test_only_whole_addresses_are_stored(url: str, fault: str) -> None:
    assert url_fault(url) == fault


def test_each_secret_signs() -> None:
    one = signature(b"{}", at=1_700_000_000, keys=["new"])
    both = signature(b"{}", at=1_700_000_000, keys=["new", "old"])
    assert one.startswith("t=1700000000,v1=")
    assert both.startswith(one + ",v1=")
    assert signature(b"{} ", at=1_700_000_000, keys=["new"]) != one
    assert signature(b"{}", at=1_700_000_001, keys=["new"]).partition("v1=")[2] != one.partition("v1=")[2]


def test_delays_grow_and_end() -> None:
    waits = [delay_after(attempts) for attempts in range(1, len(DELAYS) + 2)]
    assert waits[-1] is None
    assert list(DELAYS) == sorted(DELAYS)
    assert waits[0] == timedelta(seconds=10)
