"""A database of one test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


@contextmanager
def database(tables: sa.MetaData) -> Iterator[sa.Connection]:
    """SQLite in memory, with these tables."""
    engine = sa.create_engine("sqlite://")
    tables.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
