"""The environment is read once, explains what is wrong, and refuses what is unsafe in production."""

from pathlib import Path

import pytest

from pult.config.environment import VARIABLES, UnusableEnvironment, read_environment

SAFE_PRODUCTION = {
    "PULT_ENV": "production",
    "PULT_ADDRESS": "https://pult.example.com",
    "PULT_SECRET_KEY": "k" * 60,
    "DATABASE_URL": "postgresql://pult@db/pult",
    "PULT_TELEGRAM": "real",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    monkeypatch.setenv("PULT_DATA_DIR", str(tmp_path))


def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **values: str) -> object:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return read_environment(tmp_path / "no.env")


def test_nothing_has_to_be_set_locally(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULT_DATA_DIR", str(tmp_path / "data"))
    found = read_environment(tmp_path / "no.env")
    assert found.data_dir.stat().st_mode & 0o077 == 0, "sessions and lists are nobody else's business"
    assert (found.bind_host, found.bind_port) == ("127.0.0.1", 8000)
    assert found.telegram.simulated
    assert len(found.secret_key) >= 50
    assert read_environment(tmp_path / "no.env").secret_key == found.secret_key, "kept for the next start"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PULT_ENV", "prod"),
        ("PULT_ADDRESS", "pult.example.com"),
        ("PULT_ADDRESS", "https://pult.example.com/here"),
        ("PULT_BIND", "8000"),
        ("PULT_BIND", "127.0.0.1:99999"),
        ("PULT_SIMULATOR", "localhost"),
        ("PULT_TELEGRAM", "fake"),
        ("PULT_LANGUAGE", "xx"),
        ("PULT_UPLOAD_LIMIT_MB", "much"),
        ("PULT_PROXIES", "one"),
        ("PULT_METRICS_TOKEN", "too short"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(UnusableEnvironment, match=name):
        read(monkeypatch, tmp_path, **{name: value})


def test_a_safe_production_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = read(monkeypatch, tmp_path, **SAFE_PRODUCTION)
    assert getattr(found, "production", False) is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PULT_SECRET_KEY", "short"),
        ("PULT_SECRET_KEY", ""),
        ("PULT_ADDRESS", "http://pult.example.com"),
        ("DATABASE_URL", ""),
        ("PULT_TELEGRAM", "simulated"),
    ],
)
def test_an_unsafe_production_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(UnusableEnvironment, match=name):
        read(monkeypatch, tmp_path, **{**SAFE_PRODUCTION, name: value})


def test_the_file_never_overrides_what_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "some.env"
    file.write_text("PULT_LANGUAGE=ru\nPULT_ADDRESS=http://127.0.0.1:9000\n")
    monkeypatch.setenv("PULT_LANGUAGE", "en")
    found = read_environment(file)
    monkeypatch.delenv("PULT_ADDRESS", raising=False)
    assert (found.language, found.bind_port) == ("en", 9000)


def test_the_reference_page_names_every_variable() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "reference" / "settings.md").read_text()
    for variable in VARIABLES:
        assert f"| `{variable.name}` | {variable.default} | {variable.meaning} |" in page
