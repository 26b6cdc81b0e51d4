"""Model updates in a row while events flow: nothing is lost, and nobody who reads is kept waiting.

One thread brings models, one brings events, one reads; an app handles what comes.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

import pytest

from cim.message import Message
from cim.model import write
from cim.model.difference import Difference, part
from cim.model.header import DIFFERENCE, DM, MD, Header, Said
from cim.model.read import read
from cim.network import Network
from dms_apps.simulator.feeders import cache_folder, feeder
from hub.dispatch import Hub
from hub.dispatch.recorder import Due, Recorder
from hub.history import versions
from hub.journal import Journal, queries
from hub.main import settle
from tests import fakes
from tests.cim.network.drawing import CIM, HEAD, model
from tests.hub.history import story
from tests.hub.history.story import answers, folded, named

BOUND = 0.1  # seconds that nobody who reads is kept waiting


@dataclass
class Reading:
    """Asks the network again and again; `longest` is the longest time that an answer took."""

    hub: Hub
    point: str
    asked: int = 0
    longest: float = 0.0

    def until(self, over: Event) -> None:
        while True:
            begin = time.perf_counter()
            self._ask()
            took = time.perf_counter() - begin
            self.asked += 1
            self.longest = max(self.longest, took)
            if over.wait(0.001):
                return

    def _ask(self) -> None:
        network = self.hub.network
        network.energised_phases(self.point)
        network.feeder_of(self.point)
        network.protective_path(self.point)


@dataclass
class Storm:
    """So many models, one after the other, and between them events without end."""

    hub: Hub
    app: fakes.CountingApp
    models: Iterator[Message]
    switch: str
    point: str
    events: int = 0
    brought: int = 1

    def run(self) -> Reading:
        over, told, reading = Event(), Event(), Reading(self.hub, self.point)
        with ThreadPoolExecutor() as threads:
            handling = threads.submit(self._handle, told)
            at_work = [
                threads.submit(self._bring, over),
                threads.submit(self._tell, over),
                threads.submit(reading.until, over),
            ]
            for future in at_work:
                future.result()
            told.set()
            handling.result()
        return reading

    def _bring(self, over: Event) -> None:
        try:
            for message in self.models:
                assert self.hub.accept([fakes.Handed.of(named(message))], "gis") != [None]
                self.brought += 1
        finally:
            over.set()

    def _tell(self, over: Event) -> None:
        while not over.is_set():
            gasp = fakes.message(fakes.last_gasp(self.point, f"event {self.events}"))
            kind = ("open", "close")[self.events % 2]
            moved = named(story.switched(kind, self.switch))
            handed = [fakes.Handed.of(gasp), fakes.Handed.of(moved)]
            assert None not in self.hub.accept(handed, "ami")
            assert [one.acked for one in handed] == [1, 1]
            self.events += 1
            time.sleep(0.002)

    def _handle(self, told: Event) -> None:
        is_all_told = False
        while self.hub.deliver("counting") or not is_all_told:
            is_all_told = told.is_set()
            time.sleep(0.001)


def stormed(journal: Journal, models: Iterator[Message], switch: str, point: str) -> Reading:
    """Bring `models` one after the other, the first in peace; see that all went well."""
    app = fakes.CountingApp()
    hub = Hub(journal, {"counting": app})
    recorder = Recorder(journal, hub.live, Due(pause=0))
    recorder.run()
    hub.accept([fakes.Handed.of(named(next(models)))], "gis")
    storm = Storm(hub, app, models, switch, point)
    reading = storm.run()
    assert recorder.stop() == []
    recorder.step()
    recorder.stop()
    check(storm)
    return reading


def check(storm: Storm) -> None:
    """Every event is in the journal and was handled, and every model was in force."""
    hub = storm.hub
    assert storm.events
    assert sorted(storm.app.handled) == sorted(f"event {n}" for n in range(storm.events))
    with hub.journal.reading() as connection:
        counts = queries.counts(connection)
        kept = versions.listed(connection, limit=1000)
    assert (counts.accepted, counts.dead, counts.quarantined) == (0, 0, 0)
    # a gasp, the app's answer to it and a move each, and the models
    assert counts.messages == 3 * storm.events + storm.brought
    assert len(kept) == storm.brought


def test_events_flow_while_models_are_updated(journal: Journal) -> None:
    models = (story.grid(opened=opened) for opened in ("", "y") * 10)
    reading = stormed(journal, models, "x", "p")
    assert reading.asked
    live = Hub(journal, {}).live
    last = live.at_least(1)
    assert answers(last) == answers(folded(journal, live.at.seq))


def whole(document: bytes, nodes: Sequence[str]) -> Iterator[Message]:
    """A feeder two hundred times, each with a name of its own."""
    return (model("feeder", grown(document, number)) for number in range(200))


def differences(document: bytes, nodes: Sequence[str]) -> Iterator[Message]:
    """A feeder, then two hundred difference models, each of which gives one node more an alias."""
    yield model("version-0", document)
    for number, node in zip(range(1, 201), nodes[:200], strict=True):
        yield refined(number, node)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("name", "updates"),
    [("ieee123", whole), ("ieee9500", differences)],
    ids=["ieee123", "ieee9500"],
)
def test_nobody_is_kept_waiting_by_two_hundred_models(
    sqlite_url: str, name: str, updates: Callable[[bytes, Sequence[str]], Iterator[Message]]
) -> None:
    """The published feeders, updated as utilities do it: the large one is brought whole once."""
    document = feeder(name, cache_folder(os.environ))
    network = Network.empty().after(model("feeder", document))
    switch = min(d for d in network.devices if network.device_kind(d) == "LoadBreakSwitch")
    nodes = sorted(network.nodes)
    with settled():
        journal = Journal.open(sqlite_url)
        reading = stormed(journal, updates(document, nodes), switch, nodes[0])
        journal.close()
    assert reading.asked > 1_000
    assert reading.longest <= BOUND


@contextmanager
def settled() -> Iterator[None]:
    """As a process that serves."""
    turn = sys.getswitchinterval()
    settle()
    yield
    gc.unfreeze()
    sys.setswitchinterval(turn)


def grown(document: bytes, number: int) -> bytes:
    """The document with one name more."""
    name = b'<cim:Name rdf:about="#_n%d"><cim:Name.name>%d</cim:Name.name></cim:Name>'
    return document.replace(b"</rdf:RDF>", name % (number, number) + b"</rdf:RDF>")


def refined(number: int, node: str) -> Message:
    """The difference model that says of a node what the version before it did not say."""
    base = f"version-{number - 1}"
    link = Said(f"{MD}Model.Supersedes", f"urn:uuid:{base}", is_link=True)
    header = Header(f"urn:uuid:version-{number}", f"{DM}{DIFFERENCE}", (link,))
    alias = f"<cim:IdentifiedObject.aliasName>{number}</cim:IdentifiedObject.aliasName>"
    about = f'<rdf:Description rdf:about="#_{node}">{alias}</rdf:Description></rdf:RDF>'
    forward = part(read((HEAD.format(cim=CIM) + about).encode()))
    document = write.difference(Difference(header, forward=forward))
    return model(f"version-{number}", document, supersedes=[base])
