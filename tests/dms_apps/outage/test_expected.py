"""Restoration times that are told of a zone, and whose word stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cim.message import Result
from cim.profiles.unplanned_outages import EstimatedRestorationTime
from dms_apps.outage import audit
from tests.dms_apps.outage.asking import ask
from tests.dms_apps.outage.conftest import place
from tests.dms_apps.outage.test_app import LOST
from tests.dms_apps.outage.test_crews_of_outages import TWO

HOUR = 3600


@pytest.fixture
def run(start: Callable[..., Any]) -> Any:
    """Two outages of the feeder; of one a crew has told when it is over."""
    run = start(TWO)
    for meter in ("M1", "M2", "M5", "M6"):
        run.meter(meter, LOST, run.at)
    run.settle()
    assert sorted(map(place, run.outages())) == ["T1", "T3"]
    asked(run, of="T3", ert=2 * HOUR, source="crew 7")
    return run


def asked(run: Any, **event: Any) -> Any:
    reply = ask(run, {"ask": "change", "at": 0, **event}, run.at)
    run.settle()
    return reply


def expected(run: Any) -> dict[str, EstimatedRestorationTime | None]:
    return {place(one): one.estimated_restoration_time for one in run.outages()}


def test_all_of_a_zone_have_it_but_those_of_which_somebody_has_told_alone(run: Any) -> None:
    asked(run, of="T1", ert=HOUR, source="history")
    reply = asked(run, zone="FDR-1", ert=5 * HOUR)
    assert reply.result is Result.OK
    crewed = next(one.mrid for one in run.outages() if place(one) == "T3")
    assert reply.errors[0].details == (
        f"1 of 2 outages of FDR-1 have it. 1 keep what was said of them alone: {crewed}."
    )
    found = expected(run)
    assert {name: one and one.ert_source for name, one in found.items()} == {
        "T1": "zone",
        "T3": "crew 7",
    }
    [of] = [one.mrid for one in run.outages() if place(one) == "T1"]
    [row] = [row for row in audit.history(run.connection, of) if row.after == "zone"]
    assert (row.who, row.field) == ("anna", "EstimatedRestorationTime.ertSource")


def test_what_is_computed_does_not_take_it_away_but_a_crew_does(run: Any) -> None:
    asked(run, zone="FDR-1", ert=5 * HOUR)
    for source, stays in (("override", "zone"), ("history", "zone"), ("crew 1", "crew 1")):
        asked(run, of="T1", ert=HOUR, source=source)
        told = expected(run)["T1"]
        assert told is not None
        assert told.ert_source == stays


def test_it_is_taken_back(run: Any) -> None:
    asked(run, zone="FDR-1", ert=5 * HOUR)
    assert asked(run, zone="FDR-1", ert=None).result is Result.OK
    found = expected(run)
    assert found["T1"] is None
    assert found["T3"] is not None


def test_where_no_outage_is_open_none_can_have_it(start: Callable[..., Any]) -> None:
    for ert in (HOUR, None):
        reply = asked(start(TWO), zone="FDR-1", ert=ert)
        assert reply.result is Result.FAILED
        assert reply.errors[0].details == (
            "Option zone: no outage is open in FDR-1, and it holds for none that begins later."
        )


def test_a_time_that_has_passed_is_refused(run: Any) -> None:
    reply = asked(run, zone="FDR-1", ert=-HOUR)
    assert reply.result is Result.FAILED
    assert reply.errors[0].details.endswith("it has passed.")


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"zone": "FDR-9", "ert": HOUR}, "Option zone: there is no feeder or region 'FDR-9'."),
        ({"zone": "FDR-1"}, "one UnplannedOutage without mRID is needed"),
        ({"zone": "FDR-1", "of": "T1", "ert": HOUR}, "one UnplannedOutage without mRID is needed"),
    ],
)
def test_what_is_no_zone_or_no_time_is_refused(run: Any, event: Any, why: str) -> None:
    reply = asked(run, **event)
    assert reply.result is Result.FAILED
    assert why in reply.errors[0].details


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (-9000, "UnplannedOutage, EstimatedRestorationTime.ert {}: it has passed."),
        (31, "UnplannedOutage, EstimatedRestorationTime.ert {}: it lies more than 30 days ahead."),
    ],
)
def test_supply_is_expected_soon(run: Any, days: int, why: str) -> None:
    of_zone = asked(run, zone="FDR-1", ert=days * 24 * HOUR)
    reply = asked(run, of="T1", ert=days * 24 * HOUR, source="dispatcher")
    at = (run.at + timedelta(days=days)).isoformat()
    for said in (of_zone, reply):
        assert (said.result, said.errors[0].code) == (Result.FAILED, "6.1")
    assert reply.errors[0].details == why.format(at)
    of = "UnplannedOutage,"
    assert of_zone.errors[0].details == why.format(at).replace(of, "Option zone FDR-1,")
    assert expected(run)["T1"] is None
    assert asked(run, of="T1", ert=29 * 24 * HOUR, source="dispatcher").result is Result.OK


def test_one_that_is_computed_may_pass_until_it_is_heard_and_is_not_far_ahead(run: Any) -> None:
    assert asked(run, of="T1", ert=-1, source="history").result is Result.OK
    assert asked(run, of="T1", ert=31 * 24 * HOUR, source="history").result is Result.FAILED


def test_one_that_has_passed_comes_back_in_a_change_of_all_of_the_outage(run: Any) -> None:
    run.until(run.at + timedelta(seconds=3 * HOUR))
    said = asked(run, of="T3", ert=-HOUR, source="crew 7", remark="The pole is up.")
    assert said.result is Result.OK
