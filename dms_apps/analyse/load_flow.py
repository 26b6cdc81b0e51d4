"""`gridbus analyse load-flow`."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from dms_apps.analyse.network import band, live
from dms_apps.analyse.told import Told, tell
from dms_apps.load_flow import drawings
from dms_apps.solver import nodal, tables
from dms_apps.solver.live import Live
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.unbalanced import Unbalanced
from dms_apps.solver.violations import Limits
from hub.config import Config


def analyse(config: Config, options: argparse.Namespace) -> int:
    """1 where a limit is violated, nothing converged, or nothing is supplied at all."""
    between = band(options)
    found = live(config, options)
    wanted = Options(controls=options.controls)
    if options.engine == "nodal":
        solution = nodal.solve(found.layout, found.given, wanted)
    else:
        solution = Unbalanced().solve(found.layout, found.given, wanted)
    limits = Limits(found.layout, *between)
    loading = tables.loading(solution, limits)
    beyond = limits.violated(solution)
    violated = tables.violations(found.layout, beyond)
    tell(
        Told(
            summary(solution, len(violated.rows)),
            {
                "voltages": tables.voltages(solution, found.given),
                "flows": tables.flows(solution),
                "loading": loading,
                "violations": violated,
            },
            _remarks(found, solution),
            {
                "voltages": drawings.profile(solution, found.given, limits),
                "loading": drawings.loading(loading.rows),
                "map": drawings.plan(solution, found, beyond),
            }
            if solution.converged
            else {},
        ),
        options,
    )
    return int(bool(violated.rows) or not solution.supplies)


def summary(solution: Solution, violated: int) -> dict[str, Any]:
    """Lines for people."""
    layout = solution.layout
    kinds = np.array(layout.kinds)

    def power(kind: str, sign: int) -> str:
        whole = sign * complex(solution.taken[kinds == kind].sum())
        kilo = np.round([whole.real / 1e3, whole.imag / 1e3], 2) + 0.0  # no -0.00
        return f"{kilo[0]:,.2f} kW, {kilo[1]:,.2f} kvar"

    unit = np.abs(solution.volts) / layout.nominal
    fed = (solution.island >= 0) & ~np.isnan(unit)
    lost = solution.losses()
    return {
        "engine": solution.engine.told,
        "converged": solution.converged,
        "places": len(layout.places),
        "islands": int(solution.island.max(initial=-1)) + 1,
        "without supply": int((solution.island < 0).sum()),
        "supplied": power("source", -1),
        "fed in": power("generator", -1),
        "drawn": power("load", 1),
        "lost": f"{lost.real / 1e3:,.2f} kW, {lost.imag / 1e3:,.2f} kvar",
        "lowest voltage": _extreme(solution, unit, fed, np.argmin),
        "highest voltage": _extreme(solution, unit, fed, np.argmax),
        "limits violated": violated,
    }


def _extreme(solution: Solution, unit: Any, fed: Any, which: Any) -> str:
    at = np.flatnonzero(fed)
    if not len(at) or not solution.converged:
        return "-"
    place = int(at[which(unit[at])])
    node, phase = solution.layout.places[place]
    called = solution.layout.view.names.get(node) or node
    return f"{unit[place]:.4f} p.u. at {called}, phase {phase}"


def _remarks(found: Live, solution: Solution) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*solution.remarks, *found.remarks)))
