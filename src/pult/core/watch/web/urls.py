from django.urls import path

from pult.core.watch.web import jobs, status

app_name = "watch"
urlpatterns = [
    path("", status.status, name="status"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:job_id>/retry/", jobs.retry, name="retry"),
    path("jobs/<int:job_id>/forget/", jobs.forget, name="forget"),
]
