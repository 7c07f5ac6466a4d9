"""The plan of the rooms holds: who may look into whom, and what a room may be called."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

SOURCE = Path(__file__).resolve().parents[2] / "src"
CORE_PACKAGES = sorted(
    path.name for path in (SOURCE / "pult" / "core").iterdir() if (path / "__init__.py").exists()
)
MODULES = sorted(path.name for path in (SOURCE / "pult" / "modules").iterdir() if (path / "apps.py").exists())

# What others may import of a package of the core; everything else in it is private (decision 3).
PUBLIC_FACE = {
    "",
    "models",
    "operations",
    "queries",
    "events",
    "access",
    "gateway",
    "errors",
    "values",
    "reasons",
    "vocabulary",
    "numbers",
    "screens",
    "keyboards",
    "zones",
    "telegram_sign_in",
    "looking",
    "database",
}
PLAN_OF_A_MODULE = {
    "apps", "models", "rules", "operations", "queries", "events", "receivers", "jobs", "formats", "kinds",
    "bot", "web", "api", "admin", "cli", "tests", "migrations", "templates", "static", "locale", "__init__",
}  # fmt: skip
NAMELESS_NAMES = {"utils", "helpers", "managers", "misc", "common", "data", "info", "stuff", "util", "helper"}


def python_files(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(), filename=str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def faces_used(path: Path) -> Iterator[tuple[str, str]]:
    """(core package, the file of it that is used) for each import; names in `__init__` count as "" ."""
    for name in imported_names(path):
        parts = name.split(".")
        if parts[:2] != ["pult", "core"] or len(parts) < 4:
            continue
        package, inner = parts[2], parts[3]
        place = SOURCE / "pult" / "core" / package / inner
        yield package, inner if place.with_suffix(".py").exists() or place.is_dir() else ""


@pytest.mark.parametrize("module", MODULES)
def test_a_module_uses_only_the_public_face_of_the_core(module: str) -> None:
    wrong = [
        f"{path.relative_to(SOURCE)} imports pult.core.{package}.{face}"
        for path in python_files(SOURCE / "pult" / "modules" / module)
        if "tests" not in path.parts
        for package, face in faces_used(path)
        if face not in PUBLIC_FACE
    ]
    assert wrong == []


@pytest.mark.parametrize("package", CORE_PACKAGES)
def test_core_packages_use_only_each_others_public_face(package: str) -> None:
    wrong = [
        f"{path.relative_to(SOURCE)} imports pult.core.{other}.{face}"
        for path in python_files(SOURCE / "pult" / "core" / package)
        if "tests" not in path.parts
        for other, face in faces_used(path)
        if other != package and face not in PUBLIC_FACE
    ]
    assert wrong == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_keeps_to_the_plan_of_the_house(module: str) -> None:
    folder = SOURCE / "pult" / "modules" / module
    found = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()} - {
        "__pycache__"
    }
    assert found <= PLAN_OF_A_MODULE, f"not in the plan: {found - PLAN_OF_A_MODULE}"


def test_no_room_is_called_nothing_in_particular() -> None:
    nameless = [
        path
        for path in python_files(SOURCE)
        if path.stem in NAMELESS_NAMES or path.parent.name in NAMELESS_NAMES
    ]
    assert nameless == []


def test_no_foreign_key_leads_from_one_module_into_another() -> None:
    wrong = []
    for config in apps.get_app_configs():
        if not config.name.startswith("pult.modules."):
            continue
        for model in config.get_models():
            for field in model._meta.get_fields():
                target = getattr(field, "related_model", None)
                if target is None or field.auto_created:
                    continue
                home = apps.get_app_config(target._meta.app_label).name
                if home.startswith("pult.modules.") and home != config.name:
                    wrong.append(f"{model.__name__}.{field.name} -> {home}")
    assert wrong == []


def test_pult_and_the_simulator_know_nothing_of_each_other() -> None:
    """Tests may use both; the product may not."""
    for home, other in (("pult", "telegram_simulator"), ("telegram_simulator", "pult")):
        wrong = [
            path
            for path in python_files(SOURCE / home)
            if "tests" not in path.parts and any(name.split(".")[0] == other for name in imported_names(path))
        ]
        assert wrong == []
