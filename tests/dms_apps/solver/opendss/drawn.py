"""What OpenDSS computes with after a drawing: the admittance matrix of each element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.loads import drawn
from dms_apps.solver.opendss.circuit import context
from dms_apps.solver.opendss.drawing import Drawing, draw
from dms_apps.solver.solution import Options

Matrix = NDArray[np.complex128]


def errors(layout: Layout) -> dict[str, float]:
    """By mRID, the largest difference to the primitive admittance over its largest element."""
    lit = np.ones(len(layout.places), np.bool_)
    drawing = draw(layout, Given(), drawn(layout, Given(), lit, Options()), Options())
    dss = context()
    dss.Text.Commands("\n".join((*drawing.commands, "solve mode=direct")))
    return {
        layout.elements[at]: _error(layout, drawing, at, dss)
        for at in range(len(layout.primitives))
    }


def _error(layout: Layout, drawing: Drawing, at: int, dss: Any) -> float:
    mine = layout.primitives[at]
    places = list(dict.fromkeys(mine.places))
    names = [drawing.places[layout.number[place]] for place in places]
    theirs = _over(names, [_yprim(dss, name) for name, _ in drawing.parts[layout.elements[at]]])
    across = np.array([[float(p == q) for q in places] for p in mine.places])
    y = across.T @ mine.y @ across
    return float(np.abs(y - theirs).max() / max(np.abs(y).max(), 1.0 if not y.any() else 0.0))


def _yprim(dss: Any, name: str) -> tuple[list[str], Matrix]:
    """Nodes of the rows, "" for earth, and the matrix."""
    dss.ActiveCircuit.SetActiveElement(name)
    element = dss.ActiveCircuit.ActiveCktElement
    order, buses = element.NodeOrder, [bus.partition(".")[0] for bus in element.BusNames]
    each = len(order) // len(buses)
    nodes = [f"{buses[i // each]}.{number}" if number else "" for i, number in enumerate(order)]
    return nodes, np.array(element.Yprim).view(np.complex128).reshape(len(nodes), -1)


def _over(names: Sequence[str], parts: Sequence[tuple[list[str], Matrix]]) -> Matrix:
    """Of some elements together over these nodes; what is between them is left to itself."""
    known = dict.fromkeys([*names, *(node for nodes, _ in parts for node in nodes if node)])
    number = {name: i for i, name in enumerate(known)}
    y = np.zeros((len(number), len(number)), np.complex128)
    for nodes, own in parts:
        rows = [i for i, node in enumerate(nodes) if node]
        at = [number[nodes[i]] for i in rows]
        np.add.at(y, np.ix_(at, at), own[np.ix_(rows, rows)])
    count = len(names)
    if count == len(number):
        return y
    inner = np.linalg.lstsq(y[count:, count:], y[count:, :count], rcond=1e-13)[0]
    return np.asarray(y[:count, :count] - y[:count, count:] @ inner)
