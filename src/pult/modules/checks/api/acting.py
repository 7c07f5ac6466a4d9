"""What is done with a check: each is one operation, on one's own checks only."""

from django.utils import timezone
from ninja import Schema
from pydantic import Field

from pult.core.api.access import ApiRequest, scoped
from pult.modules.checks.api.refusals import as_problems
from pult.modules.checks.api.routing import router
from pult.modules.checks.api.shown import CheckDetails, details_shown
from pult.modules.checks.api.wishes import Started
from pult.modules.checks.models import Check
from pult.modules.checks.operations import control
from pult.modules.checks.queries.progress import progress_of

write = scoped("checks:write")


class AskedAgain(Schema):
    """What became of it."""

    asked_again: int = Field(description="How many numbers are asked once more.")


def _now_like_this(check: Check) -> CheckDetails:
    return details_shown(check, progress_of(check, now=timezone.now()))


@router.post(
    "/{int:check_id}/start", auth=write, response=CheckDetails, operation_id="start_check", summary="Start"
)
def start_check(request: ApiRequest, check_id: int, wanted: Started | None = None) -> CheckDetails:
    """Begins to ask Telegram; the check must be `ready`. The body may be left out."""
    with as_problems():
        started = control.start_check(
            actor=request.auth.person,
            check_id=check_id,
            now=timezone.now(),
            reuse_days=wanted.reuse_days if wanted else None,
        )
    return _now_like_this(started)


@router.post(
    "/{int:check_id}/pause", auth=write, response=CheckDetails, operation_id="pause_check", summary="Pause"
)
def pause_check(request: ApiRequest, check_id: int) -> CheckDetails:
    """No further request is made; one that is under way is still recorded."""
    with as_problems():
        return _now_like_this(
            control.pause_check(actor=request.auth.person, check_id=check_id, now=timezone.now())
        )


@router.post(
    "/{int:check_id}/resume", auth=write, response=CheckDetails, operation_id="resume_check", summary="Resume"
)
def resume_check(request: ApiRequest, check_id: int) -> CheckDetails:
    """Goes on with a paused check."""
    with as_problems():
        return _now_like_this(
            control.resume_check(actor=request.auth.person, check_id=check_id, now=timezone.now())
        )


@router.post(
    "/{int:check_id}/cancel", auth=write, response=CheckDetails, operation_id="cancel_check", summary="Cancel"
)
def cancel_check(request: ApiRequest, check_id: int) -> CheckDetails:
    """Ends it for good; the verdicts so far are kept."""
    with as_problems():
        return _now_like_this(
            control.cancel_check(actor=request.auth.person, check_id=check_id, now=timezone.now())
        )


@router.post(
    "/{int:check_id}/ask-again",
    auth=write,
    response=AskedAgain,
    operation_id="ask_again",
    summary="Ask again for unanswered numbers",
)
def ask_again(request: ApiRequest, check_id: int) -> AskedAgain:
    """Asks once more for every number that stays unanswered; a finished check runs again."""
    with as_problems():
        count = control.ask_again(actor=request.auth.person, check_id=check_id, now=timezone.now())
    return AskedAgain(asked_again=count)


@router.delete(
    "/{int:check_id}", auth=write, response={204: None}, operation_id="remove_check", summary="Remove a check"
)
def remove_check(request: ApiRequest, check_id: int) -> None:
    """Erases it with its numbers and verdicts. A running check is cancelled first."""
    with as_problems():
        control.remove_check(actor=request.auth.person, check_id=check_id, now=timezone.now())
