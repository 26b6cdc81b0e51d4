"""Work in a process of its own: how long it takes, and how much memory beyond the start."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from benchmarks import Figures
from benchmarks.children import child

Steps = Sequence[Callable[[], object]]
"""Work whose libraries are imported and whose compiled code is loaded, one step after the other."""

MEGABYTE = 1e6
_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


def apart(prepare: Callable[..., Steps], *arguments: object) -> Callable[[], Figures]:
    """A measurement of the steps that `prepare(*arguments)` returns.

    Two figures a step: seconds, and the megabytes held at most beyond what was held before it.
    """
    return partial(_figures, prepare, arguments)


def _figures(prepare: Callable[..., Steps], arguments: tuple[object, ...]) -> Figures:
    with child(working, prepare, arguments) as other:
        figures: Figures = other.ask("go")
        return figures


def working(pipe: Connection, prepare: Callable[..., Steps], arguments: tuple[object, ...]) -> None:
    """In the other process."""
    steps = prepare(*arguments)
    pipe.send("ready")
    pipe.recv()
    figures: list[float] = []
    alive = []
    for step in steps:
        gc.collect()
        resident = psutil.Process().memory_info().rss / MEGABYTE
        forget_peak()
        begin = time.perf_counter()
        alive.append(step())  # freed within the step, it would not count
        figures += [time.perf_counter() - begin, max(0.0, peak() - resident)]
    pipe.send(tuple(figures))
    pipe.recv()


def peak() -> float:
    """Megabytes this process held at most since `forget_peak`.

    From the kernel's own mark: that of getrusage starts at what the parent process held.
    """
    for line in _STATUS.read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / MEGABYTE
    raise OSError(f"{_STATUS} does not say how much memory was held at most")


def forget_peak() -> None:
    _RESET.write_text("5")
