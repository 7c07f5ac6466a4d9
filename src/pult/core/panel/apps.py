"""Plugs the panel in. Its lists are loaded with its address only: no other process pays for them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pult.core.registry import Module, NavigationItem, Permission, Role, registry


class PanelConfig(AppConfig):
    """Every row at one address, for owners."""

    name = "pult.core.panel"
    label = "panel"

    def ready(self) -> None:
        """Register with the core."""
        registry.add(
            Module(
                name="panel",
                title=_("Panel"),
                prefix="panel/",
                urls="pult.core.panel.urls",
                navigation=(NavigationItem(_("Panel"), "admin:index", "table", "panel.see", order=990),),
                permissions=(
                    Permission("panel.see", _("See every row in the panel"), frozenset({Role.OWNER})),
                ),
            )
        )
