from django.apps import AppConfig

from pult.core.registry import registry


class ConfigConfig(AppConfig):
    """The composition root: the last application to become ready."""

    name = "pult.config"
    label = "config"

    def ready(self) -> None:
        """Everything has registered by now."""
        registry.close()
