from django.urls import path

from pult.core.audit.web import views

app_name = "audit"
urlpatterns = [path("", views.trail, name="trail")]
