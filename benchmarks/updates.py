"""Model updates in a row while events flow and somebody asks questions all the time."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa

from adapters.gis import GisAdapter
from benchmarks import Figures, Row, by_turns, feeders
from benchmarks.messages import batches, events, written
from benchmarks.noting import NAME, Noting, noted
from cim import envelope
from cim.message import Message
from cim.model import Header, write
from cim.model.header import MD, Said
from cim.model.read import read
from hub.dispatch import Hub
from hub.dispatch.recorder import Recorder
from hub.journal import Journal, queries
from hub.main import settle
from tests.fakes import Handed

_UPDATES = 200
_RUNS = 1  # the longest of what happens 200 times
_EVENTS = 40_000  # as many as may flow meanwhile
_IN_A_BATCH = 20
_PAUSE = 0.005  # seconds between two batches of events
_GLANCE = 0.0005  # seconds between two questions
_PATIENCE = 120.0
_TARGET = 100.0  # ms


def rows() -> list[Row]:
    bodies = [written(message) for message in events(_EVENTS)]
    base, node = _base()
    each, flow, longest, usual, lost = by_turns(lambda: _run(base, node, bodies), runs=_RUNS)
    what = f"{_UPDATES} model updates, once"
    return [
        Row.of(f"{what}: each, on the 9500-node feeder", "ms", each),
        Row.of(f"{what}: events meanwhile", "events/s", flow),
        Row.of(f"{what}: a reader waits at most", "ms", longest, [_TARGET], "the target"),
        Row.of(f"{what}: a reader waits, p99", "ms", usual),
        Row.of(f"{what}: events lost", "events", lost),
    ]


def _run(base: bytes, node: str, bodies: list[bytes]) -> Figures:
    """ms an update, events/s, ms that a reader waited at most and at the 99th percentile, lost."""
    with _hub() as hub:
        _take(hub, "feeder.xml", base)
        settle()  # as at the end of a hub's start
        flow, reader = _Flow(hub, bodies), _Reader(hub, node)
        with _meanwhile(flow.run), _meanwhile(reader.run):
            begin = time.perf_counter()
            for number in range(_UPDATES):
                _take(hub, f"update-{number}.xml", _update(number, node))
            seconds = time.perf_counter() - begin
        hub.live.catch_up()
        assert hub.network.energised_phases(_mrid("node", _UPDATES))
        lost = flow.sent - _handled(hub, flow.sent)
    waits = sorted(reader.waits)
    return (
        1e3 * seconds / _UPDATES,
        flow.sent / seconds,
        1e3 * waits[-1],
        1e3 * waits[len(waits) * 99 // 100],
        float(lost),
    )


class _Flow:
    """Events, batch after batch, as a metering system sends them.

    sent: how many have been acknowledged.
    """

    def __init__(self, hub: Hub, bodies: Sequence[bytes]) -> None:
        self._hub = hub
        self._batches = batches(bodies, _IN_A_BATCH)
        self.sent = 0

    def run(self, ended: Event) -> None:
        while not ended.wait(_PAUSE) and (batch := next(self._batches, None)):
            handed = [Handed(_message(body), body) for body in batch]
            self._hub.accept(handed, "ami")
            self.sent += sum(one.acked for one in handed)


class _Reader:
    """Asks whether a node has supply, again and again.

    waits: seconds from one answer to the next.
    """

    def __init__(self, hub: Hub, node: str) -> None:
        self._hub, self._node = hub, node
        self.waits: list[float] = []

    def run(self, ended: Event) -> None:
        last = time.perf_counter()
        while not ended.wait(_GLANCE):
            assert self._hub.network.energised_phases(self._node)
            now = time.perf_counter()
            self.waits.append(now - last - _GLANCE)
            last = now


@contextmanager
def _meanwhile(work: Callable[[Event], None]) -> Iterator[None]:
    """Run `work` beside what is done in the context; its failure is one of the context."""
    ended = Event()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(work, ended)
        try:
            yield
        finally:
            ended.set()
        running.result()


@contextmanager
def _hub() -> Iterator[Hub]:
    """A hub with one app that notes events, and with its history."""
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        journal = Journal.open(f"sqlite:///{Path(folder) / 'gridbus.db'}")
        hub = Hub(journal, {NAME: Noting()})
        recorder = Recorder(journal, hub.live)
        hub.run()
        recorder.run()
        yield hub
        recorder.stop()
        hub.stop()
        journal.close()


def _handled(hub: Hub, expected: int) -> int:
    """How many events the app has noted, once it has had the time for all of them."""
    begin = time.monotonic()
    while True:
        with hub.journal.reading() as connection:
            count: int = connection.scalar(sa.select(sa.func.count()).select_from(noted)) or 0
            waiting = queries.counts(connection).accepted
        if (count >= expected and not waiting) or time.monotonic() - begin > _PATIENCE:
            return count
        time.sleep(0.1)


def _message(body: bytes) -> Message:
    content = envelope.read(body)
    assert isinstance(content, Message)
    return content


def _take(hub: Hub, name: str, document: bytes) -> None:
    """As the hub takes a file from the folder of the GIS; the network has it afterwards."""
    adapter = GisAdapter()
    taken = hub.take("gis", adapter, adapter.records(name, document))
    assert all(isinstance(seq, int) for seq in taken.results), taken.results
    hub.live.catch_up()


# -- the documents


def _base() -> tuple[bytes, str]:
    """The feeder as version 0 of a model, and the mRID of a node with supply."""
    model = read(feeders.ieee9500().read_bytes())
    said = (Said(f"{MD}Model.profile", "http://iec.ch/TC57/CIM100", False),)
    node = model.one(model.links("Terminal.ConnectivityNode"))
    [source, *_] = model.of_class("EnergySource").nonzero()[0].tolist()
    [terminal, *_] = (
        subject
        for subject, equipment in zip(*model.links("Terminal.ConductingEquipment"), strict=True)
        if equipment == source
    )
    document = write.full(model, Header(f"urn:uuid:{_mrid('version', 0)}", said=said))
    return document, model.mrid(int(node[terminal]))


def _update(number: int, node: str) -> bytes:
    """A difference that brings a line and the node at its end."""
    names = ("version", "node", "line", "one", "two")
    now, far, line, one, two = (_mrid(name, number + 1) for name in names)
    values = {"now": now, "before": _mrid("version", number), "node": node, "far": far}
    return _DIFFERENCE.format(**values, line=line, one=one, two=two).encode()


def _mrid(what: str, number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"{what} {number}"))


_DIFFERENCE = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:cim="http://iec.ch/TC57/CIM100#"
    xmlns:dm="http://iec.ch/TC57/61970-552/DifferenceModel/1#"
    xmlns:md="http://iec.ch/TC57/61970-552/ModelDescription/1#"
    xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <dm:DifferenceModel rdf:about="urn:uuid:{now}">
    <md:Model.Supersedes rdf:resource="urn:uuid:{before}"/>
    <md:Model.profile>http://iec.ch/TC57/CIM100</md:Model.profile>
    <dm:reverseDifferences rdf:parseType="Statements"/>
    <dm:forwardDifferences rdf:parseType="Statements">
      <cim:ConnectivityNode rdf:about="urn:uuid:{far}">
        <cim:IdentifiedObject.name>new node</cim:IdentifiedObject.name>
      </cim:ConnectivityNode>
      <cim:ACLineSegment rdf:about="urn:uuid:{line}">
        <cim:IdentifiedObject.name>new line</cim:IdentifiedObject.name>
        <cim:Conductor.length>45</cim:Conductor.length>
      </cim:ACLineSegment>
      <cim:Terminal rdf:about="urn:uuid:{one}">
        <cim:ACDCTerminal.sequenceNumber>1</cim:ACDCTerminal.sequenceNumber>
        <cim:Terminal.ConductingEquipment rdf:resource="urn:uuid:{line}"/>
        <cim:Terminal.ConnectivityNode rdf:resource="urn:uuid:{node}"/>
      </cim:Terminal>
      <cim:Terminal rdf:about="urn:uuid:{two}">
        <cim:ACDCTerminal.sequenceNumber>2</cim:ACDCTerminal.sequenceNumber>
        <cim:Terminal.ConductingEquipment rdf:resource="urn:uuid:{line}"/>
        <cim:Terminal.ConnectivityNode rdf:resource="urn:uuid:{far}"/>
      </cim:Terminal>
    </dm:forwardDifferences>
  </dm:DifferenceModel>
</rdf:RDF>
"""
