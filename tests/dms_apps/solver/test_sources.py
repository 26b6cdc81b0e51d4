"""Sources beside those of the models: layouts with them are made once.

source -- n1 ==l== n2 --w-- n3 -- load d, generators g and h
"""

from __future__ import annotations

from cim.electrical.view import View
from dms_apps.solver import nodal
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.sources import with_forming, with_mobile
from tests.cim.electrical.documents import terminals
from tests.dms_apps.solver.feeder import Objects, balanced_line, feeder, load, switch

OPEN = Given(poles={"w": frozenset()})
BOTH = Given(poles={"w": frozenset(), "x": frozenset()})
N3 = {("n3", phase) for phase in "ABC"}


def inverter(name: str, node: str, rated: float) -> Objects:
    return {
        f"PowerElectronicsConnection {name}": {"p": "-1e5", "q": "0", "ratedS": f"{rated}"},
        **terminals(name, node),
    }


def two_islands() -> View:
    """Behind w and behind x a generator each."""
    return feeder(
        load(),
        inverter("g", "n3", 1e6),
        balanced_line("m", ("n2", "n4")),
        switch("x", ("n4", "n5")),
        inverter("h", "n5", 2e6),
    )


def test_the_same_mobile_sources_give_the_same_layout() -> None:
    layout = Layout.of(feeder())
    first, _ = with_mobile(layout, N3)
    assert with_mobile(layout, set(N3))[0] is first
    assert with_mobile(layout, ()) == (layout, ())
    fewer, _ = with_mobile(layout, {("n3", "A")})
    assert [one.phases for one in fewer.view.sources] == [("A", "B", "C"), ("A",)]
    assert with_mobile(Layout.of(feeder()), N3)[0] is not first


def test_the_same_generators_that_hold_a_voltage_give_the_same_layout() -> None:
    layout = Layout.of(two_islands())
    first, remarks = with_forming(layout, BOTH, {"g", "h"})
    assert remarks == tuple(f"Generator {one} holds the voltage of an island." for one in "hg")
    assert with_forming(layout, Given(loads={}).over(BOTH), {"h", "g"})[0] is first
    solution = nodal.solve(first, BOTH)
    assert (solution.island >= 0).all()
    assert solution.taken[first.element["g"]].real < -800e3  # all of the load d
    one, _ = with_forming(layout, OPEN, {"g", "h"})
    assert [source.mrid for source in one.view.sources] == ["s", "g"]
    assert [generator.mrid for generator in one.view.generators] == ["h"]


def test_of_two_in_one_island_the_larger_one_holds_its_voltage() -> None:
    layout = Layout.of(feeder(load(), inverter("g", "n3", 1e6), inverter("h", "n3", 2e6)))
    found, remarks = with_forming(layout, OPEN, {"g", "h"})
    assert remarks == ("Generator h holds the voltage of an island.",)
    assert [source.mrid for source in found.view.sources] == ["s", "h"]


def test_one_that_is_out_of_service_holds_none() -> None:
    layout = Layout.of(feeder(load(), inverter("g", "n3", 1e6), inverter("h", "n3", 2e6)))
    given = Given(out=frozenset({"h"})).over(OPEN)
    _, remarks = with_forming(layout, given, {"g", "h"})
    assert remarks == ("Generator g holds the voltage of an island.",)
