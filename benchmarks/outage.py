"""A storm through the outage app: what is heard a second, and how soon it is told.

The network is the 9500-node feeder as often as it takes (`benchmarks.copies`).  The storm is
scripted (`benchmarks.storms`): one usage point in nine goes dark within a minute, nine of ten of
these manage to say so, which are 100,000 last gasps of a million usage points, and one in a hundred
calls.  The rules are the normal ones: those for storms would only hold outages back for longer.
Then breakers trip one after the other, as SCADA says, while 60,000 customers an hour call; and ties
supply others from elsewhere, and open again.  The clock is that of the storm and goes on by the
processor time that the app takes, as for one core of its own: what else the machine does changes
nothing.  On SQLite; what says so is through the hub (`benchmarks.storm_hub`).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import psutil
import sqlalchemy as sa

from benchmarks import Figures, Row, settled, storms
from benchmarks.apart import MEGABYTE, forget_peak, peak
from benchmarks.children import PATIENCE, child
from benchmarks.copies import Feeder, name
from benchmarks.storm_hub import through_the_hub
from benchmarks.storms import Storm
from cim.message import Message, Outgoing, Verb
from cim.network import Network
from cim.profiles.switching_events import SwitchActionKind
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from dms_apps.outage import OutageApp
from dms_apps.outage.modes import Modes
from dms_apps.outage.tables import metadata, signal
from dms_apps.trouble_calls import TroubleCallsApp
from hub.interfaces import App
from hub.journal.database import connect

POINTS, FEW = 1_000_000, 100_000
_RUNS = 3
_SECONDS = 60.0
_IN_A_MESSAGE = 100
_TOGETHER = 20  # messages in a transaction
_NORMAL = Modes(calls=0.0, outages=0)
_BEGIN = datetime(2026, 7, 14, 15, 0, tzinfo=UTC)
_CALLS = 2_000
_BREAKERS = 3
_TIES = 3
_AGAIN = 75.0  # seconds from one breaker to the next
_BETWEEN = 3600.0 / 60_000  # seconds from one call to the next, meanwhile
_OTHERS = 1_000_000  # number of the first call after the storm
_TARGETS = {"events": 5_000.0, "calls": 1_000.0, "latency": 2.0, "outages": 200.0}
_IS = "the target"


def rows(points: int | None = None) -> list[Row]:
    """points: usage points of the network, by whole feeders; a million take 4.4 GB."""
    feeder = Feeder.read()
    copies = max(1, round((points or POINTS) / len(feeder.points)))
    count = copies * len(feeder.points)
    patience = PATIENCE * max(1.0, count / FEW)
    with child(storming, feeder, copies, patience=patience) as other:
        figures: list[Figures] = other.ask("go")
    few = round(FEW / len(feeder.points))
    with child(through_the_hub, feeder, few) as other:
        kept, rung, rung_there = (list(column) for column in zip(*other.ask("go"), strict=True))
    columns = [list(column) for column in zip(*figures, strict=True)]
    events, inserts, calls, median, late, made, precision, recall, *more = columns
    switched, waited, tied, resident, most = more
    what = f"Storm, {count:,} points"
    hub = f"Storm, {few * len(feeder.points):,} points: XML -> hub -> kept"
    return [
        Row.of(f"{what}: last gasps kept", "events/s", events, inserts, "rows inserted"),
        Row.of(f"{what}: last gasps kept", "events/s", events, [_TARGETS["events"]], _IS),
        Row.of(f"{hub}: last gasps", "events/s", kept, [_TARGETS["events"]], _IS),
        Row.of(f"{hub}: calls, both apps", "calls/s", rung, [_TARGETS["calls"]], _IS),
        Row.of(
            f"{hub} on PostgreSQL: calls, both apps",
            "calls/s",
            rung_there,
            [_TARGETS["calls"]],
            _IS,
        ),
        Row.of(f"{what}: calls, both apps", "calls/s", calls, [_TARGETS["calls"]], _IS),
        Row.of(f"{what}: hold-off -> told, p50", "s", median),
        Row.of(f"{what}: hold-off -> told, p99", "s", late, [_TARGETS["latency"]], _IS),
        Row.of(f"{what}: outages told", "outages", made, [_TARGETS["outages"]], "the most"),
        Row.of(f"{what}: devices told that are open", "%", precision),
        Row.of(f"{what}: open devices that are told", "%", recall),
        Row.of(f"{what}: breaker open, hold-off -> told", "s", switched),
        Row.of(f"{what}: calls kept meanwhile, p99", "s", waited),
        Row.of(f"{what}: a tie closes or opens, processor time until told", "s", tied),
        Row.of(f"{what}: memory, network and apps", "MB", resident),
        Row.of(f"{what}: memory, at most in the storm", "MB", most),
    ]


def storming(pipe: Connection, feeder: Feeder, copies: int) -> None:
    """In the other process: one set of figures for each run."""
    network = Network.empty().after(feeder.model(copies))
    settled()
    pipe.send("ready")
    pipe.recv()
    dark = round(copies * len(feeder.points) / 10 / storms.DELIVERY)
    storm = storms.storm(feeder.zones(copies), dark, dark // 100, _SECONDS)
    pipe.send([_run(network, feeder, storm) for _ in range(_RUNS)])
    pipe.recv()


@dataclass
class _Stage:
    """What an app has of the hub (`hub.interfaces.Context`), in the time of the storm."""

    network: Network
    connection: sa.Connection
    now: datetime = _BEGIN
    due: datetime | None = None
    told: list[tuple[datetime, Verb, UnplannedOutage]] = field(default_factory=list)

    @property
    def before(self) -> Network:
        return self.network

    @property
    def after(self) -> Network:
        return self.network

    def wake_at(self, when: datetime) -> None:
        self.due = when if self.due is None else min(self.due, when)

    def take(self, work: Callable[[], list[Outgoing]]) -> float:
        """Do something in a transaction; the processor's seconds, by which the clock goes on."""
        begin = time.process_time()
        said = work()
        self.connection.commit()
        seconds = time.process_time() - begin
        self.now += timedelta(seconds=seconds)
        for one in said:
            if isinstance(one.payload, UnplannedOutages):
                self.told += [(self.now, one.verb, o) for o in one.payload.unplanned_outage]
        return seconds


