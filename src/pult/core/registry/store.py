"""The one list of modules, open while Django starts and closed afterwards."""

from collections.abc import Iterator

from pult.core.registry.module import Alarm, Event, Module, NavigationItem, Permission, Scope


class RegistryClosed(RuntimeError):
    """Somebody tried to register a module after the start."""


class Registry:
    """Modules in the order of their registration; read-only once closed."""

    def __init__(self) -> None:
        self._modules: dict[str, Module] = {}
        self._closed = False

    def add(self, module: Module) -> None:
        """Register a module. Raises RegistryClosed after the start and ValueError for a name taken twice."""
        if self._closed:
            raise RegistryClosed(f"module {module.name!r} came after the start")
        if module.name in self._modules:
            raise ValueError(f"module {module.name!r} is registered twice")
        taken = {permission.name for permission in self.permissions()}
        for permission in module.permissions:
            if permission.name in taken:
                raise ValueError(f"permission {permission.name!r} is registered twice")
        known = {scope.name for scope in self.scopes()}
        for scope in module.scopes:
            if scope.name in known:
                raise ValueError(f"scope {scope.name!r} is registered twice")
        self._modules[module.name] = module

    def close(self) -> None:
        """End registration; called once by the composition root when every app is ready."""
        self._closed = True

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def permissions(self) -> list[Permission]:
        """All permissions of all modules."""
        return [permission for module in self for permission in module.permissions]

    def permission(self, name: str) -> Permission:
        """The permission of that name; KeyError for an unknown one, which is a fault of the programme."""
        for permission in self.permissions():
            if permission.name == name:
                return permission
        raise KeyError(name)

    def scopes(self) -> list[Scope]:
        """What tokens of the API may be allowed, in the order of the modules."""
        return [scope for module in self for scope in module.scopes]

    def events(self) -> list[Event]:
        """What webhooks can be told of, in the order of the modules."""
        return [event for module in self for event in module.events]

    def scope(self, name: str) -> Scope:
        """The scope of that name; KeyError for an unknown one."""
        for scope in self.scopes():
            if scope.name == name:
                return scope
        raise KeyError(name)

    def navigation(self) -> list[NavigationItem]:
        """Every module's links in their order."""
        items = [item for module in self for item in module.navigation]
        return sorted(items, key=lambda item: item.order)

    def alarms(self) -> list[Alarm]:
        """Every module's alarms."""
        return [alarm for module in self for alarm in module.alarms]


registry = Registry()
