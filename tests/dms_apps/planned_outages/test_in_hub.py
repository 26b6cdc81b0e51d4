"""The app in a hub, on both databases: asked, and added later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cim.message import Message, Verb
from cim.profile import Profile
from cim.profiles.planned_outages import PlannedOutages
from dms_apps.planned_outages import PlannedOutagesApp
from dms_apps.planned_outages.app import NAME
from dms_apps.planned_outages.tables import told
from hub.dispatch import Hub
from hub.interfaces import App
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from tests import fakes
from tests.cim.network.drawing import model
from tests.dms_apps.planned_outages.playing import DAY, customer, moment, plan, street, switched


@dataclass
class House:
    """A hub on one database, started anew with or without the app."""

    journal: Journal
    clock: fakes.Clock
    hub: Hub | None = None
    apps: Mapping[str, App] = field(default_factory=dict)

    def start(self, *, with_app: bool, others: Mapping[str, App] | None = None) -> None:
        self.apps = {**({NAME: PlannedOutagesApp()} if with_app else {}), **(others or {})}
        self.journal.subscriptions = ()
        self.journal.subscribe()
        self.hub = Hub(self.journal, dict(self.apps))
        while NAME in self.hub.past and self.hub.past[NAME].step():
            pass

    def take(self, at: str, payload: Profile, verb: Verb = Verb.CREATED) -> None:
        """Hand in a message at some time, and let happen what follows."""
        self.until(at)
        one = fakes.message(payload, verb, noun=type(payload).__name__, source="ERP")
        one = replace(one, header=replace(one.header, timestamp=self.clock.now))
        assert self.hub is not None
        handed = fakes.Handed.of(one)
        self.hub.accept([handed], "test")
        assert not handed.rejected
        self.settle()

    def until(self, at: str) -> None:
        """An hour after the other."""
        while self.clock.now < moment(at):
            self.clock.now = min(self.clock.now + timedelta(hours=1), moment(at))
            self.settle()

    def settle(self) -> None:
        assert self.hub is not None
        for _ in range(3):
            self.clock.forward(3)
            for app in self.apps:
                self.hub.deliver(app)
                self.hub.wake(app)

    def said(self) -> list[Message]:
        """By the app."""
        with self.journal.reading() as connection:
            rows = queries.search(connection, queries.Filter(source=NAME), limit=1000)
            found = [queries.message(connection, row.seq) for row in reversed(rows)]
        return [decode(one.body) for one in found if one is not None]

    def told(self) -> list[str]:
        """Verb and noun, and the status of an outage."""
        return [_line(one) for one in self.said()]


def _line(one: Message) -> str:
    payload = one.payload
    if isinstance(payload, PlannedOutages) and payload.planned_outage:
        status = payload.planned_outage[0].status
        return f"{one.header.verb} {status.value if status else ''}"
    result = f" {one.reply.result}" if one.reply else ""
    return f"{one.header.verb} {one.header.noun}{result}"


def wanted(**given: Any) -> PlannedOutages:
    return PlannedOutages(planned_outage=(plan(given),))


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    clock = fakes.Clock(DAY)
    with closing(Journal.open(database_url, clock=clock)) as journal:
        yield House(journal, clock)


def drawn() -> Profile:
    payload = model("street", street().document()).payload
    assert isinstance(payload, Profile)
    return payload


def test_it_answers_and_goes_on_by_itself(house: House) -> None:
    house.start(with_app=True)
    house.take("08:00", drawn())
    house.take("08:00", customer({"point": "p1", "account": "A-1", "phone": "+1555001"}))
    one = wanted(id="P-1", open=["S1"], **{"from": "6 08:00", "until": "6 12:00"})
    house.take("09:00", one, Verb.CREATE)
    house.take("6 08:00", switched({"open": ["S1"]}, moment("6 08:00")))
    house.take("6 11:00", switched({"close": ["S1"]}, moment("6 11:00")))
    house.until("6 13:00")
    assert house.told() == [
        "reply PlannedOutages OK",
        "created planned",
        "changed notified",
        "created PlannedOutageNotifications",
        "created PlannedOutageNotifications",
        "changed active",
        "changed active",
        "closed completed",
    ]


def test_added_later_it_knows_what_was_and_tells_nobody_again(house: House) -> None:
    house.start(with_app=False)
    house.take("08:00", drawn())
    one = wanted(id="P-1", open=["S1"], **{"from": "6 08:00", "until": "6 12:00"})
    house.take("09:00", one, Verb.CREATE)
    house.take("10:00", wanted(id="E-1", open=["B2"], **{"from": "9 08:00", "until": "9 12:00"}))
    house.until("2 12:00")
    house.start(with_app=True)
    with house.journal.reading() as connection:
        points = connection.scalars(sa.select(told.c.point).order_by(told.c.point))
        assert [*points] == ["p1", "p2", "p4"]
    house.until("4 12:00")
    assert not house.told()
    house.take("6 08:00", switched({"open": ["S1"]}, moment("6 08:00")))
    assert house.told() == ["created PlannedOutageNotifications", "changed active"]
