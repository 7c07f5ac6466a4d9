"""Webhooks over the API."""

import pytest
from django.utils import timezone

from pult.core.api.tests.callers import caller, problem
from pult.core.people.models import Person
from pult.core.webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
WANTED = {"url": "https://crm.example.org/pult", "events": ["check.finished"]}


def test_a_webhook_lives_over_the_api(anna: Person) -> None:
    programme = caller(anna)
    made = programme.post("/webhooks", WANTED, **{"Idempotency-Key": "one"})
    assert made.status_code == 201
    told = made.json()
    assert made["Location"].endswith(f"/api/v1/webhooks/{told['id']}")
    assert told["secret"].startswith("hook_")
    again = programme.post("/webhooks", WANTED, **{"Idempotency-Key": "one"})
    assert (again.json(), Webhook.objects.count()) == (told, 1)
    path = f"/webhooks/{told['id']}"
    shown = programme.get(path).json()
    assert shown == {name: value for name, value in told.items() if name != "secret"}
    assert programme.get("/webhooks").json() == {"items": [shown], "next": None}
    changed = programme.raw("PATCH", path, b'{"active": false}').json()
    assert (changed["active"], changed["off_reason"], changed["url"]) == (False, "person", WANTED["url"])
    problem(programme.post(path + "/test"), 409, "conflict")
    programme.raw("PATCH", path, b'{"active": true}')
    assert programme.post(path + "/secret").json()["secret"] != told["secret"]
    assert programme.raw("DELETE", path).status_code == 204
    problem(programme.get(path), 404, "not-found")


def test_deliveries_come_in_pages(anna: Person) -> None:
    programme = caller(anna)
    path = f"/webhooks/{programme.post('/webhooks', WANTED).json()['id']}"
    sent = [programme.post(path + "/test").json()["id"] for _ in range(5)]
    first = programme.get(path + "/deliveries", limit=2).json()
    second = programme.get(path + "/deliveries", limit=2, cursor=first["next"]).json()
    third = programme.get(path + "/deliveries", limit=2, cursor=second["next"]).json()
    seen = [row["id"] for page in (first, second, third) for row in page["items"]]
    assert seen == sent[::-1]
    assert third["next"] is None
    Delivery.objects.filter(pk=sent[0]).update(state="given_up", error="timeout", attempts=8)
    (given_up,) = programme.get(path + "/deliveries", state="given_up").json()["items"]
    assert given_up["error"].startswith("No answer within 10 seconds")
    assert programme.post(f"{path}/deliveries/{sent[0]}/again").json()["state"] == "waiting"
    problem(programme.get(path + "/deliveries", cursor="WyIxIiwiMiJd"), 400, "bad-cursor")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "ftp://a.example.org"}, "/url"),
        ({"events": ["world.ends"]}, "/events"),
        ({"events": []}, "/events"),
    ],
)
def test_what_cannot_be_is_named(anna: Person, wrong: dict[str, object], pointer: str) -> None:
    refused = problem(caller(anna).post("/webhooks", WANTED | wrong), 422, "invalid")
    assert refused["errors"][0]["pointer"] == pointer


def test_scopes_and_people_are_kept_apart(anna: Person, boris: Person) -> None:
    reader = caller(anna, scopes=["webhooks:read"])
    problem(reader.post("/webhooks", WANTED), 403, "scope-missing")
    made = caller(anna).post("/webhooks", WANTED).json()["id"]
    stranger = caller(boris)
    for answer in (
        stranger.get(f"/webhooks/{made}"),
        stranger.post(f"/webhooks/{made}/secret"),
        stranger.post(f"/webhooks/{made}/test"),
        stranger.raw("DELETE", f"/webhooks/{made}"),
    ):
        problem(answer, 404, "not-found")
    assert stranger.get("/webhooks").json()["items"] == []
    assert Webhook.objects.get().created_at <= timezone.now()
