"""A column for sealed values, and the two verbs on it."""

from typing import Any

from django.db import models

from pult.core.secrets.keyring import UnableToReveal, keyring


class SecretField(models.BinaryField):  # type: ignore[type-arg] # generic for the type checker only
    """Holds what `seal` made; the plain text is read with `reveal` only, so that every reveal stands in the code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        super().__init__(*args, **kwargs)


def _identity(model: type[models.Model], primary_key: object, column: str) -> str:
    return f"{model._meta.db_table}.{column}:{primary_key}"


def _checked_field(model: type[models.Model], column: str) -> None:
    if not isinstance(model._meta.get_field(column), SecretField):
        raise TypeError(f"{model.__name__}.{column} is not a SecretField")


def seal_for(model: type[models.Model], primary_key: object, column: str, text: str) -> bytes:
    """Seal `text` for a row that is written with `.update()`."""
    _checked_field(model, column)
    return keyring().seal(text, identity=_identity(model, primary_key, column))


def seal(row: models.Model, column: str, text: str) -> None:
    """Seal `text` into `row.column`; the caller saves the row."""
    if row.pk is None:
        raise ValueError("a row with secrets needs its primary key before it is sealed")
    setattr(row, column, seal_for(type(row), row.pk, column, text))


def reveal(row: models.Model, column: str) -> str:
    """The plain text of `row.column`. Raises UnableToReveal; also when nothing is stored there."""
    _checked_field(type(row), column)
    sealed = getattr(row, column)
    if sealed is None:
        raise UnableToReveal(f"{column} is empty")
    return keyring().reveal(bytes(sealed), identity=_identity(type(row), row.pk, column))
