"""Solutions as tables: what commands, reports and files show of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dms_apps.solver.distances import distances
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Solution
from dms_apps.solver.violations import Limits, Violation

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Columns, each with its unit, and rows."""

    columns: tuple[tuple[str, str], ...]
    rows: Sequence[tuple[Cell, ...]]


def voltages(solution: Solution, given: Given) -> Table:
    """Every place: volts to earth, per unit, angle, and metres from what feeds it."""
    layout = solution.layout
    size, angle = np.abs(solution.volts), np.degrees(np.angle(solution.volts))
    far = distances(layout, given)
    far = np.where(np.isfinite(far), far, np.nan)
    unit, names = size / layout.nominal, layout.view.names
    return Table(
        (("node", ""), ("node name", ""), ("phase", ""), ("voltage", "V"), ("voltage", "p.u."),
         ("angle", "deg"), ("distance", "m"), ("island", "")),
        [
            (node, names.get(node, ""), phase, v, u, a, d, i)
            for (node, phase), v, u, a, d, i in zip(
                layout.places, size.tolist(), unit.tolist(), angle.tolist(), far.tolist(),
                solution.island.tolist(), strict=True,
            )
        ],
    )  # fmt: skip


def flows(solution: Solution) -> Table:
    """Every conductor: current and power from the node into the equipment."""
    layout, rows = solution.layout, solution.layout.conductors
    current = np.abs(solution.current).tolist()
    angle = np.degrees(np.angle(solution.current)).tolist()
    p, q = (solution.power.real / 1e3).tolist(), (solution.power.imag / 1e3).tolist()
    named, names = [layout.names.get(mrid, "") for mrid in layout.elements], layout.view.names
    return Table(
        (("equipment", ""), ("mRID", ""), ("kind", ""), ("terminal", ""), ("node", ""),
         ("node name", ""), ("phase", ""), ("current", "A"), ("angle", "deg"),
         ("active power", "kW"), ("reactive power", "kvar")),
        [
            (
                named[element], layout.elements[element], layout.kinds[element], rows.terminal[i],
                layout.places[place][0], names.get(layout.places[place][0], ""), rows.phase[i],
                current[i], angle[i], p[i], q[i],
            )
            for i, (element, place) in enumerate(
                zip(rows.element.tolist(), rows.place.tolist(), strict=True)
            )
        ],
    )  # fmt: skip


def loading(solution: Solution, limits: Limits) -> Table:
    """Every element that has a lasting limit, the most loaded first."""
    layout = solution.layout
    share = limits.loadings(solution)
    first = layout.conductors.place[np.minimum(layout.first[:-1], len(layout.conductors.place) - 1)]
    names = layout.view.names
    order = np.argsort(-np.nan_to_num(share, nan=-1.0), kind="stable")
    return Table(
        (("equipment", ""), ("mRID", ""), ("kind", ""), ("node", ""), ("node name", ""),
         ("loading", "%")),
        [
            (
                layout.names.get(layout.elements[i], ""), layout.elements[i], layout.kinds[i],
                layout.places[first[i]][0], names.get(layout.places[first[i]][0], ""),
                100 * float(share[i]),
            )
            for i in order.tolist()
            if not np.isnan(share[i])
        ],
    )  # fmt: skip


def violations(layout: Layout, found: Sequence[Violation]) -> Table:
    """Limits that are violated."""
    return Table(
        (("equipment", ""), ("mRID", ""), ("node", ""), ("node name", ""), ("phase", ""),
         ("quantity", ""), ("value", ""), ("limit", ""), ("kind", ""), ("limit of", "")),
        [
            (
                layout.names.get(one.equipment, ""), one.equipment, one.node,
                layout.view.names.get(one.node, ""), one.phase, one.quantity, one.value, one.limit,
                one.kind, one.source,
            )
            for one in found
        ],
    )  # fmt: skip
