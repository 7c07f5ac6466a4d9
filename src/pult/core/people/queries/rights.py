"""Reading what roles may do in this installation."""

from dataclasses import dataclass

from pult.core.people.models import PermissionChoice, Person, RoleChoice
from pult.core.people.queries.people import standing_of
from pult.core.people.rules import role_holds, why_not_choose_permission
from pult.core.registry import Permission, Role, Text, registry


def roles_that_may(permission: str) -> list[Role]:
    """The roles that hold a permission at this moment."""
    chosen = dict(PermissionChoice.objects.filter(permission=permission).values_list("role", "allowed"))
    known = registry.permission(permission)
    return [role for role in Role if role_holds(role, known, chosen.get(role.value))]


@dataclass(frozen=True, slots=True)
class Cell:
    """One right of one role: whether it holds, whether Pult comes with it, whether the reader may change it."""

    role: Role
    allowed: bool
    usual: bool
    editable: bool

    @property
    def label(self) -> Text:
        """The name of the role, for people."""
        return RoleChoice(self.role.value).label

    @property
    def differs(self) -> bool:
        """The installation chose otherwise than Pult comes with."""
        return self.allowed != self.usual


@dataclass(frozen=True, slots=True)
class Right:
    """A permission with its cells, in the order of the roles."""

    permission: Permission
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class ModuleRights:
    """The rights that one module brings."""

    title: Text
    rights: list[Right]


def rights_of_roles(reader: Person) -> list[ModuleRights]:
    """Everything that can be allowed, module by module, as `reader` sees it; one query."""
    chosen = {(row.role, row.permission): row.allowed for row in PermissionChoice.objects.all()}
    return [
        ModuleRights(
            module.title,
            [
                Right(permission, [_cell(reader, role, permission, chosen) for role in Role])
                for permission in module.permissions
            ],
        )
        for module in registry
        if module.permissions
    ]


def _cell(reader: Person, role: Role, permission: Permission, chosen: dict[tuple[str, str], bool]) -> Cell:
    refusal = why_not_choose_permission(
        standing_of(reader), role, permission, held=reader.may(permission.name)
    )
    return Cell(
        role=role,
        allowed=role_holds(role, permission, chosen.get((role.value, permission.name))),
        usual=role_holds(role, permission, None),
        editable=refusal is None,
    )


def roles_changed(reader: Person) -> list[Role]:
    """The roles that differ from what Pult comes with and that `reader` may reset."""
    return [
        role
        for role in Role
        if any(
            cell.differs and cell.editable
            for module in rights_of_roles(reader)
            for right in module.rights
            for cell in right.cells
            if cell.role is role
        )
    ]
