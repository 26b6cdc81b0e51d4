"""What happened earlier and is told later does not take the place of what is newer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Message, Verb
from cim.network import Network
from cim.network.overlay import Overlay, Position
from cim.profiles.switching_events import (
    PhaseCode,
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingEvent,
    SwitchingEvents,
)
from tests.cim.network.drawing import Drawing, event, model

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Move = tuple[str, float | None, str | None]
"""open or close, seconds after noon, and the phases; None where nothing is said."""


@pytest.fixture
def network() -> Network:
    # source - a =[s, closed]= b
    return Drawing().source("a").switch("s", "a", "b", "ABC").network()


def moved(*moves: Move) -> Message:
    """The moves of the switch, in one message."""
    return event(
        Verb.CREATED,
        SwitchingEvents(
            switching_event=tuple(
                SwitchingEvent(
                    created_date_time=NOON + timedelta(days=1) if seconds is not None else None,
                    switching_action=SwitchAction(
                        kind=SwitchActionKind(kind),
                        executed_date_time=_at(seconds),
                        phases=PhaseCode(phases) if phases else None,
                        operated_switch=Switch(mrid="s"),
                    ),
                )
                for kind, seconds, phases in moves
            )
        ),
    )


def _at(seconds: float | None) -> datetime | None:
    return None if seconds is None else NOON + timedelta(seconds=seconds)


def closed(network: Network) -> str:
    return "".join(sorted(network.switch_closed("s")))


@pytest.mark.parametrize(
    ("moves", "left"),
    [
        ([("open", 2, None), ("close", 1, None)], ""),
        ([("open", 1, None), ("close", 2, None)], "ABC"),
        # The same moment: in the order in which it is told.
        ([("open", 1, None), ("close", 1, None)], "ABC"),
        ([("close", 1, None), ("open", 1, None)], ""),
        # What says no time is as new as it is told; and nothing is late after it.
        ([("open", 2, None), ("close", None, None), ("open", 1, None)], ""),
        ([("open", 2, None), ("close", None, None)], "ABC"),
        # A pole is late by what is known of itself.
        ([("open", 3, "A"), ("open", 2, "B"), ("close", 1, None)], "C"),
        ([("open", 2, None), ("close", 3, "B"), ("close", 1, "A"), ("open", 2.5, "B")], "B"),
    ],
)
def test_the_newer_one_wins(network: Network, moves: Sequence[Move], left: str) -> None:
    assert closed(network.after(moved(*moves))) == left  # all in one message
    for move in moves:
        network = network.after(moved(move))
    assert closed(network) == left


def test_what_is_late_changes_nothing_at_all(network: Network) -> None:
    now = network.after(moved(("open", 9, None)))
    late = now.after(moved(("close", 1, None), ("open", 2, None), ("close", 3, None)))
    assert late.overlay.positions == now.overlay.positions
    assert network.switch_closed("s")  # the past is as it was


def test_a_time_to_come_hides_nothing_for_longer_than_until_it_was_told(network: Network) -> None:
    def reported(move: Move, at: float) -> Message:
        made = moved(move)
        return replace(made, header=replace(made.header, timestamp=_at(at)))

    network = network.after(reported(("open", 1e8, None), 5))  # in three years
    assert closed(network.after(reported(("close", 4, None), 6))) == ""
    assert closed(network.after(reported(("close", 6, None), 6))) == "ABC"


def test_a_time_without_an_offset_is_utc(network: Network) -> None:
    before = replace(network.after(moved(("open", 9, None))).overlay.positions["s"], since=())
    naive = SwitchAction(
        kind=SwitchActionKind("open"),
        executed_date_time=(NOON + timedelta(seconds=9)).replace(tzinfo=None),
        operated_switch=Switch(mrid="s"),
    )
    said = SwitchingEvents(switching_event=(SwitchingEvent(switching_action=naive),))
    now = network.after(event(Verb.CREATED, said))
    assert now.overlay.positions["s"] == before
    assert closed(now.after(moved(("close", 8, None)))) == ""
    assert closed(now.after(moved(("close", 10, None)))) == "ABC"


def test_it_is_known_after_models_and_bytes(network: Network) -> None:
    now = network.after(moved(("open", 9, "A"), ("open", 8, "BC")))
    again = model("drawing", Drawing().source("a").switch("s", "a", "b", "ABC").document())
    for later in (now.after(again), Network.from_bytes(now.to_bytes())):
        assert closed(later.after(moved(("close", 8.5, None)))) == "BC"


def test_what_earlier_versions_kept_does_not_say_since_when() -> None:
    said = json.loads(json.dumps(Overlay(positions={"s": Position("s", 7, 3)}).said()))
    said["positions"] = [one[:4] for one in said["positions"]]  # key, switch, known, closed
    assert Overlay.of(said).positions == {"s": Position("s", 7, 3)}


MOVES = st.lists(
    st.tuples(st.sampled_from(["open", "close"]), st.sampled_from(["A", "B", "C", "AB", "ABC"])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25)
@given(MOVES, st.randoms(use_true_random=False))
def test_in_whatever_order_it_is_told(moves: list[tuple[str, str]], chance: Random) -> None:
    network = Drawing().source("a").switch("s", "a", "b", "ABC").network()
    timed = [(kind, float(number), phases) for number, (kind, phases) in enumerate(moves)]
    newest = {phase: kind for kind, _, phases in timed for phase in phases}
    chance.shuffle(timed)
    for move in timed:
        network = network.after(moved(move))
    left = "".join(p for p in "ABC" if newest.get(p, "close") == "close")
    assert closed(network) == left
