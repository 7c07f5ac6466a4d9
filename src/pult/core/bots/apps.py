"""Plugs bots into Pult: navigation, permissions, alarms."""

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pult.core.audit.vocabulary import name_actions, name_words
from pult.core.registry import Alarm, Module, NavigationItem, Permission, Role, registry

if TYPE_CHECKING:
    import typer

_LEADING = frozenset({Role.ADMINISTRATOR, Role.OWNER})


def _commands() -> "typer.Typer":
    from pult.core.bots.cli import commands

    return commands


def _module() -> Module:
    from pult.core.bots import status
    from pult.core.bots.operations import retention
    from pult.core.bots.personal_data import personal_data

    return Module(
        name="bots",
        title=_("Bots"),
        prefix="bots/",
        urls="pult.core.bots.web.urls",
        navigation=(NavigationItem(_("Bots"), "bots:list", "telegram", "bots.manage", order=45),),
        permissions=(
            Permission("bots.manage", _("Add, switch off and remove bots"), _LEADING),
            Permission(
                "bots.choose_main", _("Choose the bot with which people sign in"), frozenset({Role.OWNER})
            ),
        ),
        commands=_commands,
        alarms=(Alarm("bots.kept", next_due=retention.next_to_forget, ring=retention.forget_old),),
        personal_data=personal_data(),
        metrics=status.metrics,
        warnings=status.warnings,
        facts=status.facts,
    )


class BotsConfig(AppConfig):
    """Bots, and what they receive and send."""

    name = "pult.core.bots"
    label = "bots"
    verbose_name = _("Bots")

    def ready(self) -> None:
        """Register with the core."""
        from pult.core.bots import receivers
        from pult.core.bots.main_bot import main_bot_for_sign_in
        from pult.core.people.telegram_sign_in import provide_main_bot

        provide_main_bot(main_bot_for_sign_in)
        receivers.connect()
        registry.add(_module())
        name_actions(
            {
                "bot.added": _("Added a bot"),
                "bot.token_replaced": _("Gave a bot a new token"),
                "bot.switched_off": _("Switched a bot off"),
                "bot.switched_on": _("Switched a bot on"),
                "bot.chosen_as_main": _("Chose the main bot"),
                "bot.removed": _("Removed a bot"),
            }
        )
        name_words({"bot": _("bot"), "username": _("username")})
