"""What a proxy's address says."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pult.core.telegram.rules.proxies import Proxy, ProxyKind, UnableToReadProxy, read_proxy

SECRET = "0123456789abcdef0123456789abcdef"
DD = f"dd{SECRET}"
LABEL = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20)
HOST = st.one_of(
    st.lists(LABEL, min_size=2, max_size=4).map(lambda labels: ".".join([*labels, "example"])),
    st.ip_addresses().map(str),
)
# What a person may have as a password: anything that can be seen, with the marks of addresses in it too.
NAME = st.text(st.characters(categories=("L", "N", "P", "S"), max_codepoint=0x500), min_size=1, max_size=30)


@given(
    kind=st.sampled_from([ProxyKind.SOCKS5, ProxyKind.HTTP]), host=HOST, port=st.integers(1, 65535), name=NAME
)
def test_an_address_that_is_stored_names_the_same_proxy_again(
    kind: ProxyKind, host: str, port: int, name: str
) -> None:
    proxy = Proxy(
        kind, host, port, user=name.replace(":", ""), password=name if name.replace(":", "") else ""
    )
    assert read_proxy(proxy.address) == proxy


@given(host=HOST, port=st.integers(1, 65535), secret=st.binary(min_size=16, max_size=16))
def test_so_does_that_of_an_mtproto_proxy_whatever_its_secret_begins_with(
    host: str, port: int, secret: bytes
) -> None:
    proxy = Proxy(ProxyKind.MTPROTO, host, port, secret=secret.hex())
    assert read_proxy(proxy.address) == proxy


@pytest.mark.parametrize(
    ("typed", "kind", "place", "user", "password"),
    [
        ("socks5://proxy.example.com:1080", "socks5", "proxy.example.com:1080", "", ""),
        ("SOCKS5H://Anna:x@Proxy.Example.com:1080/", "socks5", "proxy.example.com:1080", "Anna", "x"),
        ("http://anna:p@ss/w:rd@10.0.0.7:3128", "http", "10.0.0.7:3128", "anna", "p@ss/w:rd"),
        ("http://anna:p%40ss@[2001:db8::1]:3128", "http", "[2001:db8::1]:3128", "anna", "p@ss"),
        ("https://t.me/socks?server=1.2.3.4&port=1080&user=a&pass=b", "socks5", "1.2.3.4:1080", "a", "b"),
        ("tg://socks?server=1.2.3.4&port=1080", "socks5", "1.2.3.4:1080", "", ""),
        ("socks5://прокси.рф:1080", "socks5", "xn--h1adldfi.xn--p1ai:1080", "", ""),
    ],
)
def test_usual_spellings_are_read(typed: str, kind: str, place: str, user: str, password: str) -> None:
    proxy = read_proxy(f"  {typed}\n")
    assert (proxy.kind, proxy.place, proxy.user, proxy.password) == (kind, place, user, password)


@pytest.mark.parametrize(
    "typed",
    [
        f"mtproto://{SECRET}@proxy.example.com:443",
        f"mtproto://{DD.upper()}@proxy.example.com:443",
        f"https://t.me/proxy?server=proxy.example.com&port=443&secret={SECRET}",
        f"tg://proxy?server=proxy.example.com&port=443&secret={DD}",
        f"t.me/proxy?server=proxy.example.com&port=443&secret={base64.b64encode(bytes.fromhex(DD)).decode()}",
        "https://t.me/proxy?server=proxy.example.com&port=443&secret="
        + base64.urlsafe_b64encode(bytes.fromhex(SECRET)).decode().rstrip("="),
    ],
)
def test_the_secret_of_an_mtproto_proxy_is_read_in_every_form(typed: str) -> None:
    assert read_proxy(typed) == Proxy(ProxyKind.MTPROTO, "proxy.example.com", 443, secret=SECRET)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("proxy.example.com:1080", "Begin with socks5://"),
        ("ftp://proxy.example.com:1080", "Begin with socks5://"),
        ("https://proxy.example.com:1080", "https://"),
        ("socks5://proxy.example.com", "port is missing"),
        ("socks5://proxy.example.com:0", "1 to 65535"),
        ("socks5://proxy.example.com:65536", "1 to 65535"),
        ("socks5://proxy.example.com:１０８０", "1 to 65535"),
        ("socks5://:1080", "host of the proxy is missing"),
        ("socks5://1.2.3.400:1080", "no IP address"),
        ("socks5://[fe80::zz]:1080", "no IP address"),
        ("socks5://pro_xy!.example.com:1080", "no name of a host"),
        ("socks5://-a.example.com:1080", "no name of a host"),
        ("socks5://:secret@proxy.example.com:1080", "without a user name"),
        (f"socks5://a:{'b' * 256}@proxy.example.com:1080", "copy them once more"),
        ("socks5://a:b%00@proxy.example.com:1080", "copy them once more"),
        ("http://a%3Ab:c@proxy.example.com:1080", "colon"),
        ("mtproto://proxy.example.com:443", "secret is missing"),
        ("mtproto://abc@proxy.example.com:443", "32 hexadecimal digits"),
        (f"mtproto://ee{SECRET}676f6f676c652e636f6d@proxy.example.com:443", "begins with ee"),
        ("https://t.me/proxy?server=&port=443&secret=00", "host of the proxy is missing"),
        ("https://t.me/proxy?server=a.example&secret=00", "port is missing"),
        ("https://t.me/durov", "https://"),
        ("socks5://a b@proxy.example.com:1080", "one line without spaces"),
        ("socks5://a\0b@proxy.example.com:1080", "one line without spaces"),
        ("socks5://" + "a" * 1000, "one line without spaces"),
    ],
)
def test_what_cannot_be_used_is_refused_with_words_that_say_why(typed: str, word: str) -> None:
    with pytest.raises(UnableToReadProxy, match=word.replace("(", r"\(")):
        read_proxy(typed)


@given(st.text(max_size=60))
def test_nothing_typed_breaks_the_reading(typed: str) -> None:
    for begin in ("", "socks5://", "http://", "mtproto://", "tg://proxy?", "https://t.me/socks?"):
        try:
            proxy = read_proxy(begin + typed)
        except UnableToReadProxy as refusal:
            assert str(refusal)
        else:
            assert read_proxy(proxy.address) == proxy


def test_neither_the_hint_nor_its_picture_in_a_log_shows_a_password() -> None:
    proxies = [
        read_proxy("socks5://anna:hidden@h.example:1"),
        read_proxy(f"mtproto://{SECRET}@h.example:443"),
    ]
    assert [proxy.hint for proxy in proxies] == ["SOCKS5 h.example:1", "MTProto h.example:443"]
    for proxy in proxies:
        assert not {"anna", "hidden", SECRET} & set(repr(proxy).replace("'", " ").split())
    long = Proxy(ProxyKind.HTTP, ".".join(["a" * 60] * 4), 8080)
    assert len(long.hint) <= 120
