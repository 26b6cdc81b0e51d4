"""What the state estimation shows beside messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from cim.network import Network
from dms_apps.solver import tables
from dms_apps.solver.live import Live
from dms_apps.state_estimation.bad_data import SEEN
from dms_apps.state_estimation.bellwether import chosen
from dms_apps.state_estimation.equations import Kind
from dms_apps.state_estimation.estimation import Estimated
from dms_apps.state_estimation.measurements import Origin
from dms_apps.state_estimation.notices import metered_places, usage_points
from hub.report import Cell, Column, Offer, Parameter, Report, Unanswerable

_COUNT = Parameter("count", "How many places; 10 when left out.")
OFFERS = (
    Offer("voltages", "The voltage of every place, how sure it is, and whether sensors tell it."),
    Offer("flows", "Current and power at every side of equipment, phase by phase."),
    Offer("measurements", "Every measured or assumed value beside the estimate; what is bad."),
    Offer("bellwethers", "Where a meter would tell most of low voltages.", (_COUNT,)),
    Offer("summary", "How well the measurements fit, and by what the state was estimated."),
)
_UNIT = {Kind.ACTIVE: "W", Kind.REACTIVE: "var", Kind.ANGLE: "rad"}
_ORIGIN = {
    Origin.MEASURED: "measured",
    Origin.LOAD_MODEL: "load model",
    Origin.SOURCE_MODEL: "source model",
}


@dataclass(frozen=True, eq=False)
class Shown:
    """What reports are made of."""

    live: Live
    found: Estimated
    network: Network
    now: datetime


def report(name: str, asked: Mapping[str, str], shown: Shown) -> Report:
    """Raises: Unanswerable, when nothing was estimated."""
    solution = shown.found.solution
    if not solution.converged:
        raise Unanswerable(solution.remarks[0])
    title, columns, rows = _REPORTS[name](shown, asked)
    remarks = tuple(dict.fromkeys((*solution.remarks, *shown.live.remarks)))
    return Report(title=title, at=shown.now, columns=columns, rows=rows, remarks=remarks)


Made = tuple[str, tuple[Column, ...], list[tuple[Cell, ...]]]


def _voltages(shown: Shown, _asked: Mapping[str, str]) -> Made:
    found = shown.found
    table = tables.voltages(found.solution, shown.live.given)
    size, angle = found.sigma
    columns = (*table.columns, ("sigma", "%"), ("sigma of angle", "deg"), ("by sensors", ""))
    rows = [
        (*row, 100 * one, other, "yes" if metered else "no")
        for row, one, other, metered in zip(
            table.rows, size.tolist(), np.degrees(angle).tolist(), found.metered, strict=True
        )
    ]
    return "Estimated voltages", tuple(Column(*one) for one in columns), rows


def _flows(shown: Shown, _asked: Mapping[str, str]) -> Made:
    table = tables.flows(shown.found.solution)
    return "Estimated flows", tuple(Column(*one) for one in table.columns), list(table.rows)


def _measurements(shown: Shown, _asked: Mapping[str, str]) -> Made:
    columns = (
        Column("name"), Column("mRID"), Column("origin"), Column("unit"), Column("value"),
        Column("estimated"), Column("sigma"), Column("normalised residual"),
        Column("confirmed", "%"), Column("verdict"),
    )  # fmt: skip
    return "Measurements", columns, list(_compared(shown.found))


def _compared(found: Estimated) -> Iterator[tuple[Cell, ...]]:
    """The share of the variance that a residual has says how well others confirm the value."""
    all_, estimate = found.measurements, found.estimate
    bad = set(found.cleaned.bad) if found.cleaned else set()
    volts = found.unknowns.firsts
    normalised, share = estimate.normalised(SEEN), estimate.share
    for i, kind in enumerate(all_.kind.tolist()):
        row = int(all_.quantities.one[np.searchsorted(all_.quantities.owner, i)])
        amperes = volts.into <= row < volts.across or volts.through <= row < volts.behind
        yield (
            all_.name[i],
            all_.mrid[i],
            _ORIGIN[Origin(int(all_.origin[i]))],
            _UNIT.get(Kind(kind), "A" if amperes else "V"),
            float(all_.value[i]),
            float(estimate.fitted[i]),
            float(all_.sigma[i]),
            float(normalised[i]),
            float(100 * share[i]),
            "bad" if i in bad else "" if share[i] >= SEEN else "nothing confirms it",
        )


def _bellwethers(shown: Shown, asked: Mapping[str, str]) -> Made:
    layout = shown.live.layout
    try:
        count = int(asked.get("count", "10"))
    except ValueError:
        raise Unanswerable("it must be a whole number", "count") from None
    places = metered_places(layout, usage_points(shown.network))
    among = list(places) or np.unique(layout.branches.start).tolist()
    rows: list[tuple[Cell, ...]] = []
    for one in chosen(shown.found, among, count):
        node, phase = layout.places[one.place]
        points = ", ".join(_called(shown.network, mrid) for mrid in places.get(one.place, ()))
        name = layout.view.names.get(node, "")
        rows.append((node, name, phase, one.volts, 100 * one.sigma, one.lowest, points))
    columns = (
        Column("node"), Column("node name"), Column("phase"), Column("voltage", "p.u."),
        Column("sigma", "%"), Column("lowest likely voltage", "p.u."),
        Column("usage points", personal=True),
    )  # fmt: skip
    return "Bellwether meters", columns, rows


def _summary(shown: Shown, _asked: Mapping[str, str]) -> Made:
    found, estimate = shown.found, shown.found.estimate
    origins, engine = found.measurements.origin, found.solution.engine
    rows: list[tuple[Cell, ...]] = [
        ("measured values", int((origins == Origin.MEASURED).sum())),
        ("values of load models", int((origins == Origin.LOAD_MODEL).sum())),
        ("bad", len(found.cleaned.bad) if found.cleaned else 0),
        ("J, sum of squared residuals over sigma", estimate.objective),
        ("J stays below, in 95 of 100 cases", estimate.limit()),
        ("degrees of freedom", estimate.freedom),
        ("iterations", estimate.iterations),
        ("places", len(found.unknowns.places)),
        ("places that sensors alone tell", int(found.metered.sum())),
        ("computed by", f"{engine.name} {engine.version}"),
        *((name, str(value)) for name, value in engine.options.items()),
    ]
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
