from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime

    import typer


def _commands() -> "typer.Typer":
    from pult.core.api.cli import commands

    return commands


class ApiConfig(AppConfig):
    """The API: tokens and what every router shares."""

    name = "pult.core.api"
    label = "api"

    def ready(self) -> None:
        """Plug the page of tokens and the commands in."""
        from pult.core.api import receivers
        from pult.core.api.operations.idempotency import SWEPT_AFTER, forget_expired
        from pult.core.api.queries import next_key_expiry
        from pult.core.audit.vocabulary import name_actions, name_words
        from pult.core.registry import Alarm, Module, Permission, Role, registry

        def next_sweep() -> "datetime | None":
            expiry = next_key_expiry()
            return None if expiry is None else expiry + SWEPT_AFTER

        receivers.connect()
        registry.add(
            Module(
                name="api",
                title=_("API"),
                prefix="api/",
                urls="pult.core.api.web.urls",
                permissions=(
                    Permission("api.tokens", _("Use the API with tokens of one's own"), frozenset(Role)),
                ),
                alarms=(Alarm("api.idempotency", next_due=next_sweep, ring=forget_expired),),
                commands=_commands,
            )
        )
        name_actions(
            {
                "token.created": _("Made an API token"),
                "token.revoked": _("Revoked an API token"),
            }
        )
        name_words({"token": _("API token")})
