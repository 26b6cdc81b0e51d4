from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine

from hub.columns import metadata
from hub.journal.database import connect
from hub.security import people, tables
from hub.security.roles import Roles

Begin = Callable[[], AbstractContextManager[Connection]]

OURS = [tables.audit, tables.person, tables.session, tables.system]


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's parameters cost 100 ms a password; here nobody guesses."""
    monkeypatch.setattr(people, "_hasher", PasswordHasher(time_cost=1, memory_cost=64))


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def roles() -> Roles:
    return Roles.read(Path(__file__).parents[3] / "config" / "roles.toml")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    metadata.create_all(engine, tables=OURS)
    yield engine
    engine.dispose()


@pytest.fixture
def begin(engine: Engine) -> Begin:
    return engine.begin
