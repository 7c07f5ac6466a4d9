"""What a person does with a check: start, pause, go on, stop, ask again, remove, fetch a file."""

from collections.abc import Callable

from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pult.core.bots.screens import Answer, Button, Screen, Toast, Visit, below
from pult.modules.checks.bot import words
from pult.modules.checks.bot.drawing import draw
from pult.modules.checks.bot.listing import list_checks
from pult.modules.checks.bot.purpose import ask_purpose
from pult.modules.checks.bot.routing import as_refusals, own_check, room
from pult.modules.checks.models import Check
from pult.modules.checks.operations import control
from pult.modules.checks.operations.bot_results import send_results_to
from pult.modules.checks.queries.result_files import CONTENT_TYPES


@room.action("start")
def start(visit: Visit, check_id: str, reuse_days: str = "") -> Answer:
    """Begin asking Telegram, perhaps with earlier verdicts taken over."""
    check = own_check(visit, check_id)
    if not check.purpose:
        return ask_purpose(visit, check)
    days = int(reuse_days) if reuse_days.isdecimal() else None
    with as_refusals():
        check = control.start_check(actor=visit.person, check_id=check.pk, now=visit.now, reuse_days=days)
    return draw(visit, check)


@room.action("pause")
def pause(visit: Visit, check_id: str) -> Answer:
    """Make no further call for now."""
    return _steered(visit, check_id, control.pause_check)


@room.action("resume")
def resume(visit: Visit, check_id: str) -> Answer:
    """Go on."""
    return _steered(visit, check_id, control.resume_check)


@room.action("stopping")
def ask_stop(visit: Visit, check_id: str) -> Answer:
    """Stopping cannot be undone, so it is asked."""
    check = own_check(visit, check_id)
    return _question(
        check,
        _("Stop this check for good? What was found stays; the rest is not asked."),
        Button(_("⏹ Yes, stop"), "checks.stop", (check_id,)),
    )


@room.action("stop")
def stop(visit: Visit, check_id: str) -> Answer:
    """End it for good."""
    return _steered(visit, check_id, control.cancel_check)


@room.action("again")
def ask_again(visit: Visit, check_id: str) -> Answer:
    """Ask once more for what stayed unanswered."""
    check = own_check(visit, check_id)
    with as_refusals():
        control.ask_again(actor=visit.person, check_id=check.pk, now=visit.now)
    check.refresh_from_db()
    return draw(visit, check)


@room.action("removing")
def ask_removal(visit: Visit, check_id: str) -> Answer:
    """Removing cannot be undone, so it is asked."""
    check = own_check(visit, check_id)
    return _question(
        check,
        _("Remove this check with its numbers and results? This cannot be undone."),
        Button(_("🗑 Yes, remove"), "checks.remove", (check_id,)),
    )


@room.action("remove")
def remove(visit: Visit, check_id: str) -> Answer:
    """Gone from every page now, erased by the worker."""
    check = own_check(visit, check_id)
    with as_refusals():
        control.remove_check(actor=visit.person, check_id=check.pk, now=visit.now)
    shown = list_checks(visit)
    return (Toast(_("Removed.")), shown) if isinstance(shown, Screen) else shown


@room.action("file")
def send_file(visit: Visit, check_id: str, file_format: str) -> Answer:
    """The results so far as a file; made by the worker, since a long list takes a while."""
    check = own_check(visit, check_id)
    if file_format not in CONTENT_TYPES or check.state in {Check.State.UPLOADED, Check.State.UNREADABLE}:
        return draw(visit, check)
    send_results_to(
        check,
        bot_id=visit.bot_id,
        chat_id=visit.chat_id,
        file_format=file_format,
        language=get_language() or "",
    )
    return Toast(_("The file comes in a moment."))


def _question(check: Check, text: str, yes: Button) -> Screen:
    return below(
        words.paragraphs(words.heading(check), format_html("{}", text)),
        (yes,),
        (Button(_("‹ Back"), "checks.open", (str(check.pk),)),),
    )


def _steered(visit: Visit, check_id: str, verb: Callable[..., Check]) -> Screen:
    with as_refusals():
        return draw(visit, verb(actor=visit.person, check_id=own_check(visit, check_id).pk, now=visit.now))
