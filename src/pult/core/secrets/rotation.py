"""Changing the key that seals secrets, while Pult goes on working.

Each step is safe to repeat after a kill at any moment:

1. `add_key` puts a fresh key into the keyring file; the old ones stay and still open what they sealed.
2. `use_newest_key` makes it the one that seals. Running processes see the changed file with their next use of it.
3. `reseal` goes through every stored secret, in batches, and seals anew what another key sealed. What is left is read
   from the values themselves, so there is no progress to lose.
4. `drop_old_keys` removes the keys with which nothing is sealed any more, after counting again.

The key that fingerprints are made with (`lookup`) stays: it opens nothing.
"""

import fcntl
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from pult.core.secrets.fields import SecretField, reveal, seal_for
from pult.core.secrets.keyring import Keyring, UnableToReveal, keyring, write_keyring

BATCH = 200
SETTLE_SECONDS = 60
"""So long an old key stays after another one took over: transactions that sealed with it have ended by then."""


class UnableToDropKeys(Exception):
    """Something is still sealed with an old key, and it does not open."""


@dataclass(frozen=True, slots=True)
class SealedElsewhere:
    """Sealed values that are no SecretField. `counts()` gives {key id: values}; `reseal(current, batch)` seals up to
    so many values of other keys anew, in a transaction of its own, and returns how many (0: none left that opens).
    """

    name: str
    counts: Callable[[], dict[int, int]]
    reseal: Callable[[int, int], int]


_elsewhere: dict[str, SealedElsewhere] = {}


def register_sealed_elsewhere(place: SealedElsewhere) -> None:
    """Name sealed values outside of SecretFields; called while Django starts."""
    _elsewhere[place.name] = place


@contextmanager
def _file_locked() -> Iterator[Path]:
    """One change of the keyring file at a time on this machine."""
    path: Path = settings.PULT_KEYRING_FILE
    keyring()  # made at the very first use
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def add_key() -> int:
    """Add a fresh key without using it yet; returns its id."""
    with _file_locked() as path:
        present = keyring()
        fresh = max(present.keys) + 1
        write_keyring(path, replace(present, keys={**present.keys, fresh: secrets.token_bytes(32)}))
    return fresh


def use_newest_key() -> int:
    """Let the newest key seal from now on; returns its id."""
    with _file_locked() as path:
        present = keyring()
        newest = max(present.keys)
        if newest != present.current:
            write_keyring(path, replace(present, current=newest))
    return newest


def rotation_is_unfinished() -> bool:
    """Whether a key was added and not used yet, or something is sealed with another key than the current one."""
    present = keyring()
    return max(present.keys) != present.current or any(key != present.current for key in key_counts())


def _columns() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        if model._meta.proxy or not model._meta.managed:
            continue
        for field in model._meta.get_fields():
            if isinstance(field, SecretField):
                yield model, field.name


def _with_key_id(model: type[models.Model], column: str) -> "models.QuerySet[Any]":
    """Rows that hold a secret there, each with the four bytes of its key's id."""
    key_id = models.Func(
        models.F(column),
        template="substring(%(expressions)s from 2 for 4)",
        output_field=models.BinaryField(),
    )
    rows: models.QuerySet[Any] = model._base_manager.filter(**{f"{column}__isnull": False})
    return cast("models.QuerySet[Any]", rows.annotate(sealed_by=key_id))


def key_counts() -> dict[int, int]:
    """How many stored values each key sealed: {key id: values}."""
    found: dict[int, int] = {}
    for model, column in _columns():
        counted = (
            _with_key_id(model, column).order_by().values("sealed_by").annotate(count=models.Count("pk"))
        )
        for row in counted:
            key = int.from_bytes(bytes(row["sealed_by"]), "big")
            found[key] = found.get(key, 0) + row["count"]
    for place in _elsewhere.values():
        for key, count in place.counts().items():
            found[key] = found.get(key, 0) + count
    return found


def reseal(told: Callable[[int], None] = lambda _count: None) -> int:
    """Seal anew whatever another key than the current one sealed; returns how many values that were.

    `told(count)` hears of each finished batch. What does not open is left as it is: it did not open before either,
    and `key_counts` still shows it.
    """
    total = 0
    for model, column in _columns():
        total += _reseal_column(model, column, told)
    for place in _elsewhere.values():
        while count := place.reseal(keyring().current, BATCH):
            total += count
            told(count)
    return total


def _reseal_column(model: type[models.Model], column: str, told: Callable[[int], None]) -> int:
    total, beyond_help = 0, set[object]()
    while True:
        # Asked each time: if somebody begins another change of keys meanwhile, sealing goes on with that one's key,
        # and rows compared with the former key would never come to an end.
        current = keyring().current.to_bytes(4, "big")
        wanted = _with_key_id(model, column).exclude(sealed_by=current).order_by("pk")
        with transaction.atomic():
            rows = list(wanted.exclude(pk__in=beyond_help).select_for_update(of=("self",))[:BATCH])
            opened = []
            for row in rows:
                try:
                    setattr(row, column, seal_for(model, row.pk, column, reveal(row, column)))
                except UnableToReveal:
                    beyond_help.add(row.pk)
                else:
                    opened.append(row)
            model._base_manager.bulk_update(opened, [column])
            total += len(opened)
        if not rows:
            return total
        told(len(rows))


def drop_old_keys() -> list[int]:
    """Remove every key but the current one from the keyring; returns their ids.

    Waits until nobody can still be writing with them, counts what they sealed, and seals that anew first. Raises
    UnableToDropKeys where something sealed with them does not open: dropping the key would make that final.
    """
    path: Path = settings.PULT_KEYRING_FILE
    time.sleep(max(0.0, SETTLE_SECONDS - (time.time() - path.stat().st_mtime)))
    reseal()
    with _file_locked():
        present: Keyring = keyring()
        if max(present.keys) != present.current:
            raise UnableToDropKeys(
                "a newer key waits in the keyring; run the change of keys to its end first"
            )
        left = {key: count for key, count in key_counts().items() if key != present.current}
        if left:
            raise UnableToDropKeys(
                f"{sum(left.values())} stored secrets still need an old key and do not open"
            )
        old = sorted(key for key in present.keys if key != present.current)
        if old:
            write_keyring(path, replace(present, keys={present.current: present.keys[present.current]}))
    return old
