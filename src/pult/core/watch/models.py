"""What the installation knows about itself: running processes, errors of failed jobs, backups that were made."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RunningProcess(models.Model):
    """A sign of life that each web process and worker renews every few seconds, by the database's clock."""

    class Kind(models.TextChoices):
        WEB = "web", _("Web")
        WORKER = "worker", _("Worker")
        BOTS = "bots", _("Bots")

    kind = models.CharField(max_length=10, choices=Kind)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    version = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # Resident memory in bytes, and how many pages are open to it (of a web process).
    memory = models.BigIntegerField(default=0)
    live_pages = models.IntegerField(null=True)

    class Meta:
        db_table = "watch_running_process"
        verbose_name = pgettext_lazy("rows", "running process")
        verbose_name_plural = pgettext_lazy("rows", "running processes")

    def __str__(self) -> str:
        return f"{self.kind} {self.pid}"


class JobFailure(models.Model):
    """With what a job failed last: the queue itself keeps no errors. Phone numbers and secrets are masked."""

    job_id = models.BigIntegerField(unique=True)
    name = models.CharField(max_length=128)
    error = models.CharField(max_length=100)
    said = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "watch_job_failure"
        verbose_name = pgettext_lazy("rows", "failed job")
        verbose_name_plural = pgettext_lazy("rows", "failed jobs")

    def __str__(self) -> str:
        return f"{self.name}: {self.error}"


class Backup(models.Model):
    """`pult backup` was carried out; where the file is now only people know."""

    made_at = models.DateTimeField()
    size = models.BigIntegerField()

    class Meta:
        db_table = "watch_backup"

    def __str__(self) -> str:
        return f"backup of {self.made_at:%Y-%m-%d}"
