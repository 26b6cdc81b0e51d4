"""Beside the outage app: crews of outages that become one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cim.message import Verb
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from dms_apps.outage import audit
from tests.dms_apps.crews.playing import Run, event
from tests.dms_apps.outage.asking import ask
from tests.dms_apps.outage.conftest import MORNING, ON, after, place, start
from tests.dms_apps.outage.test_app import LOST
from tests.dms_apps.outage.test_crews_of_outages import TWO

__all__ = ["start"]


class Both:
    """The two apps, each of which hears what the other says."""

    def __init__(self, outages: Any, crews: Run) -> None:
        self.outages, self.crews = outages, crews
        self._heard = 0

    def settle(self) -> None:
        """Until neither has anything to say."""
        self.outages.settle()
        asked = self.asked()
        while asked or self._heard < len(self.outages.told):
            for one in asked:
                self.outages.ask(Verb.CHANGE, one, len(self.outages.told))
            self.outages.settle()
            self._hear()
            asked = self.asked()

    def until(self, minutes: float) -> None:
        """So long after the morning began, with what the crews hear by then."""
        self.outages.until(after(minutes=minutes))
        self.crews.until(self.outages.at)
        self._hear()
        self.crews.until(self.outages.at + timedelta(seconds=5))

    def _hear(self) -> None:
        for verb, one in self.outages.told[self._heard :]:
            payload = UnplannedOutages(unplanned_outage=(one,))
            self.crews.take(event(payload, verb, self.outages.at, "outage"))
        self._heard = len(self.outages.told)

    def asked(self) -> list[UnplannedOutage]:
        """What the app of crews asks of outages soon."""
        self.crews.until(max(self.outages.at, self.crews.now) + timedelta(seconds=5))
        said = [one for one in self.crews.said if one.verb is Verb.CHANGE]
        self.crews.said = []
        return [
            outage
            for one in said
            if isinstance(one.payload, UnplannedOutages)
            for outage in one.payload.unplanned_outage
        ]

    def dark(self, *meters: str) -> None:
        for meter in meters:
            self.outages.meter(meter, LOST, self.outages.at)
        self.settle()


def test_a_crew_on_its_way_goes_on_with_the_outage_that_stays(
    start: Callable[..., Any],
    begun: Callable[..., Run],
) -> None:
    both = Both(start(TWO), begun())
    both.crews.until(both.outages.at)
    both.crews.tell({"at": "10:00", "crew": [{"id": "C-1"}, {"id": "C-2"}]})
    both.dark("M1", "M2", "M5", "M6")
    mrids = {place(one): one.mrid for one in both.outages.outages()}
    assert sorted(mrids) == ["T1", "T3"]
    for name, crew in (("T1", "C-1"), ("T3", "C-2")):
        asked = {"verb": "change", "of": mrids[name], "crews": [crew], "status": "enroute"}
        both.crews.tell({"at": "10:03", "ask": asked})
    both.settle()
    ask(both.outages, {"ask": "change", "of": "T3", "into": "T1", "at": 0}, both.outages.at)
    both.settle()
    [whole] = both.outages.outages()
    assert whole.mrid == mrids["T1"]
    assert (whole.status_kind, sorted(c.mrid for c in whole.crew)) == ("enroute", ["C-1", "C-2"])
    [row] = both.crews.rows("work-queue", "outage", "crews")
    assert row == [whole.mrid, "Line C-1 enroute, Line C-2 enroute"]
    said = [r.after for r in audit.history(both.outages.connection, whole.mrid or "")]
    assert "Line C-1, Line C-2" in said


def one_call(start: Callable[..., Any], begun: Callable[..., Run], **said: Any) -> Both:
    """Three minutes after a single call; crews are sent by themselves."""
    both = Both(start(TWO, ping="3.26.0.9"), begun(assignment="assign"))
    both.crews.until(MORNING)
    both.crews.tell({"at": "10:00", "crew": {"id": "C-1"}})
    both.outages.call("M1", MORNING, **said)
    both.until(3)
    return both


def test_for_one_call_a_crew_waits_for_the_meter(
    start: Callable[..., Any], begun: Callable[..., Run]
) -> None:
    both = one_call(start, begun)
    [outage] = both.outages.outages()
    assert both.outages.pinged == ["M1"]
    assert (outage.outage_kind, outage.meters_affected) == ("predicted", 1)
    assert outage.status.value == "asked"
    assert "its meter is asked" in outage.status.reason
    both.until(14.9)
    assert both.crews.rows("work-queue", "crews") == []
    both.until(15.2)
    [outage] = both.outages.outages()
    assert outage.status is None
    assert both.crews.rows("work-queue", "crews") == [["Line C-1 assigned"]]
    both.outages.settle()
    assert both.outages.pinged == ["M1"]


@pytest.mark.parametrize(
    ("meter", "code", "crews"),
    [
        ("M1", LOST, [["Line C-1 assigned"]]),  # its own meter
        ("M2", LOST, [["Line C-1 assigned"]]),  # a second witness
        ("M1", ON, []),
    ],
)
def test_when_a_meter_answers_a_crew_goes_at_once_or_not_at_all(
    start: Callable[..., Any],
    begun: Callable[..., Run],
    meter: str,
    code: str,
    crews: list[list[str]],
) -> None:
    both = one_call(start, begun)
    both.outages.meter(meter, code, both.outages.at)
    both.until(5)
    assert both.crews.rows("work-queue", "crews") == crews
    both.until(30)
    assert both.crews.rows("work-queue", "crews") == crews


def test_a_danger_waits_for_no_meter(start: Callable[..., Any], begun: Callable[..., Run]) -> None:
    both = one_call(start, begun, hazards=["wire down"])
    [outage] = both.outages.outages()
    assert outage.status.value == "hazard"
    assert both.crews.rows("work-queue", "crews") == [["Line C-1 assigned"]]


def test_a_danger_told_later_ends_the_wait(
    start: Callable[..., Any], begun: Callable[..., Run]
) -> None:
    both = one_call(start, begun)
    both.outages.call("M1", both.outages.at, hazards=["wire down"], number="again")
    both.until(4)
    [outage] = both.outages.outages()
    assert outage.status.value == "hazard"
    assert both.crews.rows("work-queue", "crews") == [["Line C-1 assigned"]]


def test_where_no_meter_is_asked_a_crew_goes_at_once(
    start: Callable[..., Any], begun: Callable[..., Run]
) -> None:
    both = Both(start(TWO), begun(assignment="assign"))
    both.crews.until(MORNING)
    both.crews.tell({"at": "10:00", "crew": {"id": "C-1"}})
    both.outages.call("M1", MORNING)
    both.until(3)
    [outage] = both.outages.outages()
    assert outage.status is None
    assert both.crews.rows("work-queue", "crews") == [["Line C-1 assigned"]]
