"""ServiceOrders (IEC 61968-6): what shall be done at a customer's, with meters above all."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.get_service_orders import GetServiceOrders
from cim.profiles.identification import Name
from cim.profiles.kinds import CustomerKind
from cim.profiles.service_order_meters import Asset, ReadingQualityType, ReadingType
from cim.profiles.service_order_usage_points import UsagePoint
from cim.profiles.work_locations import PositionPoint, WorkLocation, WorkStreetAddress
from cim.profiles.works import (
    ActivityRecord,
    Attachments,
    Priority,
    WorkKind,
    WorkStatusKind,
    WorkTaskKind,
    WorkTimeSchedule,
)


class MeetingInterval(Profile, cim="DateTimeInterval"):
    """The time of an appointment."""

    end: datetime = attribute("DateTimeInterval.end", "End, not included.")
    start: datetime = attribute("DateTimeInterval.start", "Start, included.")


class Appointment(Profile):
    """When the customer expects the crew."""

    call_ahead: bool | None = attribute(
        "Appointment.callAhead", "Whether to call before.", default=None
    )
    meeting_interval: MeetingInterval | None = attribute(
        "Appointment.meetingInterval", "From when until when.", default=None
    )


class CustomerStatus(Profile, cim="Status"):
    """A status of a customer."""

    date_time: datetime = attribute("Status.dateTime", "Time from which the value applies.")
    reason: str | None = attribute("Status.reason", "Why the value changed.", default=None)
    remark: str | None = attribute(
        "Status.remark", "Free text on the value.", personal=True, default=None
    )
    value: str = attribute("Status.value", "The status itself.")


class CustomerAgreement(Profile):
    """An agreement with the customer, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the agreement.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names",
        "Names of the agreement, e.g. its number.",
        personal=True,
        default=(),
    )


class Customer(Profile):
    """A customer the work is for."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the customer.", default=None
    )
    kind: CustomerKind | None = attribute(
        "Customer.kind", "What kind of customer it is.", default=None
    )
    puc_number: str | None = attribute(
        "Customer.pucNumber", "Number with the regulator.", personal=True, default=None
    )
    special_need: str | None = attribute(
        "Customer.specialNeed",
        "What the customer depends on, e.g. life support.",
        personal=True,
        default=None,
    )
    vip: bool | None = attribute(
        "Customer.vip", "Whether the customer is important.", personal=True, default=None
    )
    customer_agreements: tuple[CustomerAgreement, ...] = attribute(
        "Customer.CustomerAgreements", "Agreements with the customer.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the customer.", personal=True, default=()
    )
    status: CustomerStatus | None = attribute(
        "Customer.status", "Status of the customer.", default=None
    )


class ServiceWorkLocation(WorkLocation, cim="WorkLocation"):
    """The place of work at a customer's, which has an address in any case.

    Where somebody lives is personal.  The attributes are those of WorkLocation and keep the order
    they have there.
    """

    direction: str | None = attribute(
        "Location.direction", "How to find it.", personal=True, default=None
    )
    main_address: WorkStreetAddress = attribute(
        "Location.mainAddress", "Its address.", personal=True
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the place.", personal=True, default=()
    )
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Its positions.", personal=True, default=()
    )


class Person(Profile):
    """A person."""

    first_name: str | None = attribute(
        "Person.firstName", "First name.", personal=True, default=None
    )
    last_name: str | None = attribute("Person.lastName", "Last name.", personal=True, default=None)


class CrewMember(Profile):
    """A member of a crew."""

    person: Person = attribute("PersonRole.Person", "Who it is.")


class Crew(Profile):
    """A crew and its members."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the crew.", default=None)
    crew_members: tuple[CrewMember, ...] = attribute(
        "Crew.CrewMembers", "Who belongs to it.", default=()
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the crew.", default=())


class WorkTask(Profile):
    """One task of the work."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the task.", default=None)
    crew_eta: datetime = attribute("WorkTask.crewETA", "When the crew is expected.")
    instruction: str | None = attribute("WorkTask.instruction", "What to do.", default=None)
    status_kind: WorkStatusKind = attribute("BaseWork.statusKind", "How far it has come.")
    subject: str = attribute("Document.subject", "What it is about.")
    task_kind: WorkTaskKind = attribute("WorkTask.taskKind", "What it does to the assets.")
    assets: tuple[Asset, ...] = attribute("WorkTask.Assets", "Assets it is done on.", default=())
    crews: tuple[Crew, ...] = attribute("WorkTask.Crews", "Crews that do it.", default=())
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the task.", default=())
    old_asset: Asset | None = attribute("WorkTask.OldAsset", "The asset it replaces.", default=None)
    time_schedules: tuple[WorkTimeSchedule, ...] = attribute(
        "BaseWork.TimeSchedules", "Its times.", default=()
    )
    usage_point: UsagePoint | None = attribute(
        "WorkTask.UsagePoint", "The usage point it is done at.", default=None
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
    type: str | None = attribute(
        "Document.type", "Kind of work, in words of the utility.", default=None
    )
    activity_records: tuple[ActivityRecord, ...] = attribute(
        "BaseWork.ActivityRecords", "What happened to it.", default=()
    )
    appointments: tuple[Appointment, ...] = attribute(
        "Work.Appointments", "When the customer expects the crew.", default=()
    )
    customers: tuple[Customer, ...] = attribute(
        "Work.Customers", "Customers it is done for.", default=()
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the work.", default=())
    priority: Priority | None = attribute("BaseWork.priority", "How urgent it is.", default=None)
    time_schedules: tuple[WorkTimeSchedule, ...] = attribute(
        "BaseWork.TimeSchedules", "Its times.", default=()
    )
    work_location: ServiceWorkLocation | None = attribute(
        "BaseWork.WorkLocation", "Where it is done.", default=None
    )
    work_tasks: tuple[WorkTask, ...] = attribute("Work.WorkTasks", "Its tasks.", default=())
    attachments: Attachments | None = attribute(
        "Work.Attachments", "Documents that belong to it.", default=None
    )


class ServiceOrder(Profile):
    """An order for work at a customer's."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the order.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the order.", default=())
    work: tuple[Work, ...] = attribute("ServiceOrder.Work", "The work ordered.")


class ServiceOrders(
    Profile,
    namespace="http://iec.ch/TC57/2015/ServiceOrders#",
    standard="IEC 61968-6",
    query=GetServiceOrders,
    ordering=(
        "service_order.mrid",
        "service_order.names.name",
        "service_order.work.mrid",
        "service_order.work.names.name",
    ),
):
    """Orders for work at customers', and what they refer to."""

    reading_quality_type: tuple[ReadingQualityType, ...] = attribute(
        "ServiceOrders.ReadingQualityType", "Meaning of the quality codes used.", default=()
    )
    reading_type: tuple[ReadingType, ...] = attribute(
        "ServiceOrders.ReadingType", "Meaning of the reading type codes used.", default=()
    )
    service_order: tuple[ServiceOrder, ...] = attribute("ServiceOrders.ServiceOrder", "The orders.")
