"""Webhooks over the API: the same as the pages, each in one operation."""

from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from pult.core.api.access import ApiRequest, scoped
from pult.core.api.errors import Kind, Problem, refused_field
from pult.core.api.gateway import IdempotencyKey, created_once
from pult.core.api.values import Moment, Page, Paging, Words, key_of, page_of
from pult.core.registry import registry
from pult.core.webhooks import queries
from pult.core.webhooks.models import Delivery, Webhook
from pult.core.webhooks.operations import webhooks as operations
from pult.core.webhooks.operations.webhooks import IssuedSecret, UnableToChangeWebhook
from pult.core.webhooks.words import error_in_words

router = Router(tags=["Webhooks"])
read, manage = scoped("webhooks:read"), scoped("webhooks:manage")
State = Literal["waiting", "delivered", "failed", "given_up"]
# This file is read when every module has registered.
EventName = Annotated[
    str,
    Field(max_length=60, json_schema_extra={"enum": [event.name for event in registry.events()]}),
]
Events = Annotated[list[EventName], Field(min_length=1, max_length=50, examples=[["check.finished"]])]
Url = Annotated[
    Words,
    Field(
        min_length=1, max_length=500, description="https or http.", examples=["https://crm.example.com/pult"]
    ),
]


class WebhookOut(Schema):
    """An address of yours that is told what happens."""

    id: UUID
    url: str
    events: list[str]
    active: bool
    off_reason: Literal["person", "gone"] | None = Field(
        description="Why nothing is sent: `person`: switched off; `gone`: it answered 410."
    )
    created_at: Moment


class WebhookWithSecret(WebhookOut):
    """The webhook at the only moment when its secret is told."""

    secret: str = Field(description="Signs everything that is sent. It is never told again.")


