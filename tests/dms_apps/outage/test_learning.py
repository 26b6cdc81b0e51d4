"""A hub to which the app is added later knows what one knows that had it all along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from cim.message import Message, Verb
from cim.profile import Profile, RdfXml, Reference
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.switching_events import (
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingEvent,
    SwitchingEvents,
)
from cim.profiles.unplanned_outages import UnplannedOutages
from dms_apps.outage import OutageApp
from dms_apps.outage.tables import interruption
from hub.dispatch import Hub
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from tests import fakes
from tests.dms_apps.outage.conftest import (
    LOST,
    RESTORED,
    event_message,
    mrid,
    place,
    rdf,
)
from tests.dms_apps.outage.test_past_tree import DEVICES

NAME = "outage"


class House:
    """A hub on one database, with the app from the beginning or started again with it."""

    def __init__(self, journal: Journal, clock: fakes.Clock, *, known: bool) -> None:
        self.journal, self.clock, self.count, self.has_it = journal, clock, 0, known
        if not known:
            journal.subscribe()
        self.hub = Hub(journal, {NAME: OutageApp()} if known else {})

    def tell(self, payload: Profile) -> None:
        self.count += 1
        message = event_message(payload)
        header = replace(message.header, message_id=f"{self.count}", timestamp=self.clock.now)
        handed = fakes.Handed.of(replace(message, header=header))
        self.hub.accept([handed], "test")
        assert not handed.rejected

    def add(self) -> None:
        """The app is added, and told what came before it."""
        self.journal.subscriptions, self.has_it = (), True
        self.hub = Hub(self.journal, {NAME: OutageApp()})
        assert NAME in self.hub.past
        while self.hub.past[NAME].step():
            pass

    def passes(self, minutes: float) -> None:
        """The time, with every wake."""
        for _ in range(int(minutes * 4)):
            self.clock.forward(15)
            if self.has_it:
                self.hub.deliver(NAME)
                self.hub.wake(NAME)

    @property
    def ledger(self) -> list[Any]:
        columns = interruption.c.point, interruption.c.started_at, interruption.c.ended_at
        query = sa.select(*columns).order_by(*columns[:2])
        with self.journal.reading() as connection:
            return [tuple(row) for row in connection.execute(query)]

    @property
    def told(self) -> list[tuple[Verb, str, int]]:
        """Verb, place and how many are without power, of each notice."""
        with self.journal.reading() as connection:
            rows = queries.search(connection, queries.Filter(source=NAME), limit=1000)
            found = [queries.message(connection, row.seq) for row in reversed(rows)]
        messages: list[Message] = [decode(one.body) for one in found if one is not None]
        return [
            (message.header.verb, place(outage), outage.meters_affected or 0)
            for message in messages
            if isinstance(message.payload, UnplannedOutages)
            for outage in message.payload.unplanned_outage
        ]


@pytest.fixture
def house(sqlite_url: str, tmp_path: Any) -> Iterator[Callable[..., House]]:
    opened = []

    def begin(*, known: bool) -> House:
        clock = fakes.Clock()
        journal = Journal.open(f"sqlite:///{tmp_path / f'{len(opened)}.db'}", clock=clock)
        opened.append(journal)
        return House(journal, clock, known=known)

    yield begin
    for journal in opened:
        journal.close()


def model() -> NetworkModels:
    document = RdfXml(rdf(DEVICES, "SS1"))  # type: ignore[arg-type]
    one = NetworkModel(mrid=mrid("model"), profile=("urn:test:UsagePoint",), document=document)
    return NetworkModels(network_model=(one,))


def gasps(house: House, code: str, *names: str) -> EndDeviceEvents:
    return EndDeviceEvents(
        end_device_event=tuple(
            EndDeviceEvent(
                created_date_time=house.clock.now,
                assets=Asset(names=(Name(name=f"MTR-{name}"),)),
                end_device_event_type=Reference(code),
            )
            for name in names
        )
    )


def switched(house: House, device: str, kind: str) -> SwitchingEvents:
    action = SwitchAction(
        kind=SwitchActionKind(kind),
        executed_date_time=house.clock.now,
        operated_switch=Switch(mrid=mrid(device)),
    )
    return SwitchingEvents(switching_event=(SwitchingEvent(switching_action=action),))


def morning(house: House) -> None:
    """A fuse that is over, a switch that is open, and meters that are dark."""
    house.tell(model())
    house.passes(1)
    happened: Sequence[tuple[Callable[..., Profile], tuple[str, ...], float]] = [
        (gasps, (LOST, "M1", "M2"), 30),
        (gasps, (RESTORED, "M1", "M2"), 60),
        (switched, ("S1", "open"), 10),
        (gasps, (LOST, "M8"), 10),
    ]
    for what, about, minutes in happened:
        house.tell(what(house, *about))
        house.passes(minutes)


def test_what_is_out_is_known_and_told_and_what_is_over_is_not(
    house: Callable[..., House],
) -> None:
    before, later = house(known=True), house(known=False)
    for each in (before, later):
        morning(each)
    later.add()
    assert later.ledger == before.ledger
    assert len(later.ledger) == 2 + 5 + 1
    assert later.told == []
    for each in (before, later):
        each.passes(1)
    assert sorted(later.told) == sorted([(Verb.CREATED, "S1", 5), (Verb.CREATED, "T4", 1)])
    for each in (before, later):
        each.tell(switched(each, "S1", "close"))
        each.tell(gasps(each, RESTORED, "M8"))
        each.passes(10)
    assert later.ledger == before.ledger
    assert [said for said in later.told if said[0] is Verb.CLOSED] == [
        said for said in before.told[-2:] if said[0] is Verb.CLOSED
    ]


def test_who_does_not_want_to_know_is_told_nothing(house: Callable[..., House]) -> None:
    later = house(known=False)
    morning(later)
    later.journal.subscriptions = ()
    assert NAME not in Hub(later.journal, {NAME: OutageApp(catch_up=False)}).past


def test_it_is_told_once(house: Callable[..., House]) -> None:
    """Also where the hub stops before it is."""
    later = house(known=False)
    morning(later)
    later.add()
    later.hub = Hub(later.journal, {NAME: OutageApp()})
    later.passes(2)
    assert [said[0] for said in later.told] == [Verb.CREATED, Verb.CREATED]
