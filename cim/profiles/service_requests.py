"""ServiceRequests (IEC 61968-8): what customers want done at their premises."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.customer_contacts import Customer
from cim.profiles.identification import Name
from cim.profiles.kinds import ServiceKind
from cim.profiles.premises import ServiceLocation
from cim.profiles.works import WorkTimeSchedule


class ServiceRequestKind(StrEnum):
    """What the customer wants."""

    CONNECT = "connect"
    CONSTRUCTION = "construction"
    DISCONNECT = "disconnect"
    INSPECTION = "inspection"
    NEW_SERVICE = "newservice"
    OTHER = "other"
    RECONNECT = "reconnect"
    REPAIR = "repair"
    REPLACE = "replace"
    TEST = "test"
    TURN_OFF = "turn-off"
    TURN_ON = "turn-on"


class ServiceRequest(Profile):
    """One request of a customer."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the request.", default=None
    )
    appointment_requested: bool | None = attribute(
        "ServiceRequest.appointmentRequested",
        "Whether the customer wants to agree on a time.",
        default=None,
    )
    comment: str | None = attribute(
        "Document.comment", "What was said.", personal=True, default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was recorded.", default=None
    )
    kind: ServiceRequestKind = attribute("ServiceRequest.kind", "What is wanted.")
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    service_kind: ServiceKind = attribute("ServiceRequest.serviceKind", "For which service.")
    service_size: str | None = attribute(
        "ServiceRequest.serviceSize", "How much of it, e.g. 63 A.", default=None
    )
    subject: str | None = attribute("Document.subject", "What it is about, in short.", default=None)
    type: str | None = attribute(
        "Document.type", "Kind of request, in words of the utility.", default=None
    )
    customer: Customer | None = attribute("ServiceRequest.Customer", "Who wants it.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the request, e.g. its number.", default=()
    )
    service_location: ServiceLocation | None = attribute(
        "ServiceRequest.ServiceLocation", "For which premises.", default=None
    )
    status: Status | None = attribute("Document.status", "Status of the request.", default=None)
    work_time_schedule: tuple[WorkTimeSchedule, ...] = attribute(
        "ServiceRequest.WorkTimeSchedule", "When it is wanted.", default=()
    )


class ServiceRequests(
    Profile,
    namespace="urn:gridbus:61968-8:2015:ServiceRequests#",
    standard="IEC 61968-8",
    ordering=(
        "service_request.mrid",
        "service_request.names.name",
        "service_request.service_location.mrid",
        "service_request.service_location.usage_points.mrid",
        "service_request.customer.mrid",
    ),
):
    """Requests of customers; in the UML a request for work of a special kind."""

    service_request: tuple[ServiceRequest, ...] = attribute(
        "ServiceRequests.ServiceRequest", "The requests."
    )
