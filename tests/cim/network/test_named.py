"""What is told of one thing by mRID and by name; and patches of different kinds, called alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.message import Message
from cim.model.packing import packed, unpacked
from cim.network import Network
from cim.profiles.identification import ACLineSegment
from cim.profiles.phases import PhaseCode
from cim.profiles.switching_actions import Cut, CutAction
from tests.cim.network.drawing import model, street
from tests.cim.network.plain import done, said
from tests.cim.network.test_late_patches import PLAIN, after, at, supply

STREET = street().consumer("load b", "b").usage_point("r", "load b")
Deed = tuple[str, bool, str, bool]
"""What is done, whether it gives supply, on which phases, and whether by the name."""


@pytest.fixture(scope="module")
def network() -> Network:
    return STREET.network()


def told(deed: Deed, *, named: bool) -> Message:
    what, on, phases, _ = deed
    name = " name" if named else ""
    match what:
        case "switch":
            return PLAIN.switch(f"x{name}", phases, closed=on)
        case "load":
            return PLAIN.load(f"b{name}", on=on)
        case "source":
            return PLAIN.source(f"source{name}", on=on)
    return PLAIN.service(f"m{name}", on=on)


DEEDS = st.tuples(
    st.sampled_from(["switch", "service", "load", "source"]),
    st.booleans(),
    st.sampled_from(["A", "BC", "ABC"]),
    st.booleans(),
)


@given(st.lists(DEEDS, min_size=2, max_size=7), st.randoms(use_true_random=False))
def test_the_newer_counts_by_whichever_name(
    network: Network, deeds: Sequence[Deed], random: Random
) -> None:
    by_time = [at(n, told(deed, named=False)) for n, deed in enumerate(deeds)]
    heard = [at(n, told(deed, named=deed[3])) for n, deed in enumerate(deeds)]
    random.shuffle(heard)
    expected = state(after(network, by_time))
    now = after(network, heard)
    assert state(now) == expected
    assert state(Network.from_bytes(now.to_bytes())) == expected
    assert (
        state(after(Network.empty(), heard).after(model("drawing", STREET.document()))) == expected
    )


def state(network: Network) -> tuple[object, ...]:
    """How everything is, whatever it was called."""
    served = [network.in_service(one) for one in ("m", "load b", "source")]
    return supply(network), network.switch_closed("x"), served, network.problems


def test_what_says_no_time_counts_as_it_is_told(network: Network) -> None:
    opened = after(network, [at(9, PLAIN.switch("x", "ABC", closed=False))])
    closed = opened.after(at(None, PLAIN.switch("x name", "ABC", closed=True)))
    assert closed.switch_closed("x") == {"A", "B", "C"}
    again = closed.after(at(None, PLAIN.switch("x", "ABC", closed=False)))
    assert again.switch_closed("x") == frozenset()


def test_an_equal_word_that_is_newer_counts(network: Network) -> None:
    words = [(1, "x", True), (2, "x name", False), (3, "x", True)]
    now = after(network, [at(n, PLAIN.switch(x, "ABC", closed=c)) for n, x, c in words])
    assert now.switch_closed("x") == {"A", "B", "C"}


def cut(mrid: str, *, there: bool) -> Message:
    one = Cut(mrid=mrid, acline_segment=ACLineSegment(mrid="l"))
    return said(cut_action=CutAction(kind=done(there), cut=one, phases=PhaseCode.A))


KINDS: dict[str, Callable[[str, bool], Message]] = {
    "jumper": lambda of, there: PLAIN.jumper(of, ("c", "e"), "BC", there=there),
    "ground": lambda of, there: PLAIN.ground(of, "f", "ABC", there=there),
    "cut": lambda of, there: cut(of, there=there),
    "source": lambda of, there: PLAIN.generator(of, "e", there=there),
}


@pytest.mark.parametrize("gone", [None, *KINDS])
def test_patches_of_all_kinds_may_be_called_alike(network: Network, gone: str | None) -> None:
    def run(**names: str) -> Network:
        """What is called otherwise is the reference."""
        placed = [KINDS[kind](of, True) for kind, of in names.items()]
        removed = [KINDS[gone](names[gone], False)] if gone else []
        return after(network, [*placed, *removed])

    now = run(jumper="1", ground="1", cut="1", source="1")
    apart = run(jumper="1", ground="2", cut="3", source="4")
    assert [one.kind for one in now.patches] == [kind for kind in KINDS if kind != gone]
    assert supply(now) == supply(apart)
    assert supply(Network.from_bytes(now.to_bytes())) == supply(apart)


def test_patches_of_an_earlier_version_are_known(network: Network) -> None:
    """It kept them by their names alone."""
    names = dict(zip(KINDS, ("j", "g", "k", "diesel"), strict=True))
    placed = [KINDS[kind](of, True) for kind, of in names.items()]
    now = after(network, [*placed, KINDS["source"]("diesel", False)])
    arrays, whole = unpacked(now.to_bytes())
    del whole["fit"]["keyed"]
    for column in (whole["overlay"]["patches"], whole["fit"]["patches"]):
        for one in column:
            one[0] = one[0].partition(" ")[2]
    old = Network.from_bytes(packed(arrays, whole))
    assert (old.patches, old.overlay.patches) == (now.patches, now.overlay.patches)
    assert supply(old) == supply(now)
    for kind in ("jumper", "ground", "cut"):
        old, now = (one.after(KINDS[kind](names[kind], False)) for one in (old, now))
        assert (old.patches, supply(old)) == (now.patches, supply(now))
