"""Every address of Pult, every role, and Anna's ids: nobody reads or changes what is hers.

The addresses come from the resolver, so a new page is walked by itself; it fails until the table says who may open it
and the scene has what stands in its address.
"""

from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django.fixtures import Settings

from pult.core.registry import registry
from tests.isolation.scene import Address, Scene, addresses, fingerprint, secrets_in, set_scene
from tests.isolation.table import EVERYBODY, OWN, SIGNED_IN, TABLE, Rule, rule_for

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

UNSAFE = ("post", "put", "patch", "delete")
NOT_THIS_WAY = 405
# Whatever a form of Pult asks for, so that a refusal is never only a refusal of an empty form.
FILLED = {
    "column": "0", "purpose": "stolen", "erase_on": "2031-01-01", "name": "stolen", "role": "owner", "shared": "1",
    "number": "+79161234567", "refuse_later": "on", "phone": "+79161234567", "code": "12345", "password": "stolen",
    "email": "stolen@example.org", "proxy": "", "numbers": "+79161234567", "keep": "30", "default_days": "1",
    "most_days": "1", "confirm": "Anna-herself",
}  # fmt: skip
PAGES = [address for address in addresses() if not address.name.startswith("api-v1:")]


@pytest.fixture
def scene(settings: Settings, tmp_path: Path) -> Scene:
    settings.PULT_UPLOADS_DIR = tmp_path
    return set_scene()


def url_of(address: Address, scene: Scene) -> str:
    """The address with Anna's ids; fails for an argument that the scene does not know."""
    unknown = set(address.arguments) - set(scene.arguments)
    assert not unknown, f"{address}: tests/isolation/scene.py has nothing for {sorted(unknown)}"
    arguments = {name: scene.arguments[name] for name in address.arguments}
    try:
        return reverse(address.name, kwargs=arguments)
    except NoReverseMatch:
        assert not arguments, f"{address} cannot be spelled"
        return "/" + address.pattern.lstrip("^").rstrip("$")


def body_of(answer: HttpResponseBase) -> str:
    content: Any = b"".join(answer) if answer.streaming else getattr(answer, "content", b"")  # type: ignore[arg-type]
    return content.decode(errors="replace") + " ".join(map(str, answer.headers.values()))


def ask(client: Client, method: str, url: str) -> tuple[int, str, str]:
    """(status, everything that the answer says, where it leads)."""
    filled: dict[str, Any] = {"data": FILLED} if method == "post" else {}
    answer = getattr(client, method)(url, **filled)
    return answer.status_code, body_of(answer), answer.headers.get("Location", "")


def permission_of(rule: Rule) -> str:
    return rule.or_permission if rule.who == OWN else rule.who


def may(rule: Rule, person: Any) -> bool:
    """Whether this stranger may open it."""
    if rule.who in {EVERYBODY, SIGNED_IN}:
        return True
    return bool(permission_of(rule)) and person.may(permission_of(rule))


def test_the_table_names_every_address_and_nothing_else() -> None:
    names = {address.name for address in PAGES}
    assert [name for name in sorted(names) if rule_for(name) is None] == [], (
        "say in table.py who may open these"
    )
    lines = {key for key in TABLE if not key.endswith("*")}
    assert lines - names == set(), "these lines are about nothing"
    for rule in TABLE.values():
        if permission_of(rule) not in {EVERYBODY, SIGNED_IN, ""}:
            registry.permission(permission_of(rule))


@pytest.mark.parametrize("role", ["operator", "administrator", "owner"])
def test_nobody_else_reads_or_changes_what_is_annas(scene: Scene, role: str) -> None:
    stranger, client = scene.people[role], Client()
    client.force_login(stranger)
    faults = []
    reads = [("get", address) for address in PAGES]
    refused_changes = [
        (method, address)
        for method in UNSAFE
        for address in PAGES
        if (rule := rule_for(address.name)) and not may(rule, stranger)
    ]
    for method, address in reads:
        # Leaving would end the walk.
        if address.name == "account_logout":
            continue
        faults += look(client, method, address, scene, stranger)
    before = fingerprint()
    for method, address in refused_changes:
        faults += look(client, method, address, scene, stranger)
    assert not faults, "\n".join(map(str, faults))
    assert changed(before) == []


@pytest.mark.parametrize("who", ["nobody", "switched off"])
def test_who_is_not_signed_in_is_led_to_the_sign_in_page(scene: Scene, who: str) -> None:
    faults = []
    client = Client()
    if who != "nobody":
        # The session of before does not help: closing the access ended it.
        client.force_login(scene.people[who])
    before = fingerprint()
    for method in ("get", *UNSAFE):
        for address in PAGES:
            rule = rule_for(address.name)
            assert rule is not None, f"{address}: say in table.py who may open it"
            if rule.who == EVERYBODY and method not in {"get", "head"}:
                continue
            status, body, target = ask(client, method, url_of(address, scene))
            leaked = secrets_in(body)
            led_away = (status == 302 and "/sign-in/" in target) or status in {401, NOT_THIS_WAY}
            if leaked or status >= 500 or (rule.who != EVERYBODY and not led_away):
                faults.append((method, str(address), status, target, leaked))
    assert not faults, "\n".join(map(str, faults))
    assert changed(before) == []


def test_the_scene_is_worth_walking(scene: Scene) -> None:
    """Anna herself sees her things: the secrets are really on the pages that others must not open."""
    client = Client()
    client.force_login(scene.anna)
    seen = set()
    for address in PAGES:
        rule = rule_for(address.name)
        if rule is not None and rule.who == OWN:
            seen |= set(secrets_in(ask(client, "get", url_of(address, scene))[1]))
    assert {"Annas-secret-list", "Annas-secret-purpose", "Veronika-behind-the-number", "79161234567"} <= seen
    assert "annas-broken-line" in seen


def look(client: Client, method: str, address: Address, scene: Scene, stranger: Any) -> list[Any]:
    """What is wrong with the answer to this stranger; nothing if all is well."""
    rule = rule_for(address.name)
    assert rule is not None, f"{address}: say in table.py who may open it"
    status, body, target = ask(client, method, url_of(address, scene))
    allowed = may(rule, stranger)
    leaked = secrets_in(body, shown=rule.shows if allowed else frozenset())
    # Who holds `telegram.share` sees everybody's accounts; whose they are is said beside them.
    if allowed and address.name.startswith("telegram:") and stranger.may("telegram.share"):
        leaked = [word for word in leaked if word not in {"Annas-own-account", "Anna-herself"}]
    wrong = status >= 500 if allowed else status not in {*rule.refused, NOT_THIS_WAY}
    return [(method, str(address), status, target, leaked)] if wrong or leaked else []


def changed(before: dict[str, str]) -> list[str]:
    """Tables whose content is another one now."""
    after = fingerprint()
    return [table for table in before if before[table] != after.get(table)]
