"""Accounts and sign-ins of other people: not seen, not touched, not followed, whatever address is tried."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from pult.core.people.models import Person
from pult.core.telegram.models import Account, KeyPair, SignIn
from pult.core.telegram.queries import may_follow_account, may_follow_sign_in
from pult.core.telegram.tests.conftest import make_account

pytestmark = pytest.mark.django_db

OF_ACCOUNT = ["share", "switch", "remove"]
OF_SIGN_IN = ["sign_in", "again", "cancel"]


@pytest.fixture
def sign_in(owner: Person, key_pair: KeyPair) -> SignIn:
    now = timezone.now()
    return SignIn.objects.create(
        person=owner, key_pair=key_pair, method="code", state="code_wanted", created_at=now, expires_at=now
    )


def browser(person: Person, *, strict: bool = False) -> Client:
    client = Client(enforce_csrf_checks=strict)
    client.force_login(person)
    return client


def posts(account: Account, sign_in: SignIn) -> list[str]:
    return [reverse(f"telegram:{name}", args=[account.pk]) for name in OF_ACCOUNT] + [
        reverse(f"telegram:{name}", args=[sign_in.pk]) for name in OF_SIGN_IN
    ]


def test_the_list_of_addresses_is_complete() -> None:
    names = {
        getattr(pattern, "name", None) for pattern in get_resolver("pult.core.telegram.web.urls").url_patterns
    }
    assert names == {
        *OF_ACCOUNT, *OF_SIGN_IN, "step", "accounts", "account", "proxy", "connect", "key_pairs", "remove_key_pair",
    }  # fmt: skip


@pytest.mark.parametrize("shared", [False, True])
def test_an_operator_changes_nothing_of_somebody_elses(
    owner: Person, operator: Person, key_pair: KeyPair, sign_in: SignIn, shared: bool
) -> None:
    account = make_account(owner, key_pair, shared=shared)
    before = Account.objects.values().get()
    client = browser(operator)
    for address in posts(account, sign_in):
        client.post(
            address, {"shared": "on", "on": "1", "code": "12345", "password": "x", "phone": "79000000001"}
        )
    assert Account.objects.values().get() == before
    sign_in.refresh_from_db()
    assert (sign_in.state, sign_in.code, sign_in.password) == ("code_wanted", None, None)
    for name in ("sign_in", "step"):
        assert client.get(reverse(f"telegram:{name}", args=[sign_in.pk])).status_code == 404
    assert client.post(reverse("telegram:remove_key_pair", args=[key_pair.pk])).status_code == 403
    assert not may_follow_sign_in(operator, str(sign_in.pk))
    assert may_follow_account(operator, str(account.pk)) is shared
    assert not may_follow_account(operator, "'; DROP TABLE")


def test_even_an_administrator_drives_nobody_elses_sign_in(
    owner: Person, operator: Person, sign_in: SignIn
) -> None:
    operator.role = "administrator"
    operator.save()
    client = browser(operator)
    for name in OF_SIGN_IN:
        client.post(reverse(f"telegram:{name}", args=[sign_in.pk]), {"code": "12345"})
    sign_in.refresh_from_db()
    assert (sign_in.state, sign_in.code) == ("code_wanted", None)
    assert client.get(reverse("telegram:sign_in", args=[sign_in.pk])).status_code == 404


def test_changes_need_a_form_of_the_page(owner: Person, key_pair: KeyPair, sign_in: SignIn) -> None:
    account = make_account(owner, key_pair)
    page = reverse("telegram:account", args=[account.pk])
    for address in [*posts(account, sign_in), page, reverse("telegram:connect")]:
        assert browser(owner, strict=True).post(address).status_code == 403, address
    shown = reverse("telegram:sign_in", args=[sign_in.pk])
    for address in posts(account, sign_in):
        assert browser(owner).get(address).status_code == (200 if address == shown else 405), address
    assert Account.objects.exists()


def test_visitors_are_led_to_the_sign_in_page(owner: Person, key_pair: KeyPair, sign_in: SignIn) -> None:
    account = make_account(owner, key_pair)
    for address in posts(account, sign_in):
        answer = Client().post(address)
        assert answer.status_code == 302 and answer["Location"].startswith(reverse("account_login")), address
    assert Account.objects.exists()


def test_names_from_telegram_are_text(owner: Person, key_pair: KeyPair) -> None:
    script = "<img src=x onerror=alert(1)>"
    account = make_account(owner, key_pair)
    Account.objects.update(name=script, username=script)
    for query in ({}, {"q": "\0"}, {"q": script}, {"sort": "\0"}, {"state": "\0"}, {"q": "%"}):
        page = browser(owner).get(reverse("telegram:accounts"), query)
        assert page.status_code == 200
        assert "<img src=x" not in page.content.decode()
    answer = browser(owner).post(reverse("telegram:remove", args=[account.pk]), follow=True)
    assert "<img src=x" not in answer.content.decode()
