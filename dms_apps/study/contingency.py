"""N-1: what each piece of equipment that could fail would leave without supply or beyond limits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.tables import Table
from dms_apps.solver.unbalanced import Unbalanced
from dms_apps.solver.violations import Limits, Violation
from dms_apps.study.spread import spread

KINDS = ("line", "transformer", "switch", "source")


@dataclass(frozen=True)
class Contingency:
    """One piece of equipment out of service.

    lost:      watts of loads that are without supply then and were not before.
    dead:      loads of those.
    violated:  limits violated then, and not before.
    converged: when not, only `lost` and `dead` are known.
    """

    mrid: str
    lost: float
    dead: int
    violated: tuple[Violation, ...]
    converged: bool


def contingencies(
    base: Solution,
    given: Given,
    options: Options,
    *,
    kinds: Collection[str] = KINDS,
    of: Collection[str] | None = None,
    band: tuple[float, float] = (0.95, 1.05),
    processes: int | None = None,
    cluster: str = "",
) -> Iterator[Contingency]:
    """One by one, in the order of the layout; nothing comes of what carries nothing now.

    base:  the network as it is.
    kinds: of equipment that may fail.
    of:    mRIDs of equipment that may fail; all of these kinds when None.
    band:  per unit of voltages, where the model states no limit.
    """
    layout = base.layout
    carrying = np.zeros(len(layout.elements), np.bool_)
    carrying[layout.conductors.element[np.abs(base.current) > 1e-6]] = True
    wanted = [
        mrid
        for at, mrid in enumerate(layout.elements)
        if carrying[at] and layout.kinds[at] in kinds and (of is None or mrid in of)
    ]
    before = frozenset(v.mrid for v in Limits(layout, *band).violated(base))
    compute = partial(_failed, given=given, options=options, band=band, before=before)
    yield from spread(compute, layout, wanted, processes=processes, cluster=cluster)


def table(layout: Layout, found: Sequence[Contingency]) -> Table:
    """The worst first: by lost load, then by the number of violations."""
    order = sorted(found, key=lambda one: (-one.lost, -len(one.violated), one.mrid))
    return Table(
        (("equipment", ""), ("mRID", ""), ("kind", ""), ("load without supply", "kW"),
         ("loads without supply", ""), ("limits violated", ""), ("worst", "%"), ("solved", "")),
        [
            (
                layout.names.get(one.mrid, ""), one.mrid, layout.kinds[layout.element[one.mrid]],
                one.lost / 1e3, one.dead, len(one.violated), 100 * _worst(one.violated),
                "yes" if one.converged else "no",
            )
            for one in order
        ],
    )  # fmt: skip


def unsolved(layout: Layout, found: Sequence[Contingency]) -> tuple[str, ...]:
    """A sentence for each of which only the lost load is known."""
    return tuple(
        f"Without {layout.names.get(one.mrid) or one.mrid} ({one.mrid}) the load flow did not"
        " converge: what it violates is not known."
        for one in found
        if not one.converged
    )


def _worst(violated: Sequence[Violation]) -> float:
    """By how much of its limit the worst value is beyond."""
    return max((abs(one.share - 1) for one in violated), default=0.0)


class _Kept:
    """What a process keeps from one case to the next."""

    layout: Layout | None = None
    solver: Unbalanced
    limits: Limits
    dead: frozenset[int]


def _failed(
    layout: Layout,
    mrid: str,
    *,
    given: Given,
    options: Options,
    band: tuple[float, float],
    before: frozenset[str],
) -> Contingency:
    if _Kept.layout is not layout:
        _Kept.layout, _Kept.solver = layout, Unbalanced()
        _Kept.limits = Limits(layout, *band)
        _Kept.dead = _dead(layout, _Kept.solver.solve(layout, given, options).island)
    solution = _Kept.solver.solve(layout, Given(out=frozenset({mrid})).over(given), options)
    dead = _dead(layout, solution.island) - _Kept.dead
    lost = sum(_drawn(layout, given, at) for at in dead)
    violated = tuple(v for v in _Kept.limits.violated(solution) if v.mrid not in before)
    return Contingency(mrid, lost, len(dead), violated, solution.converged)


def _dead(layout: Layout, island: np.ndarray) -> frozenset[int]:
    """Loads, by element, of which no phase is supplied."""
    table = layout.branches
    fed = island[table.start] >= 0
    lit = {int(one) for one in table.element[fed]}
    loads = {i for i, kind in enumerate(layout.kinds) if kind == "load"}
    return frozenset(loads - lit)


def _drawn(layout: Layout, given: Given, element: int) -> float:
    said = given.loads.get(layout.elements[element])
    if said is not None:
        return float(said.real.sum())
    return float(layout.branches.p[layout.branches.element == element].sum())
