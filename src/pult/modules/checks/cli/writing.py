"""Writing results into a file; its suffix names the format."""

import os
import tempfile
from pathlib import Path

from django.utils.translation import gettext as _

from pult.modules.checks.cli.speaking import give_up
from pult.modules.checks.models import Check
from pult.modules.checks.queries.result_files import CONTENT_TYPES
from pult.modules.checks.queries.result_files import write_results as write_file
from pult.modules.checks.queries.results import INVALID, VERDICTS, Wanted

SUFFIXES = tuple(f".{name}" for name in CONTENT_TYPES)


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
        write_file(check, unfinished, wanted, path.suffix.lower().removeprefix("."))
        unfinished.chmod(0o600)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
