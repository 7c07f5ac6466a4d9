"""Who did what, when, and what was before and after; and the queue."""

from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from procrastinate.contrib.django.models import ProcrastinateJob

from pult.core.audit.models import AuditEntry
from pult.core.audit.vocabulary import title_of, value_in_words, word_for
from pult.core.panel.filters import ActionFilter, ActorFilter, DayFilter
from pult.core.panel.looking import Looking, each, panel
from pult.core.watch.models import JobFailure, RunningProcess
from pult.core.watch.operations import UnableToChangeJob, retry_job

# The queue's library has English words only.
apps.get_app_config("procrastinate").verbose_name = pgettext_lazy("rows", "queue")
ProcrastinateJob._meta.verbose_name = pgettext_lazy("rows", "job")
ProcrastinateJob._meta.verbose_name_plural = pgettext_lazy("rows", "jobs")


@admin.register(AuditEntry, site=panel)
class AuditEntryPanel(Looking):
    """The audit trail; its rows cannot be changed, in the database neither."""

    list_display = ("at", "who", "did", "thing", "object_id", "before_and_after")
    list_select_related = ("actor",)
    list_filter = (DayFilter, ActionFilter, ActorFilter)
    list_filter_submit = True
    search_fields = ("=action", "=object_id", "actor_label")
    ordering = ("-at", "-pk")
    fields = ("at", "who", "did", "thing", "object_id", "before_and_after", "action", "details")

    def get_fields(self, request: HttpRequest, obj: AuditEntry | None = None) -> list[Any]:
        """In words first; as it is stored below."""
        return list(self.fields)

    @admin.display(description=_("Who"))
    def who(self, entry: AuditEntry) -> str:
        """Under the name of today; of then, where the person is gone."""
        return str(entry.actor or entry.actor_label or "–")

    @admin.display(description=_("What"))
    def did(self, entry: AuditEntry) -> str:
        """In words."""
        return str(title_of(entry.action))

    @admin.display(description=pgettext_lazy("column", "Object"))
    def thing(self, entry: AuditEntry) -> str:
        """The kind of row, in words."""
        return str(word_for(entry.object_type))

    @admin.display(description=_("Before and after"))
    def before_and_after(self, entry: AuditEntry) -> SafeString:
        """What was, an arrow, what is; other details below."""
        details = dict(entry.details)
        before, after = details.pop("before", None), details.pop("after", None)
        change = SafeString("")
        if before is not None or after is not None:
            change = format_html(
                '<span class="change"><del>{}</del> <span aria-hidden="true">→</span> <ins>{}</ins></span>',
                value_in_words("before", before),
                value_in_words("after", after),
            )
        rest = format_html_join(
            "",
            '<span class="detail"><span>{}</span> {}</span>',
            ((word_for(name), value_in_words(name, value)) for name, value in details.items()),
        )
        return format_html("{}{}", change, rest) if change or rest else SafeString("–")


@admin.register(ProcrastinateJob, site=panel)
class JobPanel(Looking):
    """What waits, runs or failed; finished jobs are deleted."""

    list_display = ("id", "task_name", "status", "queueing_lock", "scheduled_at", "attempts")
    list_filter = ("status", "task_name")
    search_fields = ("=task_name", "queueing_lock")
    ordering = ("-id",)
    actions = ("again",)
    acts: ClassVar[dict[str, str]] = {"again": "watch.see"}

    @admin.action(description=_("Try failed jobs again"))
    def again(self, request: HttpRequest, rows: QuerySet[ProcrastinateJob]) -> None:
        """Only failed ones; others say so."""
        each(
            request,
            rows,
            lambda row: retry_job(job_id=row.pk, actor=request.user, now=timezone.now()),  # type: ignore[arg-type]
            refusals=UnableToChangeJob,
        )


@admin.register(JobFailure, site=panel)
class JobFailurePanel(Looking):
    """With what jobs failed."""

    list_display = ("at", "name", "error", "said", "job_id")
    search_fields = ("name", "error")
    ordering = ("-at",)


@admin.register(RunningProcess, site=panel)
class RunningProcessPanel(Looking):
    """Signs of life."""

    list_display = ("kind", "host", "pid", "version", "started_at", "seen_at", "memory")
    ordering = ("kind", "pk")
