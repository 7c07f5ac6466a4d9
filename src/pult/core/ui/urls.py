"""The look page; the composition root mounts it only outside production."""

from django.urls import path

from pult.core.ui.look import look

urlpatterns = [path("", look, name="look")]
