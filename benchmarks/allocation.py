"""Loads allocated to telemetry, beside one load flow of the same solver.

The loads of the solved feeder are spoilt by factors of 0.3 to 1.7, and fit powers that are measured
phase by phase at its head and at two more places, to 1e-6.  Nothing without the reference data.
"""

from __future__ import annotations

import time
from functools import cache
from zipfile import ZipFile

import numpy as np

from benchmarks import Figures, Row, by_turns
from cim.electrical import view
from cim.model.read import read
from dms_apps.solver import nodal
from dms_apps.solver.allocation import allocate
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.telemetry import Point
from tests.conftest import SHARED

_CIM = SHARED / "data" / "cim" / "feeders" / "ieee8500_opendss.zip"
_PLACES = ("hvmv_sub_connector", "ln5866308-1", "ln5576174-3")


def rows() -> list[Row]:
    if not _CIM.exists():
        return []
    allocated, flow = by_turns(_allocated, _flow)
    name = f"IEEE 8500: loads allocated to {len(_points())} points"
    return [Row.of(name, "s", allocated, flow, "one load flow")]


def _allocated() -> Figures:
    begin = time.perf_counter()
    found = allocate(_layout(), _spoilt(), _points())
    seconds = time.perf_counter() - begin
    assert found.converged
    return (seconds,)


def _flow() -> Figures:
    begin = time.perf_counter()
    assert nodal.solve(_layout()).converged
    return (time.perf_counter() - begin,)


@cache
def _layout() -> Layout:
    with ZipFile(_CIM) as archive:
        data = archive.read(archive.namelist()[0])
    return Layout.of(view.read(read(data), frequency=60.0))


@cache
def _points() -> tuple[Point, ...]:
    layout, truth = _layout(), nodal.solve(_layout())
    found = []
    for name in _PLACES:
        [mrid] = [mrid for mrid, of in layout.names.items() if of == name]
        rows = layout.rows(mrid)
        for i in range(rows.start, (rows.start + rows.stop) // 2):
            place = layout.conductors.terminal[i], layout.conductors.phase[i]
            found.append(Point(*place, power=complex(truth.power[i])))
    return tuple(found)


@cache
def _spoilt() -> Given:
    loads = _layout().view.loads
    factors = np.random.default_rng(8500).uniform(0.3, 1.7, len(loads)).tolist()
    of = zip(loads, factors, strict=True)
    return Given(loads={one.mrid: (one.p + 1j * one.q) * factor for one, factor in of})
