"""What the short-circuit app shows beside messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cim.electrical.ports import ABC, PHASES, ordered
from cim.electrical.reading import Absurd
from cim.network import Network
from dms_apps.short_circuit import store, told
from dms_apps.short_circuit.found import Found
from dms_apps.short_circuit.store import Level
from dms_apps.solver.faults import Fault, Impedance
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Engine
from dms_apps.solver.tables import Table
from hub.report import Column, Draw, Offer, Parameter, Report, Unanswerable

_UNDER = Parameter("under", "mRID or name of equipment: only what it feeds; all when left out.")
OFFERS = (
    Offer("levels", "Highest and lowest fault current of every node, by kind of fault.", (_UNDER,)),
    Offer("faults", "Every bolted fault of every node, by its phases.", (_UNDER,)),
    Offer(
        "fault",
        "One fault: what feeds it, and what flows at its node.",
        (
            Parameter("node", "mRID or name of the node.", needed=True),
            Parameter("phases", "Those that are faulted, e.g. AB; ABC when left out."),
            Parameter("earth", "Whether earth is part of it; yes when left out.",
                      choices=("yes", "no")),
            Parameter("arc", "Ohm in each faulted phase; 0 when left out."),
            Parameter("ground", "Ohm from there to earth; 0 when left out."),
        ),
    ),
    Offer(
        "iec60909",
        "Short-circuit currents of three-phase nodes by IEC 60909-0.",
        (
            _UNDER,
            Parameter("currents", "The largest when left out.", choices=("largest", "smallest")),
        ),
    ),
    Offer("duty", "What faults ask of breakers, reclosers, fuses and busbars, and their ratings."),
    Offer("reach", "The least that protective devices see of faults behind them."),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Shown:
    """What reports are made of; `kept` are the levels computed last, and when."""

    found: Found
    network: Network
    now: datetime
    margin: float
    kept: tuple[tuple[Level, ...], datetime | None]
    remarks: tuple[str, ...]


def report(name: str, asked: Mapping[str, str], shown: Shown) -> Report:
    """Raises: Unanswerable, when what is asked about is not known."""
    return _REPORTS[name](shown, asked)


def _levels(shown: Shown, asked: Mapping[str, str]) -> Report:
    """As kept; computed, where nothing is."""
    found, at = shown.kept
    if at is None:
        found = store.levels(shown.found.highest, shown.found.lowest)
    nodes = _under(shown.network, asked)
    if nodes is not None:
        found = tuple(one for one in found if one.node in nodes)
    layout, given = shown.found.layout, shown.found.given
    draw = told.drawing(layout, given, found, "Fault level")
    return _made("Fault levels", shown, told.levels(layout, found), at or shown.now, draw)


def _faults(shown: Shown, asked: Mapping[str, str]) -> Report:
    table, nodes = told.every(shown.found.highest), _under(shown.network, asked)
    if nodes is not None:
        table = Table(table.columns, [row for row in table.rows if row[0] in nodes])
    return _made("Faults", shown, table, shown.now)


def _iec60909(shown: Shown, asked: Mapping[str, str]) -> Report:
    found = shown.found.by_iec60909(maximum=asked.get("currents", "largest") == "largest")
    table, nodes = told.iec60909(shown.found.layout, found), _under(shown.network, asked)
    if nodes is not None:
        table = Table(table.columns, [row for row in table.rows if row[0] in nodes])
    title, more = "Short circuits by IEC 60909", found.remarks
    return _made(title, shown, table, shown.now, more=more, engine=found.engine)


def _fault(shown: Shown, asked: Mapping[str, str]) -> Report:
    fault = fault_of(shown.found.layout, asked)
    before = shown.found.highest.before
    try:
        table, solution = told.contributions(before, fault)
    except KeyError:
        phases = "".join(fault.phases)
        raise Unanswerable(f"the node has no phases {phases}", "phases") from None
    except ValueError as error:
        raise Unanswerable(str(error), "node") from None
    amperes = ", ".join(f"{one:,.1f}" for one in sized(solution)[:-1])
    name = shown.found.layout.view.names.get(fault.node) or fault.node
    title = f"{fault.kind} fault of {''.join(fault.phases)} at {name}: {amperes} A"
    return _made(title, shown, table, shown.now)


def sized(solution: Any) -> list[float]:
    """Amperes of the fault by phase, then to earth."""
    return list(solution.engine.options["amperes"])


def fault_of(layout: Layout, asked: Mapping[str, str]) -> Fault:
    """The fault that is asked for.  Raises: Unanswerable."""
    wanted = asked.get("node", "")
    if not wanted:
        raise Unanswerable("it must be said, by mRID or name", "node")
    nodes = {node for node, _ in layout.places}
    named = [node for node, name in layout.view.names.items() if name == wanted and node in nodes]
    if wanted in nodes:
        named = [wanted]
    if len(named) != 1:
        how = "no node has" if not named else f"{len(named)} nodes have"
        raise Unanswerable(f"{how} the mRID or name {wanted}", "node")
    try:
        phases = ordered(asked.get("phases", "".join(ABC)))
    except Absurd as error:
        raise Unanswerable(str(error), "phases") from None
    if not phases:
        raise Unanswerable("at least one phase must be faulted", "phases")
    phases = tuple(sorted(phases, key=PHASES.index))
    impedance = Impedance(_ohm(asked, "arc"), _ohm(asked, "ground"))
    return Fault(named[0], phases, asked.get("earth", "yes") == "yes", impedance)


def _ohm(asked: Mapping[str, str], name: str) -> float:
    try:
        value = float(asked.get(name, "0"))
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise Unanswerable("is no number of ohms", name)
    return value


def _duty(shown: Shown, _asked: Mapping[str, str]) -> Report:
    return _made("Duty", shown, told.duty(shown.found), shown.now, more=shown.found.duty[1])


def _reach(shown: Shown, _asked: Mapping[str, str]) -> Report:
    names = dict(shown.found.layout.view.names)
    table = told.reach(shown.found.reaches, names, shown.margin)
    return _made("Reach", shown, table, shown.now)


def _under(network: Network, asked: Mapping[str, str]) -> frozenset[str] | None:
    from hub.tracing import find

    if "under" not in asked:
        return None
    try:
        return frozenset(network.downstream(find(network, asked["under"])).nodes)
    except KeyError as error:
        raise Unanswerable(str(error.args[0]), "under") from None


def _made(
    title: str,
    shown: Shown,
    table: Table,
    at: datetime,
    draw: Draw | None = None,
    more: tuple[str, ...] = (),
    engine: Engine | None = None,
) -> Report:
    by = f"Computed by {(engine or shown.found.engine).told}."
    return Report(
        title=title,
        at=at,
        columns=tuple(Column(name, unit) for name, unit in table.columns),
        rows=table.rows,
        draw=draw,
        remarks=tuple(dict.fromkeys((*more, *shown.found.remarks, *shown.remarks, by))),
    )


_REPORTS: Mapping[str, Callable[[Shown, Mapping[str, str]], Report]] = {
    "levels": _levels,
    "faults": _faults,
    "fault": _fault,
    "iec60909": _iec60909,
    "duty": _duty,
    "reach": _reach,
}
