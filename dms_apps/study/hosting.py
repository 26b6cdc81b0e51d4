"""Hosting capacity: how much generation a place takes before a limit is violated."""

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


@dataclass(frozen=True)
class Hosting:
    """What one load's connection may feed in.

    watts:   fed in at most, over what it draws; `most` of the question when no limit binds.
    binding: the limit that the next step violates; None: none does.
    """

    mrid: str
    watts: float
    binding: Violation | None


def hosting(
    base: Solution,
    given: Given,
    options: Options,
    *,
    of: Collection[str] | None = None,
    most: float = 10e6,
    within: float = 1e3,
    band: tuple[float, float] = (0.95, 1.05),
    processes: int | None = None,
    cluster: str = "",
) -> Iterator[Hosting]:
    """For each load alone, at unity power factor, balanced over its phases.

    base:   the network as it is.
    of:     mRIDs of loads; all that are supplied when None.
    most:   watts beyond which nobody asks.
    within: watts to which the answer is exact.
    band:   per unit of voltages, where the model states no limit.
    """
    layout = base.layout
    fed = {
        layout.elements[element]
        for element, place in zip(layout.branches.element, layout.branches.start, strict=True)
        if base.island[place] >= 0
    }
    loads = [one.mrid for one in layout.view.loads if one.mrid in fed]
    wanted = [mrid for mrid in loads if of is None or mrid in of]
    before = frozenset(v.mrid for v in Limits(layout, *band).violated(base))
    compute = partial(
        _host, given=given, options=options, most=most, within=within, band=band, before=before
    )
    yield from spread(compute, layout, wanted, processes=processes, cluster=cluster)


def unfed(
    layout: Layout, of: Collection[str] | None, results: Collection[Hosting]
) -> tuple[str, ...]:
    """A sentence for each load that was asked about and that nothing feeds."""
    found = {one.mrid for one in results}
    return tuple(
        f"EnergyConsumer {layout.names.get(mrid) or mrid} ({mrid}) is without supply:"
        " it is left out."
        for mrid in of or ()
        if mrid not in found
    )


def table(layout: Layout, found: Sequence[Hosting]) -> Table:
    """The least first."""
    return Table(
        (("load", ""), ("mRID", ""), ("node", ""), ("hosting capacity", "kW"),
         ("limit of", ""), ("quantity", ""), ("at node", "")),
        [
            (
                layout.names.get(one.mrid, ""), one.mrid, _node(layout, one.mrid),
                one.watts / 1e3, *_bound(layout, one.binding),
            )
            for one in sorted(found, key=lambda one: (one.watts, one.mrid))
        ],
    )  # fmt: skip


def _bound(layout: Layout, binding: Violation | None) -> tuple[str, str, str]:
    if binding is None:
        return "", "", ""
    return binding.source, binding.quantity, layout.view.names.get(binding.node, binding.node)


def _node(layout: Layout, mrid: str) -> str:
    node = layout.places[layout.conductors.place[layout.rows(mrid).start]][0]
    return layout.view.names.get(node) or node


class _Kept:
    """What a process keeps from one case to the next."""

    layout: Layout | None = None
    solver: Unbalanced
    limits: Limits


def _host(
    layout: Layout,
    mrid: str,
    *,
    given: Given,
    options: Options,
    most: float,
    within: float,
    band: tuple[float, float],
    before: frozenset[str],
) -> Hosting:
    """Bisection: what a little is too much for, more is, too, along a feeder without loops."""
    if _Kept.layout is not layout:
        _Kept.layout, _Kept.solver, _Kept.limits = layout, Unbalanced(), Limits(layout, *band)
    load = next(one for one in layout.view.loads if one.mrid == mrid)
    own = given.loads.get(mrid, load.p + 1j * load.q)

    def too_much(watts: float) -> Violation | None:
        powers = own - watts / len(load.branches)
        solution = _Kept.solver.solve(layout, Given(loads={mrid: powers}).over(given), options)
        if not solution.converged:
            return _unsolved(layout, mrid)
        found = [v for v in _Kept.limits.violated(solution) if v.mrid not in before]
        return max(found, key=lambda v: abs(v.share - 1), default=None)

    low, high, binding = 0.0, most, too_much(most)
    if binding is None:
        return Hosting(mrid, most, None)
    while high - low > within:
        middle = (low + high) / 2
        violated = too_much(middle)
        if violated is None:
            low = middle
        else:
            high, binding = middle, violated
    return Hosting(mrid, low, binding)


def _unsolved(layout: Layout, mrid: str) -> Violation:
    node, phase = layout.places[layout.conductors.place[layout.rows(mrid).start]]
    return Violation(
        "", mrid, "", node, phase, "V", "high", "", float(np.nan), 1.0, "the load flow, which fails"
    )
