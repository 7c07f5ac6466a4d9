"""The one typed place for settings: every environment variable, what it means, and what is refused.

`VARIABLES` is the whole list; the reference page in the docs is made from it. Read once, when a process starts.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError

PROJECT_DIR = Path(__file__).resolve().parents[3]


class UnusableEnvironment(Exception):
    """The environment says something that cannot work or is not safe; the text tells what to change."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name, its default in words, and what it does."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable(
        "PULT_ENV",
        "local",
        "`local` for one machine and for trying out, `production` for a server others reach.",
    ),
    Variable(
        "PULT_DATA_DIR", "var/ in the checkout", "Folder of the embedded database, keys, uploads and logs."
    ),
    Variable(
        "PULT_ADDRESS", "http://127.0.0.1:8000", "Address that people type; https is demanded in production."
    ),
    Variable("PULT_BIND", "host and port of PULT_ADDRESS", "Host and port on which `pult web` listens."),
    Variable(
        "PULT_PROXIES",
        "1 with an https address, else 0",
        "How many reverse proxies stand in front; sign-in limits then count the visitor's address.",
    ),
    Variable(
        "DATABASE_URL",
        "embedded PostgreSQL",
        "`postgresql://user:password@host:port/name` of a PostgreSQL 15 or newer.",
    ),
    Variable(
        "PULT_SECRET_KEY",
        "made once, kept in the data folder",
        "Signs sessions; at least 50 characters in production.",
    ),
    Variable(
        "PULT_FORMER_SECRET_KEYS",
        "none",
        "Earlier values of PULT_SECRET_KEY, separated by commas: what they signed stays valid during a change.",
    ),
    Variable(
        "PULT_KEYRING_FILE",
        "keys/keyring.json in the data folder",
        "Keys that encrypt sessions and other secrets.",
    ),
    Variable("PULT_TELEGRAM", "simulated", "`simulated` or `real`: which Telegram the accounts connect to."),
    Variable("PULT_SIMULATOR", "127.0.0.1:8011", "Where the simulated Telegram listens."),
    Variable("PULT_SIMULATOR_CONTROL", "http://127.0.0.1:8010", "Address of the simulator's page."),
    Variable("PULT_SIMULATOR_BOTS", "http://127.0.0.1:8012", "Address of the simulator's Bot API."),
    Variable(
        "PULT_BOT_UPDATES",
        "polling",
        "`polling` or `webhook`: how bots hear what people write. A webhook needs a public https address.",
    ),
    Variable("PULT_UPDATES_KEPT_DAYS", "7", "For so many days what bots received and sent can be looked up."),
    Variable(
        "PULT_TELEGRAM_OIDC_CLIENT_ID",
        "the sample bot's when simulated, else none: this way is not offered",
        "Client id that @BotFather gives for signing in with Telegram (OpenID Connect); the bot's number.",
    ),
    Variable(
        "PULT_TELEGRAM_OIDC_SECRET",
        "the sample bot's when simulated, else none",
        "The client secret that belongs to it.",
    ),
    Variable("PULT_LANGUAGE", "en", "Language for people who have not chosen one: `en` or `ru`."),
    Variable("PULT_TIME_ZONE", "UTC", "Time zone for people who have not chosen one."),
    Variable("PULT_UPLOAD_LIMIT_MB", "256", "Largest list that may be uploaded, in megabytes."),
    Variable(
        "PULT_API_REQUESTS_PER_MINUTE", "120", "How many requests of the API each token may send in a minute."
    ),
    Variable(
        "PULT_WEBHOOK_PRIVATE",
        "0: webhooks go to public addresses only",
        "`1` lets webhooks reach private networks, for programmes that stand beside Pult.",
    ),
    Variable("PULT_LOG_FORMAT", "text locally, json in production", "`text` or `json` on standard error."),
    Variable("PULT_LOG_LEVEL", "INFO", "`DEBUG`, `INFO`, `WARNING` or `ERROR`."),
    Variable(
        "PULT_LOG_SCREEN",
        "everything",
        "`warnings` keeps the terminal calm; the files in logs/ have everything.",
    ),
    Variable(
        "PULT_MAIL_URL",
        "none: nothing is mailed",
        "`smtp://user:password@host:port` (`smtps://` for TLS from the start).",
    ),
    Variable("PULT_MAIL_FROM", "pult@localhost", "Sender of mails."),
    Variable(
        "PULT_METRICS_TOKEN",
        "none: `/metrics` answers this machine only",
        "Prometheus sends it as `Authorization: Bearer …`; at least 20 characters.",
    ),
    Variable(
        "SENTRY_DSN",
        "none: errors stay in the logs",
        "Address of a project at Sentry; errors go there without numbers, bodies and cookies.",
    ),
)


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """Which Telegram accounts and bots connect to; all but the mode matters only when simulated."""

    mode: str
    host: str
    port: int
    public_key_file: Path
    control_url: str
    bot_api_url: str
    oidc_client_id: str
    oidc_secret: str

    @property
    def simulated(self) -> bool:
        return self.mode == "simulated"

    @property
    def oauth_url(self) -> str:
        """The issuer of identity tokens, which also shows the login widget's page."""
        return f"{self.control_url}/oauth" if self.simulated else "https://oauth.telegram.org"


