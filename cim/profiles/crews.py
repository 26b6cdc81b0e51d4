"""Crews (IEC 61968-6, from the UML): who is on duty, where, with what, at which work."""

from __future__ import annotations

from datetime import date, datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.maintenance_order_assets import VehicleUsageKind
from cim.profiles.persons import ElectronicAddress, Person
from cim.profiles.premises import StreetAddress
from cim.profiles.unplanned_outages import CrewStatusKind
from cim.profiles.work_locations import CoordinateSystem, PositionPoint
from cim.profiles.works import Priority, WorkStatusKind, WorkTaskKind


class Capability(Profile):
    """Something the crew can do."""

    performance_factor: str | None = attribute(
        "Capability.performanceFactor", "How well it does it.", default=None
    )
    type: str = attribute("Capability.type", "What it can do, e.g. live work.")
    validity_interval: DateTimeInterval | None = attribute(
        "Capability.validityInterval", "From when until when.", default=None
    )


class CrewMember(Profile):
    """A member of a crew."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the member.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "What the member does in the crew.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names",
        "Names of the member, e.g. a staff number.",
        personal=True,
        default=(),
    )
    person: Person | None = attribute(
        "PersonRole.Person", "The person, and how to reach it.", personal=True, default=None
    )


class CrewType(IdentifiedObject):
    """A kind of crew, by mRID or by name."""


class FieldDispatchStep(Profile):
    """One step on the way to the work and back."""

    dispatch_status: CrewStatusKind = attribute(
        "FieldDispatchStep.dispatchStatus", "Where the crew was."
    )
    occurred_date_time: datetime | None = attribute(
        "FieldDispatchStep.occurredDateTime", "Since when.", default=None
    )
    remarks: str | None = attribute(
        "FieldDispatchStep.remarks", "Free text on the step.", default=None
    )
    sequence_number: int | None = attribute(
        "FieldDispatchStep.sequenceNumber", "Place of the step, from 1.", default=None
    )


class FieldDispatchHistory(Profile):
    """The steps of one dispatch."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the dispatch.", default=None
    )
    field_dispatch_step: tuple[FieldDispatchStep, ...] = attribute(
        "FieldDispatchHistory.FieldDispatchStep", "The steps.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the dispatch.", default=()
    )


class Location(Profile):
    """Where the crew is."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the place.", default=None)
    direction: str | None = attribute("Location.direction", "How to find it.", default=None)
    type: str | None = attribute("Location.type", "Kind of place, e.g. depot.", default=None)
    coordinate_system: CoordinateSystem | None = attribute(
        "Location.CoordinateSystem", "In what its position is told.", default=None
    )
    main_address: StreetAddress | None = attribute(
        "Location.mainAddress", "Its address.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the place.", default=())
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Its position.", default=()
    )
    status: Status | None = attribute(
        "Location.status",
        "How the position is known; its time is that of the position.",
        default=None,
    )


class Outage(IdentifiedObject):
    """An outage the crew looks after, by mRID or by name."""


class ShiftPattern(Profile):
    """A shift of the crew."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the shift.", default=None)
    assignment_type: str | None = attribute(
        "ShiftPattern.assignmentType", "What kind of work it is for, e.g. standby.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the shift.", default=())
    validity_interval: DateTimeInterval | None = attribute(
        "ShiftPattern.validityInterval", "From when until when.", default=None
    )


class WorkAsset(Profile):
    """A tool or vehicle of the crew, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the asset.", default=None)
    last_calibration_date: date | None = attribute(
        "Tool.lastCalibrationDate", "When the tool was last calibrated.", default=None
    )
    type: str | None = attribute(
        "Asset.type", "Kind of tool or vehicle, e.g. bucket truck.", default=None
    )
    usage_kind: VehicleUsageKind | None = attribute(
        "Vehicle.usageKind", "Who uses the vehicle.", default=None
    )
    utc_number: str | None = attribute(
        "Asset.utcNumber", "Number under which it is tracked.", default=None
    )
    electronic_address: ElectronicAddress | None = attribute(
        "Asset.electronicAddress", "How to reach it, e.g. by radio.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the asset, e.g. its number plate.", default=()
    )
    status: Status | None = attribute("Asset.status", "Whether it can be used.", default=None)


class Work(IdentifiedObject):
    """The work a task belongs to, by mRID or by name."""


class WorkTask(Profile):
    """A task assigned to the crew, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the task.", default=None)
    crew_eta: datetime | None = attribute(
        "WorkTask.crewETA", "When the crew is expected.", default=None
    )
    instruction: str | None = attribute("WorkTask.instruction", "What to do.", default=None)
    status_kind: WorkStatusKind | None = attribute(
        "BaseWork.statusKind", "How far it has come.", default=None
    )
    subject: str | None = attribute("Document.subject", "What it is about.", default=None)
    task_kind: WorkTaskKind | None = attribute(
        "WorkTask.taskKind", "What it does to the assets.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the task.", default=())
    priority: Priority | None = attribute("BaseWork.priority", "How urgent it is.", default=None)
    work: Work | None = attribute("WorkTask.Work", "The work it belongs to.", default=None)


class Crew(Profile):
    """One crew."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the crew.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "What the crew is for.", default=None
    )
    capabilities: tuple[Capability, ...] = attribute(
        "Crew.Capabilities", "What it can do.", default=()
    )
    crew_members: tuple[CrewMember, ...] = attribute(
        "Crew.CrewMembers", "Who belongs to it.", default=()
    )
    crew_type: CrewType | None = attribute(
        "Crew.CrewType", "What kind of crew it is.", default=None
    )
    field_dispatch_history: tuple[FieldDispatchHistory, ...] = attribute(
        "Crew.FieldDispatchHistory", "Where it went.", default=()
    )
    location: Location | None = attribute("Crew.Location", "Where it is.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the crew.", default=())
    outage: tuple[Outage, ...] = attribute("Crew.Outage", "Outages it looks after.", default=())
    shift_patterns: tuple[ShiftPattern, ...] = attribute(
        "Crew.ShiftPatterns", "When it is on duty.", default=()
    )
    status: Status | None = attribute(
        "Crew.status", "What it does now, e.g. available, enroute, arrived.", default=None
    )
    work_assets: tuple[WorkAsset, ...] = attribute(
        "Crew.WorkAssets", "Its tools and vehicles.", default=()
    )
    work_tasks: tuple[WorkTask, ...] = attribute(
        "Crew.WorkTasks", "The work assigned to it.", default=()
    )


class Crews(
    Profile,
    namespace="urn:gridbus:61968-6:2015:Crews#",
    standard="IEC 61968-6",
    ordering=(
        "crew.mrid",
        "crew.names.name",
    ),
):
    """Crews, as those who send them out and those who wait for them need to know.

    No schema of part 6 has a noun for them: names, types and cardinalities are those of the UML,
    where capabilities and shifts belong to an older class of crews.
    """

    crew: tuple[Crew, ...] = attribute("Crews.Crew", "The crews.")
