"""The fixtures of the console's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from hub.security import people
from tests.hub.console.house import House, Say, counting


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_hasher", PasswordHasher(time_cost=1, memory_cost=64))


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with House.open(sqlite_url) as house:
        yield house


@pytest.fixture
def say() -> Say:
    return counting()
