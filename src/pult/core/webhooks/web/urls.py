"""Addresses of webhooks."""

from django.urls import path

from pult.core.webhooks.web import views

app_name = "webhooks"
urlpatterns = [
    path("", views.webhooks, name="list"),
    path("new/", views.new_webhook, name="new"),
    path("<uuid:webhook_id>/", views.webhook, name="webhook"),
    path("<uuid:webhook_id>/change/", views.change, name="change"),
    path("<uuid:webhook_id>/test/", views.test, name="test"),
    path("<uuid:webhook_id>/switch/<str:state>/", views.switch, name="switch"),
    path("<uuid:webhook_id>/secret/", views.secret, name="secret"),
    path("<uuid:webhook_id>/remove/", views.remove, name="remove"),
    path("<uuid:webhook_id>/deliveries/<uuid:delivery_id>/again/", views.again, name="again"),
]
