"""The promises of the style sheets and templates, kept by reading them."""

import re
from pathlib import Path

import pytest

import pult
from pult.core.ui.tags.assets import SCRIPTS, STYLES

STATIC = Path(__file__).parents[1] / "static" / "ui"
SHEETS = sorted((STATIC / "css").glob("*.css"))
TEMPLATES = sorted(Path(pult.__file__).parent.glob("**/templates/**/*.html"))

PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset)-(?:left|right|top|bottom)|(?:min-|max-)?(?:width|height)|left|right|top"
    r"|bottom|border-(?:top|bottom)-(?:left|right)-radius)\s*:|text-align\s*:\s*(?:left|right)|float\s*:\s*(?:left|right)"
)
ASKED_OF_THE_SCREEN = re.compile(r"@(?:media|container)[^{]*\{")
LINE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def rules_of(sheet: Path) -> str:
    """The sheet without comments and without the conditions of its media queries."""
    return ASKED_OF_THE_SCREEN.sub("{", LINE_COMMENT.sub("", sheet.read_text()))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_sheets_know_start_and_end_but_no_left_and_right(sheet: Path) -> None:
    assert not PHYSICAL.findall(rules_of(sheet))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_rule_lives_in_a_layer(sheet: Path) -> None:
    text = re.sub(r"@layer [\w, ]+;", "", LINE_COMMENT.sub("", sheet.read_text()))
    depth, outside = 0, ""
    for character in text:
        depth -= character == "}"
        outside += character if depth == 0 else ""
        depth += character == "{"
    assert depth == 0
    assert not re.sub(r"@layer [\w]+|[{}\s]", "", outside)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_colours_come_from_the_tokens_in_oklch(sheet: Path) -> None:
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules_of(sheet))


def test_every_sheet_and_script_is_served_and_exists() -> None:
    assert {path.stem for path in SHEETS} == {*STYLES, "look"}
    assert {path.stem for path in (STATIC / "js").glob("*.js")} == set(SCRIPTS)
    assert STYLES[0] == "tokens"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: "/".join(path.parts[-3:]))
def test_templates_carry_no_inline_styles_handlers_or_scripts(template: Path) -> None:
    text = template.read_text()
    assert not re.findall(r"<[^>]*\s(?:style|on[a-z]+|hx-on[\w:-]*)\s*=", text)
    assert not re.findall(r"<style\b", text)
    assert not re.findall(r"<script(?![^>]*\ssrc=)", text)
    assert "javascript:" not in text


@pytest.mark.parametrize("script", sorted((STATIC / "js").glob("*.js")), ids=lambda path: path.name)
def test_scripts_need_no_eval_and_write_no_markup(script: Path) -> None:
    assert not re.findall(
        r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", script.read_text()
    )
