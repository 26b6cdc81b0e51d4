"""Patches, connections and service that are told late: what is newer stays, phase by phase."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Message
from cim.network import Network, reports
from cim.network.overlay import Overlay
from cim.network.placing import End, Placing
from cim.profiles.phases import PhaseCode
from cim.profiles.psr_events import PSREvents
from cim.profiles.switching_actions import EnergySource, EnergySourceAction
from tests.cim.network.drawing import model, street
from tests.cim.network.plain import Branch, Plain, done, said, terminals

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAIN = Plain({})  # only says what happens


@pytest.fixture(scope="module")
def network() -> Network:
    return street().consumer("load b", "b").usage_point("r", "load b").network()


def at(seconds: float | None, message: Message) -> Message:
    """The same, done so many seconds after noon."""
    when = None if seconds is None else NOON + timedelta(seconds=seconds)
    return timed(when, message)


def timed(when: datetime | None, message: Message) -> Message:
    payload = message.payload
    if isinstance(payload, PSREvents):
        events = tuple(replace(one, created_date_time=when) for one in payload.psrevent)
        return replace(message, payload=replace(payload, psrevent=events))
    events = tuple(replace(one, created_date_time=when) for one in payload.switching_event)
    return replace(message, payload=replace(payload, switching_event=events))


def source(*nodes: str, there: bool, phases: str | None = None) -> Message:
    """A source, without nodes as one that may be of the models."""
    one = EnergySource(mrid="diesel", terminals=terminals(*nodes))
    code = PhaseCode(phases) if phases else None
    action = EnergySourceAction(kind=done(there), energy_source=one, phases=code)
    return said(energy_source_action=action)


def facts(network: Network) -> tuple[object, ...]:
    """What is known, but not since when."""
    over = network.overlay
    return (
        {of: replace(patch, since=None) for of, patch in over.patches.items()},
        dict(over.positions),
        dict(over.connections),
        dict(over.services),
    )


def supply(network: Network) -> list[tuple[object, ...]]:
    places = sorted({*network.nodes, *network.usage_points})
    return [(one, network.energised_phases(one), network.earthed_phases(one)) for one in places]


def after(network: Network, messages: Sequence[Message]) -> Network:
    for message in messages:
        network = network.after(message)
    return network


KINDS: dict[str, Callable[[bool], Message]] = {
    "cut": lambda there: PLAIN.cut("l", "ABC", there=there),
    "jumper": lambda there: PLAIN.jumper("j", ("c", "e"), "ABC", there=there),
    "ground": lambda there: PLAIN.ground("g", "f", "ABC", there=there),
    "mobile source": lambda there: PLAIN.generator("diesel", "e", there=there),
    "source": lambda there: PLAIN.source("source", on=not there),
    "load": lambda there: PLAIN.load("b", on=not there),
    "service": lambda there: PLAIN.service("m", on=not there),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("deeds", "last"),
    [
        ([(2, True), (1, False)], True),
        ([(2, False), (1, True)], False),
        ([(1, True), (3, False), (2, True)], False),
        ([(3, True), (1, True), (2, False)], True),
        # The same moment: in the order in which it is told.
        ([(1, True), (1, False)], False),
        ([(1, False), (1, True)], True),
        # What says no time is as new as it is told; and nothing is late after it.
        ([(2, True), (None, False), (1, True)], True),
        ([(2, False), (None, True), (1, False)], False),
    ],
)
def test_the_newer_one_wins(
    network: Network, kind: str, deeds: Sequence[tuple[float | None, bool]], last: bool
) -> None:
    now = after(network, [at(seconds, KINDS[kind](there)) for seconds, there in deeds])
    expected = after(network, [KINDS[kind](False), KINDS[kind](last)])
    assert facts(now) == facts(expected)
    assert supply(now) == supply(expected)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_known_after_models_and_bytes(network: Network, kind: str) -> None:
    for there in (True, False):
        now = after(network, [KINDS[kind](not there), at(9, KINDS[kind](there))])
        again = model(
            "drawing", street().consumer("load b", "b").usage_point("r", "load b").document()
        )
        for later in (now.after(again), Network.from_bytes(now.to_bytes())):
            assert later.overlay.placings == now.overlay.placings
            late = later.after(at(8, KINDS[kind](not there)))
            assert (facts(late), supply(late)) == (facts(now), supply(now))
            new = later.after(at(10, KINDS[kind](not there)))
            assert facts(new) != facts(now)


@pytest.mark.parametrize("kind", KINDS)
def test_a_time_to_come_hides_nothing_for_longer_than_until_it_was_told(
    network: Network, kind: str
) -> None:
    placed = at(1e8, KINDS[kind](True))  # in three years
    placed = replace(placed, header=replace(placed.header, timestamp=NOON + timedelta(seconds=5)))
    now = network.after(placed)
    assert facts(now.after(at(4, KINDS[kind](False)))) == facts(now)
    assert facts(now.after(at(6, KINDS[kind](False)))) != facts(now)


@pytest.mark.parametrize("kind", KINDS)
def test_a_time_without_an_offset_is_utc(network: Network, kind: str) -> None:
    naive = (NOON + timedelta(seconds=9)).replace(tzinfo=None)
    now = network.after(timed(naive, KINDS[kind](True)))
    assert facts(now.after(at(8, KINDS[kind](False)))) == facts(now)
    assert facts(now.after(at(10, KINDS[kind](False)))) != facts(now)


@pytest.mark.parametrize("kind", KINDS)
def test_without_it_no_time_is_left_either(network: Network, kind: str) -> None:
    for there in (True, False):
        told = at(9, KINDS[kind](there))
        now = network.after(told).without(told)
        assert (facts(now), now.overlay) == (facts(network), network.overlay)
        again = now.after(at(1, KINDS[kind](True)))
        assert facts(again) == facts(network.after(KINDS[kind](True)))


def test_what_is_late_changes_nothing_at_all(network: Network) -> None:
    jumper, service = KINDS["jumper"], KINDS["service"]
    now = after(network, [at(8, jumper(True)), at(9, jumper(False)), at(9, service(True))])
    late = after(now, [at(3, jumper(True)), at(4, jumper(False)), at(3, service(False))])
    assert late is now


def test_a_phase_is_late_by_what_is_known_of_itself(network: Network) -> None:
    now = after(
        network,
        [
            at(3, PLAIN.jumper("j", ("", ""), "A", there=False)),
            at(2, PLAIN.jumper("j", ("c", "e"), "ABC", there=True)),
            at(1, PLAIN.jumper("j", ("", ""), "B", there=False)),
        ],
    )
    assert now.energised_phases("q") == {"B", "C"}


def test_where_it_was_before_it_was_moved_is_late(network: Network) -> None:
    #  placed at c to e, and moved on to d to e
    now = network.after(at(5, PLAIN.jumper("j", ("d", "e"), "A", there=True)))
    assert facts(now.after(at(4, PLAIN.jumper("j", ("c", "e"), "ABC", there=True)))) == facts(now)
    here = now.after(at(4, PLAIN.jumper("j", ("d", "e"), "B", there=True)))
    assert here.energised_phases("q") == {"A", "B"}
    # It was elsewhere meanwhile: what was here before that is not here by it.
    left = here.after(at(4.5, PLAIN.jumper("j", ("c", "e"), "C", there=True)))
    assert left.energised_phases("q") == {"A"}


def test_a_mobile_source_that_is_told_of_without_its_place_first(network: Network) -> None:
    placed = at(5, source("e", there=True))
    for told, phases in (
        (at(10, source(there=False)), ""),
        (at(10, source(there=False, phases="A")), "BC"),
        (at(1, source(there=False)), "ABC"),
        (at(10, source("e", there=False)), ""),
    ):
        now = after(network, [told, placed])
        assert now.energised_phases("f") == set(phases)
        assert (dict(now.overlay.connections), now.problems) == ({}, ())
    two = at(5, source("e", there=True, phases="AB"))
    assert after(network, [at(9, source(there=True)), two]).energised_phases("f") == set("ABC")
    assert after(network, [at(1, source(there=True)), two]).energised_phases("f") == set("AB")


def test_a_mobile_source_is_known_to_be_one_when_it_is_gone(network: Network) -> None:
    gone = [at(5, source("e", there=True)), at(6, source(there=False)), at(7, source(there=False))]
    for told in (gone, gone[::-1]):
        now = after(network, told)
        assert (now.patches, now.problems, dict(now.overlay.connections)) == ((), (), {})
        assert now.after(at(8, source(there=True))).energised_phases("f") == set("ABC")


def test_of_the_oldest_that_are_gone_it_is_forgotten(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "_FORGOTTEN", 2)
    stays = at(1, PLAIN.ground("stays", "f", "ABC", there=True))
    told = [at(9, PLAIN.ground(f"g{n}", "f", "ABC", there=False)) for n in range(4)]
    now = after(network, [stays, *told])
    assert list(now.overlay.placings) == ["ground stays", "ground g2", "ground g3"]


def test_what_earlier_versions_kept_does_not_say_since_when(network: Network) -> None:
    deeds = [at(9, deed(True)) for deed in KINDS.values()]
    now = after(network, deeds)
    whole = json.loads(json.dumps(now.overlay.said()))
    assert Overlay.of(whole) == now.overlay
    old = {name: column for name, column in whole.items() if name != "placings"}
    for name in ("connections", "services"):
        old[name] = [values[:3] for values in old[name]]  # key, of, on
    read = Overlay.of(old)
    assert read == replace(now.overlay, placings={})
    assert all(one.since is None for one in read.services.values())


def test_a_patch_of_an_earlier_version_is_removed_by_phase(network: Network) -> None:
    now = network.after(at(9, PLAIN.jumper("j", ("c", "e"), "AB", there=True)))
    old = replace(now, _state=replace(now._state, overlay=replace(now.overlay, placings={})))
    left = old.after(at(1, PLAIN.jumper("j", ("", ""), "A", there=False)))
    assert left.energised_phases("q") == {"B"}
    assert left.overlay.placings == {
        "jumper j": Placing(2, (End("c"), End("e")), since=((1, NOON + timedelta(seconds=1)),))
    }


NET = {
    "s": Branch(("n0", "n1"), "ABC", switch=True),
    "l": Branch(("n1", "n2"), "ABC", switch=False),
    "m": Branch(("m0", "m1"), "ABC", switch=False),
    "t": Branch(("n2", "m1"), "ABC", switch=True, closed=False),
}


def deed(plain: Plain, random: Random) -> Message:
    """Something of any kind."""
    there, phases = random.random() < 0.6, random.choice(["A", "BC", "ABC"])
    ends = random.choice([("n1", "m1"), ("n2", "m1"), ("n0", "n2")])
    return random.choice(
        [
            lambda: plain.switch(random.choice("st"), phases, closed=there),
            lambda: plain.cut("l", phases, there=there),
            lambda: plain.jumper("j", ends, phases, there=there),
            lambda: plain.jumper("j", ends, phases, there=there),
            lambda: plain.ground("g", ends[0], phases, there=there),
            lambda: plain.generator("diesel", ends[1], there=there),
            lambda: plain.source("source m0", on=there),
            lambda: plain.load("n2", on=there),
            lambda: plain.service("m", on=there),
        ]
    )()


@settings(deadline=None, max_examples=60)
@given(random=st.randoms(use_true_random=False))
def test_in_whatever_order_it_is_told(random: Random) -> None:
    plain = Plain({mrid: replace(branch) for mrid, branch in NET.items()})
    empty = Network.empty().after(plain.loaded())
    deeds = [at(seconds, deed(plain, random)) for seconds in range(random.randint(2, 14))]
    in_order = after(empty, deeds)
    random.shuffle(deeds)
    halfway = after(empty, deeds[: len(deeds) // 2])
    halfway = Network.from_bytes(halfway.to_bytes())
    told = after(halfway, deeds[len(deeds) // 2 :])
    assert facts(told) == facts(in_order)
    assert supply(told) == supply(in_order)
    assert {n: set(told.energised_phases(n)) for n in told.nodes} == plain.supply()
    assert {n: set(told.earthed_phases(n)) for n in told.nodes} == plain.earth()


@settings(deadline=None, max_examples=30)
@given(random=st.randoms(use_true_random=False))
def test_a_mobile_source_in_whatever_order_it_is_told(random: Random) -> None:
    plain = Plain({mrid: replace(branch) for mrid, branch in NET.items()})
    empty = Network.empty().after(plain.loaded())
    kinds: list[Callable[[], Message]] = [
        lambda: source(random.choice(["n2", "m1"]), there=True, phases="ABC"),
        lambda: source(there=True, phases="ABC"),
        lambda: source(there=False, phases=random.choice(["A", "BC", "ABC"])),
    ]
    deeds = [at(seconds, random.choice(kinds)()) for seconds in range(random.randint(2, 8))]
    in_order = after(empty, deeds)
    random.shuffle(deeds)
    told = after(empty, deeds)
    assert facts(told) == facts(in_order)
    assert supply(told) == supply(in_order)
