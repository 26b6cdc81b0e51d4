"""WorkRequests (IEC 61968-6): what work is wanted."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.get_work_requests import GetWorkRequests
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.work_locations import (
    AssetLocationHazard,
    CoordinateSystem,
    InternalLocation,
    Organisation,
    PositionPoint,
    WorkStreetAddress,
)
from cim.profiles.works import (
    ActivityRecord,
    Priority,
    WorkKind,
    WorkStatusKind,
    WorkTaskKind,
    WorkTimeSchedule,
)


class WorkLocation(Profile):
    """Where the work shall be done."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the place.", default=None)
    direction: str | None = attribute("Location.direction", "How to find it.", default=None)
    coordinate_system: CoordinateSystem | None = attribute(
        "Location.CoordinateSystem", "In what its positions are told.", default=None
    )
    hazards: tuple[AssetLocationHazard, ...] = attribute(
        "Location.Hazards", "Dangers there.", default=()
    )
    internal_location: InternalLocation | None = attribute(
        "WorkLocation.InternalLocation", "Where in the building.", personal=True, default=None
    )
    main_address: WorkStreetAddress | None = attribute(
        "Location.mainAddress", "Its address.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the place.", default=())
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Its positions.", default=()
    )


class Asset(Profile):
    """An asset the work is about."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the asset.", default=None)
    critical: bool = attribute("Asset.critical", "Whether it is critical.")
    utc_number: str = attribute("Asset.utcNumber", "Number under which it is tracked.")
    location: WorkLocation | None = attribute("Asset.Location", "Where it is.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the asset.", default=())


class Crew(IdentifiedObject):
    """A crew, by mRID or by name."""


class WorkTask(Profile):
    """One task of the work."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the task.", default=None)
    crew_eta: datetime | None = attribute(
        "WorkTask.crewETA", "When the crew is expected.", default=None
    )
    instruction: str | None = attribute("WorkTask.instruction", "What to do.", default=None)
    subject: str = attribute("Document.subject", "What it is about.")
    task_kind: WorkTaskKind = attribute("WorkTask.taskKind", "What it does to the assets.")
    assets: tuple[Asset, ...] = attribute("WorkTask.Assets", "Assets it is done on.", default=())
    crews: tuple[Crew, ...] = attribute("WorkTask.Crews", "Crews that do it.", default=())
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the task.", default=())


class Work(Profile):
    """A piece of work that is wanted."""

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
        "BaseWork.WorkLocation", "Where it shall be done.", default=None
    )
    work_tasks: tuple[WorkTask, ...] = attribute("Work.WorkTasks", "Its tasks.", default=())


class WorkRequest(Profile):
    """A request for work."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the request.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the request.", default=()
    )
    organisation: Organisation | None = attribute(
        "WorkRequest.Organisation", "Who requests it.", default=None
    )
    work: tuple[Work, ...] = attribute("WorkRequest.Work", "The work requested.")


class WorkRequests(
    Profile,
    namespace="http://iec.ch/TC57/2015/WorkRequests#",
    standard="IEC 61968-6",
    query=GetWorkRequests,
    ordering=(
        "work_request.mrid",
        "work_request.names.name",
        "work_request.work.mrid",
        "work_request.work.names.name",
    ),
):
    """Requests for work."""

    work_request: tuple[WorkRequest, ...] = attribute("WorkRequests.WorkRequest", "The requests.")
