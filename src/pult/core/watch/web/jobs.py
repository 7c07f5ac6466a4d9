"""Failed jobs: with what they failed, trying again, forgetting."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pult.core.jobs.queries import queue_sums
from pult.core.people.access import PersonRequest, needs
from pult.core.watch.operations import UnableToChangeJob, forget_job, retry_job
from pult.core.watch.queries import failures
from pult.core.watch.web.status import tabs

PAGE_SIZE = 50


@require_GET
@needs("watch.see")
def jobs(request: PersonRequest) -> HttpResponse:
    """/status/jobs/, searched by a piece of the name."""
    search = request.GET.get("q", "").strip()[:100]
    page = Paginator(failures(search=search), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "search": search, "tabs": tabs(request, failed=queue_sums().failed)}
    return render(request, "watch/jobs.html", context)


@require_POST
@needs("watch.see")
def retry(request: PersonRequest, job_id: int) -> HttpResponse:
    """Put it into the queue again."""
    return _carry_out(
        request,
        lambda: (
            _("%(job)s waits in the queue again.")
            % {"job": retry_job(job_id=job_id, actor=request.user, now=timezone.now())}
        ),
    )


@require_POST
@needs("watch.see")
def forget(request: PersonRequest, job_id: int) -> HttpResponse:
    """Delete it."""
    return _carry_out(
        request,
        lambda: (
            _("%(job)s is forgotten.")
            % {"job": forget_job(job_id=job_id, actor=request.user, now=timezone.now())}
        ),
    )


def _carry_out(request: PersonRequest, verb: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, verb())
    except UnableToChangeJob as unable:
        messages.error(request, str(unable))
    return redirect("watch:jobs")
