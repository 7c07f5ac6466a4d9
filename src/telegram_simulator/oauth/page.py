"""The pages of the door: who of this world signs in, and what is wrong with a request."""

import sqlite3
from html import escape
from urllib.parse import urlencode

from telegram_simulator.world.bots import Bot
from telegram_simulator.world.people import People, Person

STYLE = """
:root { color-scheme: light dark; --ground: oklch(97.5% .005 220); --card: oklch(100% 0 0); --ink: oklch(25% .02 240);
  --quiet: oklch(48% .02 240); --line: oklch(89% .01 230); --accent: oklch(48% .12 215); --on-accent: oklch(99% 0 0); }
@media (prefers-color-scheme: dark) { :root { --ground: oklch(19% .015 240); --card: oklch(24% .015 240);
  --ink: oklch(93% .01 230); --quiet: oklch(73% .02 230); --line: oklch(36% .015 240); --accent: oklch(72% .11 210);
  --on-accent: oklch(18% .02 240); } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-inline-size: 28rem; margin: 2rem auto; padding: 1.25rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .8rem; }
h1 { font-size: 1.3rem; margin: 0 0 .4rem; } p { margin: .3rem 0 .9rem; } .quiet { color: var(--quiet); }
ul { list-style: none; margin: 0 0 1rem; padding: 0; display: grid; gap: .5rem; }
button, input { font: inherit; inline-size: 100%; min-block-size: 2.75rem; padding: .5rem .8rem; border-radius: .5rem;
  border: 1px solid var(--line); background: var(--ground); color: var(--ink); text-align: start; }
button { cursor: pointer; } button small { display: block; color: var(--quiet); }
.find { display: grid; grid-template-columns: 1fr auto; gap: .5rem; margin-block-end: 1rem; }
.find button { inline-size: auto; background: var(--accent); color: var(--on-accent); border-color: transparent; }
.find label { grid-column: 1 / -1; color: var(--quiet); font-size: .875rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 30rem) { main { margin: 0; border: 0; border-radius: 0; } }
"""
SHOWN = 12


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def wrong(sentence: str) -> str:
    """Nobody is sent anywhere; the sentence says what to mend."""
    return _page("Sign in with simulated Telegram", f"<h1>This cannot work</h1><p>{escape(sentence)}</p>")


def choice(bot: Bot, people: list[Person], *, fields: dict[str, str], search: str) -> str:
    """One button for each person; no script is needed."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    rows = "".join(
        f'<li><form method="post" action="/oauth/auth">{hidden}<button name="person" value="{person.id}">'
        f"<bdi>{escape(_name(person))}</bdi><small>{escape(_about(person))}</small></button></form></li>"
        for person in people
    )
    found = f"<ul>{rows}</ul>" if rows else '<p class="quiet">Nobody is called that.</p>'
    return _page(
        "Sign in with simulated Telegram",
        f"<h1>Who signs in?</h1><p>The site of <bdi>{escape(bot.first_name)}</bdi> (@{escape(bot.username)}) asks "
        'who you are. <span class="quiet">Everybody here is made up; choose whom you play.</span></p>'
        f'<form class="find" action="/oauth/auth">{hidden}<label for="find">Name, username, phone or id</label>'
        f'<input id="find" name="find" value="{escape(search)}" autocomplete="off"><button>Find</button></form>'
        f'{found}<form method="post" action="/oauth/auth">{hidden}'
        '<button name="person" value="">Cancel</button></form>',
    )


def _name(person: Person) -> str:
    return f"{person.first_name} {person.last_name}".strip()


def _about(person: Person) -> str:
    return " · ".join(
        part for part in (person.username and f"@{person.username}", f"+{person.phone}") if part
    )


def people_offered(connection: sqlite3.Connection, people: People, bot_id: int, search: str) -> list[Person]:
    """Whom the page offers: found ones, or else who talked to this bot, other bots, and the newest of the world."""
    if search:
        like = f"%{search.strip().lstrip('@+')}%"
        rows = connection.execute(
            "SELECT id FROM people WHERE bot = 0 AND (first_name || ' ' || last_name LIKE ? OR username LIKE ?"
            " OR phone LIKE ? OR CAST(id AS TEXT) = ?) ORDER BY id LIMIT ?",
            (like, like, like, search.strip(), SHOWN),
        )
    else:
        rows = connection.execute(
            "SELECT p.id FROM people p LEFT JOIN (SELECT person_id, max(bot_id = ?) AS mine, max(since) AS since"
            " FROM acquaintances GROUP BY person_id) a ON a.person_id = p.id WHERE p.bot = 0"
            " AND (a.person_id IS NOT NULL OR p.id IN (SELECT person_id FROM accounts)"
            " OR p.id > (SELECT max(id) - 5 FROM people))"
            " ORDER BY a.mine DESC NULLS LAST, a.since DESC NULLS LAST, p.id LIMIT ?",
            (bot_id, SHOWN),
        )
    ids = [row["id"] for row in rows]
    known = people.by_ids(ids)
    return [known[one] for one in ids if one in known]


def with_parameters(address: str, parameters: dict[str, str]) -> str:
    """The address with more in its query."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"
