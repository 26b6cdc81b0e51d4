"""Sources that are there for a time, and those of the model."""

from __future__ import annotations

import pytest

from cim.message import Message
from cim.network import Network
from cim.profiles.phases import PhaseCode
from cim.profiles.switching_actions import (
    EnergySource,
    EnergySourceAction,
)
from tests.cim.network.drawing import Drawing, model, moved, street
from tests.cim.network.plain import Plain, done, said, terminals

ABC = frozenset("ABC")
PLAIN = Plain({})  # only says what happens


@pytest.fixture(scope="module")
def network() -> Network:
    return street().network()


def test_a_mobile_source_supplies_its_node(network: Network) -> None:
    diesel = network.after(PLAIN.generator("diesel", "e", there=True))
    assert diesel.energised_phases("q") == ABC
    assert diesel.feed_point("q") == "diesel"
    assert diesel.isolation_points("q").sources == {"diesel"}
    assert diesel.after(PLAIN.generator("diesel", "e", there=False)).feed_point("q") == ""


def test_a_mobile_source_feeds_the_phases_that_are_there(network: Network) -> None:
    dark = network.after(moved("open", "x"))
    source = EnergySource(mrid="diesel", terminals=terminals("s"))
    action = EnergySourceAction(kind=done(True), energy_source=source)
    assert dark.after(said(energy_source_action=action)).energised_phases("s") == {"s1", "s2"}


def test_a_source_of_the_model_is_disconnected(network: Network) -> None:
    off = network.after(PLAIN.source("source", on=False))
    assert off.energised_phases("p") == frozenset()
    assert not off.in_service("source")
    assert off.after(PLAIN.source("source", on=True)).is_energised("p")


def source(mrid: str, *nodes: str, there: bool, phases: PhaseCode | None = None) -> Message:
    """A source is connected or disconnected; without nodes the message does not say where."""
    one = EnergySource(mrid=mrid, terminals=terminals(*nodes))
    return said(
        energy_source_action=EnergySourceAction(kind=done(there), energy_source=one, phases=phases)
    )


def test_a_mobile_source_is_removed_without_saying_where_it_was(network: Network) -> None:
    diesel = network.after(source("diesel", "e", there=True))
    gone = diesel.after(source("diesel", there=False))
    assert gone.energised_phases("q") == frozenset()
    assert gone.patches == ()
    assert gone.overlay.connections == {}
    assert gone.problems == ()


def test_a_mobile_source_is_removed_though_the_model_no_longer_has_its_place(
    network: Network,
) -> None:
    diesel = network.after(source("diesel", "e", there=True))
    small = Drawing().source("a").switch("x", "a", "b").document()
    lost = diesel.after(model("drawing", small))
    assert lost.problems == ("Source diesel was placed at e, but no model describes it.",)
    gone = lost.after(source("diesel", there=False))
    assert gone.patches == ()
    assert gone.problems == ()
    again = gone.after(model("drawing", street().document()))
    assert again.energised_phases("q") == frozenset()


def test_a_mobile_source_loses_one_phase_without_saying_where(network: Network) -> None:
    diesel = network.after(source("diesel", "e", there=True))
    two = diesel.after(source("diesel", there=False, phases=PhaseCode.A))
    assert two.energised_phases("f") == {"B", "C"}
    assert two.after(source("diesel", there=True)).energised_phases("f") == ABC


def test_a_source_is_mobile_as_soon_as_its_place_is_known(network: Network) -> None:
    first = network.after(source("diesel", there=True))
    assert first.problems == ("diesel was connected, but no model describes it.",)
    placed = first.after(source("diesel", "e", there=True))
    assert placed.problems == ()
    assert placed.feed_point("q") == "diesel"
    gone = placed.after(source("diesel", there=False))
    assert (gone.patches, gone.problems, dict(gone.overlay.connections)) == ((), (), {})


def test_a_jumper_that_is_called_like_a_source_stays(network: Network) -> None:
    joined = network.after(PLAIN.jumper("source", ("c", "e"), "ABC", there=True))
    off = joined.after(source("source", there=False))
    assert [patch.kind for patch in off.patches] == ["jumper"]
    assert not off.in_service("source")
