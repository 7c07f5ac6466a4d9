from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, styles and template tags that every page is made of."""

    name = "pult.core.ui"
    label = "ui"
