"""Two solutions of one layout beside one another."""

from __future__ import annotations

import numpy as np

from dms_apps.solver.solution import Solution
from dms_apps.solver.tables import Table


def voltages(before: Solution, after: Solution) -> Table:
    """Every place whose voltage differs, the one that differs most first; in per unit."""
    layout = before.layout
    nominal = layout.nominal
    one, two = np.abs(before.volts) / nominal, np.abs(after.volts) / nominal
    change = two - one
    order = np.argsort(-np.abs(np.nan_to_num(change)), kind="stable")
    return Table(
        (("node", ""), ("node name", ""), ("phase", ""), ("before", "p.u."), ("after", "p.u."),
         ("change", "p.u.")),
        [
            (
                layout.places[i][0], layout.view.names.get(layout.places[i][0], ""),
                layout.places[i][1], float(one[i]), float(two[i]), float(change[i]),
            )
            for i in order.tolist()
            if abs(change[i]) > 1e-9
        ],
    )  # fmt: skip


def totals(before: Solution, after: Solution) -> Table:
    """Supply, loads, generation and losses of both."""
    rows = []
    for what, kind, sign in (
        ("supplied by sources", "source", -1),
        ("fed in by generators", "generator", -1),
        ("drawn by loads", "load", 1),
    ):
        one, two = (sign * _whole(solution, kind) / 1e3 for solution in (before, after))
        rows += [(what, "kW", one.real, two.real), (what, "kvar", one.imag, two.imag)]
    one, two = before.losses() / 1e3, after.losses() / 1e3
    rows += [("lost", "kW", one.real, two.real), ("lost", "kvar", one.imag, two.imag)]
    dead = [float((s.island < 0).sum()) for s in (before, after)]
    rows.append(("places without supply", "", dead[0], dead[1]))
    return Table(
        (("what", ""), ("unit", ""), ("before", ""), ("after", ""), ("change", "")),
        [(what, unit, one, two, two - one) for what, unit, one, two in rows],
    )


def _whole(solution: Solution, kind: str) -> complex:
    return complex(solution.taken[np.array(solution.layout.kinds) == kind].sum())
