"""What feeds what in synthetic networks: all of it at once, and again after one switch.

Ours traces every phase for itself and keeps, as everything here, the state before; the libraries
trace one phase in a graph of their own that is changed in place.  Each runs in a process of its
own.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

import numpy as np
import psutil

from benchmarks import RUNS, Figures, Row, tracers
from benchmarks.apart import MEGABYTE, forget_peak, peak
from benchmarks.children import child
from benchmarks.radial import Radial, radial

Made = TypeVar("Made")
_SIZES = (100_000, 1_000_000)
_SWITCHES = 200
Maker = Callable[[Radial], tracers.Tracer]
_PEERS: dict[str, Maker] = {
    "networkx": tracers.Networkx,
    "rustworkx": tracers.Rustworkx,
    "scipy": tracers.Scipy,
}


def rows() -> list[Row]:
    return [row for size in _SIZES for row in _of_size(size)]


def _of_size(size: int) -> list[Row]:
    makers: dict[str, Maker] = {"ours": tracers.Ours, **_PEERS}
    taken: dict[str, list[Figures]] = {name: [] for name in makers}
    for _ in range(RUNS):
        for name, make in makers.items():
            taken[name].append(_figures(make, size))
    columns = {name: list(zip(*figures, strict=True)) for name, figures in taken.items()}
    ours = columns.pop("ours")
    what = f"{size:,} nodes".replace(",", " ")
    measured = (
        (f"Graph of {what}, 3 phases", "s"),
        (f"Trace of {what}, 3 phases", "ms"),
        (f"Trace again after a switch, {what}: p50", "us"),
        (f"Trace again after a switch, {what}: p95", "us"),
        (f"Memory of graph and trace, {what}", "MB"),
    )
    return [
        Row.of(path, unit, ours[place], theirs[place], f"{peer}, 1 phase")
        for place, (path, unit) in enumerate(measured)
        for peer, theirs in columns.items()
    ]


def _figures(make: Maker, size: int) -> Figures:
    with child(tracing, make, size) as other:
        figures: Figures = other.ask("go")
        return figures


def tracing(pipe: Connection, make: Maker, size: int) -> None:
    """In the other process: seconds to build, ms to trace, us to trace again, megabytes."""
    make(radial(2_000)).trace()  # imports, and loads compiled code
    network = radial(size)
    gc.collect()
    pipe.send("ready")
    pipe.recv()
    resident = psutil.Process().memory_info().rss / MEGABYTE
    forget_peak()
    tracer, building = _timed(lambda: make(network))
    whole = [_timed(tracer.trace)[1] for _ in range(RUNS)]
    again = _again(tracer, network)
    pipe.send(
        (
            building,
            1e3 * statistics.median(whole),
            1e6 * float(np.percentile(again, 50)),
            1e6 * float(np.percentile(again, 95)),
            peak() - resident,
        )
    )
    pipe.recv()


def _again(tracer: tracers.Tracer, network: Radial) -> list[float]:
    """Seconds for each of some switches, of which all but one are closed at any time."""
    count = _SWITCHES if not isinstance(tracer, tracers.Scipy) else _SWITCHES // 10
    seconds = []
    for edge in network.some_switches(count):
        seconds.append(_timed(lambda edge=edge: tracer.retrace(edge))[1])  # type: ignore[misc]
        tracer.close(edge)
    return seconds


def _timed(work: Callable[[], Made]) -> tuple[Made, float]:
    begin = time.perf_counter()
    made = work()
    return made, time.perf_counter() - begin
