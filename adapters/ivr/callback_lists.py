"""Whom the IVR is to call back, and why: from CustomerNotifications (IEC 61968-8)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from adapters.ivr.status import said_time
from cim.message import Message, Topic, Verb
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.customer_contacts import Customer, TroubleTicket
from cim.profiles.customer_notifications import CustomerNotification, CustomerNotifications
from cim.profiles.incident_information import UnplannedOutage
from cim.profiles.kinds import NotificationTriggerKind
from hub.handover import Parcel, Way, file_name
from hub.rows import written

COLUMNS = (
    "callback_id",
    "reason",
    "contact_type",
    "contact",
    "call_after",
    "call_before",
    "external_id",
    "call_source_id",
    "account_number",
    "outage_id",
    "estimated_restoration",
    "restored_at",
    "cause",
    "as_of",
)


@dataclass(frozen=True, kw_only=True)
class CallbackList(Way):
    """How the IVR is told whom to call, the table `callback_list` of `config/adapters/ivr.toml`.

    format:  "csv" or "json".
    reasons: NotificationTriggerKind -> the IVR's word; itself where left out.
    once:    a list of which nobody knows whether the IVR has it is a dead letter; else it comes
             again under its name, with the same `callback_id`s.
    """

    format: Literal["csv", "json"] = "csv"
    reasons: Mapping[str, str] = field(default_factory=dict)
    once: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        for reason in self.reasons:
            if reason not in set(NotificationTriggerKind):
                known = ", ".join(NotificationTriggerKind)
                raise ValueError(f"callback_list.reasons.{reason} is none of {known}")

    @property
    def topics(self) -> frozenset[Topic]:
        if not self.ways:
            return frozenset()
        return frozenset({Topic(Verb.CREATED, "CustomerNotifications")})


def listed(message: Message, way: CallbackList) -> Iterator[Parcel]:
    """One list a message."""
    assert isinstance(message.payload, CustomerNotifications)  # noqa: S101 - by its topics
    origin = message.header.message_id or ""
    as_of = said_time(message.header.timestamp)
    rows = [
        {"callback_id": f"{origin}-{number}", **_row(one, way.reasons), "as_of": as_of}
        for number, one in enumerate(message.payload.customer_notification, 1)
    ]
    name = f"callbacks-{file_name(origin)}.{way.format}"
    raw = written(COLUMNS, rows) if way.format == "csv" else _json(rows)
    yield Parcel(origin, raw, name, again=not way.once)


def _row(one: CustomerNotification, reasons: Mapping[str, str]) -> dict[str, str]:
    trigger = str(one.trigger)
    return {
        "reason": reasons.get(trigger, trigger),
        "contact_type": one.contact_type or "",
        "contact": one.contact_value or "",
        "call_after": said_time(one.earliest_date_time_to_call),
        "call_before": said_time(one.latest_date_time_to_call),
        **_call(one.trouble_tickets),
        "account_number": _first(one.customer),
        **_outage(one.incident.unplanned_outage if one.incident else None),
    }


def _call(tickets: Sequence[TroubleTicket]) -> dict[str, str]:
    """The number of the call, and whose number it is, as the IVR has given them."""
    for name in (name for ticket in tickets for name in ticket.names):
        issuer = name.name_type.name_type_authority if name.name_type else None
        return {"external_id": name.name, "call_source_id": issuer.name if issuer else ""}
    return {"external_id": "", "call_source_id": ""}


def _outage(outage: UnplannedOutage | None) -> dict[str, str]:
    one = outage or UnplannedOutage()
    expected, period = one.estimated_restoration_time, one.actual_period or DateTimeInterval()
    return {
        "outage_id": one.mrid or "",
        "estimated_restoration": said_time(expected.ert if expected else None),
        "restored_at": said_time(period.end),
        "cause": str(one.cause or one.cause_kind or ""),
    }


def _first(customer: Customer | None) -> str:
    return customer.names[0].name if customer and customer.names else ""


def _json(rows: Sequence[Mapping[str, str]]) -> bytes:
    return json.dumps({"callbacks": rows}, ensure_ascii=False, indent=1).encode("utf-8")
