"""A journal on each database, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.journal import Journal
from tests import fakes


@pytest.fixture
def clock() -> fakes.Clock:
    return fakes.Clock()


@pytest.fixture
def journal(database_url: str, clock: fakes.Clock) -> Iterator[Journal]:
    journal = Journal.open(database_url, clock=clock)
    yield journal
    journal.close()
