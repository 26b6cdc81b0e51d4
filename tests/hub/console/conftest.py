"""The fixtures of the console's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from cim.message import Header, Kind, Message, Topic, Verb
from cim.network import Network
from cim.profile import Profile
from hub.console import Component, ConsoleView
from hub.interfaces import Subscription
from hub.journal import Journal
from hub.security import people
from hub.security.roles import Roles
from tests.hub.console.house import START, Clock, House, Say


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_hasher", PasswordHasher(time_cost=1, memory_cost=64))


@pytest.fixture(scope="session")
def roles() -> Roles:
    return Roles.read(Path(__file__).parents[3] / "config" / "roles.toml")


@pytest.fixture
def house(sqlite_url: str, roles: Roles) -> Iterator[House]:
    clock = Clock()
    topic = Topic(Verb.CREATED, "UnplannedOutages")
    journal = Journal.open(sqlite_url, [Subscription("erp", frozenset([topic]))], clock)
    view = ConsoleView(
        journal=journal,
        roles=roles,
        network=Network.empty,
        clock=clock,
        components=lambda: [Component(kind="channel", name="soap", state="running")],
    )
    house = House(journal, roles, clock, view)
    yield house
    for client in house.opened:
        client.close()
    journal.close()


@pytest.fixture
def say() -> Say:
    """Messages with ids that count up."""
    count = 0

    def message(
        verb: Verb, payload: Profile, source: str = "OMS", correlation: str | None = None
    ) -> Message:
        nonlocal count
        count += 1
        header = Header(
            verb=verb,
            noun=type(payload).__name__,
            source=source,
            timestamp=START,
            message_id=f"message-{count}",
            correlation_id=correlation,
        )
        return Message(header=header, kind=Kind.of(verb), payload=payload)

    return message
