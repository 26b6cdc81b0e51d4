"""IEC 60870-5-104: one RTU, which is interrogated and tells by itself what changes."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from adapters.scada.asdu import (
    COMMANDS,
    UNKNOWN,
    Asdu,
    Cause,
    Information,
    System,
    answer,
    asked,
    command,
    decode,
    given,
    kin,
    kin_of,
    moment,
)
from adapters.scada.clock import utc_now
from adapters.scada.frames import Malformed
from adapters.scada.iec104_client import Client
from adapters.scada.lines import Heard, Rtu
from adapters.scada.outputs import Denied, Doubtful, Job, NotSent, Output
from adapters.scada.points import Point
from adapters.scada.quality import Flag
from adapters.scada.samples import Sample
from adapters.scada.ways import Ways

_NAMES = {
    System.INTERROGATION: "an interrogation",
    System.COUNTERS: "an interrogation of counters",
    System.CLOCK: "the time",
}
_NAMED = 10  # points that one line of the log names


@dataclass
class _Ask:
    """Something the RTU is asked again and again; `sent` until it has confirmed it."""

    what: System
    every: float
    due: float
    sent: float | None = None


class Iec104Line:
    """The points of the table by their addresses, and what the RTU is asked for at present."""

    def __init__(
        self,
        name: str,
        rtu: Rtu,
        points: Iterable[Point],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._rtu, self._clock, self._now = rtu, clock, now
        self._zone: tzinfo = UTC if rtu.zone == "UTC" else ZoneInfo(rtu.zone)
        self._points: dict[int, list[Point]] = {}
        self._places: dict[tuple[str, int], list[Point]] = {}
        for point in points:
            self._points.setdefault(point.address, []).append(point)
            place = kin(str(point.place)), point.address
            self._places.setdefault(place, []).append(point)
        self._ways = Ways(name, rtu)
        self.link = self._ways.link
        self._asks: dict[System, _Ask] = {}
        self._client: Client | None = None
        self._connections = 0
        self._selected_on: Client | None = None
        self._given: dict[tuple[int, int], Job] = {}
        self._seen: set[int] = set()
        self._pause = rtu.first
        self._is_spoilt = False

    @property
    def tells_changes(self) -> bool:
        return True

    async def select(self, output: Output) -> None:
        """Select it, where the table says so, and wait for the confirmation (`Operable`)."""
        if output.select is not None:
            await self._command(output, select=True)
            self._selected_on = self._client

    async def operate(self, output: Output) -> None:
        """Give the command, once, and wait for its confirmation (`Operable`)."""
        if output.select is not None and self._client is not self._selected_on:
            raise NotSent("the connection by which it was selected was lost")
        await self._command(output, select=False)

    async def _command(self, output: Output, *, select: bool) -> None:
        client, point = self._client, output.point
        if client is None:
            raise NotSent(f"there is no connection: {self.link.why or 'it was just lost'}")
        type_, common = str(point.place), self._rtu.common
        place = COMMANDS[type_], output.address
        if place in self._given:
            raise NotSent(f"another command to {output.address} is on its way")
        try:
            client.send(given(type_, output.raw, common, output.address, select=select))
        except ConnectionError as error:
            raise NotSent(str(error)) from error
        job = self._given[place] = Job(output, output.address, begun=True, is_select=select)
        try:
            await job.wait(self._rtu.timeout)
        finally:
            del self._given[place]

    def listen(self) -> AsyncIterator[Heard]:
        """For ever; a connection that has failed is opened anew."""
        return self._ways.sessions(self._session)

    async def _session(self) -> AsyncGenerator[Heard, None]:
        client = Client(*self._ways.place, self._rtu)
        try:
            await client.open()
            self._client = client
            async for heard in self._telegrams(client):
                yield heard
        finally:
            self._client = None
            for job in self._given.values():
                job.fail(Doubtful("the connection was lost"))
            client.close()

    async def _telegrams(self, client: Client) -> AsyncIterator[Heard]:
        self._connections += 1
        self._begin()
        self._pause = self._rtu.first
        while True:
            self._ask(client)
            telegrams, dropped = await client.take(self._wait())
            self._is_spoilt = False
            heard = [sample for data in telegrams for sample in self._telegram(data)]
            if dropped:
                self.link.overrun(dropped)
            self._check_answered()
            # What was not read may have been of any point.
            lost = dropped > 0 or self._is_spoilt
            if lost:
                self._begin(self._pause)
                self._pause = min(self._rtu.longest, 2 * self._pause)
            if heard or lost:
                yield Heard(heard, lost=lost)

    # -- what it is asked

    def _begin(self, pause: float = 0.0) -> None:
        """All is asked for, after so many seconds."""
        due = self._clock() + pause
        every = {
            System.CLOCK: self._rtu.clock_sync,
            System.INTERROGATION: self._rtu.interrogation,
            System.COUNTERS: self._rtu.counters,
        }
        self._asks = {what: _Ask(what, seconds, due) for what, seconds in every.items() if seconds}
        self._seen = set()

    def _ask(self, client: Client) -> None:
        for ask in self._asks.values():
            now = self._clock()
            if ask.sent is None and now >= ask.due:
                self.link.polls += 1
                ask.sent, ask.due = now, now + ask.every
                client.send(asked(ask.what, self._rtu.common, self._now()))

    def _check_answered(self) -> None:
        # After what has come was read: the answer may have waited for the hub.
        for ask in self._asks.values():
            if ask.sent is not None and self._clock() >= ask.sent + self._rtu.timeout:
                raise TimeoutError(f"{_NAMES[ask.what]}: no answer in {self._rtu.timeout:g} s")

    def _wait(self) -> float:
        """Seconds until there is something to ask, or an answer is overdue."""
        ends = (
            ask.due if ask.sent is None else ask.sent + self._rtu.timeout
            for ask in self._asks.values()
        )
        return max(0.0, min(ends) - self._clock())

    # -- what it says

    def _telegram(self, data: bytes) -> Iterator[Sample]:
        try:
            asdu = decode(data)
        except Malformed as error:
            self._note_malformed(error)
            return
        self.link.heard(self._now())
        if asdu.station != self._rtu.common:
            self._odd(asdu, f"common address {asdu.station}, {self._rtu.common} is configured")
        elif asdu.type in tuple(System):
            self._system(asdu)
        elif asdu.type in COMMANDS.values():
            self._answered(data, asdu)
        elif not kin_of(asdu.type):
            self._odd(asdu, f"type identification {asdu.type} is not read")
        else:
            for one in asdu.objects:
                yield from self._samples(asdu, one)

    def _note_malformed(self, error: Malformed) -> None:
        self._is_spoilt = True
        self.link.malformed += 1
        self.link.odd(f"malformed telegram: {error}; all is asked for again")

    def _answered(self, data: bytes, asdu: Asdu) -> None:
        try:
            said = answer(data, asdu)
        except Malformed as error:
            self._note_malformed(error)
            return
        job = self._given.get((asdu.type, said.address))
        if job is None or not (said.refusal or asdu.cause == Cause.CONFIRMED):
            return
        sent = command(str(job.output.point.place), job.output.raw)
        if said.refusal:
            job.fail(Denied(said.refusal))
        elif said.value != sent:
            self.link.malformed += 1
            job.fail(Doubtful(f"it confirms {said.value.hex()}, sent was {sent.hex()}"))
        elif said.is_select is job.is_select:
            job.succeed()

    def _odd(self, asdu: Asdu, what: str) -> None:
        self.link.objects += len(asdu.objects)
        self.link.unknown += len(asdu.objects)
        if asdu.cause in UNKNOWN:
            what += f" ({UNKNOWN[asdu.cause]})"
        self.link.odd(what)

    def _samples(self, asdu: Asdu, one: Information) -> Iterator[Sample]:
        self.link.objects += 1
        told = kin_of(asdu.type)
        points = self._places.get((told, one.address))
        if points is None:
            self._note_unknown(one, told)
            return
        self._seen.add(one.address)
        at = self._moment(one)
        flags = one.flags | {Flag.TEST} if asdu.is_test else one.flags
        for point in points:
            raw = one.raw if point.bit is None else int(one.raw) >> point.bit & 1
            is_event = at is not None and asdu.cause == Cause.SPONTANEOUS
            yield Sample(point.name, raw, flags, at, self._connections if is_event else 0)

    def _note_unknown(self, one: Information, told: str) -> None:
        self.link.unknown += 1
        says = f"information object {one.address} ({told}) is no point of the table"
        if here := self._points.get(one.address):
            says = (
                f"information object {one.address} is a {told}; {here[0].name} is {here[0].place}"
            )
        self.link.odd(says)

    def _moment(self, one: Information) -> datetime | None:
        """Its time tag; None, which is the time of receipt, without one that can be."""
        if not one.time:
            return None
        try:
            return moment(one.time, self._zone)
        except ValueError as error:
            self.link.odd(f"information object {one.address}: time tag {one.time.hex()}: {error}")
            return None

    def _system(self, asdu: Asdu) -> None:
        if asdu.type == System.INITIALISED:
            # What it said before may no longer hold.
            self._begin()
            return
        ask = self._asks.get(System(asdu.type))
        if ask and ask.sent is not None and asdu.cause != Cause.ENDED:
            self.link.answered(self._clock() - ask.sent, self._now())
            ask.sent = None
        if asdu.is_negative or asdu.cause in UNKNOWN:
            why = UNKNOWN.get(asdu.cause, "negative confirmation")
            self.link.refusal(f"{_NAMES[System(asdu.type)]}: {why}")
        elif asdu.type == System.INTERROGATION and asdu.cause == Cause.ENDED:
            self._note_missing()

    def _note_missing(self) -> None:
        """Log which points an interrogation has left out; counters are not of it."""
        missing = [
            f"{point.name} at {address}"
            for address, points in self._points.items()
            for point in points
            if address not in self._seen and kin(str(point.place)) != "counter"
        ]
        if missing:
            more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
            self.link.odd(f"the interrogation leaves out {', '.join(missing[:_NAMED])}{more}")
