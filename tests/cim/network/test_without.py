"""The network as if what a message reports of had never been reported."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Message, Verb
from cim.network import Network
from cim.network.state import State
from cim.profiles.identification import PowerSystemResource
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import (
    EnergySource,
    EnergySourceAction,
    Switch,
    SwitchAction,
    SwitchActionKind,
)
from tests.cim.network.drawing import event, model, moved, street
from tests.cim.network.plain import Plain, done, said, tagged, together
from tests.cim.network.test_streams import drawn, happening

PLAIN = Plain({})  # only says what happens


@pytest.fixture(scope="module")
def network() -> Network:
    return street().consumer("load b", "b").usage_point("r", "load b").network()


def source(mrid: str, *, there: bool) -> Message:
    """Without where it is."""
    one = EnergySource(mrid=mrid)
    return said(energy_source_action=EnergySourceAction(kind=done(there), energy_source=one))


def supply(network: Network) -> list[tuple[object, ...]]:
    places = sorted({*network.nodes, *network.usage_points})
    return [
        (place, network.energised_phases(place), network.earthed_phases(place)) for place in places
    ]


REPORTS = {
    "cut": (PLAIN.cut("l", "A", there=True), PLAIN.cut("l", "ABC", there=False)),
    "jumper": (
        PLAIN.jumper("j", ("c", "e"), "ABC", there=True),
        PLAIN.jumper("j", ("", ""), "A", there=False),
    ),
    "ground": (
        PLAIN.ground("g", "f", "AB", there=True),
        PLAIN.ground("g", "", "ABC", there=False),
    ),
    "mobile source": (
        PLAIN.generator("diesel", "e", there=True),
        PLAIN.generator("diesel", "e", there=False),
    ),
    "mobile source, without where": (
        PLAIN.generator("diesel", "e", there=True),
        source("diesel", there=False),
    ),
    "source": (PLAIN.source("source", on=False), PLAIN.source("source", on=True)),
    "load": (PLAIN.load("b", on=False), PLAIN.load("b", on=True)),
    "service": (PLAIN.service("m", on=False), PLAIN.service("m", on=True)),
    "switch": (moved("open", "x", phases="B"), moved("close", "x")),
}


@pytest.mark.parametrize("kind", REPORTS)
def test_it_is_as_if_it_had_never_happened(network: Network, kind: str) -> None:
    deed, undoing = REPORTS[kind]
    others = [report for other, (report, _) in REPORTS.items() if not other.startswith(kind[:6])]
    for before in (network, *(network.after(other) for other in others)):
        after = before.after(deed)
        assert (supply(after), after.overlay) != (supply(before), before.overlay)
        for report in (deed, undoing):
            again = after.without(report)
            assert again.overlay == before.overlay
            assert supply(again) == supply(before)
            assert again.problems == before.problems


@pytest.mark.parametrize("kind", REPORTS)
def test_where_nothing_was_reported_it_is_the_same_network(network: Network, kind: str) -> None:
    for report in REPORTS[kind]:
        assert network.without(report) is network


def test_all_of_a_message_is_gone_and_nothing_else(network: Network) -> None:
    one, other = (
        together([PLAIN.cut("l", "A", there=True), moved("open", "x"), tagged("t", "x")]),
        together([PLAIN.jumper("j", ("c", "e"), "ABC", there=True), PLAIN.load("b", on=False)]),
    )
    both = network.after(one).after(other)
    left = both.without(one)
    assert supply(left) == supply(network.after(other))
    assert left.overlay == replace(network.after(other).overlay, tags=both.overlay.tags)
    assert left.tags("x")


def test_a_jumper_that_is_called_like_a_source_stays(network: Network) -> None:
    joined = network.after(PLAIN.jumper("source", ("c", "e"), "ABC", there=True))
    assert joined.without(PLAIN.source("source", on=False)) is joined


def test_what_moves_nothing_takes_nothing_back(network: Network) -> None:
    now = network.after(moved("open", "x")).after(PLAIN.service("m", on=False))
    spoken = SwitchAction(kind=SwitchActionKind.ENABLE_RECLOSING, operated_switch=Switch(mrid="x"))
    announced = PSREvent(
        kind=PSREventKind.PENDING_REMOVE, power_system_resource=PowerSystemResource(mrid="m")
    )
    for message in (
        moved("open", "x", verb=Verb.CREATE),
        said(switching_action=spoken),
        event(Verb.CREATED, PSREvents(psrevent=(announced,))),
        event(Verb.CREATED, MeasurementValues()),
        model("drawing", street().document()),
    ):
        assert now.without(message) is now


@settings(deadline=None, max_examples=30)
@given(random=st.randoms(use_true_random=False))
def test_it_is_as_built_from_what_is_left(random: Random) -> None:
    plain = drawn(random)
    network = Network.empty().after(plain.loaded())
    told = [happening(plain, random) for _ in range(8)]
    for message in told:
        network = network.after(message)
    left = network.without(random.choice(told))
    models = Network.empty().after(plain.loaded())
    built = Network(models.models, State.built(models._state.grid, left.overlay))
    assert supply(built) == supply(left)
    assert built.problems == left.problems
