from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Webhooks: telling people's own programmes what happened."""

    name = "pult.core.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        """Plug pages, operations of the API and alarms in."""
        from pult.core.audit.vocabulary import name_actions, name_words
        from pult.core.registry import Alarm, Module, Scope, registry
        from pult.core.webhooks import receivers
        from pult.core.webhooks.operations.outbox import enqueue_due, forget_old, next_due, next_to_forget

        receivers.connect()
        registry.add(
            Module(
                name="webhooks",
                title=_("Webhooks"),
                prefix="webhooks/",
                urls="pult.core.webhooks.web.urls",
                alarms=(
                    Alarm("webhooks.due", next_due=next_due, ring=enqueue_due),
                    Alarm("webhooks.forget", next_due=next_to_forget, ring=forget_old),
                ),
                topics={"webhooks": lambda person, owner: owner == str(person.pk)},
                api="pult.core.webhooks.api.router",
                scopes=(
                    Scope("webhooks:read", _("See webhooks and what was sent to them"), "api.tokens"),
                    Scope("webhooks:manage", _("Add, change, try and remove webhooks"), "api.tokens"),
                ),
            )
        )
        name_actions(
            {
                "webhook.added": _("Added a webhook"),
                "webhook.changed": _("Changed a webhook"),
                "webhook.secret_renewed": _("Gave a webhook a new secret"),
                "webhook.removed": _("Removed a webhook"),
            }
        )
        name_words({"webhook": _("webhook")})
