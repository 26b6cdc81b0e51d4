"""Times and numbers read in one compiled pass are those that Python reads one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.gate import MESSAGE
from cim.plain import Elements, elements_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def texts(*given: str) -> Elements:
    elements = elements_of(f"<a>{''.join(f'<b>{one}</b>' for one in given)}</a>".encode(), MESSAGE)
    assert elements is not None
    return elements


def instants(*given: str) -> Sequence[int] | None:
    found = texts(*given).instants(range(1, len(given) + 1))
    return None if found is None else found.tolist()


def decimals(*given: str) -> Sequence[float] | None:
    found = texts(*given).decimals(range(1, len(given) + 1))
    return None if found is None else found.tolist()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES),
        min_size=1,
        max_size=50,
    )
)
def test_times_are_microseconds_since_1970(times: list[datetime]) -> None:
    assert instants(*(one.isoformat() for one in times)) == [
        (one - EPOCH) // timedelta(microseconds=1) for one in times
    ]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00", 0),
        ("1970-01-01T00:00:00-00:30", 1800),
        ("1970-01-01T00:00:00.25+00:00", 0.25),
        ("2000-02-29T12:00:00Z", 951_825_600),
        ("1900-02-28T23:59:59Z", -2_203_891_201),
        ("2026-07-14T17:00:00+02:00", 1_784_041_200),
    ],
)
def test_a_time_with_and_without_zone(text: str, seconds: float) -> None:
    assert instants(text, text) == [int(seconds * 1_000_000)] * 2


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026-07-14", "2026-07-14T24:00:00Z", "2026-07-14T10:00:60Z"),
        *("0000-01-01T00:00:00Z", "12026-01-01T00:00:00Z", "-0001-01-01T00:00:00Z"),
        *("1900-02-29T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z"),
        *("2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z"),
        *("2026-07-14T10:00:00.Z", "2026-07-14T10:00:00.1234567Z", "2026-07-14T10:00:00z"),
        *(" 2026-07-14T10:00:00Z", "2026-07-14T10:00:00Z ", "2026-07-14 10:00:00Z"),
        *("2026-07-14T10:00:00+24:00", "2026-07-14T10:00:00+2:00", "2026-07-14T10:00:00+0200"),
        *("2026-07-14T10:00:00+02:60", "2026/07/14T10:00:00Z", "2026-07-14T1a:00:00Z"),
    ],
)
def test_what_is_no_usual_time_is_left_to_others(text: str) -> None:
    assert instants("2026-07-14T10:00:00Z", text) is None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**8)),
        max_size=50,
    ).filter(bool)
)
def test_numbers_are_the_nearest_floats(numbers: list[object]) -> None:
    said = [f"{one:f}" for one in numbers if len(f"{one:f}") < 16] or ["0"]
    assert decimals(*said) == [float(one) for one in said]


@pytest.mark.parametrize(
    "text",
    ["0", "-0", "1.", ".5", "+2.50", "0.1", "123456789.012345", "0.00000000000000001", "007"],
)
def test_a_number_and_its_sign(text: str) -> None:
    found = decimals("1", text)
    assert found is not None
    assert (found[1], math.copysign(1, found[1])) == (float(text), math.copysign(1, float(text)))


@pytest.mark.parametrize(
    "text", ["", ".", "-", "1e3", "INF", "NaN", "1 ", "0x1", "1.2.3", "1234567890123456789", "--1"]
)
def test_what_is_no_usual_number_is_left_to_others(text: str) -> None:
    assert decimals("1", text) is None


def test_places_may_be_any() -> None:
    elements = elements_of(b'<a><b ref="1"/><b>2</b><c><b>3</b></c></a>', MESSAGE)
    assert elements is not None
    found = elements.decimals([4, 1])
    assert found is not None
    assert found.tolist() == [3.0, 1.0]
    assert [elements.text(at) for at in range(5)] == ["", "1", "2", "", "3"]
    places, rows = elements.children(0)
    assert (places.tolist(), [elements.names[row] for row in rows.tolist()]) == (
        [1, 2, 3],
        ["b", "b", "c"],
    )
