"""The page on which a list is uploaded or pasted."""

from typing import Any, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from pult.core.people.access import PersonRequest, needs
from pult.core.telegram.queries import accounts_usable_by
from pult.modules.checks.formats import UnreadableFile, accepted_files, format_names
from pult.modules.checks.models import Check
from pult.modules.checks.operations.control import remove_check
from pult.modules.checks.operations.uploads import PASTE_LIMIT, UnableToAccept, accept_paste, accept_upload
from pult.modules.checks.queries.own_checks import last_region
from pult.modules.checks.queries.uploaded_list import sample_of, unreadable_text
from pult.modules.checks.web.forms import NewCheckForm


class LimitedUpload(FileUploadHandler):
    """Drops a file once it grows beyond the limit, and goes on with the other fields: nothing typed is lost."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.exceeded = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > self.limit:
            self.exceeded = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one keep the file."""


# The check of the token comes after the upload limit: it reads the whole body.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@needs("checks.use")
def new_check(request: PersonRequest) -> HttpResponseBase:
    """/checks/new/"""
    upload = LimitedUpload(settings.PULT_UPLOAD_LIMIT)
    request.upload_handlers.insert(0, upload)
    try:
        return _guarded(request, upload)
    except RequestDataTooBig:
        form = NewCheckForm(request.POST, person=request.user)
        form.errors.clear()
        form.add_error("numbers", _("This is too much to paste. Save it as a text file and upload that."))
        return _page(request, form, status=413)


@csrf_protect
def _guarded(request: HttpRequest, upload: LimitedUpload) -> HttpResponse:
    person_request = cast(PersonRequest, request)
    if request.method != "POST":
        region = last_region(person_request.user)
        return _page(person_request, NewCheckForm(initial={"region": region}, person=person_request.user))
    posted, files = request.POST, request.FILES
    form = NewCheckForm(
        posted,
        files,
        file_too_large=_too_large(upload.limit) if upload.exceeded else "",
        person=person_request.user,
    )
    check = _accepted(person_request, form) if form.is_valid() else None
    if check is None:
        return _page(person_request, form, status=413 if upload.exceeded else 422)
    address = reverse("checks:check", args=[check.pk])
    return HttpResponseClientRedirect(address) if _by_script(request) else redirect(address)


def _accepted(request: PersonRequest, form: NewCheckForm) -> Check | None:
    """The new check; None with the reason beside the field when the list cannot be taken in."""
    given, now = form.cleaned_data, timezone.now()
    file: UploadedFile[bytes] | None = given["file"]
    wishes: dict[str, Any] = {
        "name": given["name"],
        "kind": given["kind"],
        "region": given["region"] if form.asked_kind.national else "",
        "purpose": given["purpose"],
        "keep_days": given["keep_days"],
    }
    try:
        if file is None:
            return accept_paste(actor=request.user, text=given["numbers"], now=now, **wishes)
        check = accept_upload(actor=request.user, file=file, now=now, **wishes)
    except UnableToAccept as error:
        form.add_error("numbers" if file is None else "file", str(error.reason))
        return None
    try:
        sample_of(check)
    except UnreadableFile as error:
        # Said at once and beside the field; nothing half-stored stays.
        remove_check(actor=request.user, check_id=check.pk, now=now)
        form.add_error("file", unreadable_text(error.reason, kind=check.kind))
        return None
    return check


def _page(request: PersonRequest, form: NewCheckForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "formats": format_names(),
        "accepted": accepted_files(),
        "limit": settings.PULT_UPLOAD_LIMIT,
        "too_large": _too_large(settings.PULT_UPLOAD_LIMIT),
        "paste_limit": PASTE_LIMIT,
        "paste_too_large": _("This is too much to paste. Save it as a text file and upload that."),
        "has_account": accounts_usable_by(request.user).exists(),
    }
    # htmx shows the page again for 422 alone.
    return render(
        request, "checks/new.html", context, status=422 if status != 200 and _by_script(request) else status
    )


def _too_large(limit: int) -> str:
    return _("This file is too large: at most %(limit)s is taken. Split it into several lists.") % {
        "limit": filesizeformat(limit)
    }


def _by_script(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
