"""Whole pages: the look page shows everything in both languages, and frames and error pages stand on their own."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.utils import translation

from pult.core.ui.look import look
from pult.core.ui.tags import register
from pult.core.ui.templatetags import ui

LOOK = Path(__file__).parents[1] / "templates" / "ui" / "look"
NOT_SHOWN = {"example", "styles", "scripts"}
"""Tags that make the page itself."""


def test_the_look_page_shows_every_component() -> None:
    assert ui.register is register
    source = (
        "".join(path.read_text() for path in LOOK.glob("*.html"))
        + "{% sparkline in stat %}{% close_dialog %}"
    )
    missing = [name for name in register.tags if name not in NOT_SHOWN and f"{{% {name} " not in source]
    assert not missing


@pytest.mark.parametrize(("language", "words"), [("en", "Drop a file here"), ("ru", "Перетащите файл сюда")])
def test_the_look_page_speaks_the_persons_language(client: Client, language: str, words: str) -> None:
    response = client.get("/look/?toast=1", headers={"accept-language": language})
    html = response.content.decode()
    assert response.status_code == 200
    assert words in html
    assert f'<html lang="{language}" dir="ltr"' in html


def test_the_look_page_turns_round(client: Client) -> None:
    html = client.get("/look/?dir=rtl&width=360").content.decode()
    assert 'dir="rtl"' in html
    assert 'data-width="360"' in html


def test_no_name_is_given_twice_and_every_reference_finds_its_element(client: Client) -> None:
    html = client.get("/look/").content.decode()
    names = re.findall(r'\sid="([^"]+)"', html)
    assert len(names) == len(set(names))
    wanted = re.findall(r'\s(?:for|aria-labelledby|commandfor|popovertarget)="([^"]+)"', html)
    described = [
        name for found in re.findall(r'\saria-describedby="([^"]+)"', html) for name in found.split()
    ]
    assert set(wanted + described) <= set(names)


def test_the_look_page_shows_the_source_that_made_an_example(client: Client) -> None:
    html = client.get("/look/").content.decode()
    assert "{% progress 500 500 label=words.checked" in html


def test_the_theme_kept_in_the_cookie_is_drawn_at_once_and_nothing_else_is_believed(client: Client) -> None:
    client.cookies["pult_theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/look/").content.decode()
    client.cookies["pult_theme"] = "pink"
    assert "<html" in (html := client.get("/look/").content.decode())
    assert "pink" not in html


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_error_pages_need_nothing_but_themselves(name: str, language: str) -> None:
    with translation.override(language):
        html = get_template(f"{name}.html").render()
    assert f">{name[:3]}<" in html
    assert 'href="/"' in html


def test_the_frame_names_the_simulated_telegram(rf: RequestFactory, settings: pytest.FixtureRequest) -> None:
    settings.SIMULATED_TELEGRAM, settings.SIMULATOR_URL = True, "http://127.0.0.1:8010"  # type: ignore[attr-defined]
    request = rf.get("/look/")
    html = look(request).content.decode()
    assert "Simulated Telegram" in html
    assert 'href="http://127.0.0.1:8010"' in html
    settings.SIMULATED_TELEGRAM = False  # type: ignore[attr-defined]
    assert "Simulated Telegram" not in re.sub(r"(?s)<section.*</section>", "", look(request).content.decode())
