"""What is slow to load is loaded only by the process that needs it: `import aiogram` takes seconds and 100 MB."""

import ast
import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "pult"
ENGINE = SOURCE / "core" / "bots" / "engine"

# Everything that web and worker load, and what receivers load when an application is decided on a page.
LIKE_A_WEB_PROCESS = """
import sys
import django
django.setup()
import pult.config.urls
import pult.config.asgi
from pult.core.bots import rooms
from pult.core.bots.operations import live_screens, outbox, rendering
from pult.core.bots.reception import application_notices
from pult.core.bots.cli import commands
rooms.all_rooms()
print([name for name in ("aiogram", "aiohttp") if name in sys.modules])
"""


def test_only_the_engine_of_bots_names_aiogram() -> None:
    wrong = []
    for path in SOURCE.rglob("*.py"):
        if "tests" in path.parts or path.is_relative_to(ENGINE):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            wrong += [str(path.relative_to(SOURCE)) for name in names if name.split(".")[0] == "aiogram"]
    assert wrong == []


def test_pages_terminal_and_worker_do_not_load_aiogram() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", LIKE_A_WEB_PROCESS],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "pult.config.settings",
            "PYTHONPATH": str(SOURCE.parent),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "[]"
