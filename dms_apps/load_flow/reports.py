"""What the load flow shows beside messages: voltages, flows, loading, violations and totals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from cim.network import Network
from dms_apps.load_flow import drawings
from dms_apps.load_flow.notices import sentence, severity
from dms_apps.solver import tables
from dms_apps.solver.live import Live
from dms_apps.solver.solution import Solution
from dms_apps.solver.violations import Limits
from hub.report import Cell, Column, Offer, Parameter, Report, Unanswerable

_UNDER = Parameter("under", "mRID or name of equipment: only what it feeds; all when left out.")
OFFERS = (
    Offer("voltages", "The voltage of every node, phase by phase.", (_UNDER,)),
    Offer("flows", "Current and power at every side of equipment, phase by phase.", (_UNDER,)),
    Offer("loading", "How much of its lasting limit each piece of equipment carries.", (_UNDER,)),
    Offer("map", "The network on the map, by the lowest voltage of each node.", (_UNDER,)),
    Offer("violations", "The limits that are violated now."),
    Offer("totals", "What is supplied, drawn, generated and lost; by what it was computed."),
)


@dataclass(frozen=True, eq=False)
class Shown:
    """What reports are made of."""

    live: Live
    solution: Solution
    limits: Limits
    network: Network
    now: datetime


def report(name: str, asked: Mapping[str, str], shown: Shown) -> Report:
    """Raises: Unanswerable, when nothing was solved, or the equipment is not known."""
    if not shown.solution.converged:
        raise Unanswerable(shown.solution.remarks[0].rstrip("."))
    nodes = _under(shown.network, asked["under"]) if "under" in asked else None
    return _REPORTS[name](shown, nodes)


def _under(network: Network, wanted: str) -> frozenset[str]:
    from hub.tracing import find

    try:
        return frozenset(network.downstream(find(network, wanted)).nodes)
    except KeyError as error:
        raise Unanswerable(str(error.args[0]), "under") from None


def _voltages(shown: Shown, nodes: frozenset[str] | None) -> Report:
    table = tables.voltages(shown.solution, shown.live.given)
    draw = drawings.profile(
        shown.solution,
        shown.live.given,
        shown.limits,
        title=_titled("Voltages", shown),
        nodes=nodes,
    )
    return replace(_made("Voltages", shown, table, nodes), draw=draw)


def _map(shown: Shown, nodes: frozenset[str] | None) -> Report:
    """The nodes at which a limit is violated, and all of them on the map."""
    violated = shown.limits.violated(shown.solution)
    draw = drawings.plan(
        shown.solution, shown.live, violated, title=_titled("Network", shown), nodes=nodes
    )
    kept = [one for one in violated if nodes is None or one.node in nodes]
    table = tables.violations(shown.live.layout, kept)
    return replace(_made("Map", shown, table, None), draw=draw)


def _flows(shown: Shown, nodes: frozenset[str] | None) -> Report:
    return _made("Flows", shown, tables.flows(shown.solution), nodes)


def _loading(shown: Shown, nodes: frozenset[str] | None) -> Report:
    made = _made("Loading", shown, tables.loading(shown.solution, shown.limits), nodes)
    return replace(made, draw=drawings.loading(made.rows, title=_titled("Loading", shown)))


def _titled(title: str, shown: Shown) -> str:
    return f"{title} at {shown.now:%Y-%m-%d %H:%M} UTC"


def _made(title: str, shown: Shown, table: tables.Table, nodes: frozenset[str] | None) -> Report:
    at = table.columns.index(("node", ""))
    return Report(
        title=title,
        at=shown.now,
        columns=tuple(Column(name, unit) for name, unit in table.columns),
        rows=[row for row in table.rows if nodes is None or row[at] in nodes],
        remarks=_remarks(shown),
    )


def _violations(shown: Shown, _nodes: frozenset[str] | None) -> Report:
    return Report(
        title="Limits violated",
        at=shown.now,
        columns=(
            Column("equipment"), Column("phase"), Column("quantity"), Column("value"),
            Column("limit"), Column("share", "%"), Column("severity"), Column("sentence"),
        ),
        rows=[
            (
                _name(shown.network, one.equipment) or one.equipment,
                one.phase, one.quantity, one.value, one.limit, 100 * one.share, severity(one),
                sentence(one, shown.network),
            )
            for one in shown.limits.violated(shown.solution)
        ],
        remarks=_remarks(shown),
    )  # fmt: skip


def _totals(shown: Shown, _nodes: frozenset[str] | None) -> Report:
    return Report(
        title="Totals",
        at=shown.now,
        columns=(Column("what"), Column("value"), Column("unit")),
        rows=list(_sums(shown.solution)),
        remarks=_remarks(shown),
    )


def _sums(solution: Solution) -> Iterator[tuple[Cell, Cell, Cell]]:
    taken, kinds = solution.taken, np.array(solution.layout.kinds)
    for what, kind, sign in (
        ("supplied by sources", "source", -1),
        ("fed in by generators", "generator", -1),
        ("drawn by loads", "load", 1),
        ("drawn by shunts", "shunt", 1),
    ):
        power = sign * complex(taken[kinds == kind].sum())
        yield what, power.real / 1e3, "kW"
        yield what, power.imag / 1e3, "kvar"
    lost = solution.losses()
    yield "lost", lost.real / 1e3, "kW"
    yield "lost", lost.imag / 1e3, "kvar"
    yield "islands", int(solution.island.max(initial=-1)) + 1, ""
    yield "places without supply", int((solution.island < 0).sum()), ""
    for mrid, step in solution.steps.items():
        yield f"tap changer {mrid}", step, "step"
    yield "computed by", f"{solution.engine.name} {solution.engine.version}", ""
    for option, value in solution.engine.options.items():
        yield option, str(value), ""


def _name(network: Network, mrid: str) -> str:
    return network.name(mrid) if network.knows(mrid) else ""


def _remarks(shown: Shown) -> tuple[str, ...]:
    by = f"Computed by {shown.solution.engine.told}."
    return tuple(dict.fromkeys((*shown.solution.remarks, *shown.live.remarks, by)))


_REPORTS: Mapping[str, Callable[[Shown, frozenset[str] | None], Report]] = {
    "voltages": _voltages,
    "map": _map,
    "flows": _flows,
    "loading": _loading,
    "violations": _violations,
    "totals": _totals,
}
