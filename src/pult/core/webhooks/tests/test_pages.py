"""The pages of webhooks."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pult.core.people.models import Person
from pult.core.webhooks.models import Delivery, Webhook
from pult.core.webhooks.operations.webhooks import add_webhook

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(anna: Person) -> Client:
    client = Client()
    client.force_login(anna)
    return client


@pytest.fixture
def webhook(anna: Person) -> Webhook:
    return add_webhook(
        actor=anna,
        person=anna,
        url="https://crm.example.org/pult",
        events=["check.finished"],
        now=timezone.now(),
    ).webhook


def deliver(webhook: Webhook, state: str, **fields: object) -> Delivery:
    return Delivery.objects.create(
        webhook=webhook, event="check.finished", payload={}, state=state, at=timezone.now(), **fields
    )


def test_the_secret_is_shown_once_and_stored_sealed(browser: Client) -> None:
    assert "No webhook yet" in browser.get("/webhooks/").content.decode()
    answer = browser.post("/webhooks/new/", {"url": "https://crm.example.org/", "events": ["check.finished"]})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    secret = answer.context["secret"]
    assert re.fullmatch(r"hook_[0-9a-f]{64}", secret)
    made = Webhook.objects.get()
    assert secret.encode() not in bytes(made.secret)
    for path in ("/webhooks/", f"/webhooks/{made.pk}/", f"/webhooks/{made.pk}/change/"):
        assert secret not in browser.get(path).content.decode()
    again = browser.post(f"/webhooks/{made.pk}/secret/").context["secret"]
    assert again != secret
    assert "signs until" in browser.get(f"/webhooks/{made.pk}/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "crm"}, "url"),
        ({"url": "ftp://crm.example.org/"}, "url"),
        ({"url": ""}, "url"),
        ({"events": []}, "events"),
        ({"events": ["world.ends"]}, "events"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(browser: Client, wrong: dict[str, object], field: str) -> None:
    given = {"url": "https://kept.example.org/", "events": ["check.finished"]}
    answer = browser.post("/webhooks/new/", given | wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert field == "url" or b"kept.example.org" in answer.content
    assert not Webhook.objects.exists()


def test_the_log_is_filtered_and_says_why(browser: Client, webhook: Webhook) -> None:
    path = f"/webhooks/{webhook.pk}/"
    assert "Nothing was sent yet" in browser.get(path).content.decode()
    deliver(webhook, "delivered", status=200, excerpt="thanks", attempted_at=timezone.now())
    deliver(webhook, "given_up", status=500, error="status", excerpt="<b>oh</b>", attempted_at=timezone.now())
    page = browser.get(path).content.decode()
    assert "The answer was not 2xx." in page
    assert "&lt;b&gt;oh" in page
    assert "Some events were given up" in page
    assert len(browser.get(path + "?state=delivered").context["rows"]) == 1
    assert "Nothing in this state" in browser.get(path + "?state=waiting").content.decode()
    assert len(browser.get(path + "?state=nonsense").context["rows"]) == 2


def test_a_test_event_and_what_was_given_up_are_sent(browser: Client, webhook: Webhook) -> None:
    path = f"/webhooks/{webhook.pk}/"
    assert browser.post(path + "test/", follow=True).status_code == 200
    assert Delivery.objects.get().event == "test"
    old = deliver(webhook, "given_up", attempts=8, error="status")
    browser.post(f"{path}deliveries/{old.pk}/again/")
    old.refresh_from_db()
    assert (old.state, old.attempts) == ("waiting", 0)
    assert old.next_at and old.next_at <= timezone.now() + timedelta(seconds=1)


def test_it_is_switched_off_and_on_changed_and_removed(browser: Client, webhook: Webhook) -> None:
    path = f"/webhooks/{webhook.pk}/"
    browser.post(path + "switch/off/")
    assert "Nothing is sent" in browser.get(path).content.decode()
    assert "switched off" in browser.post(path + "test/", follow=True).content.decode()
    assert not Delivery.objects.exists()
    browser.post(path + "switch/on/")
    assert browser.post(path + "switch/sideways/").status_code == 404
    browser.post(path + "change/", {"url": "https://new.example.org/", "events": ["check.finished"]})
    webhook.refresh_from_db()
    assert (webhook.active, webhook.url) == (True, "https://new.example.org/")
    assert browser.post(path + "remove/", follow=True).status_code == 200
    assert not Webhook.objects.exists()


def test_nobody_elses_webhook_is_there(webhook: Webhook, boris: Person) -> None:
    stranger = Client()
    stranger.force_login(boris)
    path = f"/webhooks/{webhook.pk}/"
    assert stranger.get(path).status_code == 404
    assert stranger.get(path + "change/").status_code == 404
    for verb in ("test/", "switch/off/", "secret/", "remove/"):
        assert stranger.post(path + verb).status_code == 404
    assert "crm.example.org" not in stranger.get("/webhooks/").content.decode()
    assert Webhook.objects.filter(active=True).exists()


def test_the_list_is_searched(browser: Client, webhook: Webhook) -> None:
    assert "crm.example.org" in browser.get("/webhooks/?q=CRM").content.decode()
    assert "No webhook fits" in browser.get("/webhooks/?q=shop").content.decode()
