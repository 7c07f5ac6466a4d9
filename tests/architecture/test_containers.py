"""The container files name only what is there: no engine is needed to find a renamed file or command."""

from pathlib import Path

import pytest
import typer.main
import yaml

from pult.config.cli import app

PROJECT = Path(__file__).resolve().parents[2]
SERVICES = yaml.safe_load((PROJECT / "compose.yaml").read_text())["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)


def test_everything_that_is_copied_into_the_image_exists() -> None:
    lines = [line.split() for line in (PROJECT / "Dockerfile").read_text().splitlines()]
    copied = [source for words in lines if words[:1] == ["COPY"] for source in words[1:-1]]
    assert {"src", "requirements/base.txt"} <= set(copied)
    assert [source for source in copied if not (PROJECT / source).exists()] == []


@pytest.mark.parametrize("name", OURS)
def test_each_service_runs_a_command_of_pult(name: str) -> None:
    programme, command = SERVICES[name]["command"]
    assert programme == "pult"
    assert command in typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_the_services_wait_for_a_migrated_database() -> None:
    assert SERVICES["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_settings_of_the_services_exist_and_are_fit_for_production(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from pult.config.environment import read_environment

    given = SERVICES["web"]["environment"]
    for name, value in given.items():
        monkeypatch.setenv(
            name, value.replace("${PULT_DOMAIN:?write PULT_DOMAIN into .env}", "pult.example.com")
        )
    monkeypatch.setenv("PULT_SECRET_KEY", "s" * 64)
    monkeypatch.setenv("PULT_DATA_DIR", str(tmp_path))
    found = read_environment(tmp_path / "no.env")
    assert found.production
    assert found.https
    assert (found.bind_host, found.bind_port) == ("0.0.0.0", 8000)  # noqa: S104 - inside the container
