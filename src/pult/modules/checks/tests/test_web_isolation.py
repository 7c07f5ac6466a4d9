"""A person sees and touches only their own checks: everything else is not there."""

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from pult.core.people.models import Person
from pult.core.registry import Role
from pult.modules.checks.models import Check
from pult.modules.checks.queries.own_checks import may_follow
from pult.modules.checks.tests.scenes import check, person

pytestmark = pytest.mark.django_db

READ = ["check", "results", "log", "export_log"]
WRITE = ["column", "keeping", "start", "pause", "resume", "cancel", "ask_again", "remove"]


def addresses_of(made: Check) -> list[tuple[str, str]]:
    read = [("get", reverse(f"checks:{name}", args=[made.pk])) for name in READ]
    exports = [("get", reverse("checks:export", args=[made.pk, kind])) for kind in ("csv", "xlsx", "json")]
    return read + exports + [("post", reverse(f"checks:{name}", args=[made.pk])) for name in WRITE]


def test_the_list_of_addresses_is_complete() -> None:
    """Pages of one's own lists name no check; those of administrators and of canaries have tests of their own."""
    patterns = get_resolver("pult.modules.checks.web.urls").url_patterns
    names = {pattern.name for pattern in patterns if isinstance(pattern, URLPattern)}
    lists = {"history", "new", "my_log", "export_my_log"}
    assert names - {name for name in names if "canar" in str(name)} == {*READ, *WRITE, *lists, "export"}


@pytest.mark.parametrize("role", list(Role))
def test_somebody_elses_check_is_not_there_whatever_the_role(client: Client, role: Role) -> None:
    anna, boris = person("anna"), person("boris", role=role)
    made = check(anna, state=Check.State.FINISHED)
    client.force_login(boris)
    for verb, address in addresses_of(made):
        answer = getattr(client, verb)(address)
        assert answer.status_code == 404, address
    made.refresh_from_db()
    assert made.state == Check.State.FINISHED
    assert client.get(reverse("checks:history")).context["rows"] == []


def test_a_check_being_removed_is_gone_for_its_owner_too(client: Client) -> None:
    anna = person("anna")
    made = check(anna, state=Check.State.REMOVED)
    client.force_login(anna)
    for verb, address in addresses_of(made):
        assert getattr(client, verb)(address).status_code == 404, address


def test_visitors_are_led_to_the_sign_in_page(client: Client) -> None:
    made = check(person("anna"))
    for verb, address in [
        ("get", reverse("checks:history")),
        ("get", reverse("checks:new")),
        *addresses_of(made),
    ]:
        answer = getattr(client, verb)(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith(reverse("account_login")), address


def test_live_notices_reach_the_owner_only() -> None:
    anna, boris = person("anna"), person("boris", role=Role.OWNER)
    made = check(anna)
    assert may_follow(anna, str(made.pk))
    assert not may_follow(boris, str(made.pk))
    assert not may_follow(anna, "1; DROP TABLE")
    assert not may_follow(anna, "9" * 40)


def test_an_operator_reaches_the_pages(client: Client) -> None:
    anna: Person = person("anna", role=Role.OPERATOR)
    client.force_login(anna)
    assert client.get(reverse("checks:history")).status_code == 200
