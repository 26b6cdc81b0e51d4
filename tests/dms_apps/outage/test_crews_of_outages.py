"""Crews that are sent to an outage, and taken off it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cim.message import Result, Verb
from cim.profiles.identification import Name
from cim.profiles.operations_staff import Crew
from cim.profiles.unplanned_outages import CrewStatusKind, UnplannedOutage
from dms_apps.outage import audit
from tests.dms_apps.outage.asking import ask
from tests.dms_apps.outage.conftest import place

DEVICES = [{"id": "T1", "parent": "SS1", "kind": "transformer", "premises": ["M1", "M2"]}]


def test_an_outage_that_awaits_a_crew_has_none(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    for meter in ("M1", "M2"):
        run.meter(meter, "3.26.0.85", run.at)
    run.settle()
    [outage] = run.outages()

    def asked(status: CrewStatusKind, *crews: str) -> UnplannedOutage:
        change = UnplannedOutage(
            mrid=outage.mrid,
            original_customers_served=None,  # type: ignore[arg-type]  # it says what is new
            status_kind=status,
            crew=tuple(Crew(mrid=crew, names=(Name(name=f"Line {crew}"),)) for crew in crews),
        )
        assert run.ask(Verb.CHANGE, change).result is Result.OK
        run.settle()
        [now] = run.outages()
        assert isinstance(now, UnplannedOutage)
        return now

    assert [crew.mrid for crew in asked(CrewStatusKind.ASSIGNED, "C-1").crew] == ["C-1"]
    now = asked(CrewStatusKind.ENROUTE)
    assert (now.status_kind, [crew.mrid for crew in now.crew]) == ("enroute", ["C-1"])
    now = asked(CrewStatusKind.AWAITING_CREW_ASSIGNMENT)
    assert (now.status_kind, now.crew) == ("awaitingCrewAssignment", ())


TWO = [
    {"id": "R1", "parent": "SS1", "kind": "recloser"},
    {"id": "T1", "parent": "R1", "kind": "transformer", "premises": ["M1", "M2"]},
    {"id": "T2", "parent": "R1", "kind": "transformer", "premises": ["M3", "M4"]},
    {"id": "T3", "parent": "SS1", "kind": "transformer", "premises": ["M5", "M6"]},
]


def dark(run: Any, *meters: str) -> None:
    for meter in meters:
        run.meter(meter, "3.26.0.85", run.at)
    run.settle()


def told(run: Any, mrid: str) -> tuple[Verb, UnplannedOutage]:
    """What was told of an outage last."""
    found: tuple[Verb, UnplannedOutage] = next(
        (verb, one) for verb, one in reversed(run.told) if one.mrid == mrid
    )
    return found


def crewed(run: Any, one: UnplannedOutage, crew: str, stage: CrewStatusKind) -> None:
    change = UnplannedOutage(
        mrid=one.mrid,
        original_customers_served=None,  # type: ignore[arg-type]  # it says what is new
        status_kind=stage,
        crew=(Crew(mrid=crew),),
        cause=f"as {crew} says",
    )
    assert run.ask(Verb.CHANGE, change).result is Result.OK
    run.settle()


def test_an_outage_that_becomes_part_of_another_hands_on_its_crews(
    start: Callable[..., Any],
) -> None:
    run = start(TWO)
    dark(run, "M1", "M2")
    run.until(run.at + timedelta(hours=1))
    dark(run, "M3", "M4")
    first, second = sorted(run.outages(), key=place)
    assert (place(first), place(second)) == ("T1", "T2")
    crewed(run, first, "C-1", CrewStatusKind.ASSIGNED)
    crewed(run, second, "C-2", CrewStatusKind.ENROUTE)
    ask(run, {"ask": "change", "of": "T2", "into": "T1", "at": 0}, run.at)
    run.settle()
    [whole] = run.outages()
    assert whole.mrid == first.mrid
    assert [crew.mrid for crew in whole.crew] == ["C-1", "C-2"]
    assert (whole.status_kind, whole.cause) == ("enroute", "as C-1 says")
    assert whole.meters_affected == 4
    verb, gone = told(run, second.mrid or "")
    assert verb is Verb.CLOSED
    assert gone.status is not None
    assert (gone.status.value, gone.status.reason) == ("merged", first.mrid)
    said = [(row.field, row.after) for row in audit.history(run.connection, first.mrid or "")]
    assert ("Crew", "C-1, C-2") in said
    assert ("statusKind", "enroute") in said


def test_a_prediction_that_moves_up_keeps_the_crews_of_all(start: Callable[..., Any]) -> None:
    run = start(TWO)
    dark(run, "M1", "M2")
    [first] = run.outages()
    crewed(run, first, "C-1", CrewStatusKind.ENROUTE)
    dark(run, "M3", "M4")
    [whole] = run.outages()
    assert place(whole) == "R1"
    assert [crew.mrid for crew in whole.crew] == ["C-1"]
    assert whole.status_kind == "enroute"
