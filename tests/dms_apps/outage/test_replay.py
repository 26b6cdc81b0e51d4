"""What the journal of a hub tells another one, at its times, leaves the same outages there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cim.codes import Codes
from cim.message import Message, Outgoing, Verb
from cim.network import Network
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from dms_apps.outage import OutageApp
from dms_apps.outage.tables import (
    incident,
    interruption,
    outage,
    planned,
    signal,
    statement,
    supply,
)
from hub.dispatch import Hub
from hub.journal import Journal
from hub.journal.canonical import decode
from hub.journal.tables import message as journalled
from tests import fakes
from tests.dms_apps.outage.conftest import MORNING, ON, Run
from tests.dms_apps.outage.streams import Player, anything, waits

APP, CHANNEL = "outage", "partner"
STATE = (interruption, outage, signal, supply, statement, incident, planned)
WAKES = 500  # between two messages
LATER = MORNING + timedelta(days=30)


class Site:
    """A hub on a database of its own."""

    def __init__(self, file: Path) -> None:
        self.clock = fakes.Clock(MORNING)
        self.journal = Journal.open(f"sqlite:///{file}", clock=self.clock)
        self.start()

    def start(self) -> None:
        """The hub, and the app with nothing but its tables."""
        self.hub = Hub(self.journal, {APP: OutageApp(codes=Codes({"*": {ON: "power-on"}}))})

    def until(self, moment: datetime) -> None:
        """Let the time pass, with every wake at the time for which the app has asked."""
        for _ in range(WAKES):
            due = self.journal.next_due(APP)
            if due is None or due > moment:
                self.clock.now = max(self.clock.now, moment)
                return
            self.clock.now = max(self.clock.now, due)
            assert self.hub.wake(APP)
        raise AssertionError("the app never comes to rest")

    def take(self, message: Message) -> None:
        one = fakes.Handed.of(message)
        self.hub.accept([one], CHANNEL)
        assert not one.rejected
        while self.hub.deliver(APP):
            pass

    def rest(self) -> list[Any]:
        """What there is when the app asks for nothing any more."""
        self.until(LATER)
        assert self.journal.next_due(APP) is None
        with self.journal.reading() as connection:
            queries = (sa.select(table).order_by(*table.primary_key) for table in STATE)
            return [connection.execute(query).all() for query in queries]

    def said(self) -> list[Message]:
        """What the app has told and answered."""
        query = sa.select(journalled.c.body).where(journalled.c.source == APP)
        with self.journal.reading() as connection:
            bodies = connection.scalars(query.order_by(journalled.c.seq)).all()
        return [decode(body) for body in bodies]

    def heard(self) -> list[tuple[datetime, Message]]:
        """What the journal has from outside, and when it came."""
        query = sa.select(journalled.c.accepted_at, journalled.c.body)
        query = query.where(journalled.c.channel == CHANNEL).order_by(journalled.c.seq)
        with self.journal.reading() as connection:
            return [(at, decode(body)) for at, body in connection.execute(query)]


class Heard(Run):
    """Hands over to a site what otherwise goes to the app itself."""

    site: Site

    @property
    def at(self) -> datetime:  # type: ignore[override]
        return self.site.clock.now

    def handle(self, message: Message) -> list[Any]:
        header = replace(
            message.header, message_id=str(uuid4()), source="partner", timestamp=self.at
        )
        if isinstance(message.payload, UnplannedOutages) and header.verb is Verb.CREATE:
            message = replace(message, payload=_whole(message.payload))
        self.site.take(replace(message, header=header))
        replies = [one for one in self.site.said() if one.header.verb is Verb.REPLY]
        mine = [one for one in replies if one.header.correlation_id == header.message_id]
        return [Outgoing(Verb.REPLY, one.payload, reply=one.reply) for one in mine]  # type: ignore[arg-type]

    @property
    def told(self) -> list[tuple[Verb, UnplannedOutage]]:  # type: ignore[override]
        """By the app, in its order."""
        notices = [one for one in self.site.said() if one.header.verb is not Verb.REPLY]
        return [
            (one.header.verb, each)
            for one in notices
            if isinstance(one.payload, UnplannedOutages)
            for each in one.payload.unplanned_outage
        ]

    def until(self, moment: datetime) -> None:
        self.site.until(moment)


def _whole(said: UnplannedOutages) -> UnplannedOutages:
    """As a new outage has to be on the wire."""
    some = (replace(one, original_customers_served=0) for one in said.unplanned_outage)
    return UnplannedOutages(unplanned_outage=tuple(some))


def played(site: Site, events: Sequence[Any]) -> list[Any]:
    run = Heard.__new__(Heard)
    run.site, run.network = site, Network.empty()
    player = Player(run)
    player.play(0, {"model": "as it was"})
    for wait, event in events:
        player.play(wait, event)
    return site.rest()


# Of an outage whose device serves others that were dark before, "-1 meters elsewhere" were told.
ELSEWHERE = [
    (90, {"meters": ["M5", "M7", "M8"], "says": "lost", "lag": 0}),
    (40_000, {"recloses": "R1", "after": 90}),
    (30, {"meters": ["M2", "M4"], "says": "lost", "lag": 0}),
]


@given(events=st.lists(st.tuples(waits, anything), max_size=12))
@example(events=ELSEWHERE)
@settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_from_its_journal_a_hub_is_made_again(tmp_path: Path, events: list[Any]) -> None:
    """Into an empty database; the other is started anew before every message."""
    first, other = (Site(tmp_path / f"{uuid4()}.db") for _ in range(2))
    with closing(first.journal), closing(other.journal):
        state = played(first, events)
        for at, message in first.heard():
            other.until(at)
            other.start()
            other.take(message)
        assert other.rest() == state
