"""Limits that a solution violates: voltages of places, currents and powers of equipment."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.electrical.limits import Limit
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Solution

_VIOLATIONS = uuid.UUID("5f0a7c7e-3c67-5d1b-8a51-31c0f6a4d1b2")  # namespace of our identifiers
_THERMAL = ("patl", "tatl")


@dataclass(frozen=True)
class Violation:
    """One value beyond its limit.

    mrid:      the same for the same limit, place and direction, whenever it is violated.
    equipment: mRID; of a voltage the equipment that is at the node, a load before others.
    terminal:  mRID of the side.
    phase:     "" for all phases together.
    quantity:  "V" (to earth), "A" or "VA".
    direction: "high", "low" or "absoluteValue".
    kind:      of the limit: "highVoltage", "lowVoltage", "patl", "tatl" ...
    limit:     in the same unit; `source` says whose it is.
    duration:  seconds for which it may be violated; None: not at all, or not known.
    """

    mrid: str
    equipment: str
    terminal: str
    node: str
    phase: str
    quantity: str
    direction: str
    kind: str
    value: float
    limit: float
    source: str
    duration: float | None = None

    @property
    def share(self) -> float:
        """The value over its limit."""
        return self.value / self.limit


class Limits:
    """The limits of a layout as columns, made once.

    low, high: per unit, of the voltage at all places for which the model has no limit.
    """

    def __init__(self, layout: Layout, low: float = 0.95, high: float = 1.05) -> None:
        self.layout = layout
        self.low, self.high = low, high
        self._volts = _of_voltages(layout, low, high)
        self._amperes, self._powers = _of_conductors(layout)

    def violated(self, solution: Solution) -> tuple[Violation, ...]:
        """All of them, those of voltages first; none where nothing was solved."""
        if not solution.converged:
            return ()
        found = [*self._of_volts(solution), *self._of_amperes(solution), *self._of_powers(solution)]
        return tuple({one.mrid: one for one in found}.values())

    def loadings(self, solution: Solution) -> NDArray[np.float64]:
        """Per element, the largest current or power over its lasting limit; NaN without one."""
        found = np.full(len(self.layout.elements), np.nan)
        rows = self.layout.conductors.element
        with np.errstate(invalid="ignore"):
            for limits, value in (
                (self._amperes, np.abs(solution.current)),
                (self._powers, None),
            ):
                for limit, at in limits:
                    if limit.kind != "patl":
                        continue
                    size = abs(solution.power[at].sum()) if value is None else value[at].max()
                    element = rows[at[0]]
                    found[element] = np.fmax(found[element], size / limit.value)
        return found

    def _of_volts(self, solution: Solution) -> Iterator[Violation]:
        table = self._volts
        size = np.abs(solution.volts)[table.place]
        fed = solution.island[table.place] >= 0
        beyond = np.where(table.high, size > table.value, size < table.value) & fed
        for i in np.flatnonzero(beyond).tolist():
            yield self._volt(table, i, float(size[i]))

    def _volt(self, table: _Volts, i: int, size: float) -> Violation:
        node, phase = self.layout.places[table.place[i]]
        row = table.row[i]
        direction = "high" if table.high[i] else "low"
        return Violation(
            _called(table.of[i], node, phase, direction),
            self.layout.elements[self.layout.conductors.element[row]],
            self.layout.conductors.terminal[row],
            node,
            phase,
            "V",
            direction,
            f"{direction}Voltage",
            size,
            float(table.value[i]),
            table.source[i],
        )

    def _of_amperes(self, solution: Solution) -> Iterator[Violation]:
        size = np.abs(solution.current)
        for limit, rows in self._amperes:
            by_phase: dict[str, int] = {}
            for row in rows[size[rows] > limit.value].tolist():
                phase = self.layout.conductors.phase[row]
                if size[row] > size[by_phase.get(phase, row)] or phase not in by_phase:
                    by_phase[phase] = row
            for phase, row in by_phase.items():
                yield self._conducted(limit, row, phase, float(size[row]))

    def _of_powers(self, solution: Solution) -> Iterator[Violation]:
        for limit, rows in self._powers:
            total = abs(complex(solution.power[rows].sum()))
            if total > limit.value:
                yield self._conducted(limit, int(rows[0]), "", total)

    def _conducted(self, limit: Limit, row: int, phase: str, size: float) -> Violation:
        layout = self.layout
        return Violation(
            _called(limit.mrid, limit.of, phase, limit.kind),
            layout.elements[layout.conductors.element[row]],
            layout.conductors.terminal[row],
            layout.places[layout.conductors.place[row]][0],
            phase,
            limit.quantity,
            limit.direction,
            limit.kind,
            size,
            limit.value,
            limit.source,
            limit.duration,
        )


def _called(*about: str) -> str:
    return str(uuid.uuid5(_VIOLATIONS, " ".join(about)))


# -- voltages


@dataclass(frozen=True, eq=False)
class _Volts:
    """Columns: place, conductor at it, limit in volts to earth, whether a high one, whose."""

    place: NDArray[np.int64]
    row: NDArray[np.int64]
    value: NDArray[np.float64]
    high: NDArray[np.bool_]
    of: list[str]
    source: list[str]


def _of_voltages(layout: Layout, low: float, high: float) -> _Volts:
    stated = _stated(layout)
    first = _shown_at(layout)
    rows: list[tuple[int, int, float, bool, str, str]] = []
    for place, (node, phase) in enumerate(layout.places):
        nominal = layout.nominal[place]
        if phase == "N" or np.isnan(nominal):
            continue
        for is_high, share in ((True, high), (False, low)):
            limit = stated.get((node, is_high))
            if limit is None:
                source = f"{'highest' if is_high else 'lowest'} voltage, {share:g} of nominal"
                rows.append((place, first[place], share * nominal, is_high, "setting", source))
            else:
                # Of a split service a model states 2 or sqrt(3) times a leg, limits likewise.
                between = layout.view.nominal.get(node, nominal * np.sqrt(3))
                volts = limit.value / between * nominal
                rows.append((place, first[place], volts, is_high, limit.mrid, limit.source))
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), (), ()]
    return _Volts(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int64),
        np.array(columns[2], np.float64),
        np.array(columns[3], np.bool_),
        list(columns[4]),
        list(columns[5]),
    )


def _stated(layout: Layout) -> dict[tuple[str, bool], Limit]:
    """By node, and whether it is a high one: the strictest that the model states."""
    nodes = _nodes(layout)
    found: dict[tuple[str, bool], Limit] = {}
    for limit in layout.view.limits:
        if limit.quantity != "V":
            continue
        is_high = limit.direction == "high"
        for node in nodes.get(limit.of, (limit.of,)):
            known = found.get((node, is_high))
            if known is None or (limit.value < known.value) == is_high:
                found[node, is_high] = limit
    return found


def _nodes(layout: Layout) -> dict[str, tuple[str, ...]]:
    """The nodes of terminals and of equipment."""
    found: dict[str, dict[str, None]] = {}
    rows = layout.conductors
    for place, element, terminal in zip(rows.place, rows.element, rows.terminal, strict=True):
        node = layout.places[place][0]
        found.setdefault(terminal, {})[node] = None
        found.setdefault(layout.elements[element], {})[node] = None
    return {of: tuple(nodes) for of, nodes in found.items()}


def _shown_at(layout: Layout) -> list[int]:
    """For each place a conductor there, that of a load before others."""
    kinds = np.array([kind == "load" for kind in layout.kinds])
    loads = kinds[layout.conductors.element]
    found = np.zeros(len(layout.places), np.int64)
    order = np.argsort(loads, kind="stable")
    found[layout.conductors.place[order]] = order
    return [int(row) for row in found]


# -- currents and powers

_Rows = list[tuple[Limit, NDArray[np.int64]]]


def _of_conductors(layout: Layout) -> tuple[_Rows, _Rows]:
    """Limits of currents and of apparent powers, with the conductors each is of."""
    known = _conductors(layout)
    amperes, powers = [], []
    for limit in layout.view.limits:
        rows = known.get(limit.of)
        if rows is None or limit.kind not in _THERMAL:
            continue
        if limit.quantity == "A":
            amperes.append((limit, rows))
        elif limit.quantity == "VA":
            powers.append((limit, rows))
    return amperes, powers


def _conductors(layout: Layout) -> dict[str, NDArray[np.int64]]:
    """By terminal, equipment and transformer end; without neutrals."""
    found: dict[str, list[int]] = {}
    rows = layout.conductors
    for i, (element, terminal, phase) in enumerate(
        zip(rows.element.tolist(), rows.terminal, rows.phase, strict=True)
    ):
        if phase != "N":
            found.setdefault(terminal, []).append(i)
            found.setdefault(layout.elements[element], []).append(i)
    for transformer in layout.view.transformers:
        for winding in transformer.windings:
            own = layout.rows(transformer.mrid)
            found[winding.mrid] = [
                i
                for i in range(own.start, own.stop)
                if rows.terminal[i] == winding.port.terminal and rows.phase[i] in winding.phases
                and rows.phase[i] != "N"
            ]  # fmt: skip
    return {of: np.array(some, np.int64) for of, some in found.items() if some}
