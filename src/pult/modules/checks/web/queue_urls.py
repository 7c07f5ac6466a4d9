"""Addresses of administrators under /checks/queue/."""

from django.urls import path

from pult.modules.checks.web import activity, all_checks, allowances, canaries, logs, queue

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("hold/", queue.hold, name="hold"),
    path("release/", queue.release, name="release"),
    path("<int:check_id>/move/<slug:place>/", queue.move, name="move"),
    path("<int:check_id>/<slug:verb>/", queue.steer, name="steer"),
    path("accounts/<uuid:account_id>/<slug:state>/", queue.switch, name="switch_account"),
    path("allowances/", allowances.allowances, name="allowances"),
    path("canaries/", canaries.canaries, name="canaries"),
    path("canaries/<int:canary_id>/remove/", canaries.remove, name="remove_canary"),
    path("canaries/<int:canary_id>/use-again/", canaries.use_again, name="use_canary_again"),
    path("people/", activity.activity, name="activity"),
    path("log/", logs.all_log, name="all_log"),
    path("log/export.<slug:file_format>", logs.export_all_log, name="export_all_log"),
    path("checks/", all_checks.all_checks, name="all_checks"),
    path("checks/<int:check_id>/", all_checks.any_check, name="any_check"),
    path("checks/<int:check_id>/log/", logs.any_log, name="any_log"),
    path("checks/<int:check_id>/results/", all_checks.any_results, name="any_results"),
    path("checks/<int:check_id>/results/export.<slug:file_format>", all_checks.any_export, name="any_export"),
]
