"""Phases as bits, by name."""

from __future__ import annotations

from cim.network.phases import LIVE, NEUTRAL, bits, listed, names


def test_phases_are_listed_as_people_name_them() -> None:
    assert listed(LIVE | NEUTRAL) == ("A", "B", "C", "s1", "s2")
    assert listed(bits("s21") | bits("CA")) == ("A", "C", "s1", "s2")
    assert listed(0) == ()
    assert names(bits("BCN")) == {"B", "C"}
