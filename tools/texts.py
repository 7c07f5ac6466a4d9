"""Texts for people: collect them into each application's .po files (`update`), or see that none is missing (`check`).

`update checks people` touches only the applications named so.

Python is read as it is; templates go through Django's own `templatize`, so both need no gettext on the machine.
"""

import os
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pult.config.settings")

PROJECT = Path(__file__).resolve().parents[1]
SOURCE = PROJECT / "src" / "pult"
LANGUAGES = ("ru",)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def applications() -> list[Path]:
    """Folders that hold an application (they have an apps.py) or texts of the house."""
    return sorted(path.parent for path in SOURCE.glob("**/apps.py"))


def _python_of(path: Path) -> bytes:
    if path.suffix == ".py":
        return path.read_bytes()
    from django.utils.translation.template import templatize

    # Python's tokenizer minds indentation, HTML does not.
    lines = templatize(path.read_text(), origin=str(path)).splitlines()
    return "\n".join(line.lstrip() for line in lines).encode()


def collect(application: Path) -> Catalog:
    """All texts of one application."""
    catalogue = Catalog(charset="utf-8")
    files = [*application.glob("**/*.py"), *application.glob("**/templates/**/*")]
    for path in sorted(file for file in files if file.is_file() and "tests" not in file.parts):
        for line, message, comments, context in extract(
            "python", BytesIO(_python_of(path)), keywords=KEYWORDS, comment_tags=("Translators:",)
        ):
            catalogue.add(
                message,
                None,
                [(str(path.relative_to(application)), line)],
                auto_comments=comments,
                context=context,
            )
    return catalogue


def _file(application: Path, language: str) -> Path:
    return application / "locale" / language / "LC_MESSAGES" / "django.po"


def _merged(application: Path, language: str) -> Catalog:
    path = _file(application, language)
    existing = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            existing = read_po(file, locale=language)
    existing.update(collect(application), no_fuzzy_matching=True, update_creation_date=False)
    existing.obsolete.clear()
    return existing


def _untranslated(catalogue: Catalog) -> list[str]:
    missing = []
    for message in catalogue:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        wanted = catalogue.num_plurals if isinstance(message.id, (tuple, list)) else 1
        if message.fuzzy or len(strings) < wanted or not all(strings):
            missing.append(str(message.id))
    return missing


def update(names: list[str]) -> None:
    """Write every application's .po files anew (or those of the named ones), keeping what is translated."""
    for application in applications():
        if names and application.name not in names:
            continue
        for language in LANGUAGES:
            catalogue = _merged(application, language)
            if not len(catalogue):
                continue
            path = _file(application, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(file, catalogue, width=110, sort_output=True, include_lineno=False)
            missing = _untranslated(catalogue)
            print(f"{path.relative_to(PROJECT)}: {len(catalogue)} texts, {len(missing)} to translate")


def check() -> int:
    """Exit status 1 when a text lacks its translation."""
    faults = 0
    for application in applications():
        for language in LANGUAGES:
            for text in _untranslated(_merged(application, language)):
                faults += 1
                print(f"{_file(application, language).relative_to(PROJECT)}: not translated: {text!r}")
    print("All texts are translated." if not faults else f"{faults} texts lack a translation.")
    return 1 if faults else 0


if __name__ == "__main__":
    import django

    django.setup()
    sys.exit(check() if sys.argv[1:2] == ["check"] else update(sys.argv[2:]))