@dataclass(frozen=True, slots=True)
class Environment:
    """All settings of this process, checked."""

    production: bool
    data_dir: Path
    address: str
    bind_host: str
    bind_port: int
    proxies: int
    database_url: str | None
    secret_key: str
    former_secret_keys: tuple[str, ...]
    keyring_file: Path
    telegram: TelegramSettings
    bot_updates: str
    updates_kept_days: int
    language: str
    time_zone: str
    upload_limit: int
    api_requests_per_minute: int
    webhook_private: bool
    log_format: str
    log_level: str
    log_screen: str
    mail_url: str | None
    mail_from: str
    metrics_token: str | None
    sentry_dsn: str | None

    @property
    def hostname(self) -> str:
        return urlsplit(self.address).hostname or "127.0.0.1"

    @property
    def https(self) -> bool:
        return self.address.startswith("https://")


def _one_of(env: Env, name: str, default: str, allowed: tuple[str, ...]) -> str:
    value: str = env.str(name, default)
    if value not in allowed:
        raise UnusableEnvironment(f"{name} is {value!r}; it must be one of: {', '.join(allowed)}.")
    return value


def _at_least_one(env: Env, name: str, default: int) -> int:
    value: int = env.int(name, default)
    if value < 1:
        raise UnusableEnvironment(f"{name} is {value}; it must be 1 or more.")
    return value


