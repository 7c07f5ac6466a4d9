"""The warnings of the house itself: disk, worker, queue, backup, keys, clocks, tables."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pult.core.jobs import alive_workers
from pult.core.jobs.queries import queue_sums
from pult.core.registry import StatusWarning, registry
from pult.core.watch.queries import database_facts, disk_facts, last_backup, missing_migrations
from pult.core.watch.rules import OLDEST_JOB_SECONDS, backup_is_due, clocks_differ, open_to_others

log = structlog.get_logger(__name__)


def all_warnings() -> list[StatusWarning]:
    """Those of every module, the grave ones first. A module whose look fails warns with that."""
    found: list[StatusWarning] = []
    for module in registry:
        if module.warnings is None:
            continue
        try:
            found += module.warnings()
        except DatabaseError as error:
            log.warning("watch.warnings_failed", module=module.name, error=type(error).__name__)
            text = _("%(part)s could not be looked at.") % {"part": module.title}
            found.append(StatusWarning(text, _("The log of the web process tells why.")))
    return sorted(found, key=lambda warning: not warning.grave)


def own_warnings() -> Iterator[StatusWarning]:
    """What the house itself has to say."""
    yield from _database()
    yield from _processes()
    yield from _disk()
    yield from _keys()
    yield from _backup()


def _database() -> Iterator[StatusWarning]:
    if missing := missing_migrations():
        yield StatusWarning(
            ngettext(
                "The database lacks %(count)d change of this version.",
                "The database lacks %(count)d changes of this version.",
                missing,
            )
            % {"count": missing},
            _("Bring the tables to this version, then start Pult again."),
            command="pult migrate",
            grave=True,
        )
    facts, here = database_facts(), datetime.now(UTC)
    if clocks_differ(facts.now, here):
        seconds = abs((facts.now - here).total_seconds())
        yield StatusWarning(
            _("The clocks of this machine and of the database differ by %(seconds)d s.")
            % {"seconds": seconds},
            _("Switch on time synchronisation (NTP) on both: waits and deadlines are wrong until then."),
        )


def _processes() -> Iterator[StatusWarning]:
    sums = queue_sums()
    if not alive_workers():
        yield StatusWarning(
            _("No worker is running: nothing is checked, nothing is sent."),
            _("Start it again; the worker's log tells why it ended."),
            command="pult worker",
            grave=True,
        )
    elif sums.oldest_seconds > OLDEST_JOB_SECONDS:
        yield StatusWarning(
            _("The oldest job has waited for %(minutes)d min.") % {"minutes": sums.oldest_seconds // 60},
            _("Start another worker, or look into the worker's log for what holds it up."),
            command="pult worker",
        )
    if sums.failed:
        yield StatusWarning(
            ngettext("%(count)d job has failed.", "%(count)d jobs have failed.", sums.failed)
            % {"count": sums.failed},
            _("Look at the errors, then try again or forget them."),
            url_name="watch:jobs",
        )


def _disk() -> Iterator[StatusWarning]:
    disk = disk_facts()
    if disk.short:
        yield StatusWarning(
            _("Only %(free).1f GB are free where the data folder lies.") % {"free": disk.free / 1e9},
            _("Free some space or move PULT_DATA_DIR: on a full disk the database stops."),
            grave=True,
        )


def _keys() -> Iterator[StatusWarning]:
    path = Path(settings.PULT_KEYRING_FILE)
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if open_to_others(mode):
        yield StatusWarning(
            _("Others on this machine can read the keyring, which opens every session."),
            _("Take their right away."),
            command=f"chmod 600 {path}",
            grave=True,
        )


def _backup() -> Iterator[StatusWarning]:
    # Whoever has a database server of their own has its backups too, which nobody sees from here.
    if settings.ENVIRONMENT.database_url is not None:
        return
    last = last_backup()
    if backup_is_due(last.made_at if last else None, datetime.now(UTC)):
        text = _("The last backup is older than a week.") if last else _("No backup has been made yet.")
        advice = _("Make one every day, by cron for example, and keep it on another machine.")
        yield StatusWarning(text, advice, command="pult backup pult.dump")
