"""Addresses under /privacy/."""

from django.urls import path

from pult.core.privacy.web import inquiries, retention

app_name = "privacy"

urlpatterns = [
    path("", inquiries.inquiries, name="inquiries"),
    path("retention/", retention.retention, name="retention"),
    path("inquiries/<uuid:inquiry_id>/", inquiries.inquiry, name="inquiry"),
    path("inquiries/<uuid:inquiry_id>/report.json", inquiries.report, name="report"),
    path("inquiries/<uuid:inquiry_id>/erase/", inquiries.erase, name="erase"),
    path("inquiries/<uuid:inquiry_id>/forget/", inquiries.forget, name="forget"),
]
