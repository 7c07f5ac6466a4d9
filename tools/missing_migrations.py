"""Demand that every change of a model has its migration. Needs no database: the state of migrations is enough."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pult.config.settings")

import django

django.setup()

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


def missing() -> dict[str, list[str]]:
    """The operations that `makemigrations` would write, for each of our applications."""
    loader = MigrationLoader(None)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(
        graph=loader.graph
    )
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("pult.")}
    return {
        label: [operation.describe() for migration in migrations for operation in migration.operations]
        for label, migrations in changes.items()
        if label in ours
    }


if __name__ == "__main__":
    found = missing()
    for label, operations in found.items():
        for operation in operations:
            print(f"{label}: {operation}")
    print("Migrations are missing." if found else "No migration is missing.")
    sys.exit(1 if found else 0)
