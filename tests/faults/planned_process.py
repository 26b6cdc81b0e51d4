"""The hub of the kill test of planned outages: `python -m tests.faults.planned_process FOLDER
DATABASE`.

FOLDER holds `begin`, the moment at which the partner began, and `ledger`, to which its side of the
channel adds the id of each message that was acknowledged.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import sqlalchemy as sa

from cim.message import Message, Verb
from cim.profile import Profile
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.outages import ConductingEquipment
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from dms_apps.planned_outages import PlannedOutagesApp
from dms_apps.planned_outages.tables import outage
from hub.dispatch import Hub
from hub.journal import Journal
from hub.journal.canonical import encode
from tests import fakes
from tests.cim.network.drawing import Drawing, model
from tests.dms_apps.planned_outages.playing import switched
from tests.faults.embedded_process import Told

PLANS = 12


def drawn() -> Profile:
    # source - a =[B]= b, and of each plan  b =[S0]= d0: p0x, p0y
    drawing = Drawing().source("a").switch("B", "a", "b")
    for n in range(PLANS):
        drawing.switch(f"S{n}", "b", f"d{n}", kind="LoadBreakSwitch")
        for point in points(n):
            drawing.consumer(f"h-{point}", f"d{n}").usage_point(point, f"h-{point}")
    payload = model("street", drawing.document()).payload
    assert isinstance(payload, Profile)
    return payload


def points(n: int) -> list[str]:
    """Whom a plan concerns."""
    return [f"p{n}x", f"p{n}y"]


def messages(begin: datetime) -> list[list[Message]]:
    """What the partner sends: the network and the plans; then switches open; then they close."""
    made = [_sent("network", drawn(), Verb.CREATED, begin)]
    made += [_sent(f"plan-{n}", _plan(n, begin), Verb.CREATE, begin) for n in range(PLANS)]
    opened = [_switch(n, "open", begin + timedelta(seconds=1)) for n in range(PLANS)]
    closed = [_switch(n, "close", begin + timedelta(seconds=2)) for n in range(PLANS)]
    return [made, opened, closed]


def _plan(n: int, begin: datetime) -> PlannedOutages:
    start = begin + timedelta(minutes=20)
    one = PlannedOutage(
        mrid=f"P-{n}",
        estimated_period=DateTimeInterval(start=start, end=start + timedelta(hours=2)),
        outage_isolation_equipment=(ConductingEquipment(mrid=f"S{n}"),),
    )
    return PlannedOutages(planned_outage=(one,))


def _switch(n: int, what: str, at: datetime) -> Message:
    return _sent(f"{what}-{n}", switched({what: [f"S{n}"]}, at), Verb.CREATED, at)


def _sent(identity: str, payload: Profile, verb: Verb, at: datetime) -> Message:
    noun = type(payload).__name__
    one = fakes.message(payload, verb, message_id=identity, source="ERP", noun=noun)
    return replace(one, header=replace(one.header, timestamp=at))


@dataclass
class Spool:
    """A channel to a partner that sends again whatever was not acknowledged, and the next part when
    the one before has come about."""

    folder: Path
    engine: sa.Engine

    def receive(self) -> Iterator[Sequence[Told]]:
        ledger = self.folder / "ledger"
        done = set(ledger.read_text().split()) if ledger.exists() else set()
        begin = datetime.fromisoformat((self.folder / "begin").read_text())
        for part, state in zip(messages(begin), ("notified", "active", ""), strict=True):
            for one in part:
                if one.header.message_id not in done:
                    yield [self._told(one)]
            while state and not self._are(state):
                time.sleep(0.05)
        while True:
            time.sleep(1)
            yield []

    def _are(self, state: str) -> bool:
        """Whether every plan has come so far, or farther."""
        states = {"notified", "active"} if state == "notified" else {"active"}
        query = sa.select(sa.func.count()).where(outage.c.state.in_(states))
        with self.engine.connect() as connection:
            return connection.execute(query).scalar_one() == PLANS

    def _told(self, content: Message) -> Told:
        told = Told(content, encode(content))
        told.ledger = self.folder / "ledger"
        return told

    def send(self, messages: Sequence[Message]) -> None:
        raise NotImplementedError("the partner only sends")


def run(folder: Path, database: str) -> None:
    """Run the hub until it is killed."""
    app = PlannedOutagesApp(notice=0, remind=0, settle=0.1)
    hub = Hub(journal := Journal.open(database), {"planned_outages": app})
    hub.attach_channel("partner", Spool(folder, journal.engine))
    hub.run()
    Event().wait()


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2])
