"""Customers, their accounts and what they have agreed to."""

from __future__ import annotations

from datetime import date, datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.contacts import Organisation
from cim.profiles.identification import Name
from cim.profiles.kinds import CustomerKind
from cim.profiles.services import ServiceCategory


class ValuedStatus(Profile, cim="Status"):
    """A status whose value is required."""

    date_time: datetime | None = attribute(
        "Status.dateTime", "Time from which the value applies.", default=None
    )
    reason: str | None = attribute("Status.reason", "Why the value changed.", default=None)
    remark: str | None = attribute("Status.remark", "Free text on the value.", default=None)
    value: str = attribute("Status.value", "The status itself.")


class Customer(Profile):
    """Who is supplied."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the customer.", default=None
    )
    kind: CustomerKind | None = attribute("Customer.kind", "Kind of customer.", default=None)
    puc_number: str | None = attribute(
        "Customer.pucNumber", "Number given by the public utilities commission.", default=None
    )
    special_need: str | None = attribute(
        "Customer.specialNeed",
        "Why supply matters more here than elsewhere, e.g. life support.",
        personal=True,
        default=None,
    )
    vip: bool | None = attribute(
        "Customer.vip",
        "Whether the customer is to be treated with special care.",
        personal=True,
        default=None,
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names",
        "Names of the customer, e.g. the customer number.",
        personal=True,
        default=(),
    )
    organisation: Organisation | None = attribute(
        "OrganisationRole.Organisation",
        "The person or company and how to reach it.",
        personal=True,
        default=None,
    )
    status: ValuedStatus | None = attribute(
        "Customer.status", "Status of the customer.", default=None
    )


class CustomerAccount(Profile):
    """An account that what a customer owes is booked on."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the account.", default=None
    )
    billing_cycle: str | None = attribute(
        "CustomerAccount.billingCycle", "Day of the cycle on which it is billed.", default=None
    )
    budget_bill: str | None = attribute(
        "CustomerAccount.budgetBill", "Code of equal monthly instalments.", default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When the account was opened.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    revision_number: str | None = attribute("Document.revisionNumber", "Revision.", default=None)
    subject: str | None = attribute("Document.subject", "What it is about.", default=None)
    title: str | None = attribute("Document.title", "Title.", default=None)
    type: str | None = attribute(
        "Document.type", "Type, by the rules of the utility.", default=None
    )
    doc_status: ValuedStatus | None = attribute(
        "Document.docStatus", "Status of the record.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names",
        "Names of the account, e.g. the account number.",
        personal=True,
        default=(),
    )
    status: ValuedStatus | None = attribute(
        "Document.status", "Status of the account.", default=None
    )


class CustomerAgreement(Profile):
    """What a customer has agreed with a supplier to take and to pay."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the agreement.", default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When the record was made.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    load_mgmt: str | None = attribute(
        "CustomerAgreement.loadMgmt", "Code of what was agreed on load management.", default=None
    )
    revision_number: str | None = attribute("Document.revisionNumber", "Revision.", default=None)
    sign_date: date | None = attribute("Agreement.signDate", "When it was signed.", default=None)
    subject: str | None = attribute("Document.subject", "What it is about.", default=None)
    title: str | None = attribute("Document.title", "Title.", default=None)
    type: str | None = attribute(
        "Document.type", "Type, by the rules of the utility.", default=None
    )
    customer: Customer | None = attribute(
        "CustomerAgreement.Customer", "Who is supplied.", default=None
    )
    customer_account: CustomerAccount | None = attribute(
        "CustomerAgreement.CustomerAccount", "The account it is billed on.", default=None
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
    service_category: ServiceCategory | None = attribute(
        "CustomerAgreement.ServiceCategory", "What is supplied.", default=None
    )
    status: Status | None = attribute("Document.status", "Status of the agreement.", default=None)
    validity_interval: DateTimeInterval | None = attribute(
        "Agreement.validityInterval", "From when to when it holds.", default=None
    )
