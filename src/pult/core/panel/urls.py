"""The address of the panel; its lists enter themselves when the first page asks for an address.

Only rooms of Pult are asked for their `admin`: what libraries would register shows what must not be seen.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps

from pult.core.panel.site import panel

OWN_LISTS = ("people", "trail")


def _enter_lists() -> None:
    for part in OWN_LISTS:
        import_module(f"pult.core.panel.{part}")
    for config in apps.get_app_configs():
        if config.name.startswith("pult.") and find_spec(f"{config.name}.admin"):
            import_module(f"{config.name}.admin")


_enter_lists()

# The names that Django's own templates and unfold's look for ("admin:index").
app_name = "admin"
urlpatterns: list[Any] = panel.get_urls()
