"""Modbus TCP: the points of one RTU, polled by groups over one connection."""

from __future__ import annotations

import asyncio
import ssl
import time
import zlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from adapters.scada.blocks import STAMP, Block, blocks
from adapters.scada.clock import utc_now
from adapters.scada.frames import AWAY, EXCEPTIONS, Malformed
from adapters.scada.lines import Heard, Rtu
from adapters.scada.modbus_client import Client, Refused
from adapters.scada.outputs import Denied, Doubtful, Job, NotSent, Output
from adapters.scada.points import Point, Table
from adapters.scada.samples import Look
from adapters.scada.ways import Ways
from adapters.scada.words import Reader, stamp

_GOES_ON = 5  # exception: it was taken, and takes long
_SPREAD = 1.0  # seconds over which the first polls of all RTUs are spread


@dataclass
class _Scan:
    """Blocks that are polled together, every `interval` seconds; next at `due`."""

    blocks: list[tuple[Block, Reader]]
    interval: float
    due: float = 0.0


class ModbusLine:
    """groups: group -> seconds between two polls; each group of the points is in it.
    operates: whether something is ever written.

    Raises: ValueError for points that cannot be read.
    """

    def __init__(
        self,
        name: str,
        rtu: Rtu,
        points: Iterable[Point],
        groups: Mapping[str, float],
        *,
        operates: bool = False,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._rtu, self._clock, self._now, self._operates = rtu, clock, now, operates
        self._ways = Ways(name, rtu)
        self._secured = _tls(name, rtu)
        self._scans = _scans(points, groups, rtu)
        self._spread = zlib.crc32(name.encode()) / 2**32
        self._jobs: deque[Job] = deque()
        self._wanted: asyncio.Event | None = None  # there while there is a connection
        self.link = self._ways.link

    @property
    def tells_changes(self) -> bool:
        return False

    async def select(self, output: Output) -> None:
        """Write the select point, where the table names one (`Operable`)."""
        if output.select is not None:
            await self._write(output, output.select)

    async def operate(self, output: Output) -> None:
        """Write it, once (`Operable`)."""
        await self._write(output, output.address)

    async def _write(self, output: Output, address: int) -> None:
        if self._wanted is None:
            raise NotSent(f"there is no connection: {self.link.why or 'it was just lost'}")
        job = Job(output, address)
        self._jobs.append(job)
        self._wanted.set()
        await job.wait(2 * self._rtu.timeout)

    def listen(self) -> AsyncIterator[Heard]:
        """Poll for ever; a failure closes the connection, for its answer may come too late."""
        return self._ways.sessions(self._session)

    async def _session(self) -> AsyncGenerator[Heard, None]:
        client = self._client()
        try:
            await client.connect()
            async for heard in self._polls(client):
                yield heard
        finally:
            client.close()
            self._unsent()

    def _unsent(self) -> None:
        self._wanted = None
        while self._jobs:
            self._jobs.popleft().fail(NotSent("the connection was lost before"))

    async def _polls(self, client: Client) -> AsyncIterator[Heard]:
        begin = self._clock()
        for scan in self._scans:
            scan.due = begin + self._spread * min(scan.interval, _SPREAD)
            for _, reader in scan.blocks:
                reader.forget()
        self._wanted = asyncio.Event()
        while True:
            scan = min(self._scans, key=lambda one: one.due)
            await self._until(scan.due, self._wanted)
            while self._jobs:
                await self._done(client, self._jobs.popleft())
            self._wanted.clear()
            if self._clock() < scan.due:
                continue
            scan.due = max(scan.due + scan.interval, self._clock())
            yield await self._polled(client, scan)

    async def _until(self, due: float, wanted: asyncio.Event) -> None:
        """Until it is time to poll, or there is something to write."""
        seconds = max(0.0, due - self._clock())
        if not self._operates:
            await asyncio.sleep(seconds)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await wanted.wait()

    async def _done(self, client: Client, job: Job) -> None:
        """Write; whatever becomes of it, it is not written again.

        Raises: OSError, Malformed: the connection is no good any more.
        """
        if job.void:
            return
        job.begun = True
        try:
            await client.write(Table(job.output.point.place), job.address, job.output.words)
        except Refused as refused:
            why = f"exception {refused.code} ({EXCEPTIONS.get(refused.code, 'unknown')})"
            job.fail(Doubtful(why) if refused.code in (_GOES_ON, *AWAY) else Denied(why))
        except (OSError, Malformed) as error:
            job.fail(Doubtful(str(error)))
            raise
        except asyncio.CancelledError:
            job.fail(Doubtful("the front end has ended"))
            raise
        else:
            job.succeed()

    async def _polled(self, client: Client, scan: _Scan) -> Heard:
        looks: list[Look] = []
        failed: list[str] = []
        clock = None
        for block, reader in scan.blocks:
            try:
                words = await self._read(client, block)
            except Refused as refused:
                self._note_refused(refused, block)
                failed += (point.name for point in block.points)
                continue
            if block.points:
                looks.append(reader.look(words))
            else:
                clock = stamp(words)
        return Heard(failed=failed, clock=clock, looks=looks)

    async def _read(self, client: Client, block: Block) -> list[int]:
        self.link.polls += 1
        begin = self._clock()
        try:
            words = await client.read(block)
        except Refused as refused:
            if refused.code in AWAY:
                raise ConnectionError(EXCEPTIONS[refused.code]) from refused
            self.link.answered(self._clock() - begin, self._now())
            raise
        self.link.answered(self._clock() - begin, self._now())
        return words

    def _client(self) -> Client:
        host, port = self._ways.place
        return Client(host, port, self._rtu.unit, self._rtu.timeout, self._secured)

    def _note_refused(self, refused: Refused, block: Block) -> None:
        meaning = EXCEPTIONS.get(refused.code, "unknown")
        self.link.refusal(
            f"{block.table} {block.start} to {block.start + block.count - 1}:"
            f" exception {refused.code} ({meaning})"
        )


def _scans(points: Iterable[Point], groups: Mapping[str, float], rtu: Rtu) -> list[_Scan]:
    """One for each group that has points; the RTU's clock is read with the quickest."""
    grouped: dict[str, list[Point]] = {}
    for point in points:
        grouped.setdefault(point.group, []).append(point)
    scans = [
        _Scan([(block, Reader(block)) for block in blocks(found, rtu.gap, rtu.most)], groups[one])
        for one, found in grouped.items()
    ]
    scans.sort(key=lambda scan: scan.interval)
    if rtu.clock is not None and scans:
        clock = Block(Table.HOLDING, rtu.clock, STAMP)
        scans[0].blocks.insert(0, (clock, Reader(clock)))
    return scans


def _tls(name: str, rtu: Rtu) -> ssl.SSLContext | None:
    """Raises: ValueError for certificates that cannot be used."""
    if rtu.authority is None:
        return None
    try:
        context = ssl.create_default_context(cafile=rtu.authority)
        if rtu.certificate:
            context.load_cert_chain(rtu.certificate, rtu.key)
    except OSError as error:  # ssl.SSLError is one
        raise ValueError(f"rtus.{name}: authority, certificate or key: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
