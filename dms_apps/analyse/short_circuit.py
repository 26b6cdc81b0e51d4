"""`gridbus analyse short-circuit`."""

from __future__ import annotations

import argparse
from typing import Any

from dms_apps.analyse.network import frequency, live
from dms_apps.analyse.told import Told, tell
from dms_apps.short_circuit import reports, store, told
from dms_apps.short_circuit.found import Found, How
from dms_apps.solver.faults import Impedance
from dms_apps.solver.live import Live
from dms_apps.solver.solution import Options, Solution
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
    by = {"engine": found.engine.told}
    if options.iec60909:
        for name, maximum in (("largest", True), ("smallest", False)):
            currents = found.by_iec60909(maximum=maximum)
            tables[f"iec60909-{name}"] = told.iec60909(at.layout, currents)
            remarks += currents.remarks
            by[f"engine of {name}"] = currents.engine.told
    drawings = {"levels": told.drawing(at.layout, at.given, kept, "Fault level")}
    summary = {**by, **_summary(found)}
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
    levels = found.highest
    most = int(levels.highest.argmax()) if len(levels.node) else None
    over = [one for one in found.duty[0] if not one.held]
    blind = [one for one in found.reaches if one.own is not None and one.own.share < 1]
    return {
        "faults": len(levels.node),
        "nodes": len(levels.nodes),
        "highest": "-" if most is None else _told(found, most),
        "protective devices": len(found.zones.devices),
        "ratings exceeded": len({(o.stress.device.mrid, o.what) for o in over}),
        "devices that see too little": len(blind),
    }


def _told(found: Found, row: int) -> str:
    levels = found.highest
    node = levels.nodes[levels.node[row]]
    called = found.layout.view.names.get(node) or node
    kind = f"{levels.kinds[row]} {''.join(levels.phases(row))}"
    return f"{levels.highest[row] / 1e3:,.3f} kA at {called}, {kind}"
