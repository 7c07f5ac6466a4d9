"""What people do with checks, for administrators."""

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pult.core.people.access import PersonRequest, needs
from pult.modules.checks.queries.activity import BUSIEST_FIRST, activities, people_listed
from pult.modules.checks.web.queue import tabs

PEOPLE_ON_A_PAGE = 25


@require_GET
@needs("checks.manage")
def activity(request: PersonRequest) -> HttpResponseBase:
    """/checks/queue/people/: search, sorting and page live in the address."""
    asked = request.GET
    people = people_listed(
        request.user,
        search=asked.get("q", "").replace("\0", "").strip()[:200],
        order=asked.get("sort", BUSIEST_FIRST),
    )
    page = Paginator(people, PEOPLE_ON_A_PAGE).get_page(asked.get("page"))
    context = {
        "tabs": tabs(request, "people"),
        "page": page,
        "rows": activities(list(page.object_list)),
        "order": BUSIEST_FIRST,
    }
    return render(request, "checks/queue/activity.html", context)
