"""MaintenanceOrders (IEC 61968-6): what shall be inspected, maintained or repaired."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.get_maintenance_orders import GetMaintenanceOrders
from cim.profiles.identification import Name
from cim.profiles.maintenance_order_assets import Asset, Crew, MaterialItem
from cim.profiles.work_locations import Organisation, WorkLocation
from cim.profiles.works import (
    ActivityRecord,
    Attachments,
    WorkKind,
    WorkStatusKind,
    WorkTaskKind,
    WorkTimeSchedule,
)


class Priority(Profile):
    """How urgent it is."""

    justification: str | None = attribute(
        "Priority.justification", "Why it has this rank.", default=None
    )
    rank: int = attribute(
        "Priority.rank", "The rank; the lower, the more urgent among those of one type."
    )
    type: str | None = attribute("Priority.type", "Kind of rank, e.g. emergency.", default=None)


class WorkTask(Profile):
    """One task of the work."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the task.", default=None)
    crew_eta: datetime | None = attribute(
        "WorkTask.crewETA", "When the crew is expected.", default=None
    )
    instruction: str | None = attribute("WorkTask.instruction", "What to do.", default=None)
    status_kind: WorkStatusKind = attribute("BaseWork.statusKind", "How far it has come.")
    subject: str = attribute("Document.subject", "What it is about.")
    task_kind: WorkTaskKind = attribute("WorkTask.taskKind", "What it does to the assets.")
    assets: tuple[Asset, ...] = attribute("WorkTask.Assets", "Assets it is done on.", default=())
    crews: tuple[Crew, ...] = attribute("WorkTask.Crews", "Crews that do it.", default=())
    material_items: tuple[MaterialItem, ...] = attribute(
        "WorkTask.MaterialItems", "Material it needs.", default=()
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the task.", default=())
    old_asset: Asset | None = attribute("WorkTask.OldAsset", "The asset it replaces.", default=None)
    time_schedules: tuple[WorkTimeSchedule, ...] = attribute(
        "BaseWork.TimeSchedules", "Its times.", default=()
    )


class Work(Profile):
    """A piece of work that is ordered."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the work.", default=None)
    kind: WorkKind = attribute("BaseWork.kind", "What kind of work it is.")
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    request_date_time: datetime | None = attribute(
        "Work.requestDateTime", "When it was requested.", default=None
    )
    status_kind: WorkStatusKind = attribute("BaseWork.statusKind", "How far it has come.")
    activity_records: tuple[ActivityRecord, ...] = attribute(
        "BaseWork.ActivityRecords", "What happened to it.", default=()
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the work.", default=())
    priority: Priority | None = attribute("BaseWork.priority", "How urgent it is.", default=None)
    time_schedules: tuple[WorkTimeSchedule, ...] = attribute(
        "BaseWork.TimeSchedules", "Its times.", default=()
    )
    work_location: WorkLocation | None = attribute(
        "BaseWork.WorkLocation", "Where it is done.", default=None
    )
    work_tasks: tuple[WorkTask, ...] = attribute("Work.WorkTasks", "Its tasks.", default=())
    attachments: Attachments | None = attribute(
        "Work.Attachments", "Documents that belong to it.", default=None
    )


class MaintenanceOrder(Profile):
    """An order to maintain something."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the order.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the order.", default=())
    organisation: Organisation | None = attribute(
        "MaintenanceOrder.Organisation", "Who orders it.", default=None
    )
    work: tuple[Work, ...] = attribute("MaintenanceOrder.Work", "The work ordered.")


class MaintenanceOrders(
    Profile,
    namespace="http://iec.ch/TC57/2015/MaintenanceOrders#",
    standard="IEC 61968-6",
    query=GetMaintenanceOrders,
    ordering=(
        "maintenance_order.mrid",
        "maintenance_order.names.name",
        "maintenance_order.work.mrid",
        "maintenance_order.work.names.name",
    ),
):
    """Orders to maintain parts of the network."""

    maintenance_order: tuple[MaintenanceOrder, ...] = attribute(
        "MaintenanceOrders.MaintenanceOrder", "The orders."
    )
