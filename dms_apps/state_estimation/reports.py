"""What the state estimation shows beside messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from cim.network import Network
from dms_apps.solver import tables
from dms_apps.solver.live import Live
from dms_apps.state_estimation import shown
from dms_apps.state_estimation.bellwether import chosen
from dms_apps.state_estimation.estimation import Estimated
from dms_apps.state_estimation.notices import metered_places, usage_points
from hub.report import Cell, Column, Offer, Parameter, Report, Unanswerable

_COUNT = Parameter("count", "How many places; 10 when left out.")
OFFERS = (
    Offer(
        "voltages",
        "The voltage of every place, how sure it is, and whether it is told without load models.",
    ),
    Offer("flows", "Current and power at every side of equipment, phase by phase."),
    Offer("measurements", "Every measured or assumed value beside the estimate; what is bad."),
    Offer("bellwethers", "Where a meter would tell most of low voltages.", (_COUNT,)),
    Offer("summary", "How well the measurements fit, and by what the state was estimated."),
)


@dataclass(frozen=True, eq=False)
class Shown:
    """What reports are made of."""

    live: Live
    found: Estimated
    network: Network
    now: datetime


def report(name: str, asked: Mapping[str, str], of: Shown) -> Report:
    """Raises: Unanswerable, when nothing was estimated."""
    solution = of.found.solution
    if not solution.converged:
        raise Unanswerable(solution.remarks[0])
    title, columns, rows = _REPORTS[name](of, asked)
    by = f"Computed by {solution.engine.told}."
    remarks = tuple(dict.fromkeys((*solution.remarks, *of.live.remarks, by)))
    return Report(title=title, at=of.now, columns=columns, rows=rows, remarks=remarks)


Made = tuple[str, tuple[Column, ...], list[tuple[Cell, ...]]]


def _voltages(of: Shown, _asked: Mapping[str, str]) -> Made:
    return "Estimated voltages", *_columns(shown.voltages(of.found, of.live.given))


def _flows(of: Shown, _asked: Mapping[str, str]) -> Made:
    return "Estimated flows", *_columns(tables.flows(of.found.solution))


def _measurements(of: Shown, _asked: Mapping[str, str]) -> Made:
    return "Measurements", *_columns(shown.measurements(of.found))


def _columns(table: tables.Table) -> tuple[tuple[Column, ...], list[tuple[Cell, ...]]]:
    return tuple(Column(*one) for one in table.columns), list(table.rows)


def _bellwethers(of: Shown, asked: Mapping[str, str]) -> Made:
    layout = of.live.layout
    try:
        count = int(asked.get("count", "10"))
    except ValueError:
        raise Unanswerable("it must be a whole number", "count") from None
    places = metered_places(layout, usage_points(of.network))
    among = list(places) or np.unique(layout.branches.start).tolist()
    rows: list[tuple[Cell, ...]] = []
    for one in chosen(of.found, among, count):
        node, phase = layout.places[one.place]
        points = ", ".join(_called(of.network, mrid) for mrid in places.get(one.place, ()))
        name = layout.view.names.get(node, "")
        rows.append((node, name, phase, one.volts, 100 * one.sigma, one.lowest, points))
    columns = (
        Column("node"), Column("node name"), Column("phase"), Column("voltage", "p.u."),
        Column("sigma", "%"), Column("lowest likely voltage", "p.u."),
        Column("usage points", personal=True),
    )  # fmt: skip
    return "Bellwether meters", columns, rows


def _summary(of: Shown, _asked: Mapping[str, str]) -> Made:
    rows: list[tuple[Cell, ...]] = list(shown.summary(of.found).items())
    return "State estimate", (Column("what"), Column("value")), rows


def _called(network: Network, mrid: str) -> str:
    return (network.name(mrid) if network.knows(mrid) else "") or mrid


_REPORTS: Mapping[str, Callable[[Shown, Mapping[str, str]], Made]] = {
    "voltages": _voltages,
    "flows": _flows,
    "measurements": _measurements,
    "bellwethers": _bellwethers,
    "summary": _summary,
}
