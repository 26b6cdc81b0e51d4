"""TroubleOrders (IEC 61968-3): a crew is to look after trouble."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.field_locations import Premises
from cim.profiles.identification import Name
from cim.profiles.operations_documents import Incident, TroubleTicket, UnplannedOutage
from cim.profiles.operations_staff import Crew


class Priority(Profile):
    """How urgent something is."""

    justification: str | None = attribute(
        "Priority.justification", "Why it is so urgent.", default=None
    )
    rank: int | None = attribute(
        "Priority.rank", "The lower the number, the more urgent.", default=None
    )
    type: str | None = attribute("Priority.type", "What the rank means in words.", default=None)


class WorkTask(Profile):
    """What is to be done, and who does it."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the task.", default=None)
    crew_eta: datetime | None = attribute(
        "WorkTask.crewETA", "When the crew is expected there.", default=None
    )
    estimated_completion_time: datetime | None = attribute(
        "WorkTask.estimatedCompletionTime", "When it is expected to be done.", default=None
    )
    instruction: str | None = attribute("WorkTask.instruction", "What is to be done.", default=None)
    crews: tuple[Crew, ...] = attribute("WorkTask.Crews", "Crews that do it.", default=())
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the task.", default=())
    priority: Priority | None = attribute("BaseWork.priority", "How urgent it is.", default=None)


class TroubleOrder(Profile):
    """One order to look after one incident or outage."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the order.", default=None)
    author_name: str | None = attribute("Document.authorName", "Who gives it.", default=None)
    comment: str = attribute("TroubleOrder.comment", "What is the trouble, for the crew.")
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was given.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    type: str | None = attribute("Document.type", "The utility's own kind of order.", default=None)
    incident: Incident | None = attribute(
        "TroubleOrder.Incident", "The incident to look after.", default=None
    )
    location: Premises | None = attribute(
        "TroubleOrder.Location", "Where the crew is to go.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the order, e.g. its number.", default=()
    )
    planned_execution_interval: DateTimeInterval | None = attribute(
        "TroubleOrder.plannedExecutionInterval", "When it is to be done.", default=None
    )
    status: Status | None = attribute(
        "Document.status", "How far it has come, e.g. dispatched or done.", default=None
    )
    trouble_ticket: tuple[TroubleTicket, ...] = attribute(
        "TroubleOrder.TroubleTicket", "What customers reported.", default=()
    )
    unplanned_outage: UnplannedOutage | None = attribute(
        "TroubleOrder.UnplannedOutage", "The outage to end.", default=None
    )
    work_task: tuple[WorkTask, ...] = attribute(
        "TroubleOrder.WorkTask", "What is to be done, and who does it.", default=()
    )


class TroubleOrders(
    Profile,
    namespace="urn:gridbus:61968-3:2021:TroubleOrders#",
    standard="IEC 61968-3",
    ordering=(
        "trouble_order.mrid",
        "trouble_order.names.name",
        "trouble_order.incident.mrid",
        "trouble_order.incident.names.name",
        "trouble_order.unplanned_outage.mrid",
        "trouble_order.unplanned_outage.names.name",
    ),
):
    """Orders that send crews to incidents and unplanned outages."""

    trouble_order: tuple[TroubleOrder, ...] = attribute(
        "TroubleOrders.TroubleOrder", "The orders.", default=()
    )
