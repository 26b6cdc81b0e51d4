"""The fixtures of the console's tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from cim.message import Verb
from hub.security import people
from tests.hub.console.desk import Desk, LedApp
from tests.hub.console.house import House, Say, counting, outage, street
from tests.hub.console.telling import CallsApp


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


@pytest.fixture
def desk(house: House, say: Say) -> Desk:
    desk = Desk()
    drawn = street()
    house.view = replace(
        house.view,
        network=lambda: drawn,
        apps={"crews": LedApp()},
        act=desk.act,
    )
    house.accept(say(Verb.CREATED, outage()), say(Verb.CREATED, outage("other")))
    return desk


@pytest.fixture
def built(house: House) -> House:
    network = street()
    house.view = replace(house.view, network=lambda: network, apps={"calls": CallsApp()})
    return house
