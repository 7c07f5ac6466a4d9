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
        from pult.core.registry import (
            Alarm,
            Event,
            Module,
            NavigationItem,
            Permission,
            PersonalData,
            Role,
            Scope,
            registry,
        )
        from pult.modules.checks import receivers
        from pult.modules.checks.operations.dispatch import dispatch, next_dispatch
        from pult.modules.checks.operations.erasing_numbers import erase_number
        from pult.modules.checks.operations.keeping import (
            erase_due,
            forget_usage,
            next_to_erase,
            next_usage_to_forget,
        )
        from pult.modules.checks.operations.removal import next_sweep, sweep_uploads
        from pult.modules.checks.queries import status
        from pult.modules.checks.queries.own_checks import may_follow
        from pult.modules.checks.queries.personal_data import stored_about
        from pult.modules.checks.queries.personal_words import WORDS

        receivers.connect()
        registry.add(
            Module(
                name="checks",
                title=_("Checks"),
                prefix="checks/",
                urls="pult.modules.checks.web.urls",
                navigation=(
                    NavigationItem(_("Checks"), "checks:history", "list", "checks.use", order=10),
                    NavigationItem(_("Queue"), "checks:queue", "sort", "checks.manage", order=12),
                ),
                permissions=(
                    Permission("checks.use", _("Check phone numbers"), frozenset(Role)),
                    Permission(
                        "checks.manage",
                        _("See and steer everybody's checks, without their numbers"),
                        frozenset({Role.ADMINISTRATOR, Role.OWNER}),
                    ),
                    Permission(
                        "checks.see_numbers",
                        _("See the numbers and results of everybody's checks; each look is recorded"),
                        frozenset({Role.OWNER}),
                    ),
                    Permission(
                        "checks.canaries",
                        _("Name canaries: numbers known to be on Telegram"),
                        frozenset({Role.ADMINISTRATOR, Role.OWNER}),
                    ),
                ),
                alarms=(
                    Alarm("checks.dispatch", next_due=next_dispatch, ring=dispatch),
                    Alarm("checks.uploads", next_due=next_sweep, ring=sweep_uploads),
                    Alarm("checks.keeping", next_due=next_to_erase, ring=erase_due),
                    Alarm("checks.usage", next_due=next_usage_to_forget, ring=forget_usage),
                ),
                topics={
                    "check": may_follow,
                    "checks-log": lambda person, owner: owner == str(person.pk),
                    "queue": lambda person, _queue: person.may("checks.manage"),
                },
                personal_data=PersonalData(stored_about=stored_about, erase=erase_number, words=WORDS),
                commands=_commands,
                api="pult.modules.checks.api.router",
                bot="pult.modules.checks.bot.room",
                scopes=(
                    Scope("queue:read", _("See the queue and what people do"), "checks.manage"),
                    Scope(
                        "queue:manage", _("Order, hold back and steer everybody's checks"), "checks.manage"
                    ),
                    Scope("checks:read", _("See checks, verdicts and logs"), "checks.use"),
                    Scope("checks:write", _("Make, start, pause, cancel and remove checks"), "checks.use"),
                ),
                events=(Event("check.finished", _("A check is finished"), "checks.use"),),
                metrics=status.metrics,
                warnings=status.warnings,
                facts=status.facts,
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
                "check.moved": _("Moved a check in the queue"),
                "check.results_seen": _("Looked at the results of somebody else's check"),
                "check.results_exported": _("Exported the results of somebody else's check"),
                "queue.held": _("Held checks back"),
                "queue.released": _("Released checks"),
                "allowance.changed": _("Changed a daily allowance"),
                "canary.added": _("Named a canary"),
                "canary.removed": _("Removed a canary"),
                "canary.suspended": _("A canary came into doubt: several accounts missed it"),
                "canary.used_again": _("Used a canary again"),
                "account.canary_missed": _("An account missed a canary; its “not found” was taken back"),
                "check.keeping_changed": _("Changed purpose or end of a check"),
                "check.erased_by_time": _("A check was erased: its time was over"),
            }
        )
        name_words(
            {
                **{word: WORDS[word] for word in ("checked_number", "rejected_line", "number_to_forget")},
                "check": _("check"),
                "canary": _("canary"),
                "label": _("whose number"),
                "accounts": _("accounts"),
                "numbers": _("numbers"),
                "format": _("file format"),
                "place": _("place"),
                "place=first": _("first"),
                "place=normal": _("by turns"),
                "place=last": _("last"),
                "scope": _("for whom"),
                "scope=all": _("all together"),
                "scope=each": _("each person"),
                "scope=person": _("one person"),
                "numbers_per_day": _("numbers a day"),
                "exception": _("exception"),
                "exception=ended": _("lifted"),
            }
        )
