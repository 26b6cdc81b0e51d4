"""The story of the kill test of a storm: what single services had before, the storm, its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from benchmarks import storms
from cim.message import Message
from cim.profiles.end_device_events import EndDeviceEvents
from dms_apps.outage import OutageApp
from dms_apps.trouble_calls import TroubleCallsApp
from dms_apps.trouble_calls.tables import ticket
from hub.interfaces import App
from tests.faults import storm_network
from tests.faults.outages_process import Part

FEEDERS, DARK, CALLS = 5, 1600, 150
BATCH = 10
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


def parts(begin: datetime) -> Sequence[Part]:
    """The network, what was before, the storm; its end, when it is known what is behind each call:
    else nothing was to be told."""
    first = [storm_network.model(FEEDERS), _before(begin)]
    calls = [
        storms.call(point, begin + timedelta(seconds=at), number)
        for number, (at, point) in enumerate(STORM.calls)
    ]
    gasps = _in_parts([(begin + timedelta(seconds=at), point) for at, point in STORM.gasps], 0)
    # Calls are heard amid the last gasps, as in life.
    amid = [one for pair in zip(gasps, calls, strict=False) for one in pair]
    rest = [*gasps[len(calls) :], *calls[len(gasps) :]]
    dark = [(begin + BACK, point) for point in sorted(STORM.dark)]
    back = _in_parts(dark, 1000, restored=True)
    return [Part([*first, *amid, *rest], _is_known), Part(back)]


def _is_known(connection: sa.Connection) -> bool:
    tied = sa.select(sa.func.count()).where(ticket.c.outage.is_not(None))
    return connection.scalar(tied) == CALLS


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


def apps() -> Mapping[str, App]:
    """Quick ones."""
    return {"outage": OutageApp(hold_off=2.0), "trouble_calls": TroubleCallsApp(settle=1.0)}
