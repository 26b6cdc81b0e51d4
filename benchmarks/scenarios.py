"""Many load flows at once: from what is given in each scenario, beside power-grid-model alone.

The peer has its arrays ready; ours begins with `Given`s and ends with complex voltages.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from power_grid_model import CalculationMethod, ComponentType, DatasetType, initialize_array

from benchmarks import Figures, Row, by_turns
from benchmarks.medium_voltage import Tree, view
from dms_apps.solver.batch import Batch
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout

NODES, SCENARIOS = 1_000, 1_000
_RUNS = 3


def rows() -> list[Row]:
    batch = Batch.of(Layout.of(view(Tree.of(NODES), load=5e3 + 2e3j)))
    rng = np.random.default_rng(2)
    names = [f"d{i}" for i in range(1, NODES)]
    power = (5e3 + 2e3j) * rng.uniform(0.2, 1.5, (SCENARIOS, len(names), 3))
    given = [Given(loads=dict(zip(names, each, strict=True))) for each in power]
    found = []
    for flows, what in ((False, "voltages"), (True, "voltages and currents")):
        ours, raw = by_turns(
            _seconds(lambda f=flows: batch.solve(given, flows=f)),  # type: ignore[misc]
            _seconds(_raw(batch, power, flows=flows)),
            runs=_RUNS,
        )
        title = f"{SCENARIOS:,} scenarios of {NODES:,} nodes, {what}"
        found.append(Row.of(title, "s", ours, raw, "power-grid-model, arrays ready"))
    return found


def _raw(batch: Batch, power: np.ndarray, *, flows: bool) -> Callable[[], object]:
    loads = batch.grid.data["asym_load"]
    update = initialize_array(DatasetType.update, ComponentType.asym_load, power.shape[:2])
    update["id"] = loads["id"]
    update["p_specified"], update["q_specified"] = power.real, power.imag
    kinds = ("node", "asym_line", "transformer") if flows else ("node",)

    def work() -> object:
        return batch.model.calculate_power_flow(
            symmetric=False,
            error_tolerance=1e-9,
            calculation_method=CalculationMethod.iterative_current,
            update_data={ComponentType.asym_load: update},
            threading=0,
            output_component_types=[ComponentType[kind] for kind in kinds],
        )

    return work


def _seconds(work: Callable[[], object]) -> Callable[[], Figures]:
    def run() -> Figures:
        begin = time.perf_counter()
        work()
        return (time.perf_counter() - begin,)

    return run
