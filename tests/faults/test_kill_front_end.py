"""kill -9 of the active one of two hubs with a front end on one database, or it stands still: the
other one goes on, the RTU shows the same, and no control is carried out twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.scada import table
from cim.network import Network
from hub.journal import holders
from tests import fakes
from tests.adapters.rtus import REPOSITORY, Rtus
from tests.adapters.test_scada_controls import command, points
from tests.adapters.test_scada_operating import knows, street
from tests.faults.front_end_process import opened
from tests.faults.test_kill_embedded import wait_for

SCRIPT = """
[[rtu]]
name = "m"
size = 60
value = [
    { table = "discrete_input", address = 0, start = 0 },
    { table = "discrete_input", address = 1, start = 1 },
    { table = "holding", address = 20, data = "float32", start = 1.5 },
]
control = [
    { address = 10, indication = 0 },
    { address = 11, select = 12, indication = 1 },
]
"""
RIGHT = "sending-scada"


class Pair:
    """Two processes, and a hub that only takes what is asked, on the same database."""

    def __init__(self, folder: Path, database: str, rtus: Rtus) -> None:
        self.rtus = rtus
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        for name in ("one", "two"):
            self._start(folder / name, database)
        self.asker = opened(folder / "two", database)
        self.journal = self.asker.journal

    def _start(self, folder: Path, database: str) -> None:
        folder.mkdir()
        (folder / "points.csv").write_bytes(table.write(points("m", within="5")))
        settings: dict[str, Any] = {
            "points": str(folder / "points.csv"),
            "folder": str(folder / "feeds"),
            "rtus": {"m": {"addresses": [self.rtus.where["m"]], "first": 0.05, "longest": 0.1}},
            "scan": 0.05,
            "gather": 0.02,
        }
        (folder / "settings.json").write_text(json.dumps(settings))
        module = "tests.faults.front_end_process"
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(folder), database],
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
        )
        self._processes[process.pid] = process
        assert process.stdout
        assert process.stdout.readline() == b"runs\n"

    @property
    def active(self) -> int:
        """The process that is; 0 while there is none."""
        with self.journal.reading() as connection:
            found = holders.holders(connection, [RIGHT]).get(RIGHT, "")
        return int(found.split()[1]) if found else 0

    def send(self, process: int, number: signal.Signals) -> None:
        self._processes[process].send_signal(number)

    @property
    def network(self) -> Network:
        self.asker.live.catch_up()
        return self.asker.network

    def moves(self, address: int, value: int) -> None:
        """The RTU shows something else, and the network comes to show it."""
        self.rtus.happen("m", do="set", table="discrete_input", address=address, value=value)
        switch = f"_s{address + 1}"
        begun = time.monotonic()
        wait_for(lambda: bool(self.network.switch_closed(switch)) == bool(value), f"{switch}")
        print(f"told after {time.monotonic() - begun:.1f} s")

    def outcome(self, message_id: str) -> str:
        """Result and reasons of the reply that one of the two has given."""
        found: list[str] = []

        def answered() -> bool:
            if (message := self.asker.answer(message_id, 0.05)) and message.reply:
                errors = (str(one.details) for one in message.reply.errors)
                found[:] = [" ".join([message.reply.result, *errors])]
            return bool(found) and "is not answered yet" not in found[0]

        wait_for(answered, f"the outcome of {message_id}")
        return found[0]

    def end(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.communicate()
        self.journal.close()


@pytest.fixture
def rtus(tmp_path: Path) -> Iterator[Rtus]:
    with Rtus(tmp_path, SCRIPT) as found:
        yield found


@contextmanager
def running(folder: Path, database: str, rtus: Rtus) -> Iterator[Pair]:
    pair = Pair(folder, database, rtus)
    try:
        pair.asker.accept([fakes.Handed.of(street())], "test")
        wait_for(lambda: bool(pair.network) and knows(pair.asker), "the first values")
        yield pair
    finally:
        pair.end()


@pytest.mark.fault
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_the_other_one_goes_on_polling(
    tmp_path: Path, postgres_url: str, rtus: Rtus, how: signal.Signals
) -> None:
    with running(tmp_path, postgres_url, rtus) as pair:
        pair.moves(0, 1)
        first = pair.active
        pair.send(first, how)
        # What moves while nobody looks is told by the first poll of the other one.
        pair.moves(0, 0)
        second = pair.active
        assert second not in (0, first)
        pair.moves(1, 0)
        if how is signal.SIGSTOP:
            pair.send(first, signal.SIGCONT)
            pair.moves(0, 1)
            pair.moves(1, 1)
            assert pair.active == second


@pytest.mark.fault
@pytest.mark.parametrize("after", [0.0, 0.05, 0.2])
def test_a_control_in_flight_is_executed_once_and_its_outcome_is_told(
    tmp_path: Path, postgres_url: str, rtus: Rtus, after: float
) -> None:
    with running(tmp_path, postgres_url, rtus) as pair:
        first = pair.active
        rtus.happen("m", do="control", faults=["mute"])  # it does what it is told, and says nothing
        pair.asker.accept([fakes.Handed.of(command(1, "_s1"))], "test")
        if after:
            wait_for(lambda: bool(rtus.executed("m")), "the RTU has it")
            time.sleep(after)
        pair.send(first, signal.SIGKILL)
        said = pair.outcome("C-1")
        executed = rtus.executed("m")
        assert executed == [[10, 1]] if after else len(executed) <= 1
        # It is told by the indication, when it was begun; else it was not, and is not.
        assert said == "OK" if executed else "c1 = closed was " in said
        rtus.happen("m", do="control")
        # The one that goes on carries out what it is asked.
        wait_for(lambda: bool(pair.network.switch_closed("_s1")) == bool(executed), "the position")
        pair.asker.accept([fakes.Handed.of(command(0, "_s2", "C-2"))], "test")
        assert pair.outcome("C-2") == "OK"
        assert rtus.executed("m") == [*executed, [11, 0]]
