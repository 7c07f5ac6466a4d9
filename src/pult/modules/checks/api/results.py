"""Verdicts of a check, in the order of the list."""

from typing import Literal

from ninja import Query
from pydantic import Field

from pult.core.api.access import ApiRequest, scoped
from pult.core.api.values import Page, Paging, Words, cursor_of, key_of
from pult.modules.checks.api.routing import router
from pult.modules.checks.api.shown import ResultOut, result_shown
from pult.modules.checks.queries.own_checks import own_checks
from pult.modules.checks.queries.result_pages import results_after
from pult.modules.checks.queries.results import Wanted


class ResultsWanted(Paging):
    """Filters of the results."""

    verdict: Literal["", "found", "not_found", "unanswered"] = Field("", description="Only these.")
    search: Words = Field(
        "",
        max_length=100,
        description="Digits look into numbers and Telegram ids, other words into names and usernames.",
    )


@router.get(
    "/{int:check_id}/results",
    auth=scoped("checks:read"),
    tags=["Results"],
    response=Page[ResultOut],
    operation_id="list_results",
    summary="Verdicts of a check",
)
def list_results(request: ApiRequest, check_id: int, wanted: Query[ResultsWanted]) -> Page[ResultOut]:
    """In the order of the list, so that no number is missed or seen twice while verdicts arrive. A verdict that arrives
    behind your cursor is seen by the next reading from the start.
    """
    check = own_checks(request.auth.person).get(pk=check_id)
    after = key_of(wanted.cursor, [int, int])
    place = None if after is None else (int(after[0]), int(after[1]))
    found = results_after(
        check, Wanted(verdict=wanted.verdict, search=wanted.search.strip()), after=place, limit=wanted.limit
    )
    return Page(
        items=[result_shown(number, kind=check.kind) for number in found.numbers],
        next=None if found.end is None else cursor_of(found.end),
    )
