from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pult.core.audit.vocabulary import name_actions, name_words
from pult.core.registry import Alarm, Module, NavigationItem, Permission, Role, registry

if TYPE_CHECKING:
    import typer


def _commands() -> "typer.Typer":
    from pult.core.privacy.cli import commands

    return commands


class PrivacyConfig(AppConfig):
    """Personal data: for how long it is kept, what is stored about a number, and its erasure."""

    name = "pult.core.privacy"
    label = "privacy"

    def ready(self) -> None:
        """Plug the pages, permission, alarm and commands in."""
        from pult.core.privacy import receivers
        from pult.core.privacy.operations import ring_inquiries
        from pult.core.privacy.queries import may_follow_inquiry, next_inquiry

        receivers.connect()
        registry.add(
            Module(
                name="privacy",
                title=_("Personal data"),
                prefix="privacy/",
                urls="pult.core.privacy.web.urls",
                navigation=(
                    NavigationItem(
                        title=_("Personal data"),
                        url_name="privacy:inquiries",
                        icon="shield",
                        permission="privacy.manage",
                        order=850,
                    ),
                ),
                permissions=(
                    Permission(
                        "privacy.manage",
                        _("See and erase what is stored about a number, set how long data is kept"),
                        frozenset({Role.ADMINISTRATOR, Role.OWNER}),
                    ),
                ),
                alarms=(Alarm("privacy.inquiries", next_due=next_inquiry, ring=ring_inquiries),),
                topics={"inquiry": may_follow_inquiry},
                commands=_commands,
            )
        )
        name_actions(
            {
                "privacy.looked": _("Looked up what is stored about a number"),
                "privacy.report_saved": _("Saved what is stored about a number"),
                "privacy.erasure_ordered": _("Ordered the erasure of a number"),
                "privacy.erased": _("A number was erased everywhere"),
                "privacy.policy_changed": _("Changed for how long data is kept"),
            }
        )
        name_words(
            {
                "number": _("number"),
                "refused_in_future": _("refused in future"),
                "default_days": _("days unless chosen otherwise"),
                "most_days": _("days at most"),
                "may_stay": _("until removed"),
            }
        )
