"""Major event days, by a computation of our own with five years of days."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from statistics import mean, pstdev, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_apps.outage.reliability import files
from dms_apps.outage.reliability.analysis import Analysis, Question
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.interruption import Interruption, Interruptions, micros
from dms_apps.outage.reliability.major_days import major, threshold
from dms_apps.outage.reliability.served import Served, Supply

BY = Conventions()
VECTORS = "data/testvectors"


def drawn() -> dict[date, Fraction]:
    """Logarithms around -3.35, spread by 1.9; one day of a hundred without an interruption."""
    chance = Random(1366)  # noqa: S311 - the same each time
    found, day = {}, date(2020, 1, 1)
    while day < date(2026, 1, 1):
        saidi = round(math.exp(-3.35 + 1.90 * chance.gauss(0, 1)), 6)
        if day.year < 2025 and chance.random() < 0.01:
            saidi = 0.0
        found[day] = Fraction(str(saidi))
        day += timedelta(days=1)
    return found


def check(daily: Mapping[date, Fraction], expected: Mapping[str, float]) -> None:
    one = threshold(2025, daily, BY)
    assert (one.days, one.zero) == (1827 - 16, 16)
    assert one.alpha == pytest.approx(expected["alpha"], rel=1e-13)
    assert one.beta == pytest.approx(expected["beta_sample"], rel=1e-13)
    assert one.limit == pytest.approx(expected["T_MED_sample"], rel=1e-12)
    other = threshold(2025, daily, replace(BY, deviation="population"))
    assert other.beta == pytest.approx(expected["beta_population"], rel=1e-13)
    assert other.limit == pytest.approx(expected["T_MED_population"], rel=1e-12)
    found = major([2025], daily, BY)
    assert found.days == {date(2025, 2, 19): "major", date(2025, 3, 8): "major"}
    year = {day: saidi for day, saidi in daily.items() if day.year == 2025}
    assert float(sum(year.values())) == pytest.approx(expected["2025_SAIDI_all"], rel=1e-14)
    normal = sum(saidi for day, saidi in year.items() if day not in found.days)
    assert float(normal) == pytest.approx(expected["2025_SAIDI_ex_MED"], rel=1e-14)


def test_five_years_make_the_threshold_of_the_sixth() -> None:
    check(
        drawn(),
        {
            "alpha": -3.3656299232543727,
            "beta_sample": 1.85829716251787,
            "beta_population": 1.8577840333730555,
            "T_MED_sample": 3.5970461078170675,
            "T_MED_population": 3.5924346932805507,
            "2025_SAIDI_all": 62.290444,
            "2025_SAIDI_ex_MED": 49.606189,
        },
    )


@pytest.mark.reference
def test_the_vectors(shared: Path) -> None:
    known: dict[date, Fraction] = {}
    for name in ("2020_2024", "2025"):
        data = (shared / VECTORS / f"med_daily_saidi_{name}.csv").read_bytes()
        known |= files.daily(name, data.replace(b"date,saidi_min", b"day,saidi", 1))
    check(known, json.loads((shared / VECTORS / "med_expected.json").read_text()))
    assert known == drawn()


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e4)), min_size=3, max_size=60),
    deviation=st.sampled_from(["sample", "population"]),
    zero=st.sampled_from(["dropped", "lowest"]),
)
def test_it_is_the_formula(values: list[float], deviation: str, zero: str) -> None:
    daily = {date(2024, 1, 1) + timedelta(days=n): Fraction(v) for n, v in enumerate(values)}
    by = replace(BY, deviation=deviation, zero_days=zero, years=1)  # type: ignore[arg-type]
    one = threshold(2025, daily, by)
    some = [v for v in values if v]
    if some and zero == "lowest":
        some += [min(some)] * (366 - len(some))  # of 2024, from its first day on
    if len(some) < 2:
        assert one.limit is None or deviation == "population"
        return
    logs = [math.log(v) for v in some]
    spread = stdev(logs) if deviation == "sample" else pstdev(logs)
    assert one.days == len(some)
    assert one.limit == pytest.approx(math.exp(mean(logs) + 2.5 * spread), rel=1e-9)


def test_fewer_years_do_and_none_makes_no_threshold() -> None:
    daily = {day: saidi for day, saidi in drawn().items() if day.year == 2024}
    one = threshold(2025, daily, BY)
    assert one.days + one.zero == 366
    assert one.limit is not None
    assert threshold(2024, daily, BY).limit is None
    assert not major([2024], daily, BY).days


def test_catastrophic_days_make_no_threshold() -> None:
    daily = drawn()
    storm = date(2023, 8, 30)
    plain = threshold(2025, daily, BY)
    shaken = threshold(2025, {**daily, storm: Fraction(5000)}, BY)
    assert plain.limit is not None
    assert shaken.limit is not None
    assert shaken.limit > plain.limit
    without = {day: saidi for day, saidi in daily.items() if day != storm}
    named = replace(BY, catastrophic=(storm,))
    found = threshold(2025, {**daily, storm: Fraction(5000)}, named)
    assert found.limit == threshold(2025, {**without, storm: Fraction(0)}, BY).limit
    assert major([2023], {**daily, storm: Fraction(5000)}, named).days[storm] == "catastrophic"
    # By its SAIDI: e^(-3.36 + 4.15 x 1.86) is 77 minutes.
    by = replace(BY, catastrophic_beta=4.15)
    again = major([2025], {**daily, storm: Fraction(5000), date(2025, 7, 1): Fraction(90)}, by)
    assert again.thresholds[2025].limit == found.limit
    assert again.days[date(2025, 7, 1)] == "catastrophic"
    assert again.days[date(2025, 2, 19)] == "major"


def test_a_year_may_begin_in_april() -> None:
    by = replace(BY, year="04-01", years=1)
    daily = {date(2024, 4, 1): Fraction(1), date(2025, 3, 31): Fraction(2)}
    one = threshold(2025, daily, by)
    assert one.days == 2
    assert one.alpha == pytest.approx(math.log(2) / 2)
    assert major([2024, 2025], daily, by).thresholds[2024].limit is None


def test_an_outage_past_midnight_is_of_the_day_on_which_it_began() -> None:
    """And with days that have their own, a major one may lie beside a normal one."""
    start = datetime(2025, 7, 1, 23, tzinfo=UTC)
    some = [
        Interruption(started=start, ended=start + timedelta(hours=6), point="a", outage="1"),
        Interruption(
            started=start + timedelta(hours=3), ended=start + timedelta(hours=4), point="b"
        ),
    ]
    analysis = Analysis(
        first=date(2025, 1, 1),
        last=date(2025, 12, 31),
        some=Interruptions.of(some),
        served=Served([Supply(day=date(2020, 1, 1), customers=10)]),
        by=BY,
        now=micros(datetime(2025, 12, 31, 23, tzinfo=UTC)),
        history={day: saidi for day, saidi in drawn().items() if day.year < 2025},
    )
    assert analysis.daily[date(2025, 7, 1)] == 36
    assert analysis.daily[date(2025, 7, 2)] == 6
    assert list(analysis.major.days) == [date(2025, 7, 1), date(2025, 7, 2)]
    one = replace(
        analysis,
        some=Interruptions.of([replace(some[0], ended=start + timedelta(minutes=30)), some[1]]),
    )
    assert list(one.major.days) == [date(2025, 7, 2)]
    for days, saidi in (("all", 9), ("normal", 3), ("major", 6)):
        [line] = one.ask(Question(days=days))
        assert line.own.saidi == saidi
    split = replace(analysis, by=replace(BY, accrues="days"))
    assert split.daily == {**analysis.history, date(2025, 7, 1): 6, date(2025, 7, 2): 36}
