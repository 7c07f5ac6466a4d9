"""Lines that are no phone numbers, as the preview and the results show them."""

from typing import Any

from django.core.paginator import Paginator

from pult.core.people.access import PersonRequest
from pult.modules.checks.models import Check
from pult.modules.checks.queries.export_rows import problem_text
from pult.modules.checks.queries.results import problem_counts, rejected_lines

LINES_ON_A_PAGE = 50


def rejected_page(request: PersonRequest, check: Check) -> dict[str, Any]:
    """Narrowed by `?problem=` and `?q=`: `lines` with their reasons, `page`, and the `problems` to choose from."""
    search = request.GET.get("q", "").replace("\0", "").strip()
    found = rejected_lines(check, problem=request.GET.get("problem", ""), search=search)
    page = Paginator(found, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "lines": [{"line": line, "reason": problem_text(line.problem)} for line in page.object_list],
        "problems": [(key, problem_text(key).rstrip("."), count) for key, count in problem_counts(check)],
        # Beyond a number of lines they are counted only.
        "not_kept": max(0, check.rejected_count - sum(count for _, count in problem_counts(check))),
    }