def _run(network: Network, feeder: Feeder, storm: Storm) -> Figures:
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'storm.db'}")
        apps = OutageApp(modes=_NORMAL), TroubleCallsApp()
        metadata.create_all(engine)
        apps[1].tables.create_all(engine)
        with engine.connect() as connection:
            stage = _Stage(network, connection)
            _begin(stage, apps[0])
            resident = psutil.Process().memory_info().rss / MEGABYTE
            forget_peak()
            events = _play(stage, apps[0], storm)
            most = peak()
            inserts, calls = _inserted(connection), _called(stage, apps, feeder)
            truth = (*_latencies(stage.told), *_truth(stage.told, storm))
            switched = _tripped(stage, apps, _whole(network, storm)), _tied(stage, apps[0], feeder)
        engine.dispose()
    return (
        len(storm.gasps) / events,
        len(storm.gasps) / inserts,
        _CALLS / calls,
        *truth,
        *switched[0],
        switched[1],
        resident,
        most,
    )


def _begin(stage: _Stage, app: OutageApp) -> None:
    """As long after the model as a storm comes: what it serves is counted and recorded."""
    for _ in range(3):  # it is found to be new, recorded, and found to be recorded
        app.prepare(stage.network)
        stage.take(lambda: list(app.wake(stage)))
    stage.now, stage.due = _BEGIN, None


def _play(stage: _Stage, app: OutageApp, storm: Storm) -> float:
    """The storm until all is told; the seconds that the last gasps took."""
    taken = 0.0
    for at, some in _arriving(storm):
        _wake(stage, app, at)
        stage.now = max(stage.now, at)
        seconds = stage.take(partial(_handled, stage, [app], some))
        taken += seconds if some[0].header.noun == "EndDeviceEvents" else 0.0
    _wake(stage, app, _BEGIN + timedelta(seconds=2 * _SECONDS + 60.0))
    return taken


def _called(stage: _Stage, apps: Sequence[App], feeder: Feeder) -> float:
    """Seconds that calls take in both apps, once some have been taken."""
    calls = [
        storms.call(feeder.point(number), stage.now, _OTHERS + number)
        for number in range(_TOGETHER + _CALLS)
    ]
    parts = [calls[first : first + _TOGETHER] for first in range(0, len(calls), _TOGETHER)]
    works = [partial(_handled, stage, apps, some) for some in parts]
    return sum([stage.take(work) for work in works][1:])


def _whole(network: Network, storm: Storm) -> list[tuple[str, list[str]]]:
    """Breakers below which nothing has opened, and who is below each."""
    breakers = sorted(d for d in network.devices if network.device_kind(d) == "Breaker")
    found = list[tuple[str, list[str]]]()
    for breaker in breakers:
        below = network.devices_below(breaker) | {breaker}
        if not below & storm.devices and len(found) < _BREAKERS:
            found.append((breaker, sorted(network.usage_points_below(breaker))))
    return found


