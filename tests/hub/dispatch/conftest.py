"""A hub with one counting app, on each database, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from hub.dispatch import Hub
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


@pytest.fixture
def app() -> fakes.CountingApp:
    return fakes.CountingApp()


@pytest.fixture
def hub(journal: Journal, app: fakes.CountingApp) -> Hub:
    return Hub(journal, {"counting": app})


@pytest.fixture
def effects(journal: Journal) -> fakes.Effects:
    """The usage points of the rows that the counting app has written, in order."""

    def read() -> list[str]:
        with journal.reading() as connection:
            rows = sa.select(fakes.effects.c.usage_point).order_by(fakes.effects.c.number)
            return list(connection.execute(rows).scalars())

    return read
