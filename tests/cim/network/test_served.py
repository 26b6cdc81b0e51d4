"""What supplies all usage points at once is what one hears when one asks for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.network import Network
from tests.cim.network import one_by_one
from tests.cim.network.drawing import Drawing, model, moved
from tests.cim.network.test_random import Branch, drawn, grids


@settings(deadline=None, max_examples=60)
@given(grids(), st.data())
def test_all_at_once_is_one_after_the_other(branches: list[Branch], data: st.DataObject) -> None:
    """Also of a usage point at two places, of which each phase may have its own way."""
    nodes = st.integers(0, max(b.two for b in branches))
    drawing = drawn(branches).usage_point("lost")
    drawing.usage_point("both", f"c{data.draw(nodes)}", f"c{data.draw(nodes)}")
    network = drawing.network()
    one_by_one.check(network)
    for number, b in enumerate(branches):
        if b.switch:
            phases = data.draw(st.sampled_from([b.phases, *b.phases]))
            kind = data.draw(st.sampled_from(["open", "close"]))
            network = network.after(moved(kind, f"s{number}", phases=phases))
            one_by_one.check(network)


@settings(deadline=None, max_examples=60)
@given(grids(), st.data())
def test_of_some_is_told_what_is_told_of_all(branches: list[Branch], data: st.DataObject) -> None:
    network = drawn(branches).usage_point("lost").network()
    points = data.draw(st.sets(st.sampled_from(sorted(network.usage_points))))
    some = network.served(of=[*points, "nobody knows", "c0"])
    for number, b in enumerate(branches):
        if b.switch and data.draw(st.booleans()):
            kind = data.draw(st.sampled_from(["open", "close"]))
            before, network = network, network.after(moved(kind, f"s{number}"))
            some = network.served(some, of=points)
            if network.is_supplied_like(before):
                of_all = one_by_one.asked(network), one_by_one.asked(before)
                assert of_all[0].keys() == of_all[1].keys()
                assert all(of_all[0][p][3] == of_all[1][p][3] for p in of_all[0])
        assert one_by_one.told(some) == {
            point: facts for point, facts in one_by_one.asked(network).items() if point in points
        }


def test_of_nothing_nothing_is_told() -> None:
    assert one_by_one.told(Network.empty().served(of=["p"])) == {}
    assert one_by_one.told(Network.empty().served()) == {}
    one_by_one.check(Drawing().source("n").network())
    one_by_one.check(Drawing().usage_point("alone").network())


#  n0 -- s1 -- n1 -- ... -- s100 -- n100: p
def test_a_path_may_be_long() -> None:
    drawing = Drawing().source("n0")
    for number in range(1, 101):
        drawing.switch(f"s{number}", f"n{number - 1}", f"n{number}")
    network = drawing.consumer("c", "n100").usage_point("p", "c").network()
    one_by_one.check(network)
    one_by_one.check(network.after(moved("open", "s50")))


@pytest.mark.reference
@pytest.mark.parametrize("name", ["ieee123_pv.xml", "ieee13_assets.xml", "acep_psil.xml"])
def test_published_feeders(shared: Path, name: str) -> None:
    document = (shared / "data/cim/feeders" / name).read_bytes()
    network = Network.empty().after(model("feeder", document))
    one_by_one.check(network)
    for switch in sorted(network.devices)[:10]:
        one_by_one.check(network.after(moved("open", switch)))
