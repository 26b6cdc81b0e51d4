"""Planned outages as PlannedOutages (IEC 61968-3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

import sqlalchemy as sa

from cim.network import Network
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.outages import ConductingEquipment, OutageStatusKind, ServicePointOutageSummary
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from dms_apps.planned_outages import store
from dms_apps.planned_outages.documents import said
from dms_apps.planned_outages.outlook import counted
from dms_apps.planned_outages.plan import DeedKind, Plan, State
from dms_apps.planned_outages.switching import without


def notice(connection: sa.Connection, network: Network, plans: Iterable[Plan]) -> PlannedOutages:
    """All there is to say of outages now."""
    return PlannedOutages(planned_outage=tuple(_outage(connection, network, p) for p in plans))


def sentence(plan: Plan) -> str:
    """Whom it concerns, and what there is to say about it."""
    who = f"{counted(plan.count, 'customer')} of {plan.served:,} below it without supply"
    if plan.critical:
        who += f", {plan.critical:,} critical"
    overdue = f"It should have ended: {plan.dark:,} still without. " if plan.is_overdue else ""
    return " ".join((f"{overdue}{who}.", *plan.remarks))


def _outage(connection: sa.Connection, network: Network, plan: Plan) -> PlannedOutage:
    active = plan.state is State.ACTIVE
    points = store.points(connection, plan.mrid).keys()
    dark = _dark(network, plan, points)
    actual = DateTimeInterval(start=plan.started_at, end=plan.ended_at)
    return replace(
        said(plan),
        mrid=plan.mrid,
        created_date_time=plan.created_at,
        last_modified_date_time=plan.as_of,
        customers_restored=max(plan.count - plan.dark, 0) if plan.started_at else None,
        meters_affected=plan.dark if active else 0,
        original_customers_served=plan.served,
        original_meters_affected=plan.count,
        outage_kind=_kind(plan, partial=dark < points),
        actual_period=actual if plan.started_at else None,
        de_energized_usage_point=tuple(_points(connection, network, plan, dark)),
        energized_usage_point=tuple(_points(connection, network, plan, points - dark)),
        estimated_period=DateTimeInterval(start=plan.begins_at, end=plan.ends_at),
        outage_isolation_equipment=tuple(_devices(network, plan)),
        status=Status(
            date_time=plan.as_of, reason=plan.why or None, remark=sentence(plan), value=plan.state
        ),
        summary=ServicePointOutageSummary(critical_count=plan.critical, total_count=plan.count),
    )


def _kind(plan: Plan, *, partial: bool) -> OutageStatusKind | None:
    """As far as it can be told in these words: they know nothing of what is to come."""
    if plan.state is State.COMPLETED:
        return OutageStatusKind.CLOSED
    if plan.state is not State.ACTIVE:
        return None
    if plan.back_at is not None:
        return OutageStatusKind.RESTORED
    return OutageStatusKind.PARTIALLY_RESTORED if partial else OutageStatusKind.CONFIRMED


def usage_point(point: str, name: str | None) -> UsagePoint:
    """One by mRID; where no model has it (None), `point` is what it is called."""
    if name is None:
        return UsagePoint(names=(Name(name=point),))
    return UsagePoint(mrid=point, names=(Name(name=name),) if name else ())


def _dark(network: Network, plan: Plan, points: Set[str]) -> Set[str]:
    """Those of whom it concerns who are without supply, or will be: all until it is seen to have
    begun; of those that no model has nobody sees that they have it again before all have."""
    if plan.started_at is None or (plan.state is State.ACTIVE and not plan.is_seen):
        return points
    if not plan.dark:
        return frozenset()
    return without(network, points) | {point for point in points if not network.knows(point)}


def _points(
    connection: sa.Connection, network: Network, plan: Plan, points: Set[str]
) -> Iterator[UsagePoint]:
    names = store.names_at(connection, network, plan.mrid, points)
    return (usage_point(point, names[point]) for point in sorted(points))


def _devices(network: Network, plan: Plan) -> Iterator[ConductingEquipment]:
    for deed in plan.deeds:
        if deed.kind is not DeedKind.CLOSE:
            yield ConductingEquipment(mrid=deed.device, names=_names(network, deed.device))


def _names(network: Network, mrid: str) -> tuple[Name, ...]:
    name = network.name(mrid) if network.knows(mrid) else ""
    return (Name(name=name),) if name else ()
