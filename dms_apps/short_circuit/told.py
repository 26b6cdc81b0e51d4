"""What was found about short circuits, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from dms_apps.plots import Along, fault_level
from dms_apps.short_circuit.found import MOST, Found
from dms_apps.short_circuit.reach import Reach, Seen
from dms_apps.short_circuit.store import Level
from dms_apps.solver.distances import distances, segments
from dms_apps.solver.fault_levels import Levels
from dms_apps.solver.faults import Before, Fault, during
from dms_apps.solver.given import Given
from dms_apps.solver.iec60909 import ShortCircuits
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Solution
from dms_apps.solver.tables import Cell, Table
from hub.report import Draw, Form


def levels(layout: Layout, found: Iterable[Level]) -> Table:
    """By node and kind of fault."""
    names = layout.view.names
    return Table(
        (("node", ""), ("node name", ""), ("fault", ""), ("highest", "A"), ("X/R", ""),
         ("lowest", "A")),
        [
            (one.node, names.get(one.node, ""), one.kind, one.highest, one.x_r, one.lowest)
            for one in found
        ],
    )  # fmt: skip


def every(found: Levels) -> Table:
    """Every fault, by node and phases."""
    names = found.before.layout.view.names
    x_r, earth = found.x_r.tolist(), found.to_earth.tolist()
    return Table(
        (("node", ""), ("node name", ""), ("fault", ""), ("phases", ""), ("current", "A"),
         ("to earth", "A"), ("X/R", "")),
        [
            (
                found.nodes[node], names.get(found.nodes[node], ""), kind,
                "".join(found.phases(row)), current, earth[row],
                x_r[row] if np.isfinite(x_r[row]) else None,
            )
            for row, (node, kind, current) in enumerate(
                zip(found.node.tolist(), found.kinds, found.highest.tolist(), strict=True)
            )
        ],
    )  # fmt: skip


def duty(found: Found) -> Table:
    """Every value of a device beside its rating, and those of devices that state none."""
    names = found.layout.view.names
    checks = found.duty[0]
    judged = {one.stress.device.mrid for one in checks}
    rows: list[tuple[Cell, ...]] = []
    for one in checks:
        at = one.stress
        called = names.get(at.node) or at.node
        rows.append(
            (at.device.name, at.device.mrid, at.device.kind, called, at.fault, one.what, one.value,
             one.rating, 100 * one.share, one.sentence(called))
        )  # fmt: skip
    for stress in found.stresses:
        if stress.device.mrid not in judged:
            of, called = stress.device, names.get(stress.node) or stress.node
            for what, value in (
                ("breaking", stress.breaking), ("making", stress.peak), ("thermal", stress.thermal),
            ):  # fmt: skip
                rows.append((of.name, of.mrid, of.kind, called, stress.fault, what, value, None,
                             None, ""))  # fmt: skip
    return Table(
        (("device", ""), ("mRID", ""), ("kind", ""), ("node name", ""), ("fault", ""),
         ("what", ""), ("value", "A"), ("rating", "A"), ("share", "%"), ("sentence", "")),
        rows,
    )  # fmt: skip


def reach(found: Sequence[Reach], names: dict[str, str], margin: float) -> Table:
    """What each device sees at the least, and what follows."""
    return Table(
        (("device", ""), ("mRID", ""), ("kind", ""), ("seen", ""), ("node name", ""),
         ("fault", ""), ("through it", "A"), ("at the fault", "A"), ("of its setting", ""),
         ("sentence", "")),
        [row for one in found for row in _reach(one, names, margin)],
    )  # fmt: skip


def _reach(one: Reach, names: dict[str, str], margin: float) -> Iterable[tuple[Cell, ...]]:
    of = one.device
    sentences = " ".join(one.sentences(names, margin))
    for what, seen in (
        ("in its zone", one.own),
        ("behind transformers", one.beyond),
        ("as back-up", one.backup),
    ):
        if seen is not None:
            yield of.name, of.mrid, of.kind, what, *_seen(seen, names), sentences
            sentences = ""


def _seen(seen: Seen, names: dict[str, str]) -> tuple[Cell, ...]:
    share = None if np.isnan(seen.share) else seen.share
    return names.get(seen.node) or seen.node, seen.fault, seen.amperes, seen.at_fault, share


def contributions(before: Before, fault: Fault) -> tuple[Table, Solution]:
    """What flows to a fault: from sources and generators, and through what is at its node."""
    solution = during(before, fault)
    layout, rows = solution.layout, solution.layout.conductors
    names = layout.names
    feeds = {i for i, kind in enumerate(layout.kinds) if kind in ("source", "generator")}
    cells: list[tuple[Cell, ...]] = []
    for i, element in enumerate(rows.element.tolist()):
        node, phase = layout.places[rows.place[i]]
        if node != fault.node and element not in feeds:
            continue
        mrid, current = layout.elements[element], -solution.current[i]
        what = "feeds in" if element in feeds else "brings to the fault's node"
        cells.append(
            (names.get(mrid) or mrid, mrid, layout.kinds[element], what, phase, abs(current),
             float(np.degrees(np.angle(current))))
        )  # fmt: skip
    table = Table(
        (("equipment", ""), ("mRID", ""), ("kind", ""), ("what it does", ""), ("phase", ""),
         ("current", "A"), ("angle", "deg")),
        cells,
    )  # fmt: skip
    return table, solution


def iec60909(layout: Layout, found: ShortCircuits) -> Table:
    """By node, of three-phase buses (IEC 60909-0): initial currents, peak, breaking, steady and
    thermal ones; empty where one is not computed."""
    faults, names = found.faults, layout.view.names
    two_earth = np.fmax(faults.earth_two_b, faults.earth_two_c)
    columns = {
        "Ik3": faults.three, "ip3": faults.peak, "Ib3": faults.breaking, "Ik": faults.steady,
        "Ith": faults.thermal, "Ik2": faults.two, "Ik2E": two_earth, "IkE2E": faults.earth_two_e,
        "Ik1": faults.single, "ip1": faults.single_peak,
    }  # fmt: skip
    kept = {name: column.tolist() for name, column in columns.items()}
    return Table(
        (("node", ""), ("node name", ""), *((name, "A") for name in columns)),
        [
            (node, names.get(node, ""), *(_known(column[bus]) for column in kept.values()))
            for bus, nodes in enumerate(found.circuit.buses.nodes)
            if np.isfinite(faults.three[bus])
            for node in nodes
        ],
    )


def _known(amperes: float) -> float | None:
    """None for what is not computed."""
    return None if np.isnan(amperes) else amperes


def drawing(layout: Layout, given: Given, found: Sequence[Level], title: str) -> Draw:
    """Fault levels over the distance from what feeds them, but for those that are not real."""
    known = {node for node, _ in layout.places}
    drawn = [one for one in found if one.node in known and one.highest <= MOST]

    def draw(form: Form) -> bytes:
        columns: dict[str, Any] = along(layout, given, drawn)
        return fault_level(Along(**columns), form, title=title)

    return draw


def along(layout: Layout, given: Given, found: Sequence[Level]) -> dict[str, object]:
    """Columns for `plots.Along`: metres, amperes and kind of each, and which are neighbours."""
    metres, where = _nodes(layout, distances(layout, given))
    number = {(one.node, one.kind): i for i, one in enumerate(found)}
    start, end, _ = segments(layout, given)
    pairs = {
        (layout.places[a][0], layout.places[b][0])
        for a, b in zip(start.tolist(), end.tolist(), strict=True)
    }
    kinds = dict.fromkeys(one.kind for one in found)
    joined = [
        (number[one, kind], number[two, kind])
        for one, two in sorted(pairs)
        for kind in kinds
        if (one, kind) in number and (two, kind) in number
    ]
    table = np.array(joined, np.int64).reshape(-1, 2)
    return {
        "metres": np.array([metres[where[one.node]] for one in found]),
        "values": np.array([one.highest for one in found]),
        "series": tuple(one.kind for one in found),
        "start": table[:, 0],
        "end": table[:, 1],
    }


def _nodes(layout: Layout, far: np.ndarray) -> tuple[np.ndarray, dict[str, int]]:
    """The least distance of each node's places."""
    where: dict[str, int] = {}
    for node, _ in layout.places:
        where.setdefault(node, len(where))
    metres = np.full(len(where), np.inf)
    np.minimum.at(metres, [where[node] for node, _ in layout.places], far)
    return metres, where
