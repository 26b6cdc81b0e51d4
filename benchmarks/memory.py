"""What a hub needs for the IEEE 9500-node feeder: memory, and seconds to start again."""

from __future__ import annotations

import os
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
from lxml import etree

from adapters.gis import GisAdapter
from benchmarks import Figures, Row, by_turns, rate
from benchmarks.apart import MEGABYTE, peak
from benchmarks.children import child
from dms_apps.simulator.feeders import cache_folder, feeder
from hub.config import Config, Http
from hub.main.running import Running


def rows(given: Path | None = None) -> list[Row]:
    """With the feeder of the demo utility, or a file."""
    document = given.read_bytes() if given else feeder("ieee9500", cache_folder(os.environ))
    size = [len(document) / MEGABYTE]
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        file = Path(folder) / "feeder.xml"
        file.write_bytes(document)
        columns = by_turns(lambda: _hub(file), lambda: _parsed(document))
    idle, loading, loaded, peak, opening, opened, parsing = columns
    is_, parse = "the CIM file", "lxml's parse of it"
    return [
        Row.of("Memory: hub, idle", "MB", idle),
        Row.of("Memory: hub with the 9500-node feeder", "MB", loaded, size, is_),
        Row.of("Memory: at most while the feeder is taken", "MB", peak, size, is_),
        Row.of("Memory: hub started again on it", "MB", opened, size, is_),
        Row.of("Feeder file -> journal -> network as operated", "s", loading, parsing, parse),
        Row.of("Start again: open, network as operated", "s", opening, parsing, parse),
    ]


def _hub(file: Path) -> Figures:
    """Figures of a hub that takes the feeder, then of one that finds it in the journal."""
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        with child(taking, folder, file) as first:
            taken = first.hear()
        with child(starting, folder) as second:
            started = second.hear()
    return (*taken, *started)


def _parsed(document: bytes) -> Figures:
    """Into a tree, of which nothing is made."""
    parser = etree.XMLParser(huge_tree=True)  # noqa: TID251 - the peer we measure against
    return (1 / rate(1, lambda: etree.fromstring(document, parser)),)  # noqa: TID251 - as above


# -- other processes


def taking(pipe: Connection, folder: str, file: Path) -> None:
    """Memory idle, seconds to take the feeder, memory then, and the most it ever was."""
    pipe.send("ready")
    with _running(folder) as hub:
        idle = _resident()
        seconds = 1 / rate(1, lambda: _take(hub, file))
        pipe.send((idle, seconds, _resident(), peak()))
        pipe.recv()


def _take(hub: Running, file: Path) -> None:
    """As the hub takes a file from the folder of the GIS."""
    adapter = GisAdapter()
    taken = hub.hub.take("gis", adapter, adapter.records(file.name, file.read_bytes()))
    assert all(isinstance(seq, int) for seq in taken.results), taken.results
    assert hub.hub.network.counts()


def starting(pipe: Connection, folder: str) -> None:
    """Seconds until a hub is up again on its data, and its memory."""
    pipe.send("ready")
    begin = time.perf_counter()
    with _running(folder) as hub:
        seconds = time.perf_counter() - begin
        assert hub.hub.network.counts()
        pipe.send((seconds, _resident()))
        pipe.recv()


def _running(folder: str) -> Running:
    config = Config(data=Path(folder), adapters=(), apps=("outage",), http=Http(port=0))
    return Running(config, {})


def _resident() -> float:
    """Megabytes of this process that are in memory now."""
    return float(psutil.Process().memory_info().rss) / MEGABYTE
