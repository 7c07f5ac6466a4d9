"""What the operations refuse, as problems."""

from collections.abc import Iterator
from contextlib import contextmanager

from pult.core.api.errors import Kind, Problem, refused_field
from pult.modules.checks.operations.control import UnableToChangeCheck
from pult.modules.checks.operations.keeping import UnableToKeep
from pult.modules.checks.operations.uploads import UnableToAccept


@contextmanager
def as_problems(field: str = "") -> Iterator[None]:
    """A state that does not allow it is a conflict; a list that cannot be taken in is a fault of `field`."""
    try:
        yield
    except UnableToChangeCheck as refusal:
        raise Problem(Kind.CONFLICT, refusal.reason) from refusal
    except UnableToAccept as refusal:
        if isinstance(refusal.__cause__, UnableToKeep):
            raise refused_field("keep_days", refusal.reason) from refusal
        if not field:
            raise Problem(Kind.CONFLICT, refusal.reason) from refusal
        raise refused_field(field, refusal.reason) from refusal
