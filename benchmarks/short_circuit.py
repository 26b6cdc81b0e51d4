"""Short circuits by IEC 60909 at all buses, beside those of pandapower and power-grid-model.

Ours are three-phase, two-phase and earth faults with peak, breaking and thermal currents.  Of
pandapower the three-phase ones with their peaks are taken, of power-grid-model the same without
peaks: neither has all.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import numpy as np
from pandapower.shortcircuit import calc_sc
from power_grid_model import (
    ComponentType,
    DatasetType,
    FaultPhase,
    FaultType,
    PowerGridModel,
    ShortCircuitVoltageScaling,
    initialize_array,
)

from benchmarks import Figures, Row, by_turns
from benchmarks.medium_voltage import CURRENT, KV, Tree, of_pandapower, view
from cim.electrical import view as electrical
from cim.model.read import read
from dms_apps.solver.batch.grid import Grid
from dms_apps.solver.given import Given
from dms_apps.solver.iec60909 import Method, short_circuits
from dms_apps.solver.layout import Layout
from tests.conftest import SHARED

BUSES = 8_500
_CIM = SHARED / "data" / "cim" / "feeders" / "ieee8500_opendss.zip"


def rows() -> list[Row]:
    logging.getLogger("pandapower").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandapower, of rated voltages beside those of buses
        return [*_synthetic(), *_published()]


def _synthetic() -> list[Row]:
    """The peers once: they take minutes."""
    tree = Tree.of(BUSES)
    own, net = view(tree), of_pandapower(tree)
    [ours] = by_turns(_seconds(lambda: short_circuits(own)), runs=3)
    [theirs] = by_turns(_seconds(lambda: _theirs(net)), runs=1)
    [grid] = by_turns(_seconds(_grid(tree)), runs=1)
    found = short_circuits(own).faults.three
    _agree(found, np.asarray(net.res_bus_sc.ikss_ka.to_numpy() * 1e3))
    what = f"IEC 60909, {BUSES:,} buses, all faults"
    return [
        Row.of(what, "s", ours, theirs, "pandapower by LU, 3ph and peak"),
        Row.of(what, "s", ours, grid, "power-grid-model, 3ph at each bus"),
    ]


def _theirs(net: Any) -> None:
    calc_sc(net, fault="3ph", case="max", ip=True, topology="radial", inverse_y=False)


def _agree(found: np.ndarray, expected: np.ndarray) -> None:
    order = np.sort(found)
    if not np.allclose(order, np.sort(expected), rtol=1e-6):
        raise RuntimeError("pandapower finds other currents")


def _grid(tree: Tree) -> Callable[[], object]:
    """A three-phase fault in turn at each bus; the power of the source without c, as it wants."""
    grid = Grid.of(Layout.of(view(tree)), Given(), 50.0)
    data = {ComponentType[kind]: array for kind, array in grid.data.items()}
    source = data[ComponentType.source]
    source["sk"], source["rx_ratio"] = np.sqrt(3) * KV[0] * 1e3 * CURRENT / 1.1, 0.1
    nodes = np.array(list(grid.node.values()), np.int32)
    fault = initialize_array(DatasetType.input, ComponentType.fault, 1)
    fault["id"], fault["status"], fault["fault_object"] = 10**6, 1, nodes[0]
    fault["fault_type"], fault["fault_phase"] = FaultType.three_phase, FaultPhase.abc
    fault["r_f"], fault["x_f"] = 0, 0
    model = PowerGridModel({**data, ComponentType.fault: fault})
    update = initialize_array(DatasetType.update, ComponentType.fault, (len(nodes), 1))
    update["id"], update["fault_object"] = 10**6, nodes[:, None]

    def work() -> object:
        return model.calculate_short_circuit(
            update_data={ComponentType.fault: update},
            output_component_types=[ComponentType.fault],
            threading=0,
            short_circuit_voltage_scaling=ShortCircuitVoltageScaling.maximum,
        )

    return work


def _published() -> list[Row]:
    if not _CIM.exists():
        return []
    with ZipFile(_CIM) as packed:
        [name] = packed.namelist()
        feeder = electrical.read(read(packed.read(name)), frequency=60.0)
    method = Method(frequency=60.0)
    [taken] = by_turns(_seconds(lambda: short_circuits(feeder, method=method)), runs=3)
    count = int((short_circuits(feeder, method=method).faults.three > 0).sum())
    return [Row.of(f"IEC 60909, IEEE 8500, its {count:,} buses of 3 phases", "s", taken)]


def _seconds(work: Callable[[], object]) -> Callable[[], Figures]:
    def run() -> Figures:
        begin = time.perf_counter()
        work()
        return (time.perf_counter() - begin,)

    return run
