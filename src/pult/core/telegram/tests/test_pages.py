"""The account pages: what is shown to whom, what a form answers, what a click does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pult.core.people.models import Person
from pult.core.secrets import seal
from pult.core.telegram.models import Account, KeyPair, RetiredSession, SignIn
from pult.core.telegram.operations import sign_ins
from pult.core.telegram.tests.conftest import make_account

pytestmark = pytest.mark.django_db

ACCOUNTS = "/accounts/"


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_an_empty_list_says_what_to_do_next(operator: Person) -> None:
    page = browser(operator).get(ACCOUNTS).content.decode()
    assert "No account yet" in page
    assert reverse("telegram:connect") in page


def test_people_see_their_own_and_shared_accounts_only(
    owner: Person, operator: Person, key_pair: KeyPair
) -> None:
    make_account(owner, key_pair, 1)
    make_account(owner, key_pair, 2, shared=True)
    make_account(operator, key_pair, 3)
    page = browser(operator).get(ACCOUNTS).content.decode()
    assert "Account 1" not in page
    assert "Account 2" in page
    assert "Account 3" in page
    assert "Account 1" in browser(owner).get(ACCOUNTS).content.decode()


def test_the_list_needs_no_more_queries_for_more_accounts(
    owner: Person, key_pair: KeyPair, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = browser(owner)
    make_account(owner, key_pair, 1)
    client.get(ACCOUNTS)
    with CaptureQueriesContext(connection) as one:
        client.get(ACCOUNTS)
    make_account(owner, key_pair, 2)
    make_account(owner, key_pair, 3)
    with django_assert_num_queries(len(one)):
        client.get(ACCOUNTS)


def test_search_filter_and_sorting_live_in_the_address(owner: Person, key_pair: KeyPair) -> None:
    make_account(owner, key_pair, 1)
    make_account(owner, key_pair, 2, state="banned", state_reason="banned")
    client = browser(owner)
    assert "Account 2" not in client.get(ACCOUNTS, {"q": "account 1"}).content.decode()
    assert "Account 1" not in client.get(ACCOUNTS, {"state": "banned"}).content.decode()
    backwards = client.get(ACCOUNTS, {"sort": "-name"}).content.decode()
    assert backwards.index("Account 2") < backwards.index("Account 1")
    assert "No account fits" in client.get(ACCOUNTS, {"q": "nobody"}).content.decode()


def test_a_resting_account_says_why(owner: Person, key_pair: KeyPair) -> None:
    make_account(
        owner, key_pair, resting_until=timezone.now() + timedelta(minutes=5), rest_reason="flood_wait"
    )
    page = browser(owner).get(ACCOUNTS).content.decode()
    assert "Resting" in page
    assert "flood wait" in page


def test_sharing_is_for_the_owner_of_the_account_and_for_leaders(
    owner: Person, operator: Person, key_pair: KeyPair
) -> None:
    foreign = make_account(owner, key_pair, 1, shared=True)
    browser(operator).post(reverse("telegram:share", args=[foreign.pk]), {"shared": "0"})
    foreign.refresh_from_db()
    assert foreign.shared, "a colleague's account is not theirs to unshare"
    own = make_account(operator, key_pair, 2)
    browser(operator).post(reverse("telegram:share", args=[own.pk]), {"shared": "1"})
    own.refresh_from_db()
    assert own.shared
    browser(owner).post(reverse("telegram:share", args=[own.pk]), {"shared": "0"})
    own.refresh_from_db()
    assert not own.shared


def test_removing_hands_the_session_to_the_worker(owner: Person, operator: Person, key_pair: KeyPair) -> None:
    account = make_account(owner, key_pair, shared=True)
    address = reverse("telegram:remove", args=[account.pk])
    assert browser(operator).get(address).status_code == 405
    browser(operator).post(address)
    assert Account.objects.exists()
    answer = browser(owner).post(address, follow=True)
    assert "is removed" in answer.content.decode()
    assert not Account.objects.exists()
    assert RetiredSession.objects.get().held_as == account.pk


def test_switching_off_and_on(owner: Person, key_pair: KeyPair) -> None:
    account = make_account(owner, key_pair)
    address = reverse("telegram:switch", args=[account.pk])
    browser(owner).post(address, {"on": "0"})
    account.refresh_from_db()
    assert account.state == "switched_off"
    browser(owner).post(address, {"on": "1"})
    account.refresh_from_db()
    assert (account.state, account.state_reason) == ("connected", "")


def test_a_wrong_number_is_answered_beside_the_field_and_kept(operator: Person, key_pair: KeyPair) -> None:
    page = browser(operator).post(
        reverse("telegram:connect"), {"key_pair": key_pair.pk, "method": "code", "phone": "call me"}
    )
    text = page.content.decode()
    assert "country code" in text
    assert 'value="call me"' in text
    assert not SignIn.objects.exists()


def test_a_number_is_asked_for_unless_the_qr_code_was_wanted(operator: Person, key_pair: KeyPair) -> None:
    client = browser(operator)
    address = reverse("telegram:connect")
    page = client.get(address).content.decode()
    label = page.split('for="id_phone"', 1)[1].split("</label>", 1)[0]
    assert "optional" not in label
    assert f'<input type="hidden" name="key_pair" value="{key_pair.pk}"' in page, (
        "one key pair: nothing to choose"
    )
    answer = client.post(address, {"key_pair": key_pair.pk, "phone": ""})
    assert "Type the number with its country code" in answer.content.decode()
    assert not SignIn.objects.exists()
    client.post(address, {"key_pair": key_pair.pk, "phone": "", "method": "qr"})
    assert SignIn.objects.get().method == "qr"


def started(person: Person, key_pair: KeyPair, **fields: Any) -> SignIn:
    sign_in = sign_ins.start_sign_in(
        key_pair_id=key_pair.pk, method="code", phone="+79000000001", actor=person, now=timezone.now()
    )
    SignIn.objects.filter(pk=sign_in.pk).update(**fields)
    sign_in.refresh_from_db()
    return sign_in


def test_connecting_leads_to_the_page_of_the_steps(operator: Person, key_pair: KeyPair) -> None:
    client = browser(operator)
    answer = client.post(
        reverse("telegram:connect"), {"key_pair": key_pair.pk, "method": "code", "phone": "+7 900 000 00 01"}
    )
    sign_in = SignIn.objects.get()
    assert answer["Location"] == reverse("telegram:sign_in", args=[sign_in.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "No worker is running" in page
    assert f"/live/?topic=sign-in:{sign_in.pk}" in page
    assert "79000000001" not in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("phone_wanted", "Send the code"),
        ("code_wanted", "ending in 0001"),
        ("password_wanted", "two-step verification"),
        ("paused", "Try again"),
        ("finished", "The account was connected"),
        ("failed", "Not connected"),
        ("cancelled", "was erased"),
        ("expired", "15 minutes"),
    ],
)
def test_each_step_says_what_to_do(operator: Person, key_pair: KeyPair, state: str, words: str) -> None:
    sign_in = started(operator, key_pair, state=state)
    for name in ("sign_in", "step"):
        page = browser(operator).get(reverse(f"telegram:{name}", args=[sign_in.pk]))
        assert words in page.content.decode()
        assert page["Cache-Control"].startswith("max-age=0")


def test_a_code_goes_to_the_worker_sealed(operator: Person, key_pair: KeyPair) -> None:
    sign_in = started(operator, key_pair, state="code_wanted")
    address = reverse("telegram:sign_in", args=[sign_in.pk])
    empty = browser(operator).post(address, {"code": ""})
    assert "Type the code" in empty.content.decode()
    answer = browser(operator).post(address, {"code": "123 45"})
    assert answer.status_code == 302
    sign_in.refresh_from_db()
    assert sign_in.state == "checking_code"
    assert sign_in.code is not None
    assert b"12345" not in bytes(sign_in.code)


def test_nobody_opens_anothers_sign_in(owner: Person, operator: Person, key_pair: KeyPair) -> None:
    sign_in = started(operator, key_pair, state="code_wanted")
    client = browser(owner)
    for name in ("sign_in", "step"):
        assert client.get(reverse(f"telegram:{name}", args=[sign_in.pk])).status_code == 404
    client.post(reverse("telegram:cancel", args=[sign_in.pk]))
    sign_in.refresh_from_db()
    assert sign_in.state == "code_wanted"


@pytest.mark.parametrize(("mode", "written"), [("real", False), ("simulated", True)])
def test_the_qr_code_is_drawn_and_its_link_written_for_simulated_people_only(
    operator: Person, key_pair: KeyPair, settings: Any, mode: str, written: bool
) -> None:
    sign_in = started(operator, key_pair, state="scan_wanted")
    seal(sign_in, "qr_link", "tg://login?token=abcdefghijklmnop")
    sign_in.save()
    settings.TELEGRAM = replace(settings.TELEGRAM, mode=mode)
    page = browser(operator).get(reverse("telegram:step", args=[sign_in.pk])).content.decode()
    assert "<svg" in page
    assert ("abcdefghijklmnop" in page) is written


def test_key_pairs_are_for_leaders(owner: Person, operator: Person) -> None:
    address = reverse("telegram:key_pairs")
    assert browser(operator).get(address).status_code == 403
    assert "Sample key pair" in browser(owner).get(address).content.decode()


def test_a_key_pair_is_added_sealed_and_removed(owner: Person, key_pair: KeyPair) -> None:
    client, address = browser(owner), reverse("telegram:key_pairs")
    given = {"title": "Ours", "api_id": "123456", "api_hash": "0123456789abcdef0123456789abcdef"}
    refused = client.post(address, given | {"api_hash": "0123"}).content.decode()
    assert "32 characters" in refused
    assert 'value="Ours"' in refused
    client.post(address, given)
    kept = KeyPair.objects.get(api_id=123456)
    assert given["api_hash"].encode() not in bytes(kept.api_hash)
    assert "kept already" in client.post(address, given).content.decode()
    assert given["api_hash"] not in client.get(address).content.decode()
    client.post(reverse("telegram:remove_key_pair", args=[kept.pk]))
    assert not KeyPair.objects.filter(pk=kept.pk).exists()


def test_a_key_pair_stays_while_a_sign_in_is_under_way(owner: Person, key_pair: KeyPair) -> None:
    sign_in = started(owner, key_pair, state="code_wanted")
    answer = browser(owner).post(reverse("telegram:remove_key_pair", args=[key_pair.pk]), follow=True)
    assert "still under way" in answer.content.decode()
    assert SignIn.objects.filter(pk=sign_in.pk).exists()


def test_made_up_accounts_do_not_stand_beside_real_ones(
    owner: Person, key_pair: KeyPair, settings: Any
) -> None:
    make_account(owner, key_pair, 1)
    settings.TELEGRAM = replace(settings.TELEGRAM, mode="real")
    page = browser(owner).get(ACCOUNTS).content.decode()
    assert "Account 1" not in page
    assert "No account yet" in page


def test_a_key_pair_in_use_stays(owner: Person, key_pair: KeyPair) -> None:
    make_account(owner, key_pair)
    answer = browser(owner).post(reverse("telegram:remove_key_pair", args=[key_pair.pk]), follow=True)
    assert "Accounts are connected" in answer.content.decode()
    assert KeyPair.objects.filter(pk=key_pair.pk).exists()
