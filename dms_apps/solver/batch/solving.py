"""Scenarios of a grid: arrays of what differs, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from importlib.metadata import version
from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from power_grid_model import (
    CalculationMethod,
    ComponentType,
    DatasetType,
    PowerGridModel,
    initialize_array,
)

from dms_apps.solver.batch.grid import Grid, Unrepresentable
from dms_apps.solver.given import Given
from dms_apps.solver.grounds import switches_to_earth
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled
from dms_apps.solver.solution import Engine

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]
"""Of a type of component, by attribute: less to read and write than all its attributes."""

_BRANCHES = ("asym_line", "transformer", "link")
_WANTED = {"node": ("u", "u_angle")} | dict.fromkeys(
    _BRANCHES, ("i_from", "i_to", "p_from", "q_from")
)
_NONE = np.empty(0, np.complex128)
_UNSAID = np.iinfo(np.int8).min
"""How power-grid-model has a status that an update says nothing of."""
_METHODS = {
    "current": CalculationMethod.iterative_current,
    "newton": CalculationMethod.newton_raphson,
}


@dataclass(frozen=True, eq=False)
class Results:
    """What came out, one row a scenario.

    places:   of the columns of `volts`, in the layout: those of phases A, B and C.
    volts:    to earth; 0 where nothing feeds, NaN in a scenario without a solution.
    elements: mRIDs of the columns of `current`: lines, transformers, closed or open switches.
    current:  amperes, the highest of the phases and ends.
    power:    volt-amperes of all phases into the first end.
    failed:   scenarios without a solution, and why.
    """

    engine: Engine
    places: NDArray[np.int64]
    volts: Complex
    elements: tuple[str, ...]
    current: Floats
    power: Complex
    failed: Mapping[int, str]


@dataclass(frozen=True, eq=False)
class Batch:
    """A network that is ready for scenarios.

    Scenarios may differ in loads, in what generators feed in, in switch poles (all of a switch) and
    in what is out of service.
    """

    grid: Grid
    given: Given
    model: PowerGridModel

    @classmethod
    def of(cls, layout: Layout, given: Given | None = None, frequency: float = 50.0) -> Batch:
        """given: what holds in all scenarios that do not say otherwise.

        frequency: hertz; the model's own is taken where it says it.
        Raises: Unrepresentable.
        """
        given = given or Given()
        frequency = layout.view.frequency or frequency
        grid = Grid.of(layout, given, frequency)
        arrays = {ComponentType[kind]: array for kind, array in grid.data.items()}
        return cls(grid, given, PowerGridModel(arrays, system_frequency=frequency))

    def solve(
        self,
        scenarios: Sequence[Given],
        *,
        flows: bool = True,
        method: str = "current",
        tolerance: float = 1e-9,
        threads: int = 0,
    ) -> Results:
        """Each scenario by itself, on several threads.

        flows:     whether currents and powers of branches are wanted, too.
        method:    "current" (iterative current) or "newton".
        tolerance: of voltages between iterations, per unit.
        threads:   0 for as many as there are processors, 1 for one.
        Raises: Unrepresentable, ValueError.
        """
        if method not in _METHODS:
            raise ValueError(f"method is {method!r}; it may be current or newton")
        update = self._update(scenarios)
        wanted = ("node", *(_BRANCHES if flows else ()))
        options = {"method": method, "tolerance": tolerance, "threads": threads}
        if not update:
            update = self._nothing(len(scenarios))
        found = self.model.calculate_power_flow(
            symmetric=False,
            error_tolerance=tolerance,
            max_iterations=100,
            calculation_method=_METHODS[method],
            update_data=update,
            threading=threads,
            output_component_types={
                ComponentType[kind]: list(_WANTED[kind])
                for kind in wanted
                if kind in self.grid.data
            },
            continue_on_batch_error=True,
        )
        engine = Engine("power-grid-model", version("power-grid-model"), options)
        return self._results(engine, cast(dict[ComponentType, Columns], found), self._failed())

    def _failed(self) -> dict[int, str]:
        error = self.model.batch_error
        if error is None:
            return {}
        pairs = zip(error.failed_scenarios.tolist(), error.error_messages, strict=True)
        return {int(i): " ".join(str(why).split()) for i, why in pairs}

    # -- what differs

    def _nothing(self, count: int) -> dict[ComponentType, NDArray[np.void] | Columns]:
        """An update that says what is so anyway."""
        array = initialize_array(DatasetType.update, ComponentType.node, (count, 0))
        return {ComponentType.node: array}

    def _update(
        self, scenarios: Sequence[Given]
    ) -> dict[ComponentType, NDArray[np.void] | Columns]:
        self._check(scenarios)
        loads = self._loads(scenarios)
        update: dict[ComponentType, NDArray[np.void] | Columns] = {}
        if loads is not None:
            update[ComponentType.asym_load] = loads
        for kind in (*_BRANCHES, "shunt", "source"):
            statuses = self._statuses(scenarios, kind)
            if statuses is not None:
                update[ComponentType[kind]] = statuses
        return update

    def _check(self, scenarios: Sequence[Given]) -> None:
        names = ("steps", "sections", "volts", "joined", "earthed", "cut")
        to_earth = switches_to_earth(self.grid.layout)
        for number, given in enumerate(scenarios):
            if moved := sorted(to_earth & given.poles.keys()):
                called = self.grid.layout.names[moved[0]] or moved[0]
                raise Unrepresentable(
                    f"Scenario {number} moves the earthing switch {called} ({moved[0]}): earth that"
                    " is fed has no component."
                )
            for name in names:
                if getattr(given, name):
                    raise Unrepresentable(
                        f"Scenario {number} gives {name}: scenarios may differ in poles, loads, "
                        "fed and out alone."
                    )

    def _loads(self, scenarios: Sequence[Given]) -> Columns | None:
        loads = self.grid.loads
        touched = set().union(*(some for given in scenarios for some in (given.loads, given.fed)))
        out = set().union(*(given.out for given in scenarios))
        numbers = [i for i, m in enumerate(loads.mrids) if m in touched or m in out]
        stars = [(m, at) for m, at in self._at("asym_load") if m in out]
        if not numbers and not stars:
            return None
        counts = np.diff(loads.first)[numbers]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        rows = [row for number in numbers for row in range(*loads.first[number : number + 2])]
        ids = self.grid.data["asym_load"]["id"][rows + [row for _, row in stars]]
        power = loads.drawn(numbers, self._powers(scenarios, numbers))
        if stars:
            unsaid = np.full((len(scenarios), len(stars), 3), complex(np.nan, np.nan))
            power = np.concatenate([power, unsaid], axis=1)
        found = {
            "id": np.tile(ids, (len(scenarios), 1)),
            "p_specified": np.ascontiguousarray(power.real),
            "q_specified": np.ascontiguousarray(power.imag),
        }
        if out:
            found["status"] = np.full((len(scenarios), len(ids)), _UNSAID, np.int8)
        for column, number in enumerate(numbers):
            mrid = loads.mrids[number]
            if mrid in out:
                own = slice(starts[column], starts[column + 1])
                found["status"][:, own] = self._in(scenarios, mrid)[:, None]
        for column, (mrid, _) in enumerate(stars, int(starts[-1])):
            found["status"][:, column] = self._in(scenarios, mrid)
        return found

    def _at(self, kind: str) -> list[tuple[str, int]]:
        """mRIDs and rows of a type of component; shunts with the cores of transformers."""
        own = [(mrid, row) for mrid, (of, row) in self.grid.element.items() if of == kind]
        if kind == "shunt":
            own += [(mrid, row) for mrid, rows in self.grid.cores.items() for row in rows]
        return own

    def _powers(self, scenarios: Sequence[Given], numbers: Sequence[int]) -> Complex:
        """VA drawn, by scenario and part, the parts of one load after those of another."""
        base = [self._base(number) for number in numbers]
        first = np.cumsum([0, *map(len, base)])
        place = {
            self.grid.loads.mrids[number]: range(start, end)
            for number, (start, end) in zip(numbers, pairwise(first), strict=True)
        }
        found = np.tile(np.concatenate([*base, _NONE]), (len(scenarios), 1))
        for sign, each in ((1, [g.loads for g in scenarios]), (-1, [g.fed for g in scenarios])):
            names: tuple[str, ...] = ()
            columns, known = np.empty(0, np.int64), True
            for row, said in zip(found, each, strict=True):
                if said and (now := tuple(said)) != names:  # mostly as in the scenario before
                    names, known = now, place.keys() >= said.keys()
                    columns = np.array([i for m in names for i in place.get(m, ())], np.int64)
                some = said if known else {m: p for m, p in said.items() if m in place}
                if some:
                    row[columns] = sign * np.concatenate(list(some.values()))
        return found

    def _base(self, number: int) -> Complex:
        """VA drawn by the parts of a load where a scenario says nothing."""
        mrid = self.grid.loads.mrids[number]
        if mrid in self.given.loads:
            return np.asarray(self.given.loads[mrid], np.complex128)
        if mrid in self.given.fed:
            return -np.asarray(self.given.fed[mrid], np.complex128)
        return self.grid.loads.base[number]

    def _in(self, scenarios: Sequence[Given], *mrids: str) -> NDArray[np.int8]:
        """1 where all of these are in service."""
        always = not any(mrid in self.given.out for mrid in mrids)
        some = [always and not any(m in given.out for m in mrids) for given in scenarios]
        return np.array(some, np.int8)

    def _statuses(self, scenarios: Sequence[Given], kind: str) -> NDArray[np.void] | None:
        changed = {m for given in scenarios for m in (*given.out, *given.poles)}
        banks = {t.mrid: t.bank for t in self.grid.layout.view.transformers}
        own = [
            (mrid, row)
            for mrid, row in self._at(kind)
            if mrid in changed or banks.get(mrid) in changed
        ]
        if not own:
            return None
        array = initialize_array(
            DatasetType.update, ComponentType[kind], (len(scenarios), len(own))
        )
        ids = self.grid.data[kind]["id"]
        for column, (mrid, row) in enumerate(own):
            status = self._in(scenarios, mrid, banks.get(mrid, mrid))
            if kind == "link":
                status = status * self._closed(scenarios, mrid)
            array["id"][:, column] = ids[row]
            for name in ("from_status", "to_status") if kind in _BRANCHES else ("status",):
                array[name][:, column] = status
        return array

    def _closed(self, scenarios: Sequence[Given], mrid: str) -> NDArray[np.int8]:
        [switch] = (s for s in self.grid.layout.view.switches if s.mrid == mrid)
        poles = frozenset(pole.one for pole in switch.poles)
        stated = frozenset(pole.one for pole in switch.poles if pole.closed)
        base = self.given.poles.get(mrid, stated)
        said = [given.poles.get(mrid, base) & poles for given in scenarios]
        for number, one in enumerate(said):
            if one and one != poles:
                raise Unrepresentable(
                    f"Scenario {number}: {switch.kind} {titled(switch.name, mrid)} is closed on "
                    f"{', '.join(sorted(one))} only, and power-grid-model knows all phases or none."
                )
        return np.array([bool(one) for one in said], np.int8)

    # -- what comes out

    def _results(
        self,
        engine: Engine,
        found: Mapping[ComponentType, Columns],
        failed: Mapping[int, str],
    ) -> Results:
        places, columns, phases = self._places()
        nodes = found[ComponentType.node]
        flat = columns * 3 + phases
        u, angle = (
            np.take(nodes[name].reshape(len(nodes[name]), -1), flat, axis=1)
            for name in _WANTED["node"]
        )
        volts = np.empty(u.shape, np.complex128)
        volts.real, volts.imag = u * np.cos(angle), u * np.sin(angle)
        elements = [
            (mrid, kind, row)
            for mrid, (kind, row) in self.grid.element.items()
            if kind in _BRANCHES and ComponentType[kind] in found
        ]
        current = np.zeros((len(volts), len(elements)))
        power = np.zeros((len(volts), len(elements)), np.complex128)
        for kind in _BRANCHES:
            own = [(i, row) for i, (_, of, row) in enumerate(elements) if of == kind]
            if own:
                at, rows = np.array(own).T
                table = found[ComponentType[kind]]
                ends = np.maximum(table["i_from"], table["i_to"])
                current[:, at] = reduce(np.maximum, np.moveaxis(ends, 2, 0))[:, rows]
                for part, name in ((power.real, "p_from"), (power.imag, "q_from")):
                    part[:, at] = reduce(np.add, np.moveaxis(table[name], 2, 0))[:, rows]
        lost = list(failed)
        volts[lost], current[lost], power[lost] = np.nan, np.nan, np.nan
        return Results(
            engine, places, volts, tuple(m for m, _, _ in elements), current, power, failed
        )

    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Numbers of places, rows of their nodes, and which phase each is."""
        row = {node: i for i, node in enumerate(self.grid.node)}
        table = [
            (number, row[node], "ABC".index(phase))
            for number, (node, phase) in enumerate(self.grid.layout.places)
            if phase in "ABC" and node in row
        ]
        places, rows, phases = np.array(table, np.int64).reshape(-1, 3).T
        return places, rows, phases
