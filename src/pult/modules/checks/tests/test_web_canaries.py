"""The page on which owners and administrators name canaries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pult.core.audit.models import AuditEntry
from pult.modules.checks.models import Call, Canary
from pult.modules.checks.rules.canaries import MOST_CANARIES
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> str:
    return reverse("checks:canaries")


@pytest.fixture
def olga(client: Client) -> Client:
    client.force_login(scenes.person("olga", role="owner"))
    return client


def named(phone: int = 4_915_112_345_678, **fields: object) -> Canary:
    return Canary.objects.create(phone=phone, created_at=timezone.now(), **fields)


def test_an_empty_list_says_what_canaries_are_good_for(olga: Client, page: str) -> None:
    assert "No canary yet" in olga.get(page).content.decode()


def test_a_canary_is_named_in_any_spelling_and_recorded(olga: Client, page: str) -> None:
    answer = olga.post(page, {"phone": "+49 (151) 123 456 78", "label": "Petra"}, follow=True)
    assert "+4915112345678" in answer.content.decode()
    assert Canary.objects.get().phone == 4915112345678
    entry = AuditEntry.objects.get(action="canary.added")
    assert entry.details == {"label": "Petra"}, "the number itself stays out of the trail"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0151 12345678", "country code"),
        ("not a number", "letters in it"),
        ("", "country code"),
        ("+4915112345678", "already"),
    ],
)
def test_what_cannot_be_a_canary_is_refused_beside_the_field(
    olga: Client, page: str, typed: str, words: str
) -> None:
    named()
    answer = olga.post(page, {"phone": typed, "label": "Petra"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert 'value="Petra"' in text, "nothing typed is lost"
    assert Canary.objects.count() == 1


def test_there_is_an_end_to_their_number(olga: Client, page: str) -> None:
    Canary.objects.bulk_create(
        Canary(phone=4_915_112_000_000 + place, created_at=timezone.now()) for place in range(MOST_CANARIES)
    )
    answer = olga.post(page, {"phone": "+4915112345678"})
    assert "are enough" in answer.content.decode()
    assert Canary.objects.count() == MOST_CANARIES


def test_the_list_is_searched_sorted_and_narrowed_by_the_address(olga: Client, page: str) -> None:
    named(4_915_112_345_671, label="Petra", last_seen_at=timezone.now())
    named(4_915_112_345_672, label="Otto", suspended_at=timezone.now())
    assert "Otto" not in olga.get(page, {"q": "petra"}).content.decode()
    assert "Petra" not in olga.get(page, {"q": "45672"}).content.decode()
    assert "Petra" not in olga.get(page, {"state": "suspended"}).content.decode()
    assert "No canary fits" in olga.get(page, {"q": "nobody\0"}).content.decode()
    text = olga.get(page, {"sort": "-seen"}).content.decode()
    assert text.index("Petra") < text.index("Otto")


def test_a_doubted_canary_says_so_and_is_used_again_on_request(olga: Client, page: str) -> None:
    doubted = named(label="Petra", suspended_at=timezone.now())
    call = Call.objects.create(
        account_id="3" * 32, size=1, canary=doubted, canary_seen=False, sent_at=timezone.now()
    )
    assert "In doubt" in olga.get(page).content.decode()
    olga.post(reverse("checks:use_canary_again", args=[doubted.pk]))
    doubted.refresh_from_db()
    call.refresh_from_db()
    assert doubted.suspended_at is None
    assert call.canary_seen is None, "what was missed in doubt speaks against nobody"


def test_removing_forgets_the_number(olga: Client, page: str) -> None:
    gone = named(label="Petra")
    answer = olga.post(reverse("checks:remove_canary", args=[gone.pk]), follow=True)
    assert "Petra" not in answer.content.decode()
    assert not Canary.objects.exists()
    assert olga.post(reverse("checks:remove_canary", args=[gone.pk])).status_code == 404


def test_operators_neither_see_nor_name_them(client: Client, page: str) -> None:
    kept = named()
    client.force_login(scenes.person("oleg", role="operator"))
    assert client.get(page).status_code == 403
    assert client.post(page, {"phone": "+4915112345679"}).status_code == 403
    assert client.post(reverse("checks:remove_canary", args=[kept.pk])).status_code == 403
    assert Canary.objects.count() == 1


def test_a_longer_list_costs_no_more_queries(olga: Client, page: str) -> None:
    counts = []
    for size in (1, 3):
        while Canary.objects.count() < size:
            named(4_915_112_000_000 + Canary.objects.count())
        with CaptureQueriesContext(connection) as queries:
            olga.get(page)
        counts.append(len(queries))
    # The first page also says that one canary is few; nothing grows with the rows.
    assert counts[1] <= counts[0]
