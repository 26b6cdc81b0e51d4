"""Orders that send crews to outages and dangers (TroubleOrders, IEC 61968-3), both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.erp.fields import Fields, modified, moment, needed
from adapters.erp.identity import crew
from adapters.erp.terms import Terms
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.operations_staff import Crew
from cim.profiles.trouble_orders import Priority, TroubleOrder, TroubleOrders, WorkTask
from cim.profiles.unplanned_outages import CrewStatusKind
from cim.profiles.works import WorkStatusKind

SUSPENDED = "suspended"
"""Document.status of an order that a crew has left, for which CrewStatusKind has no word."""

STATUSES: Mapping[WorkStatusKind, str] = {
    WorkStatusKind.DISPATCHED: CrewStatusKind.ASSIGNED,
    WorkStatusKind.ENROUTE: CrewStatusKind.ENROUTE,
    WorkStatusKind.ON_SITE: CrewStatusKind.ARRIVED,
    WorkStatusKind.IN_PROGRESS: CrewStatusKind.ARRIVED,
    WorkStatusKind.WAITING_ON_MATERIAL: SUSPENDED,
    WorkStatusKind.COMPLETED: CrewStatusKind.FIELD_COMPLETE,
}
"""How far work has come -> Document.status of the order; any other says nothing of a crew, and is
told as it is."""

KINDS: Mapping[str, WorkStatusKind] = {
    CrewStatusKind.AWAITING_CREW_ASSIGNMENT: WorkStatusKind.APPROVED,
    CrewStatusKind.ASSIGNED: WorkStatusKind.DISPATCHED,
    CrewStatusKind.ENROUTE: WorkStatusKind.ENROUTE,
    CrewStatusKind.ARRIVED: WorkStatusKind.ON_SITE,
    SUSPENDED: WorkStatusKind.WAITING_ON_MATERIAL,
    CrewStatusKind.FIELD_COMPLETE: WorkStatusKind.COMPLETED,
}
"""The way back."""


def payload(
    fields: Fields,
    order: Mapping[str, Any],
    kind: WorkStatusKind,
    rank: int | None,
    terms: Terms,
) -> TroubleOrders:
    """An order as their system has it.

    order: its mRID and names.
    Raises: ValueError naming record, field, value and rule.
    """
    at = modified(fields, terms.zone, local=terms.local)
    start, end = (
        moment(fields, column, terms.zone, local=terms.local)
        for column in ("schedstart", "schedfinish")
    )
    crews = tuple(Crew(mrid=mrid, names=names) for mrid, names in crew(fields, terms.system))
    task = WorkTask(
        crew_eta=moment(fields, "creweta", terms.zone, local=terms.local),
        crews=crews,
        priority=None if rank is None else Priority(rank=rank),
    )
    one = TroubleOrder(
        **order,
        comment=needed(fields, "description"),
        created_date_time=moment(fields, "reportdate", terms.zone, local=terms.local),
        last_modified_date_time=at,
        planned_execution_interval=DateTimeInterval(start=start, end=end) if start or end else None,
        status=Status(date_time=at, value=STATUSES.get(kind, kind)),
        work_task=(task,),
    )
    return TroubleOrders(trouble_order=(one,))


def deleted(order: Mapping[str, Any]) -> TroubleOrders:
    """Which order it is, and no more."""
    gone = TroubleOrder(**order, comment=None)  # type: ignore[arg-type]  # it says which
    return TroubleOrders(trouble_order=(gone,))


def status_of(order: TroubleOrder) -> WorkStatusKind | None:
    """How far the work of an order has come; None when its status is of no such kind."""
    value = (order.status.value if order.status else None) or ""
    if value in KINDS:
        return KINDS[value]
    try:
        return WorkStatusKind(value)
    except ValueError:
        return None
