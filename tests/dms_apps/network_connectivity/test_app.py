"""The app beside its cases: nothing forgotten, nothing endless, nothing unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Message, Topic, Verb
from cim.network import Network
from cim.profiles.connectivity_changes import ConnectivityChange, ConnectivityChangeKind
from cim.profiles.identification import ConnectivityNode, Name, PowerSystemResource
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import (
    Ground,
    GroundAction,
    Switch,
    SwitchAction,
    SwitchActionKind,
    TempEquipActionKind,
    Terminal,
)
from cim.profiles.switching_events import SwitchingEvent, SwitchingEvents
from dms_apps.network_connectivity import NetworkConnectivityApp
from dms_apps.network_connectivity.notices import phase_code
from hub.settings import ConfigError, build, read
from tests.dms_apps.network_connectivity.playing import (
    MORNING,
    Run,
    Turn,
    changes,
    drawn,
    happens,
    identified,
    loaded,
)

#  S1 a =[B1]= b --L1-- c: H1 (A)
#              b =[B2]= d: H2       c =[T1, open]= d
#  S2 f =[B3]= e --L2-- g: H3 (B)   g =[T2, open]= d
MESHED = drawn("""
    source S1 a
    switch B1 a b ABC
    line L1 b c
    consumer H1 c A
    switch B2 b d ABC
    consumer H2 d
    switch T1 c d ABC open
    source S2 f
    switch B3 f e ABC
    line L2 e g B
    consumer H3 g B
    switch T2 g d ABC open
