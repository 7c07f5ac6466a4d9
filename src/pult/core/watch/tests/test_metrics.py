"""`/metrics`: who may read it, what stands in it, and that it stays cheap."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from pult.core.watch.models import Backup, RunningProcess

TOKEN = "a-token-of-more-than-twenty-characters"


def scraped(client: Client, **headers: Any) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = client.get("/metrics", **headers)
    assert answer.status_code == 200, answer.content
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(values: dict[Any, float], name: str, **labels: str) -> float:
    return values[name, frozenset(labels.items())]


def test_without_a_token_only_this_machine_may_read(client: Client) -> None:
    assert scraped(client, REMOTE_ADDR="127.0.0.1")
    assert scraped(client, REMOTE_ADDR="::1")
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.5").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
def test_behind_a_proxy_nobody_is_this_machine(client: Client, header: str) -> None:
    answer = client.get("/metrics", REMOTE_ADDR="127.0.0.1", headers={header: "203.0.113.5"})
    assert answer.status_code == 403


def test_with_a_token_everybody_needs_it(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": TOKEN}).status_code == 401
    assert client.get(f"/metrics?token={TOKEN}").status_code == 401
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.5", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"


def test_it_tells_what_the_database_knows(client: Client, failed_job: Callable[[], int]) -> None:
    failed_job()
    RunningProcess.objects.create(
        kind="worker", host="far", pid=1, version="1", started_at=timezone.now(), seen_at=timezone.now(),
        memory=5_000,
    )  # fmt: skip
    RunningProcess.objects.create(
        kind="worker", host="gone", pid=1, version="1", memory=7_000,
        started_at=timezone.now(), seen_at=timezone.now() - timedelta(minutes=9),
    )  # fmt: skip
    Backup.objects.create(made_at=timezone.now() - timedelta(hours=1), size=1)
    values = scraped(client)
    assert value(values, "pult_jobs", state="failed") == 1
    assert value(values, "pult_processes", kind="worker") == 1
    assert value(values, "pult_processes_memory_bytes", kind="worker") == 5_000
    assert value(values, "pult_backup_age_seconds") == pytest.approx(3600, abs=60)
    assert value(values, "pult_database_bytes") > 1_000_000
    assert value(values, "pult_disk_free_bytes") > 0
    assert value(values, "pult_accounts", state="banned") == 0
    assert value(values, "pult_numbers", verdict="found") == 0
    assert value(values, "process_resident_memory_bytes") > 0


def test_requests_are_counted_by_application_never_by_address(client: Client) -> None:
    client.get("/accounts/")
    client.get("/nobody/made/this/79123456789/")
    names = {label for (name, labels) in scraped(client) for label in labels if name.endswith("_count")}
    assert ("route", "telegram") in names
    assert ("route", "nowhere") in names
    assert not any("79123456789" in text for _, text in names)


def test_a_scrape_is_a_handful_of_statements(client: Client) -> None:
    scraped(client)
    with CaptureQueriesContext(connection) as queries:
        scraped(client)
    assert len(queries) < 25, [query["sql"] for query in queries]


def test_a_database_that_is_away_says_so(client: Client) -> None:
    with patch("pult.core.watch.web.scrape.exposition", side_effect=OperationalError):
        assert client.get("/metrics").status_code == 503
