"""TroubleTickets (IEC 61968-8): what customers and others report."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.customer_contacts import Customer, CustomerNotification, Hazard, TroubleOrder
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.persons import Person
from cim.profiles.premises import Location, ServiceLocation
from cim.profiles.trouble_symptoms import TroubleSymptoms


class TroubleReportingKind(StrEnum):
    """How a trouble was reported; ivr is a voice computer."""

    CALL = "call"
    EMAIL = "email"
    IVR = "ivr"
    LETTER = "letter"
    OTHER = "other"


class Incident(IdentifiedObject):
    """The incident that was reported, by mRID or by name."""


class TroubleReporter(Profile):
    """Who reported the trouble."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the reporter.", default=None
    )
    trouble_reporter_type: str = attribute(
        "TroubleReporter.troubleReporterType", "What kind of person, e.g. customer or passer-by."
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the reporter.", personal=True, default=()
    )
    person: Person | None = attribute(
        "PersonRole.Person", "The person.", personal=True, default=None
    )


class UnplannedOutage(IdentifiedObject):
    """The outage behind the trouble, by mRID or by name."""


class TroubleTicket(Profile):
    """One report of a trouble."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the ticket.", default=None)
    comment: str | None = attribute(
        "TroubleTicket.comment", "What was said.", personal=True, default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When the ticket was recorded.", default=None
    )
    date_time_of_report: datetime = attribute(
        "TroubleTicket.dateTimeOfReport", "When the trouble was reported."
    )
    first_responder_status: str | None = attribute(
        "TroubleTicket.firstResponderStatus",
        "Whether police or fire brigade know of it, and where they are.",
        default=None,
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When the ticket was last changed.", default=None
    )
    multiple_premises: bool | None = attribute(
        "TroubleTicket.multiplePremises", "Whether neighbours are without supply too.", default=None
    )
    reporting_kind: TroubleReportingKind | None = attribute(
        "TroubleTicket.reportingKind", "How it was reported.", default=None
    )
    resolved_date_time: datetime | None = attribute(
        "TroubleTicket.resolvedDateTime", "When it was resolved.", default=None
    )
    trouble_code: str | None = attribute(
        "TroubleTicket.troubleCode", "Code of the trouble, e.g. for no supply.", default=None
    )
    type: str | None = attribute(
        "Document.type", "Kind of ticket, in words of the utility.", default=None
    )
    customer: Customer | None = attribute(
        "TroubleTicket.Customer", "The customer concerned.", default=None
    )
    hazard: tuple[Hazard, ...] = attribute(
        "TroubleTicket.Hazard", "Dangers that were reported.", default=()
    )
    incident: Incident | None = attribute(
        "TroubleTicket.Incident", "The incident that was reported.", default=None
    )
    location: Location | None = attribute(
        "TroubleTicket.Location", "Where it is, when not at premises.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the ticket, e.g. its number.", default=()
    )
    notification: tuple[CustomerNotification, ...] = attribute(
        "TroubleTicket.Notification", "Of what the customer wants to be told.", default=()
    )
    service_location: ServiceLocation | None = attribute(
        "TroubleTicket.ServiceLocation", "The premises concerned.", default=None
    )
    status: Status | None = attribute("Document.status", "Status of the ticket.", default=None)
    trouble_order: TroubleOrder | None = attribute(
        "TroubleTicket.TroubleOrder", "The order that looks after it.", default=None
    )
    trouble_reporter: TroubleReporter | None = attribute(
        "TroubleTicket.TroubleReporter", "Who reported it.", default=None
    )
    trouble_symptoms: TroubleSymptoms | None = attribute(
        "TroubleTicket.TroubleSymptoms", "What was seen.", default=None
    )
    unplanned_outage: UnplannedOutage | None = attribute(
        "TroubleTicket.UnplannedOutage", "The outage behind it.", default=None
    )


class TroubleTickets(
    Profile,
    namespace="urn:gridbus:61968-8:2015:TroubleTickets#",
    standard="IEC 61968-8",
    ordering=(
        "trouble_ticket.mrid",
        "trouble_ticket.names.name",
        "trouble_ticket.service_location.mrid",
        "trouble_ticket.service_location.usage_points.mrid",
        "trouble_ticket.service_location.usage_points.names.name",
        "trouble_ticket.customer.mrid",
    ),
):
    """Reports of troubles, from customers' calls above all.

    The UML wants comment, multiplePremises and ServiceLocation in any case; a voice computer has no
    comment, a customer may not know of neighbours, a passer-by stands before no premises.
    """

    trouble_ticket: tuple[TroubleTicket, ...] = attribute(
        "TroubleTickets.TroubleTicket", "The tickets."
    )
