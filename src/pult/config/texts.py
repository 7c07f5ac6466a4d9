"""Translations: compiling the .po files of all applications with Babel; no gettext has to be installed."""

import os
from pathlib import Path

from pult.config.environment import PROJECT_DIR


def text_files() -> list[Path]:
    """Every application's .po files."""
    return sorted((PROJECT_DIR / "src" / "pult").glob("**/locale/*/LC_MESSAGES/*.po"))


def compile_texts() -> int:
    """Compile what is newer than its compiled form; returns how many files were written."""
    written = 0
    for source in text_files():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        # Imported only when needed: Babel costs a quarter of a second at start-up.
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        # A name of its own: two processes may start at once.
        fresh = target.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as file:
            write_mo(file, catalogue)
        fresh.replace(target)
        written += 1
    return written
