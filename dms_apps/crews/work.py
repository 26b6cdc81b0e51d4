"""Work that mends (IEC 61968-6), as damage assessment asks for it: how long it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cim.profiles.maintenance_orders import MaintenanceOrders
from cim.profiles.service_orders import ServiceOrders
from cim.profiles.work_requests import WorkRequests
from cim.profiles.works import WorkKind, WorkStatusKind, WorkTimeScheduleKind
from dms_apps.crews.life import Stage
from dms_apps.crews.parts import Parts, values

WORK = "Work"
"""Under which it is kept."""

STAGES = {
    WorkStatusKind.DISPATCHED: Stage.ASSIGNED,
    WorkStatusKind.ENROUTE: Stage.ENROUTE,
    WorkStatusKind.ON_SITE: Stage.ARRIVED,
    WorkStatusKind.IN_PROGRESS: Stage.ARRIVED,
    WorkStatusKind.WAITING_ON_MATERIAL: Stage.SUSPENDED,
    WorkStatusKind.COMPLETED: Stage.COMPLETE,
}
"""What the status of a work order says of its crew."""

_OVER = {
    WorkStatusKind.CANCELLED: "canceled",
    WorkStatusKind.CLOSED: "closed",
    WorkStatusKind.COMPLETED: "closed",
}


def orders(payload: MaintenanceOrders | ServiceOrders | WorkRequests) -> tuple[Any, ...]:
    """The orders of a message."""
    match payload:
        case MaintenanceOrders():
            return payload.maintenance_order
        case ServiceOrders():
            return payload.service_order
        case _:
            return payload.work_request


def told(one: Any) -> dict[str, Any] | None:
    """The parts that a message tells of work; None for what is no repair."""
    if one.kind not in (None, WorkKind.REPAIR):
        return None
    said: dict[str, Any] = {}
    if tasks := [task.task_kind for task in one.work_tasks if task.task_kind]:
        said["tasks"] = sorted(tasks)
    for schedule in one.time_schedules:
        interval = schedule.schedule_interval
        if schedule.kind is not WorkTimeScheduleKind.ESTIMATE:
            continue
        if interval.start and interval.end and interval.start <= interval.end:
            said["hours"] = (interval.end - interval.start).total_seconds() / 3600
    if one.status_kind:
        said["over"] = _OVER.get(one.status_kind, "")
    return said


def hours(works: Iterable[str], known: Mapping[str, Parts], usual: Mapping[str, float]) -> float:
    """Of work by identity: as estimated, else by its tasks; 0 when nothing is known of any.

    usual: hours of a task by WorkTaskKind.
    """
    total = 0.0
    for one in works:
        parts = values(known.get(one, {}))
        assessed = max(parts.get("hours", 0.0), 0.0)
        total += assessed or sum(usual.get(task, 0.0) for task in parts.get("tasks", ()))
    return total