def _tripped(
    stage: _Stage, apps: tuple[OutageApp, TroubleCallsApp], breakers: list[tuple[str, list[str]]]
) -> tuple[float, float]:
    """Breakers trip while those who are below call.

    Seconds from the end of the hold-off until the outage is told, the median of all; and until a
    call is kept, percentile 99.
    """
    hold_off = timedelta(seconds=apps[0].hold_off)
    waits, told = list[float](), list[float]()
    calls = round(_AGAIN / _BETWEEN)
    for number, (breaker, points) in enumerate(breakers):
        begin, before = stage.now, len(stage.told)
        stage.take(partial(_trip, stage, apps[0], storms.switched(breaker, begin)))
        for place in range(calls):
            at = begin + timedelta(seconds=place * _BETWEEN)
            _wake(stage, apps[0], at)
            stage.now = max(stage.now, at)
            identity = 2 * _OTHERS + number * calls + place
            call = storms.call(points[place * len(points) // calls], at, identity)
            stage.take(partial(_handled, stage, apps, [call]))
            waits.append((stage.now - at).total_seconds())
        _wake(stage, apps[0], begin + timedelta(seconds=_AGAIN))
        told += [
            (at - begin - hold_off).total_seconds()
            for at, verb, outage in stage.told[before:]
            if verb is Verb.CREATED
            and breaker in {one.mrid for one in outage.outage_isolation_equipment}
        ]
    assert len(told) == len(breakers), "an outage is not told"
    return float(np.percentile(told, 50)), float(np.percentile(waits, 99))


def _tied(stage: _Stage, app: OutageApp, feeder: Feeder) -> float:
    """Ties close, each of another copy, and open again: the processor's seconds until all that
    follows is told, the median."""
    ties, taken = feeder.ties(), list[float]()
    for copy in range(_TIES):
        device = name(copy, ties[copy % len(ties)])
        for kind in (SwitchActionKind.CLOSE, SwitchActionKind.OPEN):
            begin = time.process_time()
            stage.take(partial(_trip, stage, app, storms.switched(device, stage.now, kind)))
            _wake(stage, app, stage.now + timedelta(seconds=app.pace))
            taken.append(time.process_time() - begin)
    return float(np.percentile(taken, 50))


def _trip(stage: _Stage, app: OutageApp, message: Message) -> list[Outgoing]:
    stage.network = stage.network.after(message)
    return list(app.handle(message, stage))


def _handled(stage: _Stage, apps: Sequence[App], some: Sequence[Message]) -> list[Outgoing]:
    return [said for app in apps for one in some for said in app.handle(one, stage)]


def _wake(stage: _Stage, app: OutageApp, until: datetime) -> None:
    while stage.due is not None and stage.due <= until:
        stage.now, stage.due = max(stage.now, stage.due), None
        stage.take(lambda: list(app.wake(stage)))


def _arriving(storm: Storm) -> Iterator[tuple[datetime, list[Message]]]:
    """What comes in, second by second, in transactions."""
    number = 0
    for second in range(int(_SECONDS) + 1):
        begin = _BEGIN + timedelta(seconds=second)
        words = [
            (_BEGIN + timedelta(seconds=at), point)
            for at, point in storm.gasps
            if int(at) == second
        ]
        sent = []
        for first in range(0, len(words), _IN_A_MESSAGE):
            sent.append(storms.meters(words[first : first + _IN_A_MESSAGE], number))
            number += 1
        calls = [
            storms.call(point, _BEGIN + timedelta(seconds=at), place)
            for place, (at, point) in enumerate(storm.calls)
            if int(at) == second
        ]
        for some in (sent, calls):
            for first in range(0, len(some), _TOGETHER):
                yield begin + timedelta(seconds=1), some[first : first + _TOGETHER]


def _inserted(connection: sa.Connection) -> float:
    """Seconds to write the rows of the last gasps into a table of the same columns."""
    rows = [dict(row) for row in connection.execute(sa.select(signal)).mappings()]
    meters = [row for row in rows if row["by"] == "meter"]
    copy = signal.to_metadata(sa.MetaData(), name="bare")
    copy.indexes.clear()
    copy.create(connection)
    adding = sa.insert(copy)
    begin = time.process_time()
    for first in range(0, len(meters), _IN_A_MESSAGE):
        connection.execute(adding, meters[first : first + _IN_A_MESSAGE])
    connection.commit()
    return time.process_time() - begin


def _latencies(told: Sequence[tuple[datetime, Verb, UnplannedOutage]]) -> tuple[float, float]:
    """Seconds from the end of the hold-off until an outage is told: median, 99th percentile.

    The hold-off of an outage begins when the first word of it is taken in, at the end of the second
    in which it was said.
    """
    hold_off = timedelta(seconds=OutageApp().hold_off + 1.0)
    waits = [
        (at - o.reported_start_time.replace(microsecond=0) - hold_off).total_seconds()
        for at, verb, o in told
        if verb is Verb.CREATED and o.reported_start_time
    ]
    return float(np.percentile(waits, 50)), float(np.percentile(waits, 99))


def _truth(
    told: Sequence[tuple[datetime, Verb, UnplannedOutage]], storm: Storm
) -> tuple[float, float, float]:
    """Outages that were ever told; per cent of those open that name an open device, and of the
    open devices that are named."""
    last = {outage.mrid: (verb, outage) for _, verb, outage in told}
    still = [outage for verb, outage in last.values() if verb is not Verb.CLOSED]
    named = [o.outage_isolation_equipment[0].mrid for o in still if o.outage_isolation_equipment]
    right = storm.devices & set(named)
    return (
        float(len(last)),
        100.0 * len(right) / max(1, len(still)),
        100.0 * len(right) / len(storm.devices),
    )
