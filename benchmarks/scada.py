"""RTUs: points a second that the front end reads of simulated RTUs, until it is decided of each
whether it is told; beside bare reads by pymodbus of the same registers of the same RTUs."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pymodbus.client import AsyncModbusTcpClient

from adapters.scada import ScadaAdapter, table
from adapters.scada.lines import Rtu
from benchmarks import Figures, Row, by_turns

POINTS = 100
_SECONDS = 2.0
_WARM = 3  # polls of each RTU before it counts: the first one tells everything
_SCRIPT = """
[[rtu]]
name = "r"
count = {count}
value = [{{ address = 0, start = 7 }}]
"""


def rows() -> list[Row]:
    return [row for count in (100, 500) for row in _measured(count)]


def _measured(count: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with _simulated(folder, count) as where:
            adapter = _adapter(folder, where)

            def ours() -> Figures:
                return _front(adapter)

            def bare() -> Figures:
                return asyncio.run(_bare(where))

            read, cpu, floor, floor_cpu = by_turns(ours, bare, runs=3)
    path, bare_is = f"SCADA: {count} RTUs of {POINTS} points", "bare pymodbus reads"
    return [
        Row.of(f"{path}, one thread", "points/s", read, floor, bare_is),
        Row.of(f"{path}, CPU of a poll", "ms", cpu, floor_cpu, bare_is),
    ]


@contextmanager
def _simulated(folder: Path, count: int) -> Iterator[Mapping[str, str]]:
    script = folder / "script.toml"
    script.write_text(_SCRIPT.format(count=count), encoding="utf-8")
    command = [sys.executable, "-m", "dms_apps.simulator.rtu.command", str(script)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())
        process.communicate()


def _adapter(folder: Path, where: Mapping[str, str]) -> ScadaAdapter:
    path = folder / "points.csv"
    usual = {"kind": "Analog", "type": "holding", "data": "int16", "deadband": "1"}
    path.write_bytes(
        table.write(
            {**usual, "name": f"{rtu} {address}", "rtu": rtu, "address": str(address)}
            for rtu in where
            for address in range(POINTS)
        )
    )
    rtus = {name: Rtu(addresses=(address,), timeout=10.0) for name, address in where.items()}
    return ScadaAdapter(points=path, folder=folder / "feeds", rtus=rtus, scan=0.0001, gather=0.05)


def _front(adapter: ScadaAdapter) -> Figures:
    """All RTUs together, polled as often as they answer."""
    batches = iter(adapter.read())
    next(batches)
    while not all(link.polls >= _WARM for link in adapter.links().values()):
        next(batches)
    gc.collect()  # of what the first polls made, once: no part of what goes on for days
    measured = _Measured(_polls(adapter))
    _read_for(batches, _SECONDS)
    figures = measured.figures(_polls(adapter))
    adapter.stop()
    for _ in batches:
        pass
    adapter._stopped.clear()
    return figures


class _Measured:
    """Time and CPU of this process since it was made."""

    def __init__(self, polls: int = 0) -> None:
        self._polls, self._begin, self._cpu = polls, time.perf_counter(), time.process_time()

    def figures(self, polls: int) -> Figures:
        """Points a second, and CPU of a poll in ms."""
        done = polls - self._polls
        seconds, cpu = time.perf_counter() - self._begin, time.process_time() - self._cpu
        return (done * POINTS / seconds, cpu / done * 1e3)


def _read_for(batches: Iterator[object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        next(batches)


def _polls(adapter: ScadaAdapter) -> int:
    return sum(link.polls for link in adapter.links().values())


async def _bare(where: Mapping[str, str]) -> Figures:
    logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
    clients = []
    for address in where.values():
        host, _, port = address.rpartition(":")
        clients.append(AsyncModbusTcpClient(host, port=int(port), timeout=10, retries=0))
    await asyncio.gather(*(client.connect() for client in clients))
    gc.collect()
    measured = _Measured()
    end = time.perf_counter() + _SECONDS
    figures = measured.figures(sum(await asyncio.gather(*(_reads(c, end) for c in clients))))
    for client in clients:
        client.close()
    await asyncio.sleep(0.02)
    return figures


async def _reads(client: AsyncModbusTcpClient, end: float) -> int:
    read = 0
    while time.perf_counter() < end:
        reply = await client.read_holding_registers(0, count=POINTS, device_id=1)
        assert len(reply.registers) == POINTS
        read += 1
    return read
