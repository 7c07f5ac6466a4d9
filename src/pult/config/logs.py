"""Logs: readable in a terminal, JSON in production, in rotating files too; phone numbers and secrets are masked.

Standard `logging` records (Django, Telethon, procrastinate) and structlog's go the same way, so that the masking
at the end catches what a library may print.
"""

import logging
import logging.handlers
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from pult.config.environment import Environment
from pult.core.watch.masking import SECRET_KEYS, mask_phone_numbers


def mask_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: the last one before rendering."""
    for key, value in event.items():
        if key in SECRET_KEYS:
            event[key] = "…"
        elif isinstance(value, str) and key not in {"timestamp", "job_id"}:
            event[key] = mask_phone_numbers(value)
    return event


def _shared_processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _formatter(*, as_json: bool, colours: bool) -> logging.Formatter:
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared_processors(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask_secrets,
            renderer,
        ],
    )


def logging_settings(environment: Environment) -> None:
    """Set up logging for this process: standard error, and `logs/pult.log` in JSON (5 files of 10 MB)."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    screen = logging.StreamHandler(sys.stderr)
    screen.setFormatter(_formatter(as_json=environment.log_format == "json", colours=sys.stderr.isatty()))
    if environment.log_screen == "warnings":
        screen.setLevel(logging.WARNING)
    handlers: list[logging.Handler] = [screen]
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(environment.log_level)
    for noisy in ("telethon", "procrastinate", "asyncio", "uvicorn.access", "httpx"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def log_to_file(environment: Environment, process: str) -> None:
    """Also write to `logs/<process>.log`: one file for each process, since rotation is not shared."""
    folder = environment.data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / f"{process}.log", maxBytes=10_000_000, backupCount=5, encoding="utf-8"
    )
    handler.setFormatter(_formatter(as_json=True, colours=False))
    logging.getLogger().addHandler(handler)
