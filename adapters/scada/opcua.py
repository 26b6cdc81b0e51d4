"""OPC UA: one server, which tells of changes by a subscription, and is read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.scada import nodes
from adapters.scada.clock import utc_now
from adapters.scada.lines import Heard, Rtu
from adapters.scada.opcua_client import Client, Got
from adapters.scada.opcua_trust import trust
from adapters.scada.points import Point
from adapters.scada.quality import Flag
from adapters.scada.samples import Sample
from adapters.scada.ways import Ways


@dataclass
class _Scan:
    """Nodes that are read together, every `interval` seconds; next at `due`."""

    places: Sequence[int]
    interval: float
    due: float = 0.0


class OpcUaLine:
    """Points of a group are polled with it; those of none are subscribed to, if the RTU publishes.

    groups: group -> seconds between two polls; each group of the points is in it.
    Raises: ValueError for certificates that cannot be used.
    """

    def __init__(
        self,
        name: str,
        rtu: Rtu,
        points: Iterable[Point],
        groups: Mapping[str, float],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._rtu, self._clock, self._now = rtu, clock, now
        self._points = list(points)
        self._ways = Ways(name, rtu)
        self._trust = trust(name, rtu)
        self.link = self._ways.link
        grouped: dict[str, list[int]] = {}
        for place, point in enumerate(self._points):
            grouped.setdefault(point.group, []).append(place)
        self._subscribed = grouped.pop("", []) if rtu.publishing else []
        scans = [_Scan(places, groups[group]) for group, places in grouped.items()]
        # What is subscribed to is read now and then, too: whatever else may have been lost.
        self._whole = _Scan(self._subscribed, rtu.interrogation)
        self._scans = [*scans, self._whole] if self._subscribed else scans
        self._alive = self._silence = 0.0
        self._missing: frozenset[int] = frozenset()
        self._refused: set[int] = set()
        self._read: dict[int, datetime] = {}
        self._settled = 0.0

    @property
    def tells_changes(self) -> bool:
        return True

    def listen(self) -> AsyncIterator[Heard]:
        """For ever; a session that has failed is opened anew."""
        return self._ways.sessions(self._session)

    async def _session(self) -> AsyncGenerator[Heard, None]:
        client = Client(self.link.address, self._rtu, self._trust)
        try:
            async for heard in self._values(client):
                yield heard
        finally:
            await client.close()

    async def _values(self, client: Client) -> AsyncIterator[Heard]:
        yield await self._begun(client)
        while True:
            found, dropped = await client.take(self._wait())
            if found or dropped:
                if dropped:
                    self.link.overrun(dropped)
                    self._whole.due = self._clock()
                self.link.heard(self._now())
                # What was lost may have been of any point.
                yield self._heard([one for one in found if self._is_news(one)], lost=bool(dropped))
            for scan in self._scans:
                if self._clock() >= scan.due:
                    yield await self._polled(client, scan)
            if self._clock() >= self._alive:
                yield await self._looked(client)

    async def _begun(self, client: Client) -> Heard:
        missing = await client.open([point.node for point in self._points])
        self._missing, self._refused, self._read = frozenset(missing), set(), {}
        self._silence = 0.0
        heard = await self._looked(client)
        now = self._clock()
        for scan in self._scans:
            scan.due = now
        self._whole.due = now + self._whole.interval
        refused = [Got(place, None, what="no such namespace") for place in missing]
        if self._subscribed:
            wanted = [place for place in self._subscribed if place not in self._missing]
            more, self._silence = await client.subscribe(wanted)
            self._refused = {one.node for one in more}
            refused += more
        return Heard(failed=[self._note_refused(one) for one in refused], clock=heard.clock)

    async def _looked(self, client: Client) -> Heard:
        """Its clock; that it is well is seen by the way."""
        if self._subscribed and self._silence:
            still = asyncio.get_running_loop().time() - client.heard
            if still > self._silence:
                raise TimeoutError(f"the subscription is silent for {still:.0f} s")
        begin = self._clock()
        state, clock = await client.state()
        if state != "Running":
            raise ConnectionError(f"the server is {state}")
        self.link.polls += 1
        self.link.answered(self._clock() - begin, self._now())
        self._alive = self._clock() + self._rtu.keep_alive
        return Heard(clock=clock)

    async def _polled(self, client: Client, scan: _Scan) -> Heard:
        begin = self._clock()
        found = await client.read([one for one in scan.places if one not in self._missing])
        self.link.polls += 1
        self.link.answered(self._clock() - begin, self._now())
        scan.due = max(scan.due + scan.interval, self._clock())
        if scan is self._whole:
            await self._note_whole(client, found)
        return self._heard(found)

    async def _note_whole(self, client: Client, found: Sequence[Got]) -> None:
        """What is published for a while may be older than what was read; and a node that was
        refused may be there now."""
        self._read = {one.node: one.at for one in found if one.at}
        self._settled = self._clock() + 2 * self._rtu.publishing + self._rtu.timeout
        back = [one.node for one in found if one.node in self._refused and one.raw is not None]
        if back:
            self._refused -= set(back)
            self._refused |= {one.node for one in await client.watch(back)}

    def _is_news(self, one: Got) -> bool:
        if self._read and self._clock() >= self._settled:
            self._read = {}
        read = self._read.get(one.node)
        return read is None or one.at is None or one.at >= read

    def _wait(self) -> float:
        """Seconds until there is something to read."""
        ends = (scan.due for scan in self._scans)
        return max(0.0, min([self._alive, *ends]) - self._clock())

    # -- what it says

    def _heard(self, found: Sequence[Got], *, lost: bool = False) -> Heard:
        refused = [nodes.is_refused(one.status) for one in found]
        return Heard(
            [self._sample(one) for one, no in zip(found, refused, strict=True) if not no],
            [self._note_refused(one) for one, no in zip(found, refused, strict=True) if no],
            lost=lost,
        )

    def _note_refused(self, one: Got) -> str:
        point = self._points[one.node]
        self.link.refusal(f"{point.name} at {point.node}: {one.what}")
        return point.name

    def _sample(self, one: Got) -> Sample:
        self.link.objects += 1
        point = self._points[one.node]
        if nodes.has_overflown(one.status):
            self.link.overruns += 1
            self.link.odd(f"{point.name} at {point.node}: the server has lost changes before one")
        flags = nodes.quality(one.status)
        raw = one.raw
        if raw is None and not nodes.is_bad(one.status):
            self._note_odd(point, f"is a {one.what}, no number")
        elif point.is_whole and raw is not None and raw % 1:
            self._note_odd(point, f"is {raw:g}, no whole number; the point is a {point.kind}")
            raw = None
        return Sample(point.name, raw, flags if raw is not None else flags | {Flag.FAILURE}, one.at)

    def _note_odd(self, point: Point, what: str) -> None:
        self.link.unknown += 1
        self.link.odd(f"{point.name} at {point.node} {what}")
