"""`gridbus analyse short-circuit`."""

from __future__ import annotations

import argparse
import math
from typing import Any

from dms_apps.analyse.network import frequency, live
from dms_apps.analyse.told import Told, tell
from dms_apps.short_circuit import reports, store, told
from dms_apps.short_circuit.found import Found, How
from dms_apps.solver.faults import Impedance
from dms_apps.solver.live import Live
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.tables import Cell, Table
from dms_apps.solver.unbalanced import Unbalanced
from hub.config import Config
from hub.report import Unanswerable


def analyse(config: Config, options: argparse.Namespace) -> int:
    """1 where a rating is exceeded or a device does not see the end of its zone."""
    at = live(config, options)
    how = How(
        options.highest,
        options.lowest,
        Impedance(options.arc, options.ground),
        options.inverters,
        "iec60909" if options.iec60909 else "per-phase",
        options.seconds,
        frequency(config, options),
        not options.all_motors,
    )
    found = Found(at.layout, at.given, how, _load_flow(at) if options.load_flow else None)
    if options.node:
        return _one(at, found, options)
    kept = store.levels(found.highest, found.lowest)
    names = dict(at.layout.view.names)
    tables = {
        "levels": told.levels(at.layout, kept),
        "faults": told.every(found.highest),
        "duty": told.duty(found),
        "reach": told.reach(found.reaches, names, options.margin),
    }
    remarks = [*found.duty[1], *found.remarks]
    by, most = {"engine": found.engine.told}, _most(found)
    if options.iec60909:
        most = {}
        for name, maximum in (("largest", True), ("smallest", False)):
            currents = found.by_iec60909(maximum=maximum)
            table = tables[f"iec60909-{name}"] = told.iec60909(at.layout, currents)
            remarks += currents.remarks
            by[f"engine of {name}"] = currents.engine.told
            most |= _extremes(table, maximum=maximum)
    drawings = {"levels": told.drawing(at.layout, at.given, kept, "Fault level")}
    summary = {**by, **most, **_summary(found)}
    tell(Told(summary, tables, _once(remarks, at), drawings), options)
    return int(bool(summary["ratings exceeded"] or summary["devices that see too little"]))


def _load_flow(at: Live) -> Solution:
    return Unbalanced().solve(at.layout, at.given, Options())


def _one(at: Live, found: Found, options: argparse.Namespace) -> int:
    """One fault.  Raises: ValueError, for one that there cannot be."""
    said = {"node": options.node, "phases": options.phases}
    said |= {"earth": "no" if options.no_earth else "yes"}
    said |= {"arc": str(options.arc), "ground": str(options.ground)}
    fault = reports.fault_of(at.layout, said)
    try:
        table, solution = told.contributions(found.highest.before, fault)
    except KeyError:
        raise Unanswerable(f"the node has no phases {options.phases}", "phases") from None
    *phases, earth = reports.sized(solution)
    summary = {
        "engine": found.engine.told,
        "fault": f"{fault.kind} {''.join(fault.phases)}",
        "node": at.layout.view.names.get(fault.node) or fault.node,
        **{f"phase {p}": f"{a:,.1f} A" for p, a in zip(fault.phases, phases, strict=True)},
        "to earth": f"{earth if fault.earth else 0:,.1f} A",
    }
    tell(Told(summary, {"contributions": table}, _once(found.remarks, at)), options)
    return 0


def _once(remarks: Any, at: Live) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*remarks, *at.remarks)))


def _summary(found: Found) -> dict[str, Any]:
    """Lines for people."""
    over = [one for one in found.duty[0] if not one.held]
    blind = [one for one in found.reaches if one.own is not None and one.own.share < 1]
    return {
        "protective devices": len(found.zones.devices),
        "ratings exceeded": len({(o.stress.device.mrid, o.what) for o in over}),
        "devices that see too little": len(blind),
    }


def _most(found: Found) -> dict[str, Any]:
    """How many faults there are, and the highest, phase by phase."""
    levels = found.highest
    most = int(levels.highest.argmax()) if len(levels.node) else None
    return {
        "faults": len(levels.node),
        "nodes": len(levels.nodes),
        "highest": "-" if most is None else _told(found, most),
    }


def _extremes(table: Table, *, maximum: bool) -> dict[str, str]:
    """The highest of all nodes with supply, or the lowest, of each current of IEC 60909-0."""
    what, extreme = ("highest", max) if maximum else ("lowest", min)
    three = [kind for kind, _ in table.columns].index("Ik3")
    rows = [row for row in table.rows if row[three]]
    found = {}
    for column, (kind, unit) in enumerate(table.columns):
        some = [(row[column], row) for row in rows if _is_current(row[column], unit)]
        if some:
            value, row = extreme(some, key=lambda one: float(str(one[0])))
            found[f"{what} {kind}"] = f"{float(str(value)) / 1e3:,.3f} kA at {row[1] or row[0]}"
    return found


def _is_current(cell: Cell, unit: str) -> bool:
    return unit == "A" and isinstance(cell, float) and math.isfinite(cell)


def _told(found: Found, row: int) -> str:
    levels = found.highest
    node = levels.nodes[levels.node[row]]
    called = found.layout.view.names.get(node) or node
    kind = f"{levels.kinds[row]} {''.join(levels.phases(row))}"
    return f"{levels.highest[row] / 1e3:,.3f} kA at {called}, {kind}"
