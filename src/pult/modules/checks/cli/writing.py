"""Writing results into a file; its suffix names the format."""

import os
import tempfile
from pathlib import Path

from django.utils.translation import gettext as _

from pult.modules.checks.cli.speaking import give_up
from pult.modules.checks.formats.exports import csv_export, json_export, xlsx_export
from pult.modules.checks.models import Check
from pult.modules.checks.queries.export_rows import export_columns, export_rows
from pult.modules.checks.queries.results import INVALID, VERDICTS, Wanted

SUFFIXES = (".csv", ".xlsx", ".json")


def checked_target(path: Path | None) -> Path | None:
    """The file that will be written; ends the command while there is still time to name a better one."""
    if path is None:
        return None
    if path.suffix.lower() not in SUFFIXES:
        raise give_up(
            _("%(file)s: the name must end with one of %(suffixes)s.")
            % {"file": path.name, "suffixes": ", ".join(SUFFIXES)}
        )
    if not path.parent.is_dir():
        raise give_up(_("There is no folder %(folder)s.") % {"folder": path.parent})
    return path


def wanted_rows(verdict: str | None) -> Wanted:
    """The rows of one verdict, or all; ends the command for an unknown one."""
    known = [*VERDICTS, INVALID]
    if verdict is not None and verdict not in known:
        raise give_up(
            _("There is no verdict %(verdict)s; there are: %(known)s.")
            % {"verdict": verdict, "known": ", ".join(known)}
        )
    return Wanted(verdict=verdict or "")


def write_results(check: Check, path: Path, wanted: Wanted) -> None:
    """Write the file whole or not at all: an interrupted export leaves what was there before."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        suffix = path.suffix.lower()
        if suffix == ".xlsx":
            xlsx_export(unfinished, export_columns(check), export_rows(check, wanted))
        else:
            rows = export_rows(check, wanted, codes=suffix == ".json")
            chunks = (
                json_export(export_columns(check), rows)
                if suffix == ".json"
                else csv_export(export_columns(check), rows)
            )
            with unfinished.open("wb") as file:
                file.writelines(chunks)
        unfinished.chmod(0o600)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
