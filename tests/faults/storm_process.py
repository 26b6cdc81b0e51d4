"""The hub of the kill test of a storm: `python -m tests.faults.storm_process FOLDER DATABASE`.

FOLDER holds `begin`, the moment at which the storm broke, and `ledger`, to which the partner's side
of the channel adds the id of each message that was acknowledged.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event

import sqlalchemy as sa

from benchmarks import storms
from cim.message import Message
from cim.profiles.end_device_events import EndDeviceEvents
from dms_apps.outage import OutageApp
from dms_apps.trouble_calls import TroubleCallsApp
from dms_apps.trouble_calls.tables import ticket
from hub.dispatch import Hub
from hub.interfaces import App
from hub.journal import Journal
from hub.journal.canonical import encode
from tests.faults import storm_network
from tests.faults.embedded_process import Told

FEEDERS, DARK, CALLS = 5, 1600, 150
BATCH = 10  # messages in one transaction
STORM = storms.storm(storm_network.zones(FEEDERS), DARK, CALLS)
BACK = timedelta(minutes=10)  # after the beginning
_METERS = 20  # of one message
_SPANS = {
    "for hours": [(-18_000, 9000)],
    "twice": [(-18_000, 400), (-9000, 301)],
    "just momentary": [(-9000, 300)],
    "flickers": [(-3000, 1), (-2900, 1), (-2500, 1)],
    "flickers at last": [(-200, 1)],
}
"""What single services had before: so many seconds after the beginning, and for how many."""


def _services() -> dict[str, list[tuple[int, int]]]:
    """Usage point -> what it had before; of each kind some that the storm takes and some that it
    does not, no two of them below one transformer."""
    zones = storm_network.zones(FEEDERS)
    firsts = [z.name(below[0]) for z in zones for _, below in z.opens["transformer"]]
    random, found = Random(11), {}  # noqa: S311 - which of them, no secret
    for is_dark in (True, False):
        some = random.sample([one for one in firsts if (one in STORM.dark) == is_dark], 20)
        for number, spans in enumerate(_SPANS.values()):
            found |= dict.fromkeys(some[number * 4 : number * 4 + 4], spans)
    return found


BEFORE: Mapping[str, Sequence[tuple[int, int]]] = _services()


def messages(begin: datetime) -> list[Message]:
    """What the partner sends, the same whenever it sends it: the network, what was before, the
    storm, its end."""
    first = [storm_network.model(FEEDERS), _before(begin)]
    calls = [
        storms.call(point, begin + timedelta(seconds=at), number)
        for number, (at, point) in enumerate(STORM.calls)
    ]
    gasps = _in_parts([(begin + timedelta(seconds=at), point) for at, point in STORM.gasps], 0)
    # Calls are heard amid the last gasps, as in life.
    amid = [one for pair in zip(gasps, calls, strict=False) for one in pair]
    rest = [*gasps[len(calls) :], *calls[len(gasps) :]]
    return [*first, *amid, *rest, *restorations(begin)]


def restorations(begin: datetime) -> list[Message]:
    """Everybody has power again."""
    return _in_parts([(begin + BACK, point) for point in sorted(STORM.dark)], 1000, restored=True)


def _before(begin: datetime) -> Message:
    """In one message: nobody hears of a flicker that it has begun and not that it is over."""
    lost, back = [], []
    for point, spans in BEFORE.items():
        for at, lasts in spans:
            lost.append((begin + timedelta(seconds=at), point))
            back.append((begin + timedelta(seconds=at + lasts), point))
    words = (storms.meters(lost, 0).payload, storms.meters(back, 0, restored=True).payload)
    events = [one for some in words if isinstance(some, EndDeviceEvents)
              for one in some.end_device_event]  # fmt: skip
    return storms.said(EndDeviceEvents(end_device_event=tuple(events)), "before", "ami")


def _in_parts(
    said: Sequence[tuple[datetime, str]], first: int, *, restored: bool = False
) -> list[Message]:
    return [
        storms.meters(said[at : at + _METERS], first + number, restored=restored)
        for number, at in enumerate(range(0, len(said), _METERS))
    ]


@dataclass
class Spool:
    """A channel to a partner that sends again whatever was not acknowledged.

    Nobody has power again before it is known what is behind each call: else nothing was to be told.
    """

    folder: Path
    engine: sa.Engine

    def receive(self) -> Iterator[Sequence[Told]]:
        ledger = self.folder / "ledger"
        done = set(ledger.read_text().split()) if ledger.exists() else set()
        begin = datetime.fromisoformat((self.folder / "begin").read_text())
        todo = [one for one in messages(begin) if one.header.message_id not in done]
        late = {one.header.message_id for one in restorations(begin)}
        for is_late in (False, True):
            some = [one for one in todo if (one.header.message_id in late) == is_late]
            for start in range(0, len(some), BATCH):
                yield [self._told(one) for one in some[start : start + BATCH]]
            while not self._is_known():
                time.sleep(0.2)

    def _is_known(self) -> bool:
        tied = sa.select(sa.func.count()).where(ticket.c.outage.is_not(None))
        with self.engine.connect() as connection:
            return connection.execute(tied).scalar_one() == CALLS

    def _told(self, content: Message) -> Told:
        told = Told(content, encode(content))
        told.ledger = self.folder / "ledger"
        return told

    def send(self, messages: Sequence[Message]) -> None:
        raise NotImplementedError("the partner only sends")


def apps() -> dict[str, App]:
    """Quick ones."""
    return {"outage": OutageApp(hold_off=2.0), "trouble_calls": TroubleCallsApp(settle=1.0)}


def run(folder: Path, database: str) -> None:
    """Run the hub until it is killed."""
    hub = Hub(journal := Journal.open(database), apps())
    hub.attach_channel("partner", Spool(folder, journal.engine))
    hub.run()
    Event().wait()


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2])
