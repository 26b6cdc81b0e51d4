"""Days that are alike, profiles learned of them, and the response to weather."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_apps.load_model.days import Calendar, Day
from dms_apps.load_model.profiles import Curve, Moments, Profiles, coincidence
from dms_apps.load_model.weather import Response, fitted

BERLIN = ZoneInfo("Europe/Berlin")
SEASONS = {"winter": "11-01", "transition": "03-21 09-15", "summer": "05-15"}


def test_days_are_local_and_holidays_like_what_the_calendar_says() -> None:
    calendar = Calendar(BERLIN, SEASONS, {date(2026, 12, 25): "sunday", date(2026, 7, 3): "fair"})
    late = datetime(2026, 1, 2, 23, 30, tzinfo=UTC)  # Saturday there
    assert calendar.day(late) == Day("winter", "saturday")
    assert calendar.slot(late) == 1
    assert calendar.like(date(2026, 12, 25)) == Day("winter", "sunday")
    assert calendar.like(date(2026, 7, 3)) == Day("summer", "fair")
    assert [calendar.like(date(2026, m, d)).season for m, d in ((3, 20), (3, 21), (9, 15))] == [
        "winter", "transition", "transition",
    ]  # fmt: skip


def test_days_of_a_period_have_their_shares_also_when_clocks_change() -> None:
    calendar = Calendar(BERLIN)
    start, end = calendar.bounds(date(2026, 3, 29))
    assert end - start == timedelta(hours=23)
    days = calendar.days(start - timedelta(hours=12), end)
    assert days == [(date(2026, 3, 28), 0.5), (date(2026, 3, 29), 1.0)]


@pytest.mark.parametrize(
    ("given", "why"), [({"minutes": 7}, "slots of 7"), ({"seasons": {"x": "13-01"}}, "season x")]
)
def test_a_calendar_that_cannot_be_is_refused(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Calendar(**given)  # type: ignore[arg-type]


def test_moments_by_hand() -> None:
    seen = Moments.of(np.array([[1.0, 4.0], [3.0, np.nan]]))
    assert seen.mean.tolist() == [2, 4]
    assert seen.deviation.tolist() == [pytest.approx(np.sqrt(2)), 0]
    assert (seen.days, seen.peaks) == (2, 7)
    assert seen.coincidence == pytest.approx(8 / 7)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), cut=st.integers(0, 20))
def test_moments_of_parts_are_those_of_the_whole(seed: int, cut: int) -> None:
    watts = np.random.default_rng(seed).gamma(2, 300, (20, 4))
    watts[watts < 50] = np.nan
    parts = Moments.of(watts[:cut]).with_more(Moments.of(watts[cut:]))
    whole = Moments.of(watts)
    for name in ("count", "mean", "squares"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-9)
    assert (parts.days, parts.peaks) == (whole.days, pytest.approx(whole.peaks))


def profiles(learned: dict[tuple[str, Day], Curve] | None = None) -> Profiles:
    calendar = Calendar(minutes=360)
    assumed = {
        ("home", ""): Curve.assumed([1, 2, 3, 2], 4, 0.5),
        ("", ""): Curve.assumed([1], 4, 1),
    }
    return Profiles(calendar, learned or {}, assumed)


def test_a_profile_is_learned_else_of_another_season_else_assumed() -> None:
    def seen(days: int) -> Curve:
        return Curve(np.full(4, float(days)), np.zeros(4), days)

    working, sunday = Day("year", "working"), Day("year", "sunday")
    found = profiles({("home", working): seen(40), ("home", Day("old", "sunday")): seen(50),
                      ("home", sunday): seen(2)})  # fmt: skip
    assert found.of("home", working).days == 40
    assert found.of("home", sunday).days == 50
    assert found.of("home", Day("year", "saturday")).days == 0
    assert found.of("shop", working).watts.tolist() == [1, 1, 1, 1]


def test_the_mean_of_a_period_counts_its_days() -> None:
    def flat(watts: float) -> Curve:
        return Curve(np.full(4, watts), np.zeros(4), 99)

    found = profiles({("home", Day("year", "working")): flat(100),
                      ("home", Day("year", "saturday")): flat(200),
                      ("home", Day("year", "sunday")): flat(400)})  # fmt: skip
    monday = datetime(2026, 1, 5, tzinfo=UTC)
    assert found.mean("home", monday, monday + timedelta(days=7)) == pytest.approx(1100 / 7)
    assert found.peak("home") == 400
    with pytest.raises(ValueError, match="is no period"):
        found.mean("home", monday, monday)


def test_an_assumed_profile_says_something() -> None:
    with pytest.raises(ValueError, match="one above 0"):
        Curve.assumed([0, 0], 4, 0.5)


def test_coincidence_by_number() -> None:
    assert coincidence(0.2, 1) == 1
    assert coincidence(0.2, 4) == pytest.approx(0.6)
    assert coincidence(0.2, 1e12) == pytest.approx(0.2, abs=1e-5)


def test_the_response_to_temperature_is_found() -> None:
    truth = Response(heat=0.03, cool=0.05)
    celsius = np.array([-10.0, 0.0, 10.0, 18.0, 25.0, 35.0])
    energy = np.array([20e3 * truth.factor(one) for one in celsius])
    found = fitted(energy, celsius)
    assert (found.heat, found.cool) == (pytest.approx(0.03), pytest.approx(0.05))
    assert truth.factor(None) == truth.factor(18) == 1
    with pytest.raises(ValueError, match="three days"):
        fitted(energy[:2], celsius[:2])
