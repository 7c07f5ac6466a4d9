"""What a watchdog asks, and what the request log may say."""

import pytest
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from pult.config.requests import MOST_BYTES_OF_VISITORS
from pult.core.people.models import Person


def test_a_living_process_says_so_without_the_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_a_process_is_ready_only_with_the_tables_of_its_version(client: Client) -> None:
    assert client.get("/readyz").status_code == 200
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="checks").delete()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "migrations missing")


@pytest.mark.django_db
def test_the_log_keeps_neither_queries_nor_entry_links(client: Client) -> None:
    with capture_logs() as lines:
        client.get("/sign-in/?next=/checks/&q=79123456789")
        client.get("/enter/very-secret-link/")
        address = {"uidb36": "1", "key": "very-secret-key"}
        client.get(reverse("account_reset_password_from_key", kwargs=address))
        client.get("/healthz")
    said = repr(lines)
    assert "79123456789" not in said
    assert "very-secret" not in said
    paths = [line["path"] for line in lines if line["event"] == "request"]
    assert paths == ["/sign-in/", "/enter/…", "/sign-in/password/reset/…"]


@pytest.mark.django_db
def test_a_visitor_is_led_to_sign_in(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer["location"]) == (302, "/sign-in/")


@pytest.mark.django_db
def test_a_visitor_cannot_fill_the_disk(client: Client) -> None:
    body = b"x" * (MOST_BYTES_OF_VISITORS + 1)
    refused = client.post("/sign-in/language/", body, content_type="text/plain")
    assert (refused.status_code, refused["location"]) == (302, "/sign-in/")
    client.force_login(Person.objects.create_user(email="anna@example.com"))
    taken = client.post("/sign-in/language/", body, content_type="text/plain")
    assert (taken.status_code, taken["location"]) == (302, "/")
