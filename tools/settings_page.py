"""Write docs/reference/settings.md from the one list of variables."""

from pathlib import Path

from pult.config.environment import VARIABLES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "settings.md"
HEAD = """# Settings

Every setting is an environment variable. They may also stand in a file `.env` in the checkout, one `NAME=value` a line;
what is set in the environment wins. `pult` names a bad value and what to write instead, and with `PULT_ENV=production`
it refuses to start unsafely. `pult doctor` checks the rest.

This page is made by `tools/settings_page.py`; a test holds it equal to the code.

| variable | when not set | what it does |
| --- | --- | --- |
"""


def main() -> None:
    """Write the page."""
    rows = (f"| `{variable.name}` | {variable.default} | {variable.meaning} |\n" for variable in VARIABLES)
    PAGE.write_text(HEAD + "".join(rows))


if __name__ == "__main__":
    main()
