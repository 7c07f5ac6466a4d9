from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    import typer


def _commands() -> "typer.Typer":
    from pult.modules.checks.cli import commands

    return commands


class ChecksConfig(AppConfig):
    """Checks: which phone numbers have a Telegram account."""

    name = "pult.modules.checks"
    label = "checks"

    def ready(self) -> None:
        """Plug the module in."""
        from pult.core.audit.vocabulary import name_actions, name_words
        from pult.core.registry import Alarm, Module, NavigationItem, Permission, Role, registry
        from pult.modules.checks import receivers
        from pult.modules.checks.operations.dispatch import dispatch, next_dispatch
        from pult.modules.checks.operations.removal import next_sweep, sweep_uploads
        from pult.modules.checks.queries.own_checks import may_follow

        receivers.connect()
        registry.add(
            Module(
                name="checks",
                title=_("Checks"),
                prefix="checks/",
                urls="pult.modules.checks.web.urls",
                navigation=(NavigationItem(_("Checks"), "checks:history", "list", "checks.use", order=10),),
                permissions=(Permission("checks.use", _("Check phone numbers"), frozenset(Role)),),
                alarms=(
                    Alarm("checks.dispatch", next_due=next_dispatch, ring=dispatch),
                    Alarm("checks.uploads", next_due=next_sweep, ring=sweep_uploads),
                ),
                topics={"check": may_follow},
                commands=_commands,
            )
        )
        name_actions(
            {
                "check.uploaded": _("Uploaded a list of numbers"),
                "check.column_confirmed": _("Chose the column of a list"),
                "check.started": _("Started a check"),
                "check.paused": _("Paused a check"),
                "check.resumed": _("Resumed a check"),
                "check.cancelled": _("Cancelled a check"),
                "check.asked_again": _("Asked again for unanswered numbers"),
                "check.removed": _("Removed a check"),
            }
        )
        name_words({"check": _("check")})
