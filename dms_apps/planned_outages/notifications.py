"""Who is to be told of a planned outage, as PlannedOutageNotifications (IEC 61968-3).

CustomerNotifications (IEC 61968-8) would not do: they tell of an unplanned outage only, and their
triggers know nothing of what is planned.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import sqlalchemy as sa

from cim.message import Outgoing, Verb
from cim.network import Network
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, NameType
from cim.profiles.notifying_customers import NotificationOfCustomer
from cim.profiles.planned_outage_notifications import (
    Customer,
    PlannedOutageNotification,
    PlannedOutageNotifications,
    SwitchingPlan,
)
from dms_apps.planned_outages import store
from dms_apps.planned_outages.documents import said
from dms_apps.planned_outages.news import Kind
from dms_apps.planned_outages.notices import usage_point
from dms_apps.planned_outages.plan import Plan

TOGETHER = 500  # usage points in one message at most
_NOTIFICATIONS = uuid.UUID("0f0a6b0e-3d0f-5c55-9f0b-9d1d6b7c2f42")  # of version 5 UUIDs
_ACCOUNT = NameType(name="AccountNumber")
_SUBJECTS = {
    Kind.ANNOUNCEMENT: "Planned interruption of supply",
    Kind.CHANGE: "Change of a planned interruption of supply",
    Kind.REMINDER: "Reminder of a planned interruption of supply",
    Kind.CANCELLATION: "A planned interruption of supply does not take place",
}


def notifications(
    connection: sa.Connection,
    network: Network,
    plan: Plan,
    found: Mapping[str, Kind],
    now: datetime,
    zone: tzinfo,
) -> Iterator[Outgoing]:
    """What is to be told, kind by kind; of very many in several messages.

    zone: in whose time customers are told.
    """
    names = store.names_at(connection, network, plan.mrid, found)
    for kind in Kind:
        points = sorted(point for point, one in found.items() if one is kind)
        for start in range(0, len(points), TOGETHER):
            some = points[start : start + TOGETHER]
            one = _Notification(plan, kind, now, zone)
            told = one.of(some, _customers(connection, names, some), names)
            payload = PlannedOutageNotifications(planned_outage_notification=(told,))
            yield Outgoing(Verb.CREATED, payload)


@dataclass(frozen=True)
class _Notification:
    """What is told of one outage on one occasion."""

    plan: Plan
    kind: Kind
    now: datetime
    zone: tzinfo

    def of(
        self,
        points: Sequence[str],
        customers: Sequence[sa.Row[Any]],
        names: Mapping[str, str | None],
    ) -> PlannedOutageNotification:
        """To these usage points; the customers are those at them that are known."""
        plan = self.plan
        fact = f"{plan.mrid} {self.kind} {self.now.isoformat()} {points[0]}"
        return PlannedOutageNotification(
            mrid=str(uuid.uuid5(_NOTIFICATIONS, fact)),
            comment=self._comment(),
            created_date_time=self.now,
            subject=_SUBJECTS[self.kind],
            type=self.kind,
            customer=tuple(self._customer(one) for one in customers),
            names=(Name(name=plan.mrid, name_type=NameType(name="PlannedOutage")),),
            status=Status(date_time=self.now, value=plan.state),
            switching_plan=self._switching_plan(),
            usage_point=tuple(usage_point(point, names[point]) for point in points),
        )

    def _comment(self) -> str:
        begin, end = (self._time(at) for at in (self.plan.begins_at, self.plan.ends_at))
        reason = said(self.plan).reason
        why = f" Reason: {reason}" if reason else ""
        if self.kind is Kind.CANCELLATION:
            return f"Your supply will not be interrupted from {begin} to {end} as was announced."
        new = " now" if self.kind is Kind.CHANGE else ""
        return f"Your supply will be interrupted{new} from {begin} to {end}.{why}"

    def _time(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"

    def _switching_plan(self) -> SwitchingPlan:
        """It has the period: a notification has none of its own."""
        one = said(self.plan)
        of = next(iter(one.switching_plans), None)
        period = DateTimeInterval(start=self.plan.begins_at, end=self.plan.ends_at)
        return SwitchingPlan(
            mrid=of.mrid if of else None,
            purpose=one.reason,
            names=of.names if of else (),
            planned_period=period,
        )

    def _customer(self, one: sa.Row[Any]) -> Customer:
        return Customer(
            mrid=one.mrid or None,
            locale=one.locale or None,
            special_need=one.special_need or None,
            customer_notifications=tuple(
                NotificationOfCustomer(
                    contact_type=means,
                    contact_value=value,
                    earliest_date_time_to_call=self.now,
                    latest_date_time_to_call=self.plan.begins_at,
                )
                for means, value in one.contacts
            ),
            names=(Name(name=one.account, name_type=_ACCOUNT),) if one.account else (),
        )


def _customers(
    connection: sa.Connection, names: Mapping[str, str | None], points: Sequence[str]
) -> list[sa.Row[Any]]:
    """Each agreement once, whichever name it has for a usage point."""
    called = {name for point in points for name in (point, names[point]) if name}
    found = {row.agreement: row for row in store.customers(connection, called)}
    return [found[agreement] for agreement in sorted(found)]