class NewWebhook(Schema):
    """A webhook to be."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: Url
    events: Events


class ChangedWebhook(Schema):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: Url | None = None
    events: Events | None = None
    active: bool | None = Field(None, description="Whether anything is sent.")


class DeliveryOut(Schema):
    """One event on its way to one webhook."""

    id: UUID = Field(description="The same at every attempt, as the header Pult-Delivery.")
    event: str
    payload: dict[str, Any] = Field(description="`data` of what is sent.")
    state: State = Field(description="`failed`: tried again at `next_at`.")
    attempts: int
    at: Moment
    attempted_at: Moment | None
    next_at: Moment | None
    status: int | None = Field(description="Status of the last answer.")
    error: str | None = Field(description="Why the last attempt failed, in words.")
    answer: str = Field(description="Beginning of the last answer.")


class DeliveriesWanted(Paging):
    """Which deliveries."""

    state: State | Literal[""] = Field("", description="Only these.")


def webhook_shown(webhook: Webhook) -> dict[str, Any]:
    """The values of WebhookOut."""
    return {
        "id": webhook.pk,
        "url": webhook.url,
        "events": webhook.events,
        "active": webhook.active,
        "off_reason": webhook.off_reason or None,
        "created_at": webhook.created_at,
    }


def delivery_shown(delivery: Delivery) -> DeliveryOut:
    """A delivery."""
    return DeliveryOut(
        id=delivery.pk,
        event=delivery.event,
        payload=delivery.payload,
        state=cast("State", delivery.state),
        attempts=delivery.attempts,
        at=delivery.at,
        attempted_at=delivery.attempted_at,
        next_at=delivery.next_at,
        status=delivery.status,
        error=error_in_words(delivery) or None,
        answer=delivery.excerpt,
    )


def _with_secret(issued: IssuedSecret) -> WebhookWithSecret:
    return WebhookWithSecret(**webhook_shown(issued.webhook), secret=issued.secret)


def _refused(unable: UnableToChangeWebhook) -> Problem:
    return (
        refused_field(unable.field, unable.reason) if unable.field else Problem(Kind.CONFLICT, unable.reason)
    )


@router.get("", auth=read, response=Page[WebhookOut], operation_id="list_webhooks", summary="Your webhooks")
def list_webhooks(request: ApiRequest, wanted: Query[Paging]) -> Page[WebhookOut]:
    """At most ten."""
    found = Webhook.objects.filter(person=request.auth.person).order_by("pk")
    if (after := key_of(wanted.cursor, [str])) is not None:
        found = found.filter(pk__gt=_uuid(str(after[0])))
    return page_of(
        list(found[: wanted.limit + 1]),
        limit=wanted.limit,
        shown=lambda webhook: WebhookOut(**webhook_shown(webhook)),
        key=lambda webhook: [str(webhook.pk)],
    )


@router.post(
    "", auth=manage, response={201: WebhookWithSecret}, operation_id="create_webhook", summary="Add a webhook"
)
def create_webhook(
    request: ApiRequest, wanted: NewWebhook, idempotency_key: IdempotencyKey = ""
) -> HttpResponse:
    """Its secret stands in this answer and nowhere else."""

    def create() -> tuple[Schema, str]:
        person = request.auth.person
        try:
            issued = operations.add_webhook(
                actor=person, person=person, url=wanted.url, events=wanted.events, now=timezone.now()
            )
        except UnableToChangeWebhook as unable:
            raise _refused(unable) from unable
        return _with_secret(issued), request.build_absolute_uri(f"/api/v1/webhooks/{issued.webhook.pk}")

    return created_once(request, key=idempotency_key, content=[request.body], create=create)


@router.get(
    "/{uuid:webhook_id}", auth=read, response=WebhookOut, operation_id="get_webhook", summary="A webhook"
)
def get_webhook(request: ApiRequest, webhook_id: UUID) -> WebhookOut:
    """One of yours."""
    return WebhookOut(**webhook_shown(queries.webhook_of(request.auth.person, webhook_id)))


@router.patch(
    "/{uuid:webhook_id}", auth=manage, response=WebhookOut, operation_id="change_webhook", summary="Change it"
)
def change_webhook(request: ApiRequest, webhook_id: UUID, wanted: ChangedWebhook) -> WebhookOut:
    """Another address, other events, or switching it off and on. What waits goes to the new address."""
    person = request.auth.person
    try:
        webhook = operations.change_webhook(
            actor=person,
            person=person,
            webhook_id=webhook_id,
            now=timezone.now(),
            url=wanted.url,
            events=wanted.events,
            active=wanted.active,
        )
    except UnableToChangeWebhook as unable:
        raise _refused(unable) from unable
    return WebhookOut(**webhook_shown(webhook))


@router.delete(
    "/{uuid:webhook_id}",
    auth=manage,
    response={204: None},
    operation_id="remove_webhook",
    summary="Remove a webhook",
)
def remove_webhook(request: ApiRequest, webhook_id: UUID) -> None:
    """With its log. Nothing more is sent."""
    person = request.auth.person
    operations.remove_webhook(actor=person, person=person, webhook_id=webhook_id, now=timezone.now())


@router.post(
    "/{uuid:webhook_id}/secret",
    auth=manage,
    response=WebhookWithSecret,
    operation_id="renew_webhook_secret",
    summary="A new secret",
)
def renew_secret(request: ApiRequest, webhook_id: UUID) -> WebhookWithSecret:
    """For 24 hours the secret before signs beside it: two `v1` stand in the header."""
    person = request.auth.person
    return _with_secret(
        operations.renew_secret(actor=person, person=person, webhook_id=webhook_id, now=timezone.now())
    )


@router.post(
    "/{uuid:webhook_id}/test",
    auth=manage,
    response=DeliveryOut,
    operation_id="test_webhook",
    summary="Send a test event",
)
def test_webhook(request: ApiRequest, webhook_id: UUID) -> DeliveryOut:
    """An event `test`, delivered as any other."""
    try:
        delivery = operations.send_test(person=request.auth.person, webhook_id=webhook_id, now=timezone.now())
    except UnableToChangeWebhook as unable:
        raise _refused(unable) from unable
    return delivery_shown(delivery)


@router.get(
    "/{uuid:webhook_id}/deliveries",
    auth=read,
    response=Page[DeliveryOut],
    operation_id="list_deliveries",
    summary="What was sent",
)
def list_deliveries(
    request: ApiRequest, webhook_id: UUID, wanted: Query[DeliveriesWanted]
) -> Page[DeliveryOut]:
    """The newest first, of the last 30 days."""
    webhook = queries.webhook_of(request.auth.person, webhook_id)
    found = queries.deliveries_of(webhook, state=wanted.state)
    if (after := key_of(wanted.cursor, [str, str])) is not None:
        at, pk = _moment(str(after[0])), _uuid(str(after[1]))
        found = found.filter(at__lte=at).exclude(at=at, pk__gte=pk)
    return page_of(
        list(found[: wanted.limit + 1]),
        limit=wanted.limit,
        shown=delivery_shown,
        key=lambda delivery: [delivery.at.isoformat(), str(delivery.pk)],
    )


@router.post(
    "/{uuid:webhook_id}/deliveries/{uuid:delivery_id}/again",
    auth=manage,
    response=DeliveryOut,
    operation_id="send_delivery_again",
    summary="Send it again",
)
def send_again(request: ApiRequest, webhook_id: UUID, delivery_id: UUID) -> DeliveryOut:
    """At once, under the same id, whatever became of it before."""
    try:
        delivery = operations.send_again(
            person=request.auth.person, webhook_id=webhook_id, delivery_id=delivery_id, now=timezone.now()
        )
    except UnableToChangeWebhook as unable:
        raise _refused(unable) from unable
    return delivery_shown(delivery)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Problem(Kind.BAD_CURSOR, _("Take `next` of the page before, unchanged.")) from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Problem(Kind.BAD_CURSOR, _("Take `next` of the page before, unchanged."))
    return moment
