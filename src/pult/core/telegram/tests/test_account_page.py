"""The page of one account: its state, what it has learned, the most it may ask at once; and who may open it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.core.telegram.models import Account, KeyPair
from pult.core.telegram.operations.budgets import CallResult, learn
from pult.core.telegram.queries import may_follow_budget
from pult.core.telegram.tests.conftest import make_account
from pult.core.telegram.values import Cause

pytestmark = pytest.mark.django_db


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(account: Account) -> str:
    return reverse("telegram:account", args=[account.pk])


def words(client: Client, account: Account) -> str:
    return " ".join(strip_tags(client.get(address(account)).content.decode()).split())


def call(
    account: Account, asked: int, answered: int, cause: Cause, *, wait: float = 0, request: str = "phones"
) -> None:
    now = timezone.now()
    learn(
        account_id=account.pk,
        request=request,
        result=CallResult(asked, answered, cause, now - timedelta(seconds=1), now, timedelta(seconds=wait)),
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "As soon as a check has something to ask, it takes part."),
        ({"state": "switched_off"}, "Checks leave it alone"),
        ({"state": "needs_sign_in", "state_reason": "session_ended"}, "Sign in again to go on."),
        ({"state": "restricted", "state_reason": "peer_flood"}, "when Telegram has lifted the restriction"),
        ({"state": "banned", "state_reason": "banned"}, "Checks go on with other accounts."),
    ],
)
def test_every_state_says_what_happens_next(
    owner: Person, key_pair: KeyPair, fields: dict[str, Any], said: str
) -> None:
    account = make_account(owner, key_pair, **fields)
    assert said in words(browser(owner), account)


def test_a_rest_is_counted_down_with_its_reason(owner: Person, key_pair: KeyPair) -> None:
    until = timezone.now() + timedelta(minutes=9)
    account = make_account(owner, key_pair, resting_until=until, rest_reason="keeps_pace")
    page = browser(owner).get(address(account)).content.decode()
    assert "keeps the pace that Telegram granted lately" in page
    assert f'datetime="{until.isoformat()}" data-moment="countdown"' in page


def test_before_the_first_call_it_says_how_learning_begins(owner: Person, key_pair: KeyPair) -> None:
    assert "Pult starts with a few numbers at once" in words(browser(owner), make_account(owner, key_pair))


def test_what_was_learned_is_shown_in_figures_a_chart_and_a_table(owner: Person, key_pair: KeyPair) -> None:
    account = make_account(owner, key_pair)
    call(account, 20, 20, Cause.ANSWERED)
    call(account, 40, 30, Cause.RETRIES)
    call(account, 30, 0, Cause.WAIT, wait=75)
    page = browser(owner).get(address(account)).content.decode()
    assert "of 90 numbers were answered, 1 wait was asked for." in page
    assert page.count("<g><title>") == 3
    assert page.count('class="marked"') == 1
    table = page[page.index("<details><summary>The same as a table") :]
    assert [strip_tags(row).split()[1:3] for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]] == [
        ["30", "0"], ["40", "30"], ["20", "20"],
    ]  # fmt: skip
    assert "1 min 15 s" in strip_tags(table).replace("\N{NO-BREAK SPACE}", " ")
    text = " ".join(strip_tags(page).split())
    assert "At once now 15" in text
    assert "Granted an hour unknown" in text
    assert "Limit met last at 30" in text


def test_what_is_fetched_again_leaves_the_form_and_an_opened_table_alone(
    owner: Person, key_pair: KeyPair
) -> None:
    account = make_account(owner, key_pair)
    empty = browser(owner).get(address(account)).content.decode()
    assert 'hx-target="#main"' in empty, "the first lesson brings a section that is not there yet"
    call(account, 20, 20, Cause.ANSWERED)
    page = browser(owner).get(address(account)).content.decode()
    parts = re.search(r'hx-select-oob="([^"]*)"', page)
    assert parts is not None
    assert parts[1] == "#account-state,#figures-phones,#calls-phones"
    assert all(f'id="{part[1:]}"' in page for part in parts[1].split(","))
    assert f"topic=budget:{account.pk}" in page


def test_kinds_of_request_are_learned_and_shown_apart(owner: Person, key_pair: KeyPair) -> None:
    account = make_account(owner, key_pair)
    call(account, 20, 20, Cause.ANSWERED)
    call(account, 20, 0, Cause.WAIT, wait=5, request="usernames")
    call(account, 3, 3, Cause.ANSWERED, request="faces")
    text = words(browser(owner), account)
    assert [text.count(f"{title} At once now {size}") for title, size in
            (("Phone numbers", 40), ("Usernames", 10), ("faces", 20))] == [1, 1, 1]  # fmt: skip


def test_the_page_needs_no_more_queries_for_more_calls(owner: Person, key_pair: KeyPair) -> None:
    account, client = make_account(owner, key_pair), browser(owner)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            client.get(address(account))
        return len(counted)

    call(account, 20, 20, Cause.ANSWERED)
    queries()
    one = queries()
    for _ in range(2):
        call(account, 20, 20, Cause.ANSWERED)
    assert queries() == one


def test_the_most_at_once_is_changed_recorded_and_obeyed(owner: Person, key_pair: KeyPair) -> None:
    account, client = make_account(owner, key_pair), browser(owner)
    for _ in range(4):
        call(account, 400, 400, Cause.ANSWERED)
    answer = client.post(address(account), {"most": "50"}, follow=True)
    assert "asks about at most 50 numbers at once now" in answer.content.decode()
    account.refresh_from_db()
    assert account.numbers_per_call == 50
    assert "At once now 50" in words(client, account)
    entry = AuditEntry.objects.get(action="account.most_at_once")
    assert (entry.actor, entry.details) == (owner, {"most": 50})


@pytest.mark.parametrize("typed", ["0", "501", "-3", "many", "", "9" * 30])
def test_a_wrong_number_is_told_beside_the_field_and_kept(
    owner: Person, key_pair: KeyPair, typed: str
) -> None:
    account = make_account(owner, key_pair)
    answer = browser(owner).post(address(account), {"most": typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "between 1 and 500" in page
    assert f'name="most" value="{typed}"' in page or not typed
    account.refresh_from_db()
    assert account.numbers_per_call == 500


@pytest.mark.parametrize("shared", [False, True])
def test_the_page_is_for_the_owner_of_the_account_and_for_leaders(
    owner: Person, operator: Person, key_pair: KeyPair, shared: bool
) -> None:
    foreign = make_account(owner, key_pair, 1, shared=shared)
    own = make_account(operator, key_pair, 2)
    client = browser(operator)
    assert client.get(address(foreign)).status_code == 404
    assert client.post(address(foreign), {"most": "7"}).status_code == 404
    assert client.get(address(own)).status_code == 200
    assert browser(owner).get(address(own)).status_code == 200
    foreign.refresh_from_db()
    assert foreign.numbers_per_call == 500
    assert client.get(reverse("telegram:account", args=[uuid4()])).status_code == 404
    follows = [may_follow_budget(operator, str(account.pk)) for account in (foreign, own)]
    assert (follows, may_follow_budget(operator, "x")) == ([False, True], False)


def test_the_list_leads_to_the_pages_that_a_person_may_open(
    owner: Person, operator: Person, key_pair: KeyPair
) -> None:
    foreign = make_account(owner, key_pair, 1, shared=True)
    own = make_account(operator, key_pair, 2)
    page = browser(operator).get(reverse("telegram:accounts")).content.decode()
    assert f'href="{address(own)}"' in page
    assert "Account 1" in page and address(foreign) not in page


def test_names_from_telegram_are_text(owner: Person, key_pair: KeyPair) -> None:
    account = make_account(owner, key_pair, username="<i>x</i>")
    Account.objects.update(name="<img src=x onerror=alert(1)>")
    page = browser(owner).get(address(account)).content.decode()
    assert "<img src=x" not in page and "<i>x" not in page


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_speaks_both_languages(owner: Person, key_pair: KeyPair, language: str) -> None:
    Person.objects.filter(pk=owner.pk).update(language=language)
    account = make_account(owner, key_pair)
    call(account, 20, 20, Cause.ANSWERED)
    page = browser(owner).get(address(account)).content.decode()
    assert f'lang="{language}"' in page
    assert ("At once now" in page) == (language == "en")
