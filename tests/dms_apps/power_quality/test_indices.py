"""Indices, limits and classes of disturbances, by hand and by property."""

from __future__ import annotations

import cmath
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_apps.power_quality.disturbances import (
    INTERRUPTION,
    SAG,
    SWELL,
    Disturbance,
    counted,
)
from dms_apps.power_quality.indices import (
    Values,
    long_term,
    of_line_voltages,
    of_magnitudes,
    of_phasors,
)
from dms_apps.power_quality.limits import Limit, judged

CASES = sorted((Path(__file__).parents[2] / "cases" / "power_quality").iterdir())
AT = datetime(2026, 1, 15, tzinfo=UTC)
TURN = cmath.exp(2j * cmath.pi / 3)


def test_percentiles_by_nearest_rank() -> None:
    values = Values.of([5.0, 1.0, float("nan"), 4.0, 2.0, 3.0])
    assert [values.percentile(p) for p in (0, 20, 21, 50, 95, 100)] == [1, 1, 2, 3, 5, 5]
    assert values.within(2, 4) == 3
    assert np.isnan(Values.of([]).percentile(95))


@settings(max_examples=25)
@given(
    days=st.lists(st.lists(st.floats(0, 200, allow_nan=False), max_size=30), max_size=6),
    percent=st.floats(0, 100),
)
def test_days_put_together_are_all_at_once(days: list[list[float]], percent: float) -> None:
    whole = Values.of([value for day in days for value in day])
    parts = Values.together([Values.of(day) for day in reversed(days)])
    assert parts.sorted.tolist() == whole.sorted.tolist()
    one, other = parts.percentile(percent), whole.percentile(percent)
    assert one == other or (np.isnan(one) and np.isnan(other))
    if len(whole):
        assert whole.within(-1, one) >= percent / 100 * len(whole) - 1e-6


def phasors(negative: complex, zero: complex = 0) -> tuple[complex, complex, complex]:
    """Positive sequence 1."""
    a = 1 + negative + zero
    return a, TURN**2 + TURN * negative + zero, TURN + TURN**2 * negative + zero


@settings(max_examples=25)
@given(size=st.floats(0, 0.5), angle=st.floats(-np.pi, np.pi), zero=st.floats(0, 0.3))
def test_unbalance_of_magnitudes_is_that_of_phasors(size: float, angle: float, zero: float) -> None:
    a, b, c = phasors(size * cmath.exp(1j * angle), zero)
    two, none = of_phasors(a, b, c)
    assert (two, none) == (pytest.approx(100 * size), pytest.approx(100 * zero, abs=1e-9))
    lines = [np.array([abs(x)]) for x in (a - b, b - c, c - a)]
    # Near balance the root of a difference of squares loses half of the digits.
    assert of_line_voltages(*lines)[0] == pytest.approx(100 * size, abs=1e-4)


def test_unbalance_of_nema_by_hand() -> None:
    """The example of NEMA MG 1, 14.36: 460, 467 and 450 V."""
    one, two, three = (np.array([v]) for v in (460.0, 467.0, 450.0))
    assert of_magnitudes(one, two, three)[0] == pytest.approx(100 * 9 / 459)


def test_lines_that_make_no_triangle_have_no_unbalance() -> None:
    assert np.isnan(of_line_voltages(np.array([100.0]), np.array([10.0]), np.array([10.0])))[0]


def test_long_term_flicker_is_the_cubic_mean() -> None:
    assert long_term(np.array([1.0] * 11 + [2.0])) == pytest.approx(np.cbrt(19 / 12))
    assert np.isnan(long_term(np.array([1.0] * 11)))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case: Path) -> None:
    given_ = tomllib.loads((case / "case.toml").read_text(encoding="utf-8"))
    values = Values.of([value for count, value in given_["values"] for _ in range(count)])
    limit, expected = Limit(**given_["limit"]), given_["expected"]
    verdict = judged(limit, values)
    assert verdict.is_kept is expected["kept"]
    assert verdict.share == pytest.approx(expected["share"], rel=given_["tolerance"])
    assert verdict.coverage == pytest.approx(100 * len(values) / (144 * limit.days))
    for percent, value in expected["percentiles"].items():
        assert values.percentile(float(percent)) == value


def test_nothing_known_is_no_breach_but_no_coverage() -> None:
    verdict = judged(Limit("x", "thd", high=8), Values.of([]))
    assert verdict.is_kept
    assert (verdict.count, verdict.coverage) == (0, 0)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"high": 1.0, "share": 0.0}, {"high": 1.0, "share": 101.0}, {"low": 1.0, "days": 0}],
)
def test_limits_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="limit x"):
        Limit("x", "voltage", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "residual", "seconds", "size", "length", "tolerated"),
    [
        (SAG, 85.0, 0.1, "80-90 %", "10-200 ms", True),
        (SAG, 75.0, 0.3, "70-80 %", "200-500 ms", True),
        (SAG, 60.0, 0.3, "40-70 %", "200-500 ms", False),
        (SAG, 4.0, 0.015, "below 5 %", "10-200 ms", True),
        (SAG, 85.0, 30.0, "80-90 %", "5-60 s", False),
        (SAG, 85.0, 90.0, "80-90 %", "above 60 s", False),
        (SAG, None, 1.0, "unknown", "0.5-1 s", None),
        (SWELL, 125.0, 0.2, "120 % and above", "10-500 ms", False),
        (SWELL, 115.0, 0.4, "110-120 %", "10-500 ms", True),
        (SWELL, 112.0, 3.0, "110-120 %", "0.5-5 s", False),
        (INTERRUPTION, None, 180.0, "", "short", False),
        (INTERRUPTION, None, 181.0, "", "long", False),
        (INTERRUPTION, None, None, "", "unknown", None),
    ],
)
def test_classes(
    kind: str, residual: float | None, seconds: float | None, size: str, length: str,
    tolerated: bool | None,
) -> None:  # fmt: skip
    one = Disturbance("a", AT, kind, residual, seconds)
    assert (one.size, one.length, one.is_tolerated) == (size, length, tolerated)


def test_every_disturbance_is_in_one_cell() -> None:
    some = [Disturbance("a", AT, SAG, r, s) for r in (85.0, 3.0, None) for s in (0.1, 99.0, None)]
    cells = counted(some, SAG)
    assert sum(count for _, _, count in cells) == len(some)
    assert len(cells) == 25 + 7  # two of the nine are in the table
    assert {(s, n): c for s, n, c in cells}["80-90 %", "10-200 ms"] == 1
