"""The address of one-time links, at the root and open to visitors."""

from django.urls import path

from pult.core.people.web import entry

app_name = "entry"
urlpatterns = [path("enter/<str:secret>/", entry.enter, name="enter")]
