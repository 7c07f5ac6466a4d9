from django.apps import AppConfig
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pult.core.audit.vocabulary import name_actions, name_words
from pult.core.registry import Alarm, Module, NavigationItem, Permission, Role, registry


class WatchConfig(AppConfig):
    """Watching the installation: the status page, `/metrics`, signs of life, failed jobs."""

    name = "pult.core.watch"
    label = "watch"
    verbose_name = _("Installation")

    def ready(self) -> None:
        """Plug pages, permission and the house's own metrics and warnings in."""
        from pult.core.watch import queries, receivers
        from pult.core.watch.exposition import own_metrics
        from pult.core.watch.operations import forget_old_failures
        from pult.core.watch.status_warnings import own_warnings

        receivers.connect()
        leading = frozenset({Role.ADMINISTRATOR, Role.OWNER})
        registry.add(
            Module(
                name="watch",
                title=_("Status"),
                prefix="status/",
                urls="pult.core.watch.web.urls",
                navigation=(NavigationItem(_("Status"), "watch:status", "activity", "watch.see", order=950),),
                permissions=(
                    Permission(
                        "watch.see",
                        _("See processes, queue, disk and warnings; try failed jobs again"),
                        leading,
                    ),
                ),
                alarms=(
                    Alarm(
                        "watch.failed_jobs",
                        next_due=queries.next_forgetting,
                        ring=lambda: _ignore(forget_old_failures(now=timezone.now())),
                    ),
                ),
                metrics=own_metrics,
                warnings=own_warnings,
            )
        )
        name_actions(
            {"job.retried": _("Tried a failed job again"), "job.forgotten": _("Forgot a failed job")}
        )
        name_words({"job": _("job")})


def _ignore(_count: int) -> None:
    """An alarm returns nothing."""