""").network()

deeds = st.one_of(
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["open", "close"]),
        st.sampled_from(["B1", "B2", "B3", "T1", "T2"]),
        st.sampled_from(["", "A", "BC"]),
    ),
    st.sampled_from(["cut L1", "uncut L1", "out L2", "in L2", "earth c", "unearth c"]),
)


@settings(max_examples=60)
@given(st.lists(deeds, max_size=12))
def test_whoever_loses_or_gets_supply_is_told(happening: Sequence[str]) -> None:
    run = Run(MESHED)
    for deed in happening:
        before = run.network
        told = run.play(deed)
        assert points(told, "deEnergised") == with_more(before, run.network)
        assert points(told, "energised") == with_more(run.network, before)


def with_more(one: Network, other: Network) -> set[str]:
    """The usage points that have a phase supplied in `one` that they have not in the other."""
    found = one.usage_points
    return {point for point in found if one.energised_phases(point) - other.energised_phases(point)}


def points(told: Iterable[ConnectivityChange], kind: str) -> set[str]:
    return {p.mrid or "" for change in told if change.kind == kind for p in change.usage_points}


@settings(max_examples=30)
@given(st.lists(deeds, max_size=8))
def test_what_is_done_and_undone_is_told_both_times(happening: Sequence[str]) -> None:
    """After all switches are back, as many loops and parallels were opened as formed."""
    run = Run(MESHED)
    told = [change for deed in happening for change in run.play(deed)]
    back = ("open T1", "open T2", "uncut L1", "in L2", "close B1", "close B2", "close B3")
    told += [change for deed in back for change in run.play(deed)]
    for what in ("loop", "parallel"):
        formed = {c.mrid for c in told if c.kind == f"{what}Formed"}
        opened = {c.mrid for c in told if c.kind == f"{what}Opened"}
        assert bool(formed) == bool(opened)
    assert len({change.mrid for change in told}) == len(told)


def test_a_model_brings_what_is_new() -> None:
    run = Run(Network.empty())
    street = drawn("source S1 a\nswitch B1 a b\nconsumer H1 b")
    busbar, feeder = run.hand(loaded(street))
    assert points([busbar], "energised") == set()
    assert points([feeder], "energised") == {"P-H1"}
    assert feeder.created_date_time == MORNING
    longer = street.switch("B2", "b", "c").consumer("H2", "c").usage_point("P-H2", "H2")
    [change] = run.hand(loaded(longer, 1))
    assert points([change], "energised") == {"P-H2"}
    assert run.hand(loaded(longer, 2)) == ()


def test_very_much_comes_in_several_messages_and_lists_are_cut() -> None:
    houses = 1_500
    branches = 450
    street = drawn("source S1 a\nswitch B1 a b")
    for n in range(houses):
        street.consumer(f"H{n}", "b").usage_point(f"P{n}", f"H{n}")
    for n in range(branches):
        street.source(f"s{n}", f"S-{n}").switch(f"B-{n}", f"s{n}", f"t{n}")
    message = loaded(street)
    empty = Network.empty()
    app = NetworkConnectivityApp(listed=100)
    said = list(app.handle(message, Turn(empty, empty.after(message))))

    assert [one.external_id for one in said] == [
        "message 000",
        *(f"message 000 {n}" for n in range(2, len(said) + 1)),
    ]
    told = [change for one in said for change in changes(one)]
    assert len(said) > 2
    assert len({change.mrid for change in told}) == len(told)
    largest = max(told, key=lambda change: change.usage_point_count)
    assert largest.usage_point_count == houses
    assert len(largest.usage_points) == len(largest.equipments) == 100


@pytest.mark.parametrize(
    ("switch", "said"),
    [
        (Switch(), "Switch without a name was opened: which is meant is not said."),
        (
            Switch(names=(Name(name="nobody knows"),)),
            "Switch nobody knows was operated, but no model describes it.",
        ),
    ],
)
def test_what_is_missing_is_said(switch: Switch, said: str) -> None:
    action = SwitchAction(kind=SwitchActionKind.OPEN, operated_switch=switch)
    events = SwitchingEvents(switching_event=(SwitchingEvent(switching_action=action),))
    run = Run(MESHED)
    for number in (1, 2):  # however often
        [change] = run.hand(identified(events, number))
        assert change.kind is ConnectivityChangeKind.NOT_APPLIED
        assert change.description == said


def test_a_name_of_which_another_begins_is_not_meant() -> None:
    run = Run(MESHED)
    run.play("open B10")
    [change] = run.play("open B1")
    assert change.kind is ConnectivityChangeKind.DE_ENERGISED


def test_an_earth_placed_and_removed_in_one_message_was_there() -> None:
    assert Run(MESHED).hand(together("earth c", "unearth c")) == ()


def together(*happening: str) -> Message:
    """One message that says all of this."""
    payloads = [happens(deed).payload for deed in happening]
    events = [p.switching_event for p in payloads if isinstance(p, SwitchingEvents)]
    return identified(SwitchingEvents(switching_event=tuple(chain(*events))), 1)


def test_the_time_is_that_of_the_deed_else_of_the_message() -> None:
    done = MORNING - timedelta(minutes=5)
    action = SwitchAction(
        kind=SwitchActionKind.OPEN,
        operated_switch=Switch(mrid="B1"),
        executed_date_time=done.replace(tzinfo=None),
    )
    events = SwitchingEvents(switching_event=(SwitchingEvent(switching_action=action),))
    [change] = Run(MESHED).hand(identified(events, 1))
    assert change.created_date_time == done

    event = PSREvent(
        kind=PSREventKind.OUT_OF_SERVICE, power_system_resource=PowerSystemResource(mrid="L1")
    )
    [change] = Run(MESHED).hand(identified(PSREvents(psrevent=(event,)), 1))
    assert change.created_date_time == datetime(2026, 1, 15, 10, tzinfo=UTC)


def test_several_deeds_are_told_in_one_sentence() -> None:
    told = Run(MESHED).hand(together("open B1", "open B2", "open B3", "open T1", "open T2"))
    assert told[0].description.endswith(
        "after switch B1 name was opened, switch B2 name was opened, switch B3 name was opened"
        " and 2 more things were done."
    )


@pytest.mark.parametrize(
    ("phases", "code"),
    [
        ("A", "A"),
        ("CB", "BC"),
        ("ABC", "ABC"),
        ("s1", "s1"),
        ("s1 s2", "s12"),
        ("A s1", "A"),
        ("", None),
    ],
)
def test_phases_have_a_code(phases: str, code: str | None) -> None:
    names = frozenset(phases.split() if "s" in phases else phases)
    assert phase_code(names) == code


def test_measured_values_are_not_asked_for() -> None:
    topics = NetworkConnectivityApp().topics
    assert Topic(Verb.CREATED, "PSREvents") in topics
    assert Topic(Verb.DELETED, "NetworkModels") in topics
    assert "MeasurementValues" not in {topic.noun for topic in topics}


def test_the_committed_settings_are_the_defaults_and_checked() -> None:
    path = Path(__file__).parents[3] / "config" / "apps" / "network_connectivity.toml"
    app = NetworkConnectivityApp
    assert build(app, read(path, {}), path) == app()
    with pytest.raises(ConfigError, match="listed"):
        build(app, {"listed": 1_001}, path)


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        ("unearth c", "An earth at c was removed, but earth at c was not there."),
        ("ungenerator G1 c", "Source G1 was disconnected, but G1 was not there."),
        ("ungenerator G1", "G1 was disconnected, but no model describes it."),
    ],
)
def test_what_is_removed_and_was_not_there_is_said(deed: str, said: str) -> None:
    run = Run(MESHED)
    for _ in range(2):  # however often
        [change] = run.play(deed)
        assert change.kind is ConnectivityChangeKind.NOT_APPLIED
        assert change.description == said


def test_what_has_no_name_goes_by_its_places() -> None:
    def earth(kind: TempEquipActionKind, number: int) -> Message:
        where = Terminal(connectivity_node=ConnectivityNode(mrid="c"))
        action = GroundAction(kind=kind, ground=Ground(terminals=(where,)))
        event = SwitchingEvent(ground_action=action)
        return identified(SwitchingEvents(switching_event=(event,)), number)

    run = Run(MESHED)
    [change] = run.hand(earth(TempEquipActionKind.REMOVE, 1))
    assert change.description == "An earth at c was removed, but ground c was not there."
    [live] = run.hand(earth(TempEquipActionKind.PLACE, 2))
    assert live.kind is ConnectivityChangeKind.LIVE_EARTH_FORMED
    assert live.connectivity_node is not None
    assert live.connectivity_node.mrid == "c"
    [cleared] = run.hand(earth(TempEquipActionKind.REMOVE, 3))
    assert cleared.kind is ConnectivityChangeKind.LIVE_EARTH_CLEARED


def test_a_mobile_source_is_there_until_it_is_removed_wherever_it_was() -> None:
    run = Run(MESHED)
    run.play("open B1")
    assert points(run.play("generator G1 c"), "energised") == {"P-H1", "P-H2"}
    assert points(run.play("ungenerator G1"), "deEnergised") == {"P-H1", "P-H2"}
    assert run.network.patches == ()
