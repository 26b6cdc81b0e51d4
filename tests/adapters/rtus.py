"""Simulated RTUs in a process of their own, and an adapter that reads them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from adapters.scada import ScadaAdapter, table
from adapters.scada.quality import Flag
from adapters.scada.samples import Scan, Told
from hub.handover import Notes
from hub.settings import build
from tests.fakes import Noted

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 20.0  # seconds after which what did not come will not


class Rtus:
    """A simulator with the RTUs of a script; `where` are their addresses."""

    def __init__(self, folder: Path, script: str) -> None:
        path = folder / "script.toml"
        path.write_text(script, encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dms_apps.simulator.rtu.command", str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        self.where: dict[str, str] = self._said()

    def happen(self, rtu: str = "", **event: Any) -> None:
        """Tell the simulator what is to happen; it has when this returns."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"rtu": rtu, **event}) + "\n")
        self._process.stdin.flush()
        said = self._said()
        assert not said["error"], said["error"]
        self._executed = said["executed"]

    def executed(self, rtu: str) -> list[list[float]]:
        """The controls that an RTU has carried out: address and value."""
        self.happen(rtu, do="clock_jump", seconds=0)  # nothing happens
        found: list[list[float]] = self._executed.get(rtu, [])
        return found

    def kill(self) -> None:
        """End the process at once, as by a power cut."""
        self._process.kill()
        self._process.communicate()

    def _said(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Rtus:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.communicate()
        assert self._process.returncode == 0


def simulated(script: str) -> Any:
    """The fixture of a module of tests: the RTUs of a script."""

    @pytest.fixture(scope="module")
    def rtus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rtus]:
        with Rtus(tmp_path_factory.mktemp("rtus"), script) as found:
            yield found

    return rtus


class Reading:
    """An adapter that is read; keeps all it tells, by point."""

    def __init__(self, adapter: ScadaAdapter) -> None:
        self.adapter = adapter
        self.origins: list[str] = []
        self.scans: list[Scan] = []
        self.told: dict[str, list[Told]] = {}
        self._batches = iter(adapter.read())

    def step(self) -> None:
        for record in next(self._batches):
            self.origins.append(record.origin)
            if not isinstance(record, Scan):
                continue
            self.scans.append(record)
            for one in record.told:
                self.told.setdefault(one.point, []).append(one)

    def until(self, seen: Callable[[], bool], what: str = "", patience: float = PATIENCE) -> None:
        end = time.monotonic() + patience
        while not seen():
            assert time.monotonic() < end, (
                f"{what or 'it'} did not come: {self.adapter.unreached()}"
            )
            self.step()

    def last(self, point: str) -> Told | None:
        return self.told.get(point, [None])[-1]

    def until_told(
        self, point: str, value: float | None, flags: set[Flag] | frozenset[Flag]
    ) -> Told:
        def seen() -> bool:
            told = self.last(point)
            return told is not None and (told.value, told.flags) == (value, flags)

        self.until(seen, f"{point} = {value} {flags}")
        told = self.last(point)
        assert told
        return told

    def for_polls(self, rtu: str, count: int) -> None:
        """Until the RTU has been asked so often more."""
        link = self.link(rtu)
        end = link.polls + count
        self.until(lambda: link.polls >= end, f"{count} polls of {rtu}")
        self.step()

    def link(self, rtu: str) -> Any:
        return self.adapter.links()[rtu]


@contextmanager
def reading(
    folder: Path,
    rtus: Mapping[str, Any],
    rows: Sequence[Mapping[str, str]],
    notes: Notes | None = None,
    **given: Any,
) -> Iterator[Reading]:
    path = folder / "points.csv"
    path.write_bytes(table.write(rows))
    usual = {"timeout": 10.0, "first": 0.02, "longest": 0.05, "gap": 0}
    settings = {
        "points": path,
        "folder": folder / "feeds",
        "rtus": {name: {**usual, **said} for name, said in rtus.items()},
        "scan": 0.02,
        "gather": 0.005,
        "integrity": 1000.0,
        **given,
    }
    adapter = build(ScadaAdapter, settings, path)
    adapter.note_in(notes or Noted())
    found = Reading(adapter)
    try:
        found.step()
        yield found
    finally:
        adapter.stop()
        list(found._batches)
