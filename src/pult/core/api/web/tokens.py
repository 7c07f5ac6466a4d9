"""A person's own tokens: the list, a new one, the end of one."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pult.core.api.models import Token
from pult.core.api.operations.tokens import IssuedToken, UnableToMakeToken, create_token, revoke_token
from pult.core.api.queries import NEWEST_FIRST, row_of, scopes_open_to, tokens_of
from pult.core.api.web.forms import TokenForm
from pult.core.people.access import PersonRequest, lately_proved, needs

TOKENS_ON_A_PAGE = 25


@never_cache
@require_GET
@needs("api.tokens")
def tokens(request: PersonRequest) -> HttpResponse:
    """/api/tokens/: search, state, sorting and page live in the address."""
    asked, now = request.GET, timezone.now()
    search, state = asked.get("q", "").replace("\0", "").strip()[:100], asked.get("state", "")
    found = tokens_of(request.user, now=now, search=search, state=state, sort=asked.get("sort", ""))
    page = Paginator(found, TOKENS_ON_A_PAGE).get_page(asked.get("page"))
    context = {
        "page": page,
        "rows": [row_of(token, now=now) for token in page.object_list],
        "states": [("working", _("Work")), ("over", _("Work no more"))],
        "any": bool(page.paginator.count) or Token.objects.filter(person=request.user).exists(),
        "order": NEWEST_FIRST,
    }
    return render(request, "api/tokens.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("api.tokens")
@lately_proved
def new_token(request: PersonRequest) -> HttpResponse:
    """/api/tokens/new/: a form; then the page with the token, which is shown this once.

    A token outlives its session, so whoever makes one has given password or second factor a moment ago.
    """
    scopes = scopes_open_to(request.user)
    form = TokenForm(request.POST or None, scopes=scopes)
    if request.method == "POST" and form.is_valid():
        issued = _made(request, form)
        if issued is not None:
            address = request.build_absolute_uri("/api/v1/token")
            context = {"token": issued.token, "text": issued.text, "address": address}
            return render(request, "api/token_made.html", context)
    return render(request, "api/new_token.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@needs("api.tokens")
def revoke(request: PersonRequest, token_id: UUID) -> HttpResponse:
    """/api/tokens/…/revoke/: it ends at once."""
    try:
        token = revoke_token(actor=request.user, person=request.user, token_id=token_id, now=timezone.now())
    except Token.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The token %(name)s works no more.") % {"name": token.name})
    return redirect("api:tokens")


def _made(request: PersonRequest, form: TokenForm) -> IssuedToken | None:
    """The new token; None with the reason beside its field."""
    given, now = form.cleaned_data, timezone.now()
    try:
        return create_token(
            actor=request.user,
            person=request.user,
            name=given["name"],
            scopes=given["scopes"],
            expires_at=form.expires_at(now=now),
            now=now,
        )
    except UnableToMakeToken as unable:
        form.add_error("last_day" if unable.field == "expires_at" else unable.field, str(unable.reason))
        return None
