"""Unbalanced load flow: from CIM to a solution, and again after a change, beside OpenDSS itself.

The peer has the circuit from the files of its own that the CIM was exported from, and makes the
same change by its own commands; both read all voltages, which are the same before the first change
but for 0.02 % at most.  For that the peer gets from the CIM what its files say otherwise:
- taps, which its controls may have left elsewhere;
- closed switches, which in the CIM have no impedance (0.1 milliohm here): in its files of IEEE 8500
  they have 1 + 1j milliohm, 6.5 kW of all 1210 kW lost and 0.14 % of a voltage; of IEEE 123 a
  thousandth of that;
- leads of capacitors of IEEE 8500: 1 + 1j milliohm in its files, and 0.62 of that as
  exported, a kilometre over a mile: 0.9 kW.
Loads are impedances outside of 88 to 105 %, taps stay, and both stop at the same change of
voltages; powers of a day are ready, as load shapes there and as an array for each step here.
Nothing without the reference data.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from benchmarks import Figures, Row, by_turns
from cim.electrical import view
from cim.model.read import read
from dms_apps.solver.given import Given, Listed
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.loading import engine
from dms_apps.solver.opendss.session import Session
from dms_apps.solver.solution import Options
from tests.conftest import SHARED

_CHANGES = 20
_STEPS = 96
_TOLERANCE = 1e-6
_SAME = 2e-4
_OPTIONS = Options(low=0.88, high=1.05, tolerance=_TOLERANCE)
_SCRIPTS = SHARED / "data" / "dms" / "ieee_feeders" / "dss_IEEETestCases"


@dataclass(frozen=True)
class Feeder:
    """A feeder in both forms, and one of its switches."""

    name: str
    cim: Path
    script: Path
    switch: str


_FEEDERS = (
    Feeder(
        "IEEE 123",
        SHARED / "data" / "cim" / "feeders" / "ieee123_opendss.xml",
        _SCRIPTS / "123Bus" / "IEEE123Master.dss",
        "sw3",
    ),
    Feeder(
        "IEEE 8500",
        SHARED / "data" / "cim" / "feeders" / "ieee8500_opendss.zip",
        _SCRIPTS / "8500-Node" / "Master.dss",
        "l5523_48332_sw",
    ),
)


def rows() -> list[Row]:
    return [row for feeder in _FEEDERS if feeder.cim.exists() for row in _of(feeder)]


def _of(feeder: Feeder) -> Iterator[Row]:
    ours = Ours(feeder)
    theirs = Raw(feeder, [*ours.taps(), *ours.impedances()])
    assert np.allclose(np.sort(ours.sizes()), np.sort(theirs.sizes()), rtol=_SAME)
    peer = "OpenDSS, its own files"
    for path, work, other in (
        ("CIM to a load flow", ours.cold, theirs.cold),
        ("again after a switch", ours.switch, theirs.switch),
        ("again after one load", ours.load, theirs.load),
        (f"a day of {_STEPS} steps", ours.day, theirs.day),
    ):
        mine, its = by_turns(_timed(work), _timed(other))
        unit = "s" if "CIM" in path or "day" in path else "ms"
        scale = 1 if unit == "s" else 1e3
        yield Row.of(
            f"{feeder.name}: {path}",
            unit,
            [scale * t for t in mine],
            [scale * t for t in its],
            peer,
        )


def _timed(work: Callable[[], Iterator[Callable[[], object]]]) -> Callable[[], Figures]:
    """The median second of the things that a work does."""

    def figures() -> Figures:
        taken = []
        for thing in work():
            begin = time.perf_counter()
            thing()
            taken.append(time.perf_counter() - begin)
        return (statistics.median(taken),)

    return figures


class Ours:
    """By a session over the CIM."""

    def __init__(self, feeder: Feeder) -> None:
        self._document = _document(feeder.cim)
        self._session = Session(self._layout(), _OPTIONS)
        loads = self._session.layout.view.loads
        self._loads = Listed.of({one.mrid: one.p + 1j * one.q for one in loads})
        [self._switch] = [
            one for one in self._session.layout.view.switches if one.name == feeder.switch
        ]
        self._solve(Given())

    def _layout(self) -> Layout:
        return Layout.of(view.read(read(self._document), frequency=60.0))

    def taps(self) -> list[str]:
        """Commands that make those of the peer the same."""
        view = self._session.layout.view
        units = {one.mrid: one for one in view.transformers}
        found = []
        for one in view.tap_changers:
            unit = units[one.transformer]
            number = [winding.mrid for winding in unit.windings].index(one.end) + 1
            ratio = one.curve.at(one.step).ratio
            found.append(f"edit transformer.{unit.name} wdg={number} tap={ratio!r}")
        return found

    def impedances(self) -> Iterator[str]:
        """Commands that make those of closed switches and leads of capacitors the same."""
        view = self._session.layout.view
        leads = [one for one in view.lines if one.name.startswith("cap_")]
        switches = [(one.name, _OPTIONS.switch_ohm + 1e-7j) for one in view.switches]
        for name, z in [*switches, *((one.name, complex(one.z[0, 0])) for one in leads)]:
            ohm = f"r1={z.real!r} x1={z.imag!r} r0={z.real!r} x0={z.imag!r}"
            yield f"edit line.{name} length=1 {ohm} c1=0 c0=0"

    def sizes(self) -> NDArray[np.float64]:
        """Volts to earth of all places."""
        return np.asarray(np.abs(self._session.solve().volts))

    def _solve(self, given: Given) -> None:
        assert self._session.solve(given).converged

    def cold(self) -> Iterator[Callable[[], object]]:
        yield lambda: Session(self._layout(), _OPTIONS).solve()

    def switch(self) -> Iterator[Callable[[], object]]:
        shut = Given()
        opened = Given(poles={self._switch.mrid: frozenset()})
        self._solve(shut)
        for _ in range(_CHANGES // 2):
            for given in (opened, shut):
                yield lambda given=given: self._solve(given)  # type: ignore[misc]

    def load(self) -> Iterator[Callable[[], object]]:
        mrid, power = next(iter(self._loads.items()))
        for share in np.linspace(0.5, 1.5, _CHANGES):
            given = Given(loads={mrid: share * power})
            yield lambda given=given: self._solve(given)  # type: ignore[misc]

    def day(self) -> Iterator[Callable[[], object]]:
        whole = self._loads.powers
        steps = [Given(loads=self._loads.now(share * whole)) for share in _shares()]
        yield lambda: self._day(steps)

    def _day(self, steps: list[Given]) -> None:
        for given in steps:
            self._solve(given)


class Raw:
    """By the scripts and the interface of OpenDSS."""

    def __init__(self, feeder: Feeder, alike: list[str]) -> None:
        self._feeder, self._alike = feeder, alike
        self._dss = self._compiled()
        loads = self._dss.ActiveCircuit.Loads
        self._load = loads.AllNames[0]
        loads.Name = self._load
        self._power = loads.kW, loads.kvar

    def _compiled(self) -> Any:
        dss = engine().NewContext()
        dss.Text.Commands(
            [
                f'compile "{self._feeder.script}"',
                "set maxcontroliter=100",
                "solve",
                f"set controlmode=off tolerance={_TOLERANCE} maxiterations=200",
                *self._alike,
                "solve",
            ]
        )
        self._solve(dss)
        return dss

    def sizes(self) -> NDArray[np.float64]:
        """Volts to earth of all nodes."""
        return np.asarray(self._dss.ActiveCircuit.AllBusVmag)

    def _solve(self, dss: Any) -> None:
        dss.ActiveCircuit.Solution.Solve()
        assert dss.ActiveCircuit.Solution.Converged
        assert len(dss.ActiveCircuit.AllBusVolts) > 0

    def _does(self, command: str) -> Callable[[], object]:
        def work() -> None:
            self._dss.Text.Command = command
            self._solve(self._dss)

        return work

    def cold(self) -> Iterator[Callable[[], object]]:
        yield self._compiled

    def switch(self) -> Iterator[Callable[[], object]]:
        for _ in range(_CHANGES // 2):
            yield self._does(f"open line.{self._feeder.switch} 1")
            yield self._does(f"close line.{self._feeder.switch} 1")

    def load(self) -> Iterator[Callable[[], object]]:
        for share in np.linspace(0.5, 1.5, _CHANGES):
            yield lambda share=share: self._change(share)  # type: ignore[misc]

    def _change(self, share: float) -> None:
        loads = self._dss.ActiveCircuit.Loads
        loads.Name = self._load
        loads.kW, loads.kvar = (share * own for own in self._power)
        self._solve(self._dss)

    def day(self) -> Iterator[Callable[[], object]]:
        points = " ".join(map(str, _shares()))
        self._dss.Text.Commands(
            [
                f"new loadshape.shares npts={_STEPS} minterval=15 mult=[{points}]",
                "batchedit load..* daily=shares",
                "set mode=daily number=1 stepsize=15m hour=0 sec=0",
            ]
        )
        yield self._day
        self._dss.Text.Command = "set mode=snapshot"

    def _day(self) -> None:
        for _ in range(_STEPS):
            self._solve(self._dss)


def _document(path: Path) -> bytes:
    if path.suffix != ".zip":
        return path.read_bytes()
    with ZipFile(path) as archive:
        return archive.read(archive.namelist()[0])


def _shares() -> list[float]:
    """Of the load of a day: a sine with an evening peak."""
    hours = np.arange(_STEPS) * 24 / _STEPS
    base = 0.65 - 0.25 * np.cos((hours - 3) / 24 * 2 * np.pi)
    return (base + 0.1 * np.exp(-((hours - 19) ** 2) / 4)).tolist()  # type: ignore[no-any-return]
