"""Lines that cannot be asked about, as the preview and the results show them."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.core.people.access import PersonRequest
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Check
from pult.modules.checks.queries.results import problem_counts, rejected_lines
from pult.modules.checks.rules.problems import Problem

LINES_ON_A_PAGE = 50

# The sentences say what to do; a filter needs a word or two.
PROBLEM_NAMES: dict[str, Promise] = {
    Problem.EMPTY: _("Empty"),
    Problem.NOT_A_NUMBER: _("No number"),
    Problem.LETTERS: _("Letters"),
    Problem.DATE: _("Date"),
    Problem.DAMAGED: _("Damaged by a spreadsheet"),
    Problem.FORMULA_WITHOUT_VALUE: _("Formula without value"),
    Problem.EXTENSION: _("Extension"),
    Problem.SEVERAL_NUMBERS: _("Several in one cell"),
    Problem.NO_COUNTRY: _("No country"),
    Problem.UNKNOWN_COUNTRY: _("Unknown country"),
    Problem.TOO_SHORT: _("Too short"),
    Problem.TOO_LONG: _("Too long"),
    Problem.WRONG_LENGTH: _("Wrong length"),
    Problem.NOT_ASSIGNED: _("Not assigned"),
    Problem.NOT_A_USERNAME: _("No username"),
    Problem.INVITATION: _("Invitation link"),
    Problem.PHONE: _("Phone number"),
    Problem.OTHER: _("Other"),
}


def rejected_page(request: PersonRequest, check: Check) -> dict[str, Any]:
    """Narrowed by `?problem=` and `?q=`: `lines` with their reasons, `page`, and the `problems` to choose from."""
    search = request.GET.get("q", "").replace("\0", "").strip()
    found = rejected_lines(check, problem=request.GET.get("problem", ""), search=search)
    page = Paginator(found, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    counts = problem_counts(check)
    kind = kind_named(check.kind)
    return {
        "page": page,
        "lines": [{"line": line, "reason": kind.problem_text(line.problem)} for line in page.object_list],
        "problems": [(key, PROBLEM_NAMES.get(key, key), count) for key, count in counts],
        # Beyond a number of lines they are counted only.
        "not_kept": max(0, check.rejected_count - sum(count for _key, count in counts)),
    }
