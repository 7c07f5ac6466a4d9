"""The command line: every command is on its page, and a bad environment is said in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import typer

from pult.config.cli import app
from pult.core.registry import registry

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "command-line.md"


def commands_of(one: typer.Typer, prefix: str) -> list[str]:
    found = []
    for command in one.registered_commands:
        name = command.name or (command.callback.__name__.replace("_", "-") if command.callback else "")
        if not command.hidden:
            found.append(f"{prefix} {name}")
    return found


def test_the_reference_page_has_every_command() -> None:
    commands = commands_of(app, "pult")
    for group in app.registered_groups:
        assert group.typer_instance is not None
        commands += commands_of(group.typer_instance, f"pult {group.typer_instance.info.name}")
    for module in registry:
        if module.commands is not None:
            brought = module.commands()
            commands += commands_of(brought, f"pult {brought.info.name}")
    assert len(commands) > 15
    page = PAGE.read_text()
    missing = [command for command in commands if f"`{command}" not in page]
    assert missing == []


def pult(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pult.config.cli", *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_bad_setting_ends_in_one_sentence_and_not_in_a_traceback() -> None:
    done = pult("worker", PULT_TELEGRAM="fake")
    assert done.returncode == 2
    assert "PULT_TELEGRAM" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_printed_without_loading_django() -> None:
    done = pult("version")
    assert (done.returncode, done.stdout.strip()) == (0, "0.3.0")
