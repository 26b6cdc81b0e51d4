"""Opening a hub on a network of a million nodes: until it answers, and its memory.

Feeders of 2,000 nodes are taken once, several in each file, into a journal in a temporary folder;
that takes minutes.  Then processes of their own open it, one after the other.
"""

from __future__ import annotations

import io
import tempfile
import time
import zipfile
from collections.abc import Iterator
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from adapters.gis import GisAdapter
from benchmarks import RUNS, Figures, Row, synthetic
from benchmarks.apart import MEGABYTE, peak
from benchmarks.children import child
from benchmarks.radial import Radial, radial
from hub.config import Config, History, Http
from hub.history import snapshots
from hub.journal import moments
from hub.main.running import Running

_NODES = 1_000_000
_FEEDERS = 25  # in a file
_TARGET = "the target"
_PATIENCE = 600.0  # seconds until the history has caught up


def rows(nodes: int = _NODES) -> list[Row]:
    what = f"{nodes:,} nodes".replace(",", " ")
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        with child(taking, folder, nodes) as first:
            while (taken := first.hear()) is None:
                pass
            slowest, whole, written, memory = taken
        opened = [_opened(folder, nodes) for _ in range(RUNS)]
    answered, resident, most = ([*column] for column in zip(*opened, strict=True))
    return [
        Row.of(f"Take {what} in files, once", "s", [whole]),
        Row.of(f"The slowest file, of {_FEEDERS} feeders", "s", [slowest]),
        Row.of(f"Snapshot of {what}: written", "s", [written]),
        Row.of("Memory: at most while they are taken", "MB", [memory]),
        Row.of(f"Start of a process to an answer, {what}", "s", answered, [10.0], _TARGET),
        Row.of(f"Memory: hub opened on {what}", "MB", resident),
        Row.of("Memory: at most while it opens", "MB", most),
    ]


def _opened(folder: str, nodes: int) -> Figures:
    begin = time.perf_counter()
    with child(opening, folder, nodes) as other:
        seconds = time.perf_counter() - begin  # the process has sent its "ready" with the answer
        resident, most = other.hear()
    return seconds, resident, most


# -- other processes


def taking(pipe: Connection, folder: str, nodes: int) -> None:
    """Take all feeders as the GIS would send them, and see to it that a snapshot is written."""
    pipe.send("ready")
    seconds = []
    with _running(folder) as hub:
        for name, data in _files(radial(nodes)):
            begin = time.perf_counter()
            _take(hub, name, data)
            seconds.append(time.perf_counter() - begin)
            pipe.send(None)  # a sign of life
        begin = time.perf_counter()
        while not _is_kept(hub):
            time.sleep(0.1)
            assert time.perf_counter() - begin < _PATIENCE
        written = time.perf_counter() - begin
    pipe.send((max(seconds), sum(seconds), written, peak()))
    pipe.recv()


def _take(hub: Running, name: str, data: bytes) -> None:
    adapter = GisAdapter()
    taken = hub.hub.take("gis", adapter, adapter.records(name, data))
    assert all(isinstance(seq, int) for seq in taken.results), taken.results
    hub.hub.live.catch_up()


def _files(network: Radial) -> Iterator[tuple[str, bytes]]:
    """Zip files with some feeders each."""
    documents = synthetic.documents(network)
    while batch := list(islice(documents, _FEEDERS)):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, document in batch:
                archive.writestr(name, document)
        yield f"{batch[0][0]}.zip", packed.getvalue()


def _is_kept(hub: Running) -> bool:
    """Whether the newest snapshot holds all there is."""
    with hub.journal.reading() as connection:
        return snapshots.last_seq(connection) == moments.newest(connection)


def opening(pipe: Connection, folder: str, nodes: int) -> None:
    """Be ready once a question has been answered; then tell the memory, and the most it was."""
    with _running(folder) as hub:
        assert hub.hub.network.is_energised(synthetic.usage_point(nodes - 4))
        pipe.send("ready")
        pipe.send((float(psutil.Process().memory_info().rss) / MEGABYTE, peak()))
        pipe.recv()


def _running(folder: str) -> Running:
    """A hub that runs no app: what is measured is the network."""
    history = History(pause=5.0)
    config = Config(data=Path(folder), adapters=(), apps=(), http=Http(port=0), history=history)
    return Running(config, {})
