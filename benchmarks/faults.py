"""Short circuits of every kind at every node, beside the fault study of OpenDSS.

Ours takes 3ph, 2ph and 1ph faults, with earth and without, of all phases of each node, flat.  The
fault study has the impedances of each bus and the currents of its phases to earth, and no other
fault.  The peer has the circuit from the files of its own that the CIM was exported from.  Nothing
without the reference data.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Any
from zipfile import ZipFile

from benchmarks import Figures, Row, by_turns
from cim.electrical import view
from cim.model.read import read
from dms_apps.short_circuit.found import Found, How
from dms_apps.solver import fault_levels
from dms_apps.solver.faults import Before
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.loading import engine
from tests.conftest import SHARED

_CIM = SHARED / "data" / "cim" / "feeders" / "ieee8500_opendss.zip"
_SCRIPT = (
    SHARED / "data" / "dms" / "ieee_feeders" / "dss_IEEETestCases" / "8500-Node" / "Master.dss"
)
_TARGET = 30.0
_RUNS = 5


def rows() -> list[Row]:
    if not _CIM.exists():
        return []
    levels, found, whole, theirs = by_turns(_levels, _cold, _protection, _raw, runs=_RUNS)
    count = len(fault_levels.everywhere(Before.of(_layout())).node)
    name = f"IEEE 8500: {count:,} faults at all nodes"
    return [
        Row.of(name, "s", levels, theirs, "OpenDSS, a fault study"),
        Row.of("IEEE 8500: the same from CIM", "s", found, [_TARGET], "the target"),
        Row.of("IEEE 8500: highest, lowest, zones, duty, reach", "s", whole),
    ]


def _levels() -> Figures:
    layout = _layout()
    return _seconds(lambda: fault_levels.everywhere(Before.of(layout)))


def _cold() -> Figures:
    data = _document()

    def work() -> None:
        fault_levels.everywhere(Before.of(Layout.of(view.read(read(data), frequency=60.0))))

    return _seconds(work)


def _protection() -> Figures:
    found = Found(_layout(), Given(), How())
    return _seconds(lambda: (found.highest, found.duty, found.reaches))


def _raw() -> Figures:
    dss = _compiled()

    def study() -> None:
        dss.Text.Command = "solve mode=faultstudy"
        assert dss.Error.Number == 0

    dss.Text.Commands(["set mode=snapshot", "solve"])
    return _seconds(study)


@cache
def _document() -> bytes:
    with ZipFile(_CIM) as archive:
        return archive.read(archive.namelist()[0])


@cache
def _layout() -> Layout:
    return Layout.of(view.read(read(_document()), frequency=60.0))


@cache
def _compiled() -> Any:
    dss = engine().NewContext()
    dss.Text.Commands(
        [
            f'compile "{_SCRIPT}"',
            "set maxcontroliter=100",
            "solve",
            "set controlmode=off maxiterations=200",
        ]
    )
    return dss


def _seconds(work: Any) -> Figures:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin,)
