"""IEC 60870-5-104: points received of one simulated RTU in a second of processor time, until it
is decided of each whether it is told; beside c104 alone, with a callback for each point.

Of processor time, for by the clock both are as quick as c104's server: about 20,000 points a
second, a telegram for each.
"""
# No postponed annotations: c104 holds those of its callbacks against its own, as types.

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import c104

from adapters.scada import ScadaAdapter, table
from adapters.scada.lines import Rtu
from benchmarks import Figures, Row, by_turns

POINTS = 2000
_SECONDS = 3.0
_EVERY = 0.05  # seconds; more than the RTU manages
_READY = 60.0  # seconds within which the first value must have come


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with _simulated(folder) as where:

            def ours() -> Figures:
                return (_ours(folder, where),)

            def bare() -> Figures:
                return (_bare(where),)

            received, floor = by_turns(ours, bare, runs=3)
    path = f"IEC 60870-5-104: one RTU of {POINTS:,} points that tells by itself"
    return [Row.of(path, "points/CPU s", received, floor, "bare c104, a callback a point")]


@contextmanager
def _simulated(folder: Path) -> Iterator[str]:
    values = [
        f'{{ table = "M_ME_NC_1", address = {address}, start = 7, every = {_EVERY} }}'
        for address in range(1, POINTS + 1)
    ]
    script = folder / "script.toml"
    listed = ",\n".join(values)
    script.write_text(f'[[rtu]]\nname = "r"\nprotocol = "iec104"\nvalue = [{listed}]\n')
    command = [sys.executable, "-m", "dms_apps.simulator.rtu.command", str(script)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())["r"]
        process.communicate()


def _ours(folder: Path, where: str) -> float:
    path = folder / "points.csv"
    usual = {"kind": "Analog", "type": "M_ME_NC_1", "rtu": "r", "deadband": "1"}
    path.write_bytes(
        table.write(
            {**usual, "name": str(address), "address": str(address)}
            for address in range(1, POINTS + 1)
        )
    )
    rtu = Rtu(protocol="iec104", addresses=(where,), timeout=30.0)
    adapter = ScadaAdapter(points=path, folder=folder / "feeds", rtus={"r": rtu}, gather=0.05)
    batches = iter(adapter.read())
    next(batches)
    link = adapter.links()["r"]
    _until(lambda: link.objects > 0, lambda: next(batches))
    before, begin = link.objects, time.process_time()
    end = time.monotonic() + _SECONDS
    _until(lambda: time.monotonic() > end, lambda: next(batches))
    figure = (link.objects - before) / (time.process_time() - begin)
    adapter.stop()
    for _ in batches:
        pass
    return figure


def _bare(where: str) -> float:
    host, _, port = where.rpartition(":")
    count = 0

    def received(
        point: c104.Point,  # noqa: ARG001
        previous_info: c104.Information,  # noqa: ARG001
        message: c104.IncomingMessage,  # noqa: ARG001
    ) -> c104.ResponseState:
        nonlocal count
        count += 1
        return c104.ResponseState.SUCCESS

    client = c104.Client(tick_rate_ms=50)
    connection = client.add_connection(ip=host, port=int(port), init=c104.Init.NONE)
    assert connection
    station = connection.add_station(common_address=1)
    assert station
    for address in range(1, POINTS + 1):
        point = station.add_point(io_address=address, type=c104.Type.M_ME_NC_1)
        assert point
        point.on_receive(callable=received)
    client.start()

    def look() -> None:
        time.sleep(0.2)
        if connection.is_muted:
            connection.unmute()

    _until(lambda: count > 0, look)
    before, begin = count, time.process_time()
    time.sleep(_SECONDS)
    figure = (count - before) / (time.process_time() - begin)
    client.stop()
    return figure


def _until(seen: Callable[[], bool], step: Callable[[], object]) -> None:
    end = time.monotonic() + _READY
    while not seen():
        assert time.monotonic() < end, "nothing has come"
        step()
