"""CustomerAgreementConfig (IEC 61968-9): what customers have agreed to."""

from __future__ import annotations

from datetime import date, datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.metering_objects import (
    Customer,
    CustomerAccount,
    PricingStructure,
    ServiceLocation,
    ServiceSupplier,
)
from cim.profiles.services import ServiceCategory


class CustomerAgreement(Profile):
    """What a customer has agreed with a supplier to take and to pay."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the agreement.", default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When the record was made.", default=None
    )
    is_pre_pay: bool | None = attribute(
        "CustomerAgreement.isPrePay", "Whether the customer pays in advance.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    load_mgmt: str | None = attribute(
        "CustomerAgreement.loadMgmt", "Code of what was agreed on load management.", default=None
    )
    revision_number: str | None = attribute("Document.revisionNumber", "Revision.", default=None)
    shut_off_date_time: datetime | None = attribute(
        "CustomerAgreement.shutOffDateTime",
        "Until when this customer is billed, after moving out.",
        default=None,
    )
    sign_date: date | None = attribute("Agreement.signDate", "When it was signed.", default=None)
    subject: str | None = attribute("Document.subject", "What it is about.", default=None)
    title: str | None = attribute("Document.title", "Title.", default=None)
    type: str | None = attribute(
        "Document.type", "Type, by the rules of the utility.", default=None
    )
    customer: Customer | None = attribute(
        "CustomerAgreement.Customer", "Who is supplied.", personal=True, default=None
    )
    customer_account: CustomerAccount | None = attribute(
        "CustomerAgreement.CustomerAccount",
        "The account it is billed on.",
        personal=True,
        default=None,
    )
    doc_status: Status | None = attribute(
        "Document.docStatus", "Status of the record.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names",
        "Names of the agreement, e.g. the contract number.",
        personal=True,
        default=(),
    )
    pricing_structures: tuple[PricingStructure, ...] = attribute(
        "CustomerAgreement.PricingStructures", "What the customer pays.", default=()
    )
    service_category: ServiceCategory | None = attribute(
        "CustomerAgreement.ServiceCategory", "What is supplied.", default=None
    )
    service_locations: tuple[ServiceLocation, ...] = attribute(
        "CustomerAgreement.ServiceLocations", "Premises it is for.", default=()
    )
    service_supplier: ServiceSupplier | None = attribute(
        "CustomerAgreement.ServiceSupplier", "Who supplies.", default=None
    )
    status: Status | None = attribute("Document.status", "Status of the agreement.", default=None)
    usage_points: tuple[UsagePoint, ...] = attribute(
        "CustomerAgreement.UsagePoints", "Usage points it is for.", default=()
    )
    validity_interval: DateTimeInterval | None = attribute(
        "Agreement.validityInterval", "From when to when it holds.", default=None
    )


class CustomerAgreementConfig(
    Profile,
    namespace="urn:gridbus:61968-9:2013:CustomerAgreementConfig#",
    standard="IEC 61968-9",
    ordering=(
        "customer_agreement.mrid",
        "customer_agreement.names.name",
    ),
):
    """Agreements with customers, with references to what they bind together."""

    customer_agreement: tuple[CustomerAgreement, ...] = attribute(
        "CustomerAgreementConfig.CustomerAgreement", "The agreements."
    )
