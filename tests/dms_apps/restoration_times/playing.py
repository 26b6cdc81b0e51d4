"""The app on a clock that the test moves, and outages and crews in short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from cim.message import Header, Kind, Message, Outgoing, Verb
from cim.network import Network
from cim.profile import Profile
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.crews import Crew, Crews, ShiftPattern
from cim.profiles.operations_documents import UnplannedOutage as OutagePointer
from cim.profiles.trouble_orders import TroubleOrder, TroubleOrders
from cim.profiles.unplanned_outages import (
    CrewStatusKind,
    EstimatedRestorationTime,
    ServicePointOutageSummary,
    UnplannedOutage,
    UnplannedOutages,
)
from dms_apps.restoration_times import RestorationTimesApp
from hub.dispatch.stamp import stamp
from hub.journal.canonical import encode_checked

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def moment(text: str) -> datetime:
    """A time of the day, e.g. 10:02; "-2 10:02" two days before."""
    days, _, clock = text.rpartition(" ")
    return datetime.combine(DAY, time.fromisoformat(clock), UTC) + timedelta(days=int(days or 0))


def event(payload: Profile, verb: Verb, at: datetime) -> Message:
    header = Header(verb=verb, noun=type(payload).__name__, timestamp=at)
    return Message(header=header, kind=Kind.of(verb), payload=payload)


def outage(given: Mapping[str, Any], at: datetime) -> Message:
    """id; verb, zone, customers, critical, crew, ert and source, start, end.  A change that says no
    customers is no whole notice."""
    is_whole = given.get("verb") != "changed" or "customers" in given
    start, end = (moment(given[key]) if key in given else None for key in ("start", "end"))
    ert = given.get("ert")
    one = UnplannedOutage(
        mrid=given["id"],
        community_descriptor=given.get("zone"),
        last_modified_date_time=at,
        meters_affected=given.get("customers"),
        original_customers_served=10 if is_whole else None,  # type: ignore[arg-type]
        reported_start_time=start,
        status_kind=CrewStatusKind(given["crew"]) if "crew" in given else None,
        actual_period=DateTimeInterval(start=start, end=end),
        estimated_restoration_time=EstimatedRestorationTime(
            ert=moment(ert), ert_source=given["source"]
        )
        if ert
        else None,
        summary=ServicePointOutageSummary(critical_count=given.get("critical")),
    )
    verb = Verb(given.get("verb", "created"))
    return event(UnplannedOutages(unplanned_outage=(one,)), verb, at)


def crew(given: Mapping[str, Any], at: datetime) -> Message:
    """id; verb, from and until: its shift."""
    begin, end = (moment(given[key]) if key in given else None for key in ("from", "until"))
    shift = ShiftPattern(validity_interval=DateTimeInterval(start=begin, end=end))
    payload = Crews(crew=(Crew(mrid=given["id"], shift_patterns=(shift,)),))
    return event(payload, Verb(given.get("verb", "created")), at)


def order(given: Mapping[str, Any], at: datetime) -> Message:
    """of: an outage; hours of work, where they are assessed; by: who tells it, else our app."""
    interval = None
    if "hours" in given:
        interval = DateTimeInterval(start=at, end=at + timedelta(hours=given["hours"]))
    one = TroubleOrder(
        mrid=f"order of {given['of']}",
        comment="Mend it.",
        planned_execution_interval=interval,
        unplanned_outage=OutagePointer(mrid=given["of"]),
    )
    told = event(TroubleOrders(trouble_order=(one,)), Verb.CHANGED, at)
    return replace(told, header=replace(told.header, source=given.get("by", "crews")))


@dataclass
class Run:
    """The app and its clock (`hub.interfaces.Context`, as far as it is looked at).

    What it asks for is done at once, as the outage app does it.
    """

    app: RestorationTimesApp
    connection: sa.Connection
    now: datetime = DAY - timedelta(days=400)
    network: Network = field(default_factory=Network.empty)
    due: datetime | None = None
    asked: list[str] = field(default_factory=list)

    def wake_at(self, when: datetime) -> None:
        self.due = when if self.due is None else min(self.due, when)

    def until(self, at: datetime) -> None:
        while self.due is not None and self.due <= at:
            self.now, self.due = max(self.now, self.due), None
            self._take(self.app.wake(self))  # type: ignore[arg-type]
        self.now = max(self.now, at)

    def hand(self, message: Message) -> None:
        self._take(self.app.handle(message, self))  # type: ignore[arg-type]

    def _take(self, said: Any) -> None:
        for one in list(said):
            assert isinstance(one, Outgoing)
            encode_checked(stamp(one, "restoration_times", self.now))
            assert isinstance(one.payload, UnplannedOutages)
            for changed in one.payload.unplanned_outage:
                self._told(changed)
            self.hand(event(one.payload, Verb.CHANGED, self.now))

    def _told(self, one: UnplannedOutage) -> None:
        expected = one.estimated_restoration_time
        assert expected is not None
        assert expected.ert is not None
        said = f"{one.mrid} {expected.ert:%H:%M} {expected.ert_source} {expected.confidence_kind}"
        self.asked.append(f"{self.now:%H:%M:%S} {said}")
