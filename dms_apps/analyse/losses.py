"""`gridbus analyse losses`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from dms_apps.analyse.network import live
from dms_apps.analyse.told import Told, tell
from dms_apps.losses.split import Loss, losses, totals
from dms_apps.solver import nodal
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Options
from dms_apps.solver.tables import Table
from dms_apps.solver.unbalanced import Unbalanced
from hub.config import Config


def analyse(config: Config, options: argparse.Namespace) -> int:
    """1 where nothing converged, or nothing is supplied at all."""
    found = live(config, options)
    wanted = Options(controls=options.controls)
    if options.engine == "nodal":
        solution = nodal.solve(found.layout, found.given, wanted)
    else:
        solution = Unbalanced().solve(found.layout, found.given, wanted)
    lost = losses(solution, found.given)
    sums = {kind: f"{round(watts / 1e3, 3) + 0.0:,.3f} kW" for kind, watts in totals(lost).items()}
    whole = f"{sum(one.watts for one in lost) / 1e3:,.3f} kW" if solution.converged else "-"
    summary = {
        "engine": solution.engine.told,
        "converged": solution.converged,
        "lost": whole,
        **sums,
    }
    remarks = tuple(dict.fromkeys((*solution.remarks, *found.remarks)))
    tables = {"devices": devices(found.layout, lost), "transformers": cores(found.layout, lost)}
    tell(Told(summary, tables, remarks), options)
    return int(not solution.supplies)


def devices(layout: Layout, lost: Sequence[Loss]) -> Table:
    """Every device, phase by phase, the most first."""
    return Table(
        (("device", ""), ("mRID", ""), ("kind", ""), ("phase", ""), ("losses", "W")),
        [
            (layout.names.get(one.device, ""), one.device, one.kind, one.phase, one.watts)
            for one in sorted(lost, key=lambda one: -one.watts)
        ],
    )


def cores(layout: Layout, lost: Sequence[Loss]) -> Table:
    """Every transformer, with and without load."""
    return Table(
        (("transformer", ""), ("mRID", ""), ("no-load", "W"), ("load", "W"), ("losses", "W")),
        [
            (layout.names.get(one.device, ""), one.device, one.no_load, one.watts - one.no_load,
             one.watts)
            for one in lost
            if one.kind == "transformer"
        ],
    )  # fmt: skip
