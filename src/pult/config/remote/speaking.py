"""Words on the terminal, in the language of whoever sits there."""

import os
import sys
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

import typer
from rich.console import Console

LANGUAGES = ("en", "ru")


class ExitCode(IntEnum):
    """How a command ended; the same as those of `pult check`."""

    FINE = 0
    IMPOSSIBLE = 1
    UNANSWERED = 3
    CANCELLED = 4
    INTERRUPTED = 130


def speak() -> str:
    """Load the texts of the command line, and no settings of a server; returns the language.

    PULT_LANGUAGE, else that of the terminal, else English.
    """
    wanted = [os.environ.get(name, "") for name in ("PULT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    language = next((text[:2] for text in wanted if text[:2] in LANGUAGES), "en")
    import django
    from django.conf import settings
    from django.utils import translation

    if not settings.configured:
        locale = Path(__file__).resolve().parents[1] / "locale"
        settings.configure(USE_I18N=True, LANGUAGE_CODE="en", LOCALE_PATHS=[locale], LOGGING_CONFIG=None)
        django.setup()
    if language != "en":
        # `pult up` does this for a server; where nothing may be written, the texts stay English.
        from pult.config.texts import compile_texts

        with suppress(OSError):
            compile_texts()
    translation.activate(language)
    return language


def terminal() -> Console:
    """Words go to standard error, so that standard output holds results only."""
    return Console(stderr=True, highlight=False, file=sys.stderr)


def give_up(reason: object) -> typer.Exit:
    """Say why it cannot be done; raise what this returns."""
    terminal().print(str(reason), style="red", markup=False, soft_wrap=True)
    return typer.Exit(ExitCode.IMPOSSIBLE)
