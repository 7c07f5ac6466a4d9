"""What every command of `pult check` needs: who acts, which check is meant, and how a refusal is told."""

import sys
from enum import IntEnum

import typer
from django.utils import translation
from django.utils.translation import gettext as _
from rich.console import Console

from pult.core.jobs import alive_workers
from pult.core.people.models import Person, RoleChoice
from pult.core.people.queries import person_named
from pult.modules.checks.models import Check
from pult.modules.checks.queries.own_checks import own_checks


class ExitCode(IntEnum):
    """How a command ended; the help of `pult check` names these too."""

    FINE = 0
    IMPOSSIBLE = 1
    UNANSWERED = 3
    CANCELLED = 4
    INTERRUPTED = 130


def terminal() -> Console:
    """Words go to standard error, so that standard output holds results only; made anew, tests replace the streams."""
    return Console(stderr=True, highlight=False, file=sys.stderr)


def give_up(reason: object) -> typer.Exit:
    """Say why it cannot be done; raise what this returns."""
    terminal().print(str(reason), style="red", markup=False, soft_wrap=True)
    return typer.Exit(ExitCode.IMPOSSIBLE)


def acting_person(email: str | None) -> Person:
    """The person named, or the only owner; ends the command when that is not clear."""
    people = Person.objects.filter(is_active=True)
    if email is not None:
        person = person_named(email)
        if person is None or not person.is_active:
            words = _("Nobody here has the e-mail %(email)s; `pult person list` shows everybody.")
            raise give_up(words % {"email": email})
        return _spoken_to(person)
    owners = list(people.filter(role=RoleChoice.OWNER)[:2])
    if not owners:
        raise give_up(_("There is no owner yet: start Pult once with `pult up`."))
    if len(owners) > 1:
        raise give_up(_("There are several owners: say whose check it is with --person EMAIL."))
    return _spoken_to(owners[0])


def check_of(person: Person, check_id: int) -> Check:
    """The person's own check; ends the command when there is none."""
    check = own_checks(person).filter(pk=check_id).first()
    if check is None:
        words = _("%(email)s has no check %(check)s; `pult check list` shows all.")
        raise give_up(words % {"email": person.email or person, "check": check_id})
    return check


def warn_without_worker() -> None:
    """Say what to start when nobody would do the work; it is done as soon as somebody does."""
    if not alive_workers():
        terminal().print(
            _("No worker is running, so nothing happens yet. Start `pult up`, or `pult worker` alone."),
            style="yellow",
        )


def _spoken_to(person: Person) -> Person:
    """From here on this process speaks the person's language."""
    if person.language:
        translation.activate(person.language)
    return person
