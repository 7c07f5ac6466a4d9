"""A person's own webhooks: the list, one with its log, and what can be done with it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pult.core.people.access import PersonRequest, lately_proved, needs
from pult.core.webhooks import queries
from pult.core.webhooks.models import Delivery, Webhook
from pult.core.webhooks.operations import webhooks as operations
from pult.core.webhooks.operations.outbox import topic_of
from pult.core.webhooks.operations.webhooks import MOST_WEBHOOKS, UnableToChangeWebhook
from pult.core.webhooks.web.forms import WebhookForm
from pult.core.webhooks.words import error_in_words, event_title

DELIVERIES_ON_A_PAGE = 25
TONES = {"waiting": "neutral", "delivered": "good", "failed": "warn", "given_up": "bad"}


@never_cache
@require_GET
@needs("api.tokens")
def webhooks(request: PersonRequest) -> HttpResponse:
    """/webhooks/: at most ten."""
    search = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = list(queries.webhooks_of(request.user, search=search))
    count = Webhook.objects.filter(person=request.user).count()
    rows = [{"webhook": each, "events": [event_title(name) for name in each.events]} for each in found]
    context = {
        "rows": rows,
        "any": count > 0,
        "full": count >= MOST_WEBHOOKS,
        "topic": topic_of(request.user.pk),
    }
    return render(request, "webhooks/list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("api.tokens")
@lately_proved
def new_webhook(request: PersonRequest) -> HttpResponse:
    """/webhooks/new/: a form; then the page with the secret, which is shown this once."""
    events = queries.events_open_to(request.user)
    form = WebhookForm(
        request.POST or None, events=events, initial={"events": [event.name for event in events]}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            issued = operations.add_webhook(
                actor=request.user,
                person=request.user,
                url=given["url"],
                events=given["events"],
                now=timezone.now(),
            )
        except UnableToChangeWebhook as unable:
            form.add_error(unable.field or None, str(unable.reason))
        else:
            return _secret_page(request, issued)
    return render(request, "webhooks/form.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_GET
@needs("api.tokens")
def webhook(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """/webhooks/…/: what it is told and what became of each; state and page live in the address."""
    found = _own(request, webhook_id)
    state = request.GET.get("state", "")
    listed = queries.deliveries_of(found, state=state)
    page = Paginator(listed, DELIVERIES_ON_A_PAGE).get_page(request.GET.get("page"))
    counts = queries.state_counts(found)
    context = {
        "webhook": found,
        "events": [event_title(name) for name in found.events],
        "two_secrets": found.former_until is not None and found.former_until > timezone.now(),
        "page": page,
        "rows": [_row(delivery) for delivery in page.object_list],
        "states": [(value, label, counts.get(value, 0)) for value, label in Delivery.State.choices],
        "any": bool(counts),
        "given_up": counts.get("given_up", 0),
        "topic": topic_of(request.user.pk),
    }
    return render(request, "webhooks/webhook.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("api.tokens")
def change(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """/webhooks/…/change/: another address, other events."""
    found = _own(request, webhook_id)
    form = WebhookForm(
        request.POST or None,
        events=queries.events_open_to(request.user),
        initial={"url": found.url, "events": found.events},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            operations.change_webhook(
                actor=request.user,
                person=request.user,
                webhook_id=webhook_id,
                url=given["url"],
                events=given["events"],
                now=timezone.now(),
            )
        except UnableToChangeWebhook as unable:
            form.add_error(unable.field or None, str(unable.reason))
        else:
            messages.success(request, _("Saved. What waits goes to this address."))
            return redirect("webhooks:webhook", webhook_id)
    context = {"form": form, "webhook": found}
    return render(request, "webhooks/form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("api.tokens")
def test(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """/webhooks/…/test/: a test event."""
    return _done(
        request,
        webhook_id,
        lambda: operations.send_test(person=request.user, webhook_id=webhook_id, now=timezone.now()),
        _("The test event is on its way."),
    )


@require_POST
@needs("api.tokens")
def switch(request: PersonRequest, webhook_id: UUID, state: str) -> HttpResponse:
    """/webhooks/…/switch/on/ or off/."""
    if state not in {"on", "off"}:
        raise Http404
    return _done(
        request,
        webhook_id,
        lambda: operations.change_webhook(
            actor=request.user,
            person=request.user,
            webhook_id=webhook_id,
            active=state == "on",
            now=timezone.now(),
        ),
        _("The webhook is on.") if state == "on" else _("The webhook is off; nothing is sent."),
    )


@never_cache
@require_POST
@needs("api.tokens")
@lately_proved
def secret(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """/webhooks/…/secret/: a new secret, shown this once."""
    _own(request, webhook_id)
    issued = operations.renew_secret(
        actor=request.user, person=request.user, webhook_id=webhook_id, now=timezone.now()
    )
    return _secret_page(request, issued)


@require_POST
@needs("api.tokens")
def remove(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """/webhooks/…/remove/: it goes with its log."""
    _own(request, webhook_id)
    operations.remove_webhook(
        actor=request.user, person=request.user, webhook_id=webhook_id, now=timezone.now()
    )
    messages.success(request, _("The webhook is removed."))
    return redirect("webhooks:list")


@require_POST
@needs("api.tokens")
def again(request: PersonRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    """/webhooks/…/deliveries/…/again/: once more, at once."""
    return _done(
        request,
        webhook_id,
        lambda: operations.send_again(
            person=request.user, webhook_id=webhook_id, delivery_id=delivery_id, now=timezone.now()
        ),
        _("It is sent again."),
    )


def _own(request: PersonRequest, webhook_id: UUID) -> Webhook:
    try:
        return queries.webhook_of(request.user, webhook_id)
    except Webhook.DoesNotExist:
        raise Http404 from None


def _done(request: PersonRequest, webhook_id: UUID, deed: Callable[[], object], words: str) -> HttpResponse:
    """Do it and say so on the webhook's page, or say why not."""
    try:
        deed()
    except (Webhook.DoesNotExist, Delivery.DoesNotExist):
        raise Http404 from None
    except UnableToChangeWebhook as unable:
        messages.error(request, str(unable.reason))
    else:
        messages.success(request, words)
    return redirect("webhooks:webhook", webhook_id)


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery": delivery,
        "event": event_title(delivery.event),
        "label": Delivery.State(delivery.state).label,
        "tone": TONES[delivery.state],
        "error": error_in_words(delivery),
    }


def _secret_page(request: PersonRequest, issued: operations.IssuedSecret) -> HttpResponse:
    return render(request, "webhooks/secret.html", {"webhook": issued.webhook, "secret": issued.secret})
