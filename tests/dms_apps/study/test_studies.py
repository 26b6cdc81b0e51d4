"""Studies on source - line - switch - load, where a hand can say what comes out."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.unbalanced import Unbalanced
from dms_apps.solver.what_if import WhatIf
from dms_apps.study import comparison, contingency, hosting
from dms_apps.study.before import solved
from dms_apps.study.spread import spread
from tests.dms_apps.solver.feeder import VOLTS, balanced_line, drop_by_hand, feeder, load, switch

TWO_WAYS = (
    load(),
    balanced_line("m", ("n1", "n4")),
    switch("x", ("n4", "n3")),
)
"""The feeder with a second way to its load."""


def layout(*more: dict[str, dict[str, str]]) -> Layout:
    return Layout.of(feeder(*more))


def base(of: Layout) -> Solution:
    return solved(of, Given(), Options())


def test_what_if_is_over_what_is_given_now() -> None:
    of = layout()
    now = Given(poles={"w": frozenset("ABC")}, loads={"d": np.full(3, 100e3 + 0j)})
    found = WhatIf(opened=["w"], loads=2.0).given(of, now)
    assert found.poles == {"w": frozenset()}
    assert found.loads["d"] == pytest.approx(np.full(3, 200e3))
    fed = WhatIf(feed={"d": 300e3}).given(of, now)
    assert fed.loads["d"] == pytest.approx(np.zeros(3))


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (WhatIf(opened=["l"]), "'l': no switch has"),
        (WhatIf(out=["nobody"]), "'nobody': no equipment has"),
        (WhatIf(taps={"t": 1.0}), "'t': no tap changer has"),
        (WhatIf(feed={"l": 1.0}), "'l': no load or generator has"),
    ],
)
def test_what_is_not_there_is_named(wanted: WhatIf, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        wanted.given(layout(), Given())


def test_a_comparison_tells_what_differs() -> None:
    of, solver = layout(), Unbalanced()
    before = solver.solve(of, Given(), Options())
    after = solver.solve(of, WhatIf(loads=0.5).given(of, Given()), Options())
    table = comparison.voltages(before, after)
    assert all(float(row[5] or 0) > 0 for row in table.rows)
    drawn = next(row for row in comparison.totals(before, after).rows if row[0] == "drawn by loads")
    assert drawn[2:] == pytest.approx((900.0, 450.0, -450.0))
    assert comparison.voltages(before, before).rows == []


def test_a_radial_feeder_loses_its_load_with_anything() -> None:
    found = list(contingency.contingencies(base(layout()), Given(), Options()))
    assert {one.mrid for one in found} == {"s", "l", "w"}
    assert [one.lost for one in found] == pytest.approx([900e3] * 3)
    assert {one.dead for one in found} == {1}


def test_with_two_ways_only_the_source_is_missed() -> None:
    found = {
        c.mrid: c for c in contingency.contingencies(base(layout(*TWO_WAYS)), Given(), Options())
    }
    assert {mrid for mrid, one in found.items() if one.lost} == {"s"}
    assert found["l"].violated == ()
    heavy = (load(4e6, 1e6), *TWO_WAYS[1:])
    found = {c.mrid: c for c in contingency.contingencies(base(layout(*heavy)), Given(), Options())}
    assert {v.direction for v in found["l"].violated} == {"low"}
    table = contingency.table(layout(*heavy), list(found.values()))
    assert table.rows[0][1] == "s"


def test_what_is_not_solved_is_named() -> None:
    of = layout()
    found = contingency.Contingency("w", 0.0, 0, (), converged=False)
    assert contingency.unsolved(of, [found]) == (
        "Without w (w) the load flow did not converge: what it violates is not known.",
    )
    assert contingency.unsolved(of, [replace(found, converged=True)]) == ()


def test_hosting_capacity_is_where_the_voltage_meets_its_limit() -> None:
    of = layout(load(1.0, 0.0))
    [found] = hosting.hosting(base(of), Given(), Options(), within=100.0)
    assert found.binding is not None
    assert (found.binding.quantity, found.binding.direction) == ("V", "high")
    by_hand = abs(drop_by_hand(complex(-found.watts)))
    assert by_hand == pytest.approx(1.05 * VOLTS / sqrt(3), rel=1e-5)


def test_where_no_limit_binds_the_most_that_is_asked_for_is_the_answer() -> None:
    [found] = hosting.hosting(base(layout()), Given(), Options(), most=100e3)
    assert found.watts == 100e3
    assert found.binding is None


def test_what_cannot_be_solved_at_all_is_said() -> None:
    with pytest.raises(ValueError, match="could not be solved"):
        base(layout(load(9e9, 0)))


def named(of: Layout, case: int) -> tuple[int, int]:
    """What a case comes to, for `spread`."""
    return case, len(of.places)


def test_processes_give_the_results_in_order() -> None:
    cases = list(range(40))
    assert list(spread(named, layout(), cases, processes=2)) == [(case, 9) for case in cases]


def test_a_dask_cluster_gives_the_same() -> None:
    from distributed import LocalCluster

    cases = list(range(20))
    with LocalCluster(
        n_workers=1, processes=False, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        found = list(spread(named, layout(), cases, cluster=cluster.scheduler_address))
    assert found == [(case, 9) for case in cases]
