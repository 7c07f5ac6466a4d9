"""The registry takes modules while Django starts, and nothing afterwards."""

import pytest

from pult.core.registry import (
    Module,
    NavigationItem,
    Permission,
    Registry,
    RegistryClosed,
    Role,
    Scope,
    registry,
)


def test_nothing_can_be_added_after_the_start() -> None:
    fresh = Registry()
    fresh.add(Module(name="first", title="First"))
    fresh.close()
    with pytest.raises(RegistryClosed):
        fresh.add(Module(name="late", title="Late"))
    assert [module.name for module in fresh] == ["first"]


def test_the_running_registry_is_closed() -> None:
    with pytest.raises(RegistryClosed):
        registry.add(Module(name="late", title="Late"))


def test_a_name_or_permission_cannot_be_taken_twice() -> None:
    fresh = Registry()
    permission = Permission("a.do", "Do", frozenset({Role.OWNER}))
    fresh.add(Module(name="a", title="A", permissions=(permission,)))
    with pytest.raises(ValueError, match="twice"):
        fresh.add(Module(name="a", title="A"))
    with pytest.raises(ValueError, match="twice"):
        fresh.add(Module(name="b", title="B", permissions=(permission,)))


def test_a_scope_cannot_be_taken_twice() -> None:
    fresh = Registry()
    scope = Scope("a:read", "Read", "a.do")
    fresh.add(Module(name="a", title="A", scopes=(scope,)))
    assert fresh.scope("a:read") is scope
    with pytest.raises(ValueError, match="twice"):
        fresh.add(Module(name="b", title="B", scopes=(scope,)))
    with pytest.raises(KeyError):
        fresh.scope("b:read")


def test_navigation_comes_in_its_order() -> None:
    fresh = Registry()
    fresh.add(Module(name="z", title="Z", navigation=(NavigationItem("Z", "z:list", "z", order=20),)))
    fresh.add(Module(name="y", title="Y", navigation=(NavigationItem("Y", "y:list", "y", order=10),)))
    assert [item.title for item in fresh.navigation()] == ["Y", "Z"]
