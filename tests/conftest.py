"""Fixtures of the tests that run a whole Pult."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation


@pytest.fixture
def installation() -> Iterator[Installation]:
    """A Pult that has not been started yet, removed afterwards."""
    # A short path: the database's socket lies in it.
    data_dir = Path(tempfile.mkdtemp(prefix="pult-"))
    one = Installation(data_dir)
    yield one
    one.clean_up()
    shutil.rmtree(data_dir, ignore_errors=True)
