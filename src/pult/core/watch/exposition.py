"""`/metrics`: every module's values in Prometheus's text format, read at the moment of the scrape.

The numbers of the installation come from the database, so that any one web process answers for all of it; what only
the process itself knows (requests, its memory) carries names of its own. https://prometheus.io/docs/instrumenting/
"""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from pult.core.jobs import alive_workers
from pult.core.jobs.queries import queue_sums
from pult.core.registry import Metric, registry
from pult.core.watch import this_process
from pult.core.watch.models import RunningProcess
from pult.core.watch.queries import database_facts, disk_facts, last_backup
from pult.core.watch.rules import is_silent

_NO_LABELS: dict[str, str] = {}


def _one(name: str, help_: str, value: float) -> Metric:
    return Metric(name, help_, ((_NO_LABELS, value),))


def own_metrics() -> Iterator[Metric]:
    """Queue, processes, database, disk, backup. Raises DatabaseError."""
    telegram = "simulated" if settings.TELEGRAM.simulated else "real"
    database = "own" if settings.ENVIRONMENT.database_url else "embedded"
    yield Metric(
        "pult_info",
        "Version and kind of this installation; always 1.",
        (({"version": settings.PULT_VERSION, "telegram": telegram, "database": database}, 1),),
    )
    sums = queue_sums()
    states = {
        "waiting": sums.waiting,
        "scheduled": sums.scheduled,
        "running": sums.running,
        "failed": sums.failed,
    }
    yield Metric(
        "pult_jobs",
        "Jobs in the queue by state.",
        tuple(({"state": key}, count) for key, count in states.items()),
    )
    yield _one(
        "pult_oldest_job_seconds", "How long the oldest startable job has waited.", sums.oldest_seconds
    )
    yield _one("pult_workers_alive", "Workers with a fresh heartbeat.", alive_workers())
    facts = database_facts()
    yield _one("pult_database_bytes", "Size of the database.", facts.size)
    yield _one("pult_database_connections", "Open connections to the database.", facts.connections)
    clock = abs((facts.now - datetime.now(UTC)).total_seconds())
    yield _one("pult_clock_difference_seconds", "Between the database and this process.", clock)
    yield from _processes(facts.now)
    disk = disk_facts()
    yield _one("pult_disk_free_bytes", "Free where the data folder of this process lies.", disk.free)
    yield _one("pult_disk_size_bytes", "Size of the file system of the data folder.", disk.total)
    if last := last_backup():
        age = (facts.now - last.made_at).total_seconds()
        yield _one("pult_backup_age_seconds", "Since the last `pult backup`.", age)


def _processes(now: datetime) -> Iterator[Metric]:
    alive = [row for row in RunningProcess.objects.all() if not is_silent(row.seen_at, now)]
    kinds = [kind.value for kind in RunningProcess.Kind]
    yield Metric(
        "pult_processes",
        "Running processes by kind.",
        tuple(({"kind": kind}, sum(row.kind == kind for row in alive)) for kind in kinds),
    )
    yield Metric(
        "pult_processes_memory_bytes",
        "Resident memory of all processes of a kind.",
        tuple(({"kind": kind}, sum(row.memory for row in alive if row.kind == kind)) for kind in kinds),
    )


def exposition() -> bytes:
    """Everything, in the text format. Raises DatabaseError."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    kinds = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}

    class OfPult:
        """One scrape's values; the client library writes them out."""

        def collect(self) -> Iterator[Any]:
            for metric in _of_all_modules():
                family = kinds[metric.kind](metric.name, metric.help)
                for labels, value in metric.samples:
                    family.add_sample(_sample_name(metric), dict(labels), float(value))
                yield family
            yield from _of_this_process()

        def describe(self) -> Iterable[Any]:
            return ()

    scrape = CollectorRegistry(auto_describe=False)
    scrape.register(OfPult())
    if os.path.exists("/proc/self/stat"):  # noqa: PTH110 - no path is worked with
        ProcessCollector(registry=scrape)
    return generate_latest(scrape)


def _sample_name(metric: Metric) -> str:
    return metric.name + ("_total" if metric.kind == "counter" and not metric.name.endswith("_total") else "")


def _of_all_modules() -> Iterator[Metric]:
    for module in registry:
        if module.metrics is not None:
            yield from module.metrics()


def _of_this_process() -> Iterator[Any]:
    from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily

    if this_process.live_pages is not None:
        pages = "Pages that follow live changes through this process."
        yield GaugeMetricFamily("pult_live_pages", pages, this_process.live_pages())
    family = HistogramMetricFamily(
        "pult_request_seconds",
        "Durations of requests to this process, by application and class of status.",
        labels=["route", "status"],
    )
    for route, status, buckets, total in this_process.durations.read():
        family.add_metric([route, status], buckets, total)
    yield family
