"""Addresses under /checks/."""

from django.urls import include, path

from pult.modules.checks.web import (
    actions,
    check_page,
    history,
    keeping,
    log,
    logs,
    new_check,
    results,
)

app_name = "checks"

urlpatterns = [
    path("", history.history, name="history"),
    path("queue/", include("pult.modules.checks.web.queue_urls")),
    path("log/", logs.my_log, name="my_log"),
    path("log/export.<slug:file_format>", logs.export_my_log, name="export_my_log"),
    path("new/", new_check.new_check, name="new"),
    path("<int:check_id>/", check_page.check_page, name="check"),
    path("<int:check_id>/column/", check_page.choose_column, name="column"),
    path("<int:check_id>/keeping/", keeping.keeping, name="keeping"),
    path("<int:check_id>/start/", actions.start, name="start"),
    path("<int:check_id>/pause/", actions.pause, name="pause"),
    path("<int:check_id>/resume/", actions.resume, name="resume"),
    path("<int:check_id>/cancel/", actions.cancel, name="cancel"),
    path("<int:check_id>/ask-again/", actions.ask_again, name="ask_again"),
    path("<int:check_id>/remove/", actions.remove, name="remove"),
    path("<int:check_id>/results/", results.results, name="results"),
    path("<int:check_id>/results/export.<slug:file_format>", results.export, name="export"),
    path("<int:check_id>/log/", log.log, name="log"),
    path("<int:check_id>/log/export.csv", log.export_log, name="export_log"),
]
