"""What the app says: which outage is behind a ticket, whom to call and why, what is known."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cim.message import Outgoing, Verb
from cim.profiles import customer_notifications, incident_information, trouble_tickets
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.customer_contacts import Customer, TroubleTicket
from cim.profiles.customer_notifications import CustomerNotification, CustomerNotifications
from cim.profiles.identification import Name, NameType, NameTypeAuthority, UsagePoint
from cim.profiles.incident_information import UnplannedOutage
from cim.profiles.premises import ServiceLocation
from cim.profiles.trouble_tickets import TroubleTickets
from cim.profiles.unplanned_outages import (
    CrewStatusKind,
    ERTConfidenceKind,
    EstimatedRestorationTime,
    OutageCauseKind,
    OutageStatusKind,
)
from dms_apps.trouble_calls.plans import PLANNED
from dms_apps.trouble_calls.store import Callback

_CALLBACKS = uuid.UUID("4b1f7d0c-7d5b-5f0e-9a53-6c2f2f0f7e11")  # namespace of version 5 UUIDs
_TOGETHER = 200  # call-backs in one message at most


def tied(one: sa.Row[Any], outage: str, plan: str) -> Outgoing:
    """Which outage is behind a ticket; `plan` is what there is to say of one that is planned."""
    return Outgoing(Verb.CHANGED, _ticket(one, **behind(outage, plan)))


def behind(outage: str, plan: str) -> dict[str, Any]:
    """The field of a ticket that says so: of a planned one the status, for which there is none."""
    if plan:
        return {"status": Status(value=PLANNED, reason=outage, remark=plan)}
    return {"unplanned_outage": trouble_tickets.UnplannedOutage(mrid=outage)}


def placed(one: sa.Row[Any], point: str, call: trouble_tickets.TroubleTicket) -> Outgoing:
    """To which usage point a ticket belongs that did not name it: where its caller lives."""
    place = call.service_location or ServiceLocation()
    at = replace(place, usage_points=(UsagePoint(names=(Name(name=point),)),))
    return Outgoing(Verb.CHANGED, _ticket(one, service_location=at))


def resolved(one: sa.Row[Any], at: datetime) -> Outgoing:
    """A ticket whose caller has said that there is supply again."""
    return Outgoing(Verb.CLOSED, _ticket(one, resolved_date_time=at))


def callbacks(outage: sa.Row[Any], found: Sequence[Callback]) -> Iterable[Outgoing]:
    """Whom to call because of one outage; of very many in several messages."""
    for start in range(0, len(found), _TOGETHER):
        some = found[start : start + _TOGETHER]
        fact = " ".join(f"{c.ticket.id} {c.wish.number} {c.trigger} {c.about}" for c in some)
        told = tuple(_notification(outage, one) for one in some)
        payload = CustomerNotifications(customer_notification=told)
        identity = str(uuid.uuid5(_CALLBACKS, fact))
        yield Outgoing(Verb.CREATED, payload, external_id=identity)


def incident(
    outage: sa.Row[Any], points: Iterable[str], tickets: Iterable[sa.Row[Any]], plan: str
) -> incident_information.Incident:
    """What is known of an outage, as far as it concerns these usage points and tickets; `plan` is
    what there is to say of one that is planned."""
    return incident_information.Incident(
        mrid=outage.id,
        comment=plan or None,
        type=PLANNED if plan else None,
        last_modified_date_time=outage.as_of,
        trouble_tickets=tuple(_pointer(one) for one in tickets),
        unplanned_outage=_outage(outage, points),
    )


def _notification(outage: sa.Row[Any], one: Callback) -> CustomerNotification:
    account = one.ticket.account
    names = (Name(name=account, name_type=NameType(name="AccountNumber")),)
    return CustomerNotification(
        contact_type=one.wish.contact_type,
        contact_value=one.wish.contact_value,
        earliest_date_time_to_call=one.wish.earliest,
        latest_date_time_to_call=one.wish.latest,
        trigger=one.trigger,
        customer=Customer(names=names) if account else None,
        incident=customer_notifications.Incident(
            mrid=outage.id, unplanned_outage=_outage(outage, ())
        ),
        trouble_tickets=(_pointer(one.ticket),),
    )


def _outage(row: sa.Row[Any], points: Iterable[str]) -> UnplannedOutage:
    expected = EstimatedRestorationTime(
        ert=row.ert, confidence_kind=ERTConfidenceKind(row.confidence) if row.confidence else None
    )
    return UnplannedOutage(
        mrid=row.id,
        cause=row.cause,
        cause_kind=OutageCauseKind(row.cause_kind) if row.cause_kind else None,
        meters_affected=row.without,
        outage_kind=OutageStatusKind(row.kind) if row.kind else None,
        reported_start_time=row.started_at,
        status_kind=CrewStatusKind(row.crew) if row.crew else None,
        actual_period=DateTimeInterval(start=row.started_at, end=row.ended_at),
        de_energized_usage_point=tuple(
            UsagePoint(names=(Name(name=point),)) for point in sorted(points)
        ),
        estimated_restoration_time=expected if row.ert else None,
    )


def _ticket(one: sa.Row[Any], **news: Any) -> TroubleTickets:
    change = trouble_tickets.TroubleTicket(
        mrid=one.mrid,
        date_time_of_report=None,  # type: ignore[arg-type]  # a change says what is new
        names=names(one),
        **news,
    )
    return TroubleTickets(trouble_ticket=(change,))


def _pointer(one: sa.Row[Any]) -> TroubleTicket:
    return TroubleTicket(mrid=one.mrid, names=names(one))


def names(one: sa.Row[Any]) -> tuple[Name, ...]:
    """The number of a ticket, by whoever gave it."""
    if not one.name:
        return ()
    authority = NameTypeAuthority(name=one.issuer) if one.issuer else None
    kind = NameType(name="CallNumber", name_type_authority=authority)
    return (Name(name=one.name, name_type=kind),)
