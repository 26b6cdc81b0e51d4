"""Crews as they are told, and how urgent troubles are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.profiles import crews as cim
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.maintenance_order_assets import VehicleUsageKind
from cim.profiles.work_locations import PositionPoint
from dms_apps.crews import roster
from dms_apps.crews.parts import merged
from dms_apps.crews.priority import Weights, rank, score
from dms_apps.crews.roster import Crew, Shift
from dms_apps.crews.settings import Settings
from dms_apps.crews.trouble import OUTAGES, Trouble

NOW = datetime(2025, 11, 20, 8, tzinfo=UTC)


def hours(start: float | None, end: float | None, kind: str = "") -> Shift:
    def at(hour: float | None) -> datetime | None:
        return None if hour is None else NOW + timedelta(hours=hour)

    return at(start), at(end), kind


@pytest.mark.parametrize(
    ("shifts", "is_on", "until", "begins"),
    [
        ((), True, None, None),
        ((hours(-1, 7),), True, 7, None),
        ((hours(-9, -1), hours(15, 23)), False, None, 15),
        ((hours(3, 9), hours(-1, 3), hours(20, 28)), True, 9, 3),  # one follows the other
        ((hours(-1, None),), True, None, None),
        ((hours(None, 2),), True, 2, None),
        ((hours(-8, 0),), False, None, None),  # the end is not included
    ],
)
def test_when_a_crew_is_on_duty(
    shifts: tuple[Shift, ...], is_on: bool, until: float | None, begins: float | None
) -> None:
    crew = Crew(mrid="C-1", shifts=shifts)
    assert crew.on_shift(NOW) is is_on
    if is_on:
        assert crew.until(NOW) == (None if until is None else NOW + timedelta(hours=until))
    assert crew.next_shift(NOW) == (None if begins is None else NOW + timedelta(hours=begins))


def test_what_it_can_do_is_so_for_a_while() -> None:
    one = cim.Crew(
        mrid="C-1",
        capabilities=(
            cim.Capability(type="live"),
            cim.Capability(
                type="switching", validity_interval=DateTimeInterval(end=NOW - timedelta(days=1))
            ),
        ),
    )
    crew = Crew.of("C-1", merged({}, roster.told(one, whole=True), NOW))
    assert crew.able(NOW) == {"live"}
    assert crew.able(NOW - timedelta(days=2)) == {"live", "switching"}


def test_mutual_aid_is_of_another_organisation_or_drives_a_contractor_s_vehicle() -> None:
    ours, theirs = Crew(mrid="1", organisation="WE"), Crew(mrid="2", organisation="THEY")
    assert not ours.is_mutual_aid(["WE"])
    assert theirs.is_mutual_aid(["WE"])
    assert not theirs.is_mutual_aid([])
    truck = cim.WorkAsset(usage_kind=VehicleUsageKind.CONTRACTOR)
    said = roster.told(cim.Crew(mrid="3", work_assets=(truck,)), whole=True)
    assert Crew.of("3", merged({}, said, NOW)).is_mutual_aid([])


@pytest.mark.parametrize(("x", "y"), [("8.5", "north"), ("", "1"), ("nan", "1"), ("1", "inf")])
def test_a_position_that_is_none(x: str, y: str) -> None:
    place = cim.Location(position_points=(PositionPoint(x_position=x, y_position=y),))
    told = roster.told_place(cim.Crew(mrid="C-1", location=place))
    assert told is not None
    assert told[1]["at"] is None


troubles = st.builds(
    Trouble,
    noun=st.just(OUTAGES),
    mrid=st.just("O-1"),
    customers=st.integers(0, 10_000),
    critical=st.integers(0, 20),
    hazards=st.sampled_from([(), ("wire down",)]),
    since=st.none() | st.integers(0, 72).map(lambda h: NOW - timedelta(hours=h)),
)


@given(troubles, st.integers(0, 500), st.integers(0, 5), st.integers(0, 48))
def test_more_is_never_less_urgent(one: Trouble, more: int, critical: int, older: int) -> None:
    since = one.since - timedelta(hours=older) if one.since else NOW - timedelta(hours=older)
    worse = replace(
        one, customers=one.customers + more, critical=one.critical + critical, since=since
    )
    assert score(worse, NOW, Weights()).points >= score(one, NOW, Weights()).points
    assert rank(worse, 50) <= rank(one, 50)


@given(troubles, troubles)
def test_a_danger_comes_before_all_else(one: Trouble, other: Trouble) -> None:
    danger, none = replace(one, hazards=("gas",)), replace(other, hazards=())
    assert score(danger, NOW, Weights()).points > score(none, NOW, Weights()).points
    assert rank(danger, 50) < rank(none, 50)


def test_hours_and_skills_by_kind() -> None:
    given_ = Settings(
        repair_hours={"Fuse": 1.0, "other": 3.0},
        skills={"Fuse": ("live",), "hazard": ("make safe",), "other": ("line",)},
    )
    assert (given_.usual_hours("Fuse"), given_.usual_hours("Breaker")) == (1.0, 3.0)
    assert Settings().usual_hours("Fuse") == 2.0
    assert given_.needed("Fuse", is_hazard=True) == {"live", "make safe"}
    assert given_.needed("Breaker", is_hazard=False) == {"line"}
