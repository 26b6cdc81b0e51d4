"""`gridbus analyse what-if`, `n-1` and `hosting-capacity`."""

from __future__ import annotations

import argparse

from dms_apps.analyse.network import band, live, what_if
from dms_apps.analyse.told import Told, tell
from dms_apps.solver.solution import Options
from dms_apps.solver.unbalanced import Unbalanced
from dms_apps.solver.what_if import found as found_by
from dms_apps.study import comparison, contingency, hosting
from dms_apps.study.before import solved
from hub.config import Config


def compare(config: Config, options: argparse.Namespace) -> int:
    """1 where one of both did not converge."""
    now = live(config, options, assumed=False)
    wanted, solver = Options(controls=options.controls), Unbalanced()
    before = solver.solve(now.layout, now.given, wanted)
    after = solver.solve(now.layout, what_if(options).given(now.layout, now.given), wanted)
    totals = comparison.totals(before, after)
    summary = {"engine": after.engine.told}
    summary |= {f"{row[0]} ({row[1]})": f"{row[2]:,.2f} -> {row[3]:,.2f}" for row in totals.rows}
    remarks = (*before.remarks, *after.remarks, *now.remarks)
    told = {"totals": totals, "voltages": comparison.voltages(before, after)}
    tell(Told(summary, told, tuple(dict.fromkeys(remarks))), options)
    return int(not (before.converged and after.converged))


def fail(config: Config, options: argparse.Namespace) -> int:
    """1 where anything that fails leaves loads without supply or violates a limit."""
    now, wanted = live(config, options), Options(controls=options.controls)
    base = solved(now.layout, now.given, wanted)
    results = list(
        contingency.contingencies(
            base,
            now.given,
            wanted,
            kinds=options.kind or contingency.KINDS,
            band=band(options),
            processes=options.processes,
            cluster=options.cluster,
        )
    )
    bad = [one for one in results if one.lost or one.violated or not one.converged]
    summary = {
        "engine": base.engine.told,
        "contingencies": len(results),
        "with loads without supply": sum(bool(one.dead) for one in results),
        "with limits violated": sum(bool(one.violated) for one in results),
        "not solved": sum(not one.converged for one in results),
        "worst": contingency.table(now.layout, results).rows[0][0] if results else "-",
    }
    told = {"contingencies": contingency.table(now.layout, results)}
    remarks = (*contingency.unsolved(now.layout, results), *base.remarks, *now.remarks)
    tell(Told(summary, told, tuple(dict.fromkeys(remarks))), options)
    return int(bool(bad))


def host(config: Config, options: argparse.Namespace) -> int:
    """0: there is nothing wrong with a capacity."""
    now, wanted = live(config, options), Options(controls=options.controls)
    base = solved(now.layout, now.given, wanted)
    of = None
    if options.load:
        of = found_by(now.layout.view.loads, options.load, "load")
    results = list(
        hosting.hosting(
            base,
            now.given,
            wanted,
            of=of,
            most=1e3 * options.most,
            within=1e3 * options.within,
            band=band(options),
            processes=options.processes,
            cluster=options.cluster,
        )
    )
    table = hosting.table(now.layout, results)
    summary = {
        "engine": base.engine.told,
        "loads": len(results),
        "least (kW)": table.rows[0][3] if table.rows else "-",
    }
    remarks = (*hosting.unfed(now.layout, of, results), *base.remarks, *now.remarks)
    tell(Told(summary, {"hosting": table}, tuple(dict.fromkeys(remarks))), options)
    return 0
