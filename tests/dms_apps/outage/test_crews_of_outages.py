"""Crews that are sent to an outage, and taken off it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cim.message import Result, Verb
from cim.profiles.identification import Name
from cim.profiles.operations_staff import Crew
from cim.profiles.unplanned_outages import CrewStatusKind, UnplannedOutage

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