def _host_and_port(name: str, text: str) -> tuple[str, int]:
    host, separator, port = text.rpartition(":")
    if not separator or not port.isdigit() or not 0 < int(port) < 65536:
        raise UnusableEnvironment(f"{name} is {text!r}; write host and port, such as 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def _address(env: Env) -> str:
    address: str = env.str("PULT_ADDRESS", "http://127.0.0.1:8000").rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise UnusableEnvironment(
            f"PULT_ADDRESS is {address!r}; write it as https://pult.example.com without a path."
        )
    return address


def kept_secret(path: Path) -> str:
    """A random secret of 64 characters in a file that only its owner can read; made at the first call."""
    if not path.exists():
        # Each folder on its own: `parents=True` would make the data folder readable for everybody.
        path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        # link() fails where the file exists: of processes that start at once all use the first one's secret.
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text().strip()


def _long_enough(variable: str, token: str) -> str | None:
    """A token that nobody guesses, or None where none is given."""
    if token and len(token) < 20:
        raise UnusableEnvironment(
            f"{variable} must have at least 20 characters (`pult secret-key` prints some)."
        )
    return token or None


# What the simulator knows its sample bot by; it opens nothing but a made-up world.
SIMULATED_CLIENT = ("1000090", "19ee17008e360eff35e1a225f756efee53a23923")


def _oidc_client(env: Env, *, simulated: bool) -> tuple[str, str]:
    """Client id and secret for signing in with Telegram, both empty where this way is not set up."""
    client_id: str = env.str("PULT_TELEGRAM_OIDC_CLIENT_ID", "").strip()
    secret: str = env.str("PULT_TELEGRAM_OIDC_SECRET", "").strip()
    if bool(client_id) != bool(secret):
        raise UnusableEnvironment(
            "PULT_TELEGRAM_OIDC_CLIENT_ID and PULT_TELEGRAM_OIDC_SECRET belong together: set both or none."
        )
    return (client_id, secret) if client_id or not simulated else SIMULATED_CLIENT


def _telegram(env: Env, data_dir: Path) -> TelegramSettings:
    host, port = _host_and_port("PULT_SIMULATOR", env.str("PULT_SIMULATOR", "127.0.0.1:8011"))
    mode = _one_of(env, "PULT_TELEGRAM", "simulated", ("simulated", "real"))
    client_id, secret = _oidc_client(env, simulated=mode == "simulated")
    return TelegramSettings(
        mode=mode,
        host=host,
        port=port,
        public_key_file=data_dir / "simulator" / "public_key.pem",
        control_url=env.str("PULT_SIMULATOR_CONTROL", "http://127.0.0.1:8010").rstrip("/"),
        bot_api_url=env.str("PULT_SIMULATOR_BOTS", "http://127.0.0.1:8012").rstrip("/"),
        oidc_client_id=client_id,
        oidc_secret=secret,
    )


def _refuse_unsafe(found: Environment, given_secret: str) -> None:
    """In production, stop with a sentence rather than start unsafely."""
    faults = []
    if len(given_secret) < 50:
        faults.append(
            "PULT_SECRET_KEY must be set, with at least 50 characters (`pult secret-key` prints one)."
        )
    if not found.https:
        faults.append("PULT_ADDRESS must start with https://, or sign-in cookies travel in the open.")
    if found.database_url is None:
        faults.append("DATABASE_URL must be set: the embedded database is for one machine only.")
    if found.telegram.simulated:
        faults.append("PULT_TELEGRAM must be real: people would take simulated verdicts for true ones.")
    if faults:
        raise UnusableEnvironment("This environment is not safe for production:\n- " + "\n- ".join(faults))


def _read(env: Env) -> Environment:
    production = _one_of(env, "PULT_ENV", "local", ("local", "production")) == "production"
    data_dir = Path(env.str("PULT_DATA_DIR", "") or PROJECT_DIR / "var").expanduser().resolve()
    address = _address(env)
    parts = urlsplit(address)
    default_port = parts.port or (443 if parts.scheme == "https" else 80)
    bind = env.str("PULT_BIND", "") or f"{parts.hostname}:{default_port}"
    bind_host, bind_port = _host_and_port("PULT_BIND", bind)
    given_secret: str = env.str("PULT_SECRET_KEY", "")
    found = Environment(
        production=production,
        data_dir=data_dir,
        address=address,
        bind_host=bind_host,
        bind_port=bind_port,
        # `pult web` itself speaks no TLS: behind an https address stands a proxy.
        proxies=env.int("PULT_PROXIES", 1 if parts.scheme == "https" else 0),
        database_url=env.str("DATABASE_URL", "") or None,
        secret_key=given_secret or kept_secret(data_dir / "keys" / "secret_key"),
        former_secret_keys=tuple(
            key.strip() for key in env.str("PULT_FORMER_SECRET_KEYS", "").split(",") if key.strip()
        ),
        keyring_file=Path(env.str("PULT_KEYRING_FILE", "") or data_dir / "keys" / "keyring.json"),
        telegram=_telegram(env, data_dir),
        bot_updates=_one_of(env, "PULT_BOT_UPDATES", "polling", ("polling", "webhook")),
        updates_kept_days=_at_least_one(env, "PULT_UPDATES_KEPT_DAYS", 7),
        language=_one_of(env, "PULT_LANGUAGE", "en", ("en", "ru")),
        time_zone=env.str("PULT_TIME_ZONE", "UTC"),
        upload_limit=env.int("PULT_UPLOAD_LIMIT_MB", 256) * 1024 * 1024,
        api_requests_per_minute=_at_least_one(env, "PULT_API_REQUESTS_PER_MINUTE", 120),
        webhook_private=_one_of(env, "PULT_WEBHOOK_PRIVATE", "0", ("0", "1")) == "1",
        log_format=_one_of(env, "PULT_LOG_FORMAT", "json" if production else "text", ("text", "json")),
        log_level=_one_of(env, "PULT_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        log_screen=_one_of(env, "PULT_LOG_SCREEN", "everything", ("everything", "warnings")),
        mail_url=env.str("PULT_MAIL_URL", "") or None,
        mail_from=env.str("PULT_MAIL_FROM", "pult@localhost"),
        metrics_token=_long_enough("PULT_METRICS_TOKEN", env.str("PULT_METRICS_TOKEN", "")),
        sentry_dsn=env.str("SENTRY_DSN", "") or None,
    )
    if production:
        _refuse_unsafe(found, given_secret)
    return found


def read_environment(env_file: Path | None = None) -> Environment:
    """Read and check the environment (and `.env` of the checkout, which never overrides what is set).

    Raises UnusableEnvironment with a sentence that names the variable and what to write.
    """
    env = Env()
    file = env_file or PROJECT_DIR / ".env"
    if file.exists():
        env.read_env(str(file), recurse=False)
    try:
        return _read(env)
    except EnvError as error:
        raise UnusableEnvironment(str(error)) from error
