"""Whom the IVR is to tell of planned outages: from PlannedOutageNotifications (IEC 61968-3)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from adapters.ivr.status import said_time
from cim.message import Message, Topic, Verb
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.notifying_customers import NotificationOfCustomer
from cim.profiles.planned_outage_notifications import (
    Customer,
    PlannedOutageNotification,
    PlannedOutageNotifications,
)
from hub.handover import Parcel, Way, file_name
from hub.rows import written

COLUMNS = (
    "notice_id",
    "kind",
    "outage_id",
    "account_number",
    "language",
    "contact_type",
    "contact",
    "call_after",
    "call_before",
    "planned_start",
    "planned_end",
    "reason",
    "text",
    "as_of",
)


@dataclass(frozen=True, kw_only=True)
class PlannedList(Way):
    """How the IVR is told, the table `planned_list` of `config/adapters/ivr.toml`.

    format: "csv" or "json".
    kinds:  Document.type of a notification -> the IVR's word; itself where left out.
    once:   a list of which nobody knows whether the IVR has it is a dead letter; else it comes
            again under its name, with the same `notice_id`s.
    """

    format: Literal["csv", "json"] = "csv"
    kinds: Mapping[str, str] = field(default_factory=dict)
    once: bool = False

    @property
    def topics(self) -> frozenset[Topic]:
        if not self.ways:
            return frozenset()
        return frozenset({Topic(Verb.CREATED, "PlannedOutageNotifications")})


@dataclass(frozen=True)
class Notices(Parcel):
    """One list."""


def noticed(message: Message, way: PlannedList) -> Iterator[Notices]:
    """One list a message, a row for each way to reach a customer; none where it names no customer:
    the usage points alone say nothing to an IVR."""
    assert isinstance(message.payload, PlannedOutageNotifications)  # noqa: S101 - by its topics
    origin = message.header.message_id or ""
    told = [
        {**_notification(one, way.kinds), **_customer(customer), **_contact(contact)}
        for one in message.payload.planned_outage_notification
        for customer in one.customer
        for contact in customer.customer_notifications or (NotificationOfCustomer(),)
    ]
    as_of = said_time(message.header.timestamp)
    rows = [
        {"notice_id": f"{origin}-{number}", **row, "as_of": as_of}
        for number, row in enumerate(told, 1)
    ]
    if rows:
        name = f"planned-{file_name(origin)}.{way.format}"
        raw = written(COLUMNS, rows) if way.format == "csv" else _json(rows)
        yield Notices(origin, raw, name, again=not way.once)


def _notification(one: PlannedOutageNotification, kinds: Mapping[str, str]) -> dict[str, str]:
    plan, kind = one.switching_plan, one.type or ""
    period = (plan.planned_period if plan else None) or DateTimeInterval()
    return {
        "kind": kinds.get(kind, kind),
        "outage_id": one.names[0].name if one.names else "",
        "planned_start": said_time(period.start),
        "planned_end": said_time(period.end),
        "reason": (plan.purpose if plan else None) or "",
        "text": one.comment or "",
    }


def _customer(customer: Customer) -> dict[str, str]:
    account = customer.names[0].name if customer.names else customer.mrid or ""
    return {"account_number": account, "language": customer.locale or ""}


def _contact(one: NotificationOfCustomer) -> dict[str, str]:
    return {
        "contact_type": one.contact_type or "",
        "contact": one.contact_value or "",
        "call_after": said_time(one.earliest_date_time_to_call),
        "call_before": said_time(one.latest_date_time_to_call),
    }


def _json(rows: Sequence[Mapping[str, str]]) -> bytes:
    return json.dumps({"notices": rows}, ensure_ascii=False, indent=1).encode("utf-8")
