from django.apps import AppConfig


class ChecksConfig(AppConfig):
    name = "pult.modules.checks"
    label = "checks"
