"""Plugs the gateway into Pult: navigation, permissions, alarms, live topics."""

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pult.core.audit.vocabulary import name_actions, name_words
from pult.core.registry import Alarm, Module, NavigationItem, Permission, Role, Scope, registry

if TYPE_CHECKING:
    import typer

_EVERYBODY = frozenset(Role)
_LEADING = frozenset({Role.ADMINISTRATOR, Role.OWNER})


def _commands() -> "typer.Typer":
    from pult.core.telegram.cli import commands

    return commands


def _module() -> Module:
    from pult.core.telegram import queries, status
    from pult.core.telegram.operations import accounts, probes, sign_ins
    from pult.core.telegram.personal_data import personal_data

    return Module(
        name="telegram",
        title=_("Telegram accounts"),
        prefix="accounts/",
        urls="pult.core.telegram.web.urls",
        navigation=(
            NavigationItem(
                title=_("Accounts"),
                url_name="telegram:accounts",
                icon="account",
                permission="telegram.accounts",
                order=40,
            ),
        ),
        permissions=(
            Permission("telegram.accounts", _("Connect Telegram accounts of their own"), _EVERYBODY),
            Permission("telegram.key_pairs", _("Add and remove key pairs"), _LEADING),
            Permission("telegram.share", _("Share, switch off and remove everybody's accounts"), _LEADING),
        ),
        alarms=(
            Alarm(
                name="telegram.rests",
                next_due=queries.next_rest_end,
                ring=lambda: _ignore(accounts.end_rests(now=timezone.now())),
            ),
            Alarm(
                name="telegram.probes",
                next_due=queries.next_probe,
                ring=lambda: _ignore(probes.send_probes(now=timezone.now())),
            ),
            Alarm(
                name="telegram.sign_ins",
                next_due=queries.next_sign_in_expiry,
                ring=lambda: _ignore(sign_ins.sweep_sign_ins(now=timezone.now())),
            ),
        ),
        topics={
            "account": queries.may_follow_account,
            "budget": queries.may_follow_budget,
            "sign-in": queries.may_follow_sign_in,
        },
        commands=_commands,
        api="pult.core.telegram.api.router",
        scopes=(Scope("accounts:read", _("See which accounts checks can use"), "telegram.accounts"),),
        personal_data=personal_data(),
        metrics=status.metrics,
        warnings=status.warnings,
        facts=status.facts,
    )


def _ignore(_count: int) -> None:
    """An alarm returns nothing."""


class TelegramConfig(AppConfig):
    """The gateway to Telegram and the accounts that people connect."""

    name = "pult.core.telegram"
    label = "telegram"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Register with the core."""
        from pult.core.telegram import receivers

        receivers.connect()
        registry.add(_module())
        name_actions(
            {
                "key_pair.added": _("Added a key pair"),
                "key_pair.removed": _("Removed a key pair"),
                "sign_in.started": _("Began to connect a Telegram account"),
                "sign_in.cancelled": _("Gave up connecting a Telegram account"),
                "account.connected": _("Connected a Telegram account"),
                "account.shared": _("Shared a Telegram account"),
                "account.unshared": _("Stopped sharing a Telegram account"),
                "account.switched_on": _("Switched a Telegram account on"),
                "account.switched_off": _("Switched a Telegram account off"),
                "account.most_at_once": _("Changed how many numbers a Telegram account asks about at once"),
                "account.removed": _("Removed a Telegram account"),
                "account.proxy_set": _("Gave a Telegram account a proxy"),
                "account.proxy_removed": _("Removed the proxy of a Telegram account"),
                "account.needs_sign_in": _("A Telegram account lost its session"),
                "account.restricted": _("Telegram restricted an account"),
                "account.healed": _("A restricted account is used again"),
                "account.banned": _("Telegram banned an account"),
            }
        )
        name_words(
            {
                "account": _("account"),
                "key_pair": _("key pair"),
                "proxy": _("proxy"),
                "sign_in": _("sign-in"),
                "method": _("way"),
                "most": _("at most"),
                "reason": _("reason"),
                "code": _("by code"),
                "qr": _("by QR code"),
                "api_id": "api_id",
                "reason=session_ended": _("ended in Telegram"),
                "reason=used_twice": _("used in two places at once"),
                "reason=other_user": _("belongs to another Telegram user"),
                "reason=deleted": _("deleted in Telegram"),
                "reason=banned": _("banned by Telegram"),
                "reason=peer_flood": _("wrote to too many strangers"),
                "reason=frozen": _("frozen by Telegram"),
                "reason=other_world": _("belongs to the other Telegram"),
            }
        )
