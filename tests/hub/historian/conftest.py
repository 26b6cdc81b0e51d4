"""A journal on each database, and a historian that stores into it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.journal import Journal
from tests import fakes
from tests.hub.historian.values import Storing


@pytest.fixture
def clock() -> fakes.Clock:
    return fakes.Clock()


@pytest.fixture
def storing(database_url: str, clock: fakes.Clock) -> Iterator[Storing]:
    journal = Journal.open(database_url, clock=clock)
    yield Storing(journal, clock)
    journal.close()


@pytest.fixture
def small(sqlite_url: str, clock: fakes.Clock) -> Iterator[Storing]:
    """On SQLite alone."""
    journal = Journal.open(sqlite_url, clock=clock)
    yield Storing(journal, clock)
    journal.close()
