"""What messages tell of an outage, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cim.bounds import counted, short
from cim.network import Network
from cim.profiles.outages import CrewStatusKind
from cim.profiles.trouble_orders import TroubleOrders
from cim.profiles.unplanned_outages import UnplannedOutage
from dms_apps.restoration_times.history import Step
from dms_apps.restoration_times.store import Row

WAITING = frozenset({"", CrewStatusKind.AWAITING_CREW_ASSIGNMENT, CrewStatusKind.ASSIGNED})
"""Stages in which no crew is on its way."""


def columns(
    one: UnplannedOutage, before: Row | None, as_of: datetime, network: Network, *, over: bool
) -> dict[str, Any]:
    """The columns of an outage after what is said of it now; what is not said stays, but for a
    restoration time that a whole notice leaves out while the outage goes on: it was taken back.

    over: whether it is told to be over.
    """
    period, summary, expected = one.actual_period, one.summary, one.estimated_restoration_time
    zone = short(one.community_descriptor or "") or (before.zone if before else "")
    kind = before.kind if before else ""
    devices = [d.mrid for d in one.outage_isolation_equipment if d.mrid]
    if device := next((d for d in devices if _is_equipment(d, network)), None):
        zone, kind = network.feeder_of(device) or zone, network.device_kind(device)
    elif devices:  # e.g. a jumper that is gone
        zone = _feeder(one, network) or zone
    started = one.reported_start_time or (period.start if period else None)
    values = {
        "as_of": as_of,
        "zone": zone,
        "kind": kind,
        "customers": _said(one.meters_affected, before.customers if before else 0),
        "critical": _said(
            summary.critical_count if summary else None, before.critical if before else 0
        ),
        "started_at": started or (before.started_at if before else as_of),
        **_stage(one, before, as_of),
        "storm": before.storm if before else False,
        "ert": before.ert if before else None,
        "ert_source": before.ert_source if before else "",
        "first_ert": before.first_ert if before else None,
        "first_source": before.first_source if before else "",
        "ended_at": before.ended_at if before else None,
    }
    if expected and expected.ert:
        source = short(expected.ert_source or "unknown")
        values |= {"ert": expected.ert, "ert_source": source}
        if values["first_ert"] is None:
            values |= {"first_ert": expected.ert, "first_source": source}
    elif one.original_customers_served is not None and not over:
        values |= {"ert": None, "ert_source": ""}
    return values


def _is_equipment(device: str, network: Network) -> bool:
    return network.knows(device) and network.is_equipment(device)


def _feeder(one: UnplannedOutage, network: Network) -> str:
    """That of its first usage point that the network has; "" without."""
    points = (p.mrid for p in (*one.de_energized_usage_point, *one.energized_usage_point))
    known = (network.usage_point_of(point) for point in points if point)
    return next((network.feeder_of(point) for point in known if point), "")


def _said(now: int | None, before: int) -> int:
    count = counted(now)
    return before if count is None else count


def _stage(one: UnplannedOutage, before: Row | None, as_of: datetime) -> dict[str, Any]:
    """Where the crew is, and since when; one that has left again begins anew."""
    stage = str(one.status_kind or (before.stage if before else ""))
    departed = before.departed_at if before else None
    arrived = before.arrived_at if before else None
    if stage in WAITING:
        departed = arrived = None
    elif stage == CrewStatusKind.ENROUTE:
        departed, arrived = departed or as_of, None
    else:
        arrived = arrived or as_of
    return {"stage": stage, "departed_at": departed, "arrived_at": arrived}


def steps(row: Row) -> Iterator[dict[str, Any]]:
    """How long the steps of an outage took that is over."""
    alike = {"outage": row.mrid, "zone": row.zone, "kind": row.kind, "storm": row.storm}
    spans = {
        Step.WHOLE: (row.started_at, row.ended_at),
        Step.TRAVEL: (row.departed_at, row.arrived_at),
        Step.REPAIR: (row.arrived_at, row.ended_at),
    }
    for step, (begin, end) in spans.items():
        if begin is not None and end is not None and end >= begin:
            seconds = (end - begin).total_seconds()
            yield {**alike, "step": step.value, "begun_at": begin, "seconds": seconds}


def assessed(orders: TroubleOrders) -> Iterator[tuple[str, float]]:
    """Outage, and seconds of the work at it; 0 where its order does not say how long that takes."""
    for order in orders.trouble_order:
        interval, of = order.planned_execution_interval, order.unplanned_outage
        is_of_outage = not order.incident and not order.trouble_ticket  # else of a danger there
        if of and of.mrid and is_of_outage:
            start, end = (interval.start, interval.end) if interval else (None, None)
            yield of.mrid, max((end - start).total_seconds(), 0.0) if start and end else 0.0
