"""CustomerAgreements (IEC 61968-8): who is supplied where, by whom and on what terms."""

from __future__ import annotations

from datetime import date, datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.customer_contacts import Customer
from cim.profiles.identification import IdentifiedObject, Name, UsagePoint
from cim.profiles.kinds import ServiceKind, SupplierKind
from cim.profiles.premises import ServiceLocation


class CustomerAccount(Profile):
    """The account the agreement is billed to."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the account.", default=None
    )
    billing_cycle: str | None = attribute(
        "CustomerAccount.billingCycle", "Day of the cycle on which it is billed.", default=None
    )
    budget_bill: str | None = attribute(
        "CustomerAccount.budgetBill",
        "Code for bills of a fixed amount.",
        personal=True,
        default=None,
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names",
        "Names of the account, e.g. its number.",
        personal=True,
        default=(),
    )


class DemandResponseProgram(IdentifiedObject):
    """A demand response programme, by mRID or by name."""


class PricingStructure(Profile):
    """A pricing structure, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the pricing structure.", default=None
    )
    code: str | None = attribute("PricingStructure.code", "Code of it.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the pricing structure.", default=()
    )


class ServiceCategory(Profile):
    """What is delivered."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the category.", default=None
    )
    kind: ServiceKind = attribute("ServiceCategory.kind", "The kind of service.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the category.", default=()
    )


class ServiceSupplier(Profile):
    """Who delivers, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the supplier.", default=None
    )
    kind: SupplierKind | None = attribute(
        "ServiceSupplier.kind", "What the supplier does.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the supplier.", default=()
    )


class CustomerAgreement(Profile):
    """One agreement with one customer."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the agreement.", default=None
    )
    comment: str | None = attribute(
        "Document.comment", "Free text on the agreement.", personal=True, default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was recorded.", default=None
    )
    is_pre_pay: bool | None = attribute(
        "CustomerAgreement.isPrePay", "Whether the customer pays in advance.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    load_mgmt: str | None = attribute(
        "CustomerAgreement.loadMgmt", "Code for the management of the load.", default=None
    )
    shut_off_date_time: datetime | None = attribute(
        "CustomerAgreement.shutOffDateTime", "Until when the customer is billed.", default=None
    )
    sign_date: date | None = attribute("Agreement.signDate", "When it was signed.", default=None)
    type: str | None = attribute(
        "Document.type", "Kind of agreement, in words of the utility.", default=None
    )
    customer: Customer = attribute("CustomerAgreement.Customer", "The customer.")
    customer_account: CustomerAccount | None = attribute(
        "CustomerAgreement.CustomerAccount", "The account it is billed to.", default=None
    )
    demand_response_programs: tuple[DemandResponseProgram, ...] = attribute(
        "CustomerAgreement.DemandResponsePrograms",
        "Programmes the customer takes part in.",
        default=(),
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names",
        "Names of the agreement, e.g. its number.",
        personal=True,
        default=(),
    )
    pricing_structures: tuple[PricingStructure, ...] = attribute(
        "CustomerAgreement.PricingStructures", "What it costs.", default=()
    )
    service_category: ServiceCategory | None = attribute(
        "CustomerAgreement.ServiceCategory", "What is delivered.", default=None
    )
    service_locations: tuple[ServiceLocation, ...] = attribute(
        "CustomerAgreement.ServiceLocations", "Where it is delivered.", default=()
    )
    service_supplier: ServiceSupplier | None = attribute(
        "CustomerAgreement.ServiceSupplier", "Who delivers.", default=None
    )
    status: Status | None = attribute("Document.status", "Status of the agreement.", default=None)
    usage_points: tuple[UsagePoint, ...] = attribute(
        "CustomerAgreement.UsagePoints", "The usage points it is for.", default=()
    )
    validity_interval: DateTimeInterval | None = attribute(
        "Agreement.validityInterval", "From when until when it holds.", default=None
    )


class CustomerAgreements(
    Profile,
    namespace="urn:gridbus:61968-8:2015:CustomerAgreements#",
    standard="IEC 61968-8",
    ordering=(
        "customer_agreement.mrid",
        "customer_agreement.names.name",
        "customer_agreement.customer.mrid",
        "customer_agreement.customer.names.name",
        "customer_agreement.usage_points.mrid",
    ),
):
    """Agreements with customers."""

    customer_agreement: tuple[CustomerAgreement, ...] = attribute(
        "CustomerAgreements.CustomerAgreement", "The agreements."
    )
