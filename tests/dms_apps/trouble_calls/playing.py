"""The app on a clock that the test moves, and calls, outages and customers in short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from cim.message import Header, Kind, Message, ObjectId, Outgoing, Request, Verb
from cim.profile import Profile
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.customer_agreements import (
    CustomerAccount,
    CustomerAgreement,
    CustomerAgreements,
)
from cim.profiles.customer_contacts import Customer, CustomerNotification
from cim.profiles.customer_notifications import CustomerNotifications
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.incident_information import IncidentInformation
from cim.profiles.kinds import NotificationTriggerKind
from cim.profiles.persons import Person, TelephoneNumber
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.premises import ServiceLocation
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from cim.profiles.unplanned_outages import (
    CrewStatusKind,
    EstimatedRestorationTime,
    OutageStatusKind,
    UnplannedOutage,
    UnplannedOutages,
)
from dms_apps.trouble_calls import TroubleCallsApp
from hub.dispatch.stamp import stamp
from hub.journal.canonical import encode_checked

DAY = datetime(2025, 11, 20, tzinfo=UTC)


def moment(text: str) -> datetime:
    """A time of the day, e.g. 10:02."""
    return datetime.combine(DAY, time.fromisoformat(text), UTC)


def names(*values: str) -> tuple[Name, ...]:
    return tuple(Name(name=value) for value in values if value)


def event(payload: Profile, verb: Verb, at: datetime) -> Message:
    header = Header(verb=verb, noun=type(payload).__name__, timestamp=at)
    return Message(header=header, kind=Kind.of(verb), payload=payload)


def call(given: Mapping[str, Any], at: datetime) -> Message:
    """id, point, premise, account, phone, wants; reported when it is not now."""
    point, premise, phone = (given.get(key, "") for key in ("point", "premise", "phone"))
    place = ServiceLocation(
        names=names(premise), usage_points=(UsagePoint(names=names(point)),) if point else ()
    )
    account = given.get("account")
    ticket = TroubleTicket(
        mrid=given["id"],
        date_time_of_report=moment(given["reported"]) if "reported" in given else at,
        names=names(f"number {given['id']}"),
        customer=Customer(names=names(account)) if account else None,
        service_location=place if point or premise else None,
        notification=tuple(
            CustomerNotification(
                contact_type="phone", contact_value=phone, trigger=NotificationTriggerKind(trigger)
            )
            for trigger in given.get("wants", ())
        ),
    )
    return event(TroubleTickets(trouble_ticket=(ticket,)), Verb.CREATED, at)


def answer(given: Mapping[str, Any], at: datetime) -> Message:
    """id, says: what a caller says who was called back."""
    ticket = TroubleTicket(
        mrid=given["id"],
        date_time_of_report=None,  # type: ignore[arg-type]  # a change says what is new
        status=Status(date_time=at, reason="callback", value=given["says"]),
    )
    return event(TroubleTickets(trouble_ticket=(ticket,)), Verb.CHANGED, at)


def outage(given: Mapping[str, Any], at: datetime) -> Message:
    """id, verb, points; start, end, ert, crew; were: who was out; as_of when it is not now; into:
    the outage of which it is a part by now."""
    ert = given.get("ert")
    one = UnplannedOutage(
        mrid=given["id"],
        status=Status(value="merged", reason=given["into"]) if "into" in given else None,
        cause=given.get("cause"),
        last_modified_date_time=moment(given["as_of"]) if "as_of" in given else at,
        original_customers_served=10,
        outage_kind=OutageStatusKind.CONFIRMED,
        status_kind=CrewStatusKind(given["crew"]) if "crew" in given else None,
        reported_start_time=moment(given["start"]) if "start" in given else None,
        de_energized_usage_point=tuple(
            UsagePoint(mrid=f"mrid of {point}", names=names(point))
            for point in given.get("points", ())
        ),
        actual_period=DateTimeInterval(end=moment(given["end"])) if "end" in given else None,
        energized_usage_point=tuple(
            UsagePoint(names=names(point)) for point in given.get("were", ())
        ),
        estimated_restoration_time=EstimatedRestorationTime(ert=moment(ert)) if ert else None,
    )
    return event(UnplannedOutages(unplanned_outage=(one,)), Verb(given["verb"]), at)


def plan(given: Mapping[str, Any], at: datetime) -> Message:
    """id, verb, points, begins, ends; start and end of what happened; status, reason,
    kind."""
    start, end = given.get("start"), given.get("end")
    actual = DateTimeInterval(
        start=moment(start) if start else None, end=moment(end) if end else None
    )
    one = PlannedOutage(
        mrid=given["id"],
        last_modified_date_time=at,
        reason=given.get("reason"),
        actual_period=actual if start else None,
        estimated_period=DateTimeInterval(start=moment(given["begins"]), end=moment(given["ends"])),
        de_energized_usage_point=tuple(UsagePoint(names=names(p)) for p in given["points"]),
        status=Status(value=given.get("status", "notified")),
        outage_kind=OutageStatusKind(given["kind"]) if "kind" in given else None,
    )
    return event(PlannedOutages(planned_outage=(one,)), Verb(given["verb"]), at)


def customer(given: Mapping[str, Any], at: datetime) -> Message:
    """point, premise, account, phone; verb when it is not created."""
    person = Person(landline_phone=TelephoneNumber(local_number=given["phone"]))
    point = given["point"]
    agreement = CustomerAgreement(
        mrid=f"agreement on {point}",
        customer=Customer(mrid=f"customer at {point}", person=(person,)),
        customer_account=CustomerAccount(names=names(given["account"])),
        service_locations=(ServiceLocation(names=names(given["premise"])),),
        usage_points=(UsagePoint(mrid=f"mrid of {point}", names=names(point)),),
    )
    payload = CustomerAgreements(customer_agreement=(agreement,))
    return event(payload, Verb(given.get("verb", "created")), at)


def question(given: Mapping[str, Any], at: datetime) -> Message:
    """value, and the type of the name; neither: all outages."""
    ids = (ObjectId(value=given["value"], id_type=given.get("type")),) if given else ()
    header = Header(verb=Verb.GET, noun="IncidentInformation", timestamp=at)
    return Message(header=header, kind=Kind.REQUEST, request=Request(ids=ids))


_MADE = {
    "call": call,
    "answer": answer,
    "outage": outage,
    "plan": plan,
    "customer": customer,
    "ask": question,
}


@dataclass
class Run:
    """The app and its clock (`hub.interfaces.Context`, as far as it is looked at)."""

    app: TroubleCallsApp
    connection: sa.Connection
    now: datetime = DAY
    due: datetime | None = None
    said: list[Outgoing] = field(default_factory=list)

    def wake_at(self, when: datetime) -> None:
        self.due = when if self.due is None else min(self.due, when)

    def play(self, step: Mapping[str, Any]) -> list[str]:
        """What is said until and in one step of a story."""
        self.said = []
        self.until(moment(step["at"]))
        for kind, make in _MADE.items():
            if kind in step:
                message = make(step[kind], self.now)
                self.said += self.app.handle(message, self)  # type: ignore[arg-type]  # enough of it
        for one in self.said:  # as the hub takes it, by its schema
            encode_checked(stamp(one, "trouble_calls", self.now))
        return [line for one in self.said for line in plain(one)]

    def until(self, when: datetime) -> None:
        while self.due is not None and self.due <= when:
            self.now, self.due = max(self.now, self.due), None
            self.said += self.app.wake(self)  # type: ignore[arg-type]
        self.now = max(self.now, when)


def plain(one: Outgoing) -> Iterable[str]:
    """What is said, a line for each thing."""
    match one.payload:
        case TroubleTickets() as tickets:
            for ticket in tickets.trouble_ticket:
                behind = f" is of {ticket.unplanned_outage.mrid}" if ticket.unplanned_outage else ""
                place = ticket.service_location
                at = f" is at {place.usage_points[0].names[0].name}" if place else ""
                said = f": {ticket.status.remark}" if ticket.status else ""
                yield f"{one.verb} {ticket.mrid}{behind}{at}{said}"
        case CustomerNotifications() as calls:
            for each in calls.customer_notification:
                about = each.incident and each.incident.unplanned_outage
                assert about is not None
                ert = about.estimated_restoration_time
                at = (
                    f" {ert.ert:%H:%M}" if ert and ert.ert and "etr" in each.trigger.lower() else ""
                )
                [ticket_of] = each.trouble_tickets
                yield f"call {each.contact_value} of {ticket_of.mrid}: {each.trigger}{at}"
        case IncidentInformation() as known:
            for incident in known.incident:
                about = incident.unplanned_outage
                assert about is not None
                ert = about.estimated_restoration_time
                points = ", ".join(p.names[0].name for p in about.de_energized_usage_point)
                until = f" until {ert.ert:%H:%M}" if ert and ert.ert else ""
                said = f" ({incident.comment})" if incident.comment else ""
                yield f"{about.mrid} at {points}{until}: {about.cause}{said}"
        case _:
            yield one.reply.errors[0].reason or "" if one.reply and one.reply.errors else "nothing"


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
