"""The registry of modules: what each brings (navigation, pages, permissions, commands, alarms).

Modules register one frozen `Module` each while Django starts; the registry then closes, so nothing can appear or
change later. The core iterates over registered modules and knows none by name.
"""

from pult.core.registry.module import (
    Alarm,
    Erased,
    Event,
    Metric,
    Module,
    NavigationItem,
    Permission,
    PersonalData,
    PersonalRecord,
    Progress,
    Role,
    Scope,
    StatusFact,
    StatusWarning,
    Subject,
    Text,
)
from pult.core.registry.store import Registry, RegistryClosed, registry

__all__ = [
    "Alarm",
    "Erased",
    "Event",
    "Metric",
    "Module",
    "NavigationItem",
    "Permission",
    "PersonalData",
    "PersonalRecord",
    "Progress",
    "Registry",
    "RegistryClosed",
    "Role",
    "Scope",
    "StatusFact",
    "StatusWarning",
    "Subject",
    "Text",
    "registry",
]
