"""The front end: all RTUs in one thread, and what they tell on its way to the hub."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from threading import Condition, Event, Thread
from typing import Any

from adapters.scada.clock import RtuClock, utc_now
from adapters.scada.lines import Heard, Line
from adapters.scada.outputs import Doubtful, NotSent, Operable, Output
from adapters.scada.samples import Sample, Scan, Told
from adapters.scada.watch import Watch

log = logging.getLogger(__name__)

_ROOM = 0.05  # seconds between two looks whether the hub has caught up
_AGAIN_CANCELLED = 0.2
_CLOSING = 0.02  # seconds in which sockets that were being connected are closed
_AGAIN = 30.0  # seconds until a line that broke by a fault of ours is tried again


@dataclass
class Station:
    """One RTU: its line, its clock and what was told of its points.

    integrity: seconds after which all is told again.
    confirming: points that confirm controls; each sample of them counts, not changes only.
    shown:     of these the last sample and when it was heard (monotonic, s); nothing while the RTU
               is out of reach.
    """

    name: str
    line: Line
    watch: Watch
    integrity: float
    rtu_clock: RtuClock = field(default_factory=RtuClock)
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = utc_now
    confirming: frozenset[str] = frozenset()
    shown: dict[str, tuple[Sample, float]] = field(default_factory=dict)
    _due: float = 0.0

    def told(self, heard: Heard) -> Scan | None:
        """What is to be told of what was heard; None when it is nothing."""
        seen, at = self.now(), self.clock()
        if heard.clock and (jumped := self.rtu_clock.look(heard.clock, seen)):
            self.line.link.clock_jumped(jumped)
        if at >= self._due:
            if self._due:
                self.watch.integrity()
            self._due = at + self.integrity
        told = list(self._told(heard, seen, at))
        return Scan(self.name, seen, told) if told else None

    def _samples(self, heard: Heard) -> Iterator[Sample]:
        yield from heard.samples
        for look in heard.looks:
            yield from look.samples if self.confirming else self.watch.news(look)

    def _told(self, heard: Heard, seen: datetime, at: float) -> Iterator[Told]:
        for sample in self._samples(heard):
            if self.watch.repeats(sample):
                self.line.link.odd("events that it has told before come again, and count once")
                continue
            believed = self.rtu_clock.stamp(sample.at, seen) if sample.at else None
            if sample.point in self.confirming:
                self.shown[sample.point] = sample, at
            if believed is not sample.at:
                sample = replace(sample, at=believed)
            if one := self.watch.take(sample, seen, at):
                yield one
        for name in heard.failed if not heard.lost else [*self.shown]:
            self.shown.pop(name, None)
        if heard.failed:
            yield from self.watch.failed(heard.failed, seen)
        if heard.lost:
            yield from self.watch.lost(seen)


class Front:
    """Listens to all stations in a thread of its own, from `start` to `stop`.

    room: scans that wait for the hub; while there are more nothing is polled.
    """

    def __init__(self, stations: Mapping[str, Station], room: int = 10_000) -> None:
        self.stations = stations
        self._room = room
        self._waiting: deque[Scan] = deque()
        self._changed = Condition()
        self._error: BaseException | None = None
        self._cancel: Callable[[], object] = lambda: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = Event()
        self._thread = Thread(target=self._run, name="scada", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """End the thread; its connections are closed."""
        while self._thread.is_alive():
            # Again and again: asyncio.wait_for may lose it (before Python 3.12).
            with suppress(RuntimeError):  # it has ended meanwhile
                self._cancel()
            self._thread.join(_AGAIN_CANCELLED)

    def take(self, most: int, seconds: float) -> list[Scan]:
        """What has been told, oldest first; waits `seconds` at most when that is nothing.

        Raises: RuntimeError when the thread has ended by a fault.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._error, seconds)
            if self._error:
                raise RuntimeError(f"the front end has ended: {self._error!r}") from self._error
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def select(self, output: Output) -> None:
        """As `Operable.select`, from any thread."""
        self._told(output, lambda line: line.select(output))

    def operate(self, output: Output) -> None:
        """As `Operable.operate`, from any thread."""
        self._told(output, lambda line: line.operate(output))

    def _told(self, output: Output, tell: Callable[[Operable], Coroutine[Any, Any, None]]) -> None:
        line, loop = self.stations[output.point.rtu].line, self._loop
        if not isinstance(line, Operable) or loop is None or not self._thread.is_alive():
            raise NotSent("the front end does not run")
        telling = tell(line)
        try:
            future = asyncio.run_coroutine_threadsafe(telling, loop)
        except RuntimeError as error:
            telling.close()
            raise NotSent("the front end has ended") from error
        try:
            future.result()
        except CancelledError as error:
            raise Doubtful("the front end has ended") from error

    def _run(self) -> None:
        try:
            asyncio.run(self._all())
        except BaseException as error:
            log.exception("the front end has ended")
            with self._changed:
                self._error = error
                self._changed.notify_all()
        finally:
            self._started.set()

    async def _all(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        tasks = [loop.create_task(self._listen(station)) for station in self.stations.values()]

        def cancel() -> None:
            for task in tasks:
                task.cancel()

        self._cancel = partial(loop.call_soon_threadsafe, cancel)
        self._started.set()
        try:
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)
        finally:
            cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(_CLOSING)

    async def _listen(self, station: Station) -> None:
        while True:
            try:
                async for heard in station.line.listen():
                    await self._put(station.told(heard))
            except Exception as error:
                log.exception("RTU %s: a fault of the front end", station.name)
                station.line.link.failed(f"fault of the front end: {error!r}", lost=True)
            await self._put(station.told(Heard(lost=True)))
            await asyncio.sleep(_AGAIN)

    async def _put(self, scan: Scan | None) -> None:
        if scan is None:
            return
        while len(self._waiting) >= self._room:
            await asyncio.sleep(_ROOM)
        with self._changed:
            self._waiting.append(scan)
            self._changed.notify_all()
