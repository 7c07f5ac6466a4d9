"""`pult doctor`: look at what Pult needs and say what to do about what is wrong."""

import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pult.config.asking import ask_simulator, ask_web
from pult.config.environment import Environment
from pult.core.watch.rules import clocks_differ, disk_is_short, open_to_others

if TYPE_CHECKING:
    from rich.console import Console

OLDEST_POSTGRES = 150000


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found; `advice` says what to do when it is not well."""

    subject: str
    well: bool
    said: str
    advice: str = ""


def look_at_database(environment: Environment) -> Finding:
    """The database answers, is new enough, and has the tables of this version."""
    from django.db import DatabaseError, connection
    from psycopg_pool import PoolTimeout

    from pult.core.watch.queries import missing_migrations

    start = "Start Pult with `pult up`, or check DATABASE_URL."
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            row = cursor.fetchone()
        number = int(row[0]) if row else 0
        missing = missing_migrations()
    except (DatabaseError, PoolTimeout) as error:
        return Finding("Database", False, f"does not answer ({type(error).__name__})", start)
    version = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number < OLDEST_POSTGRES:
        return Finding("Database", False, version, "Pult needs PostgreSQL 15 or newer.")
    if missing:
        return Finding("Database", False, f"{version}; {missing} migrations missing", "Run `pult migrate`.")
    where = "own server" if environment.database_url else "embedded"
    return Finding("Database", True, f"{version}, {where}, tables up to date")


def look_at_keys(environment: Environment) -> Finding:
    """The keyring opens, and nobody else can read it."""
    from django.db import DatabaseError

    from pult.core.secrets.keyring import UnableToReveal, anything_sealed, read_keyring

    path = environment.keyring_file
    bring_back = f"Bring {path} back from your backup: without it sessions are lost."
    try:
        if not path.exists():
            if anything_sealed():
                return Finding(
                    "Keys", False, "the keyring is missing, but the database holds secrets", bring_back
                )
            return Finding("Keys", True, "none yet; made when the first secret is stored")
        keyring = read_keyring(path)
    except DatabaseError:
        return Finding("Keys", False, "cannot be compared without the database", "Mend the database first.")
    except UnableToReveal as error:
        return Finding("Keys", False, str(error), bring_back)
    if open_to_others(path.stat().st_mode):
        return Finding("Keys", False, f"{path} can be read by others", f"Run `chmod 600 {path}`.")
    return Finding("Keys", True, f"{len(keyring.keys)} in the keyring; back it up apart from the database")


def look_at_disk(environment: Environment) -> Finding:
    """There is room for lists, logs and the database."""
    disk = shutil.disk_usage(environment.data_dir)
    said = f"{disk.free / 1024**3:.1f} GiB free in {environment.data_dir}"
    short = disk_is_short(disk.free, disk.total)
    return Finding(
        "Disk", not short, said, "Free at least 2 GiB and a tenth of the disk, or move PULT_DATA_DIR."
    )


def look_at_clock(_environment: Environment) -> Finding:
    """This machine and the database agree on the time (Telegram refuses messages that are off by minutes)."""
    from django.db import DatabaseError
    from psycopg_pool import PoolTimeout

    from pult.core.jobs import database_now

    try:
        database, here = database_now(), datetime.now(UTC)
    except (DatabaseError, PoolTimeout):
        return Finding("Clock", False, "cannot be compared without the database", "Mend the database first.")
    difference = abs((database - here).total_seconds())
    return Finding(
        "Clock",
        not clocks_differ(database, here),
        f"{difference:.1f} s apart from the database's",
        "Switch on time synchronisation (NTP).",
    )


def look_at_telegram(environment: Environment) -> Finding:
    """The Telegram that accounts connect to can be reached."""
    telegram = environment.telegram
    if telegram.simulated:
        try:
            ask_simulator(environment, timeout=5)
        except OSError:
            return Finding("Telegram", False, "the simulator does not answer", "Start Pult with `pult up`.")
        return Finding("Telegram", True, f"simulated, at {telegram.control_url}")
    try:
        with socket.create_connection(("149.154.167.51", 443), timeout=10):
            return Finding("Telegram", True, "the real one can be reached")
    except OSError as error:
        return Finding(
            "Telegram",
            False,
            f"cannot be reached ({error})",
            "Check the network and the firewall (port 443).",
        )


def look_at_processes(_environment: Environment) -> Finding:
    """A worker is alive; without one nothing is checked."""
    from django.db import DatabaseError
    from psycopg_pool import PoolTimeout

    from pult.core.jobs import alive_workers

    try:
        workers = alive_workers()
    except (DatabaseError, PoolTimeout):
        return Finding("Worker", False, "cannot be seen without the database", "Mend the database first.")
    return Finding(
        "Worker", workers > 0, f"{workers} alive", "Start `pult up`, or `pult worker` in production."
    )


def look_at_bots(_environment: Environment) -> Finding:
    """Where there are bots, a process of theirs is alive, and each gets through to Telegram."""
    from django.db import DatabaseError
    from django.utils import timezone
    from psycopg_pool import PoolTimeout

    from pult.core.bots.queries import running_bots
    from pult.core.watch.queries import running_processes

    try:
        bots = list(running_bots())
        alive = sum(
            silent is False and row.kind == "bots" for row, silent in running_processes(now=timezone.now())
        )
    except (DatabaseError, PoolTimeout):
        return Finding("Bots", False, "cannot be seen without the database", "Mend the database first.")
    if not bots:
        return Finding("Bots", True, "none is connected")
    if not alive:
        return Finding("Bots", False, f"{len(bots)} wait", "Start `pult up`, or `pult bots` in production.")
    troubled = [f"{bot}: {bot.problem}" for bot in bots if bot.problem]
    if troubled:
        return Finding("Bots", False, "; ".join(troubled), "`pult bot list` says what to do.")
    return Finding("Bots", True, ", ".join(map(str, bots)))


def look_at_web(environment: Environment) -> Finding:
    """The web process answers, and its clock agrees with ours."""
    try:
        date = parsedate_to_datetime(ask_web(environment, timeout=5)["date"])
    except OSError:
        return Finding("Web", False, "does not answer", "Start `pult up`, or `pult web` in production.")
    return Finding("Web", True, f"answers at {environment.address} ({date:%H:%M:%S} UTC)")


LOOKS: tuple[Callable[[Environment], Finding], ...] = (
    look_at_database,
    look_at_keys,
    look_at_disk,
    look_at_clock,
    look_at_telegram,
    look_at_processes,
    look_at_bots,
    look_at_web,
)


def examine(environment: Environment, console: "Console | None" = None) -> bool:
    """Print each finding with its advice; True when all is well."""
    from rich.console import Console

    console = console or Console(highlight=False)
    findings = [look(environment) for look in LOOKS]
    for finding in findings:
        mark = "[green]✔[/]" if finding.well else "[red]✘[/]"
        console.print(f" {mark} [bold]{finding.subject:<9}[/] {finding.said}")
        if not finding.well:
            console.print(f"             [yellow]→ {finding.advice}[/]")
    return all(finding.well for finding in findings)
