"""CustomerAccountConfig (IEC 61968-9): accounts of customers."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.customers import ValuedStatus
from cim.profiles.identification import Name
from cim.profiles.metering_objects import Customer


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
    customer: Customer | None = attribute(
        "CustomerAccount.Customer", "Whose account it is.", personal=True, default=None
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


class CustomerAccountConfig(
    Profile,
    namespace="urn:gridbus:61968-9:2013:CustomerAccountConfig#",
    standard="IEC 61968-9",
    ordering=(
        "customer_account.mrid",
        "customer_account.names.name",
    ),
):
    """Accounts of customers: those of CustomerMeterDataSet, with their customers."""

    customer_account: tuple[CustomerAccount, ...] = attribute(
        "CustomerAccountConfig.CustomerAccount", "The accounts."
    )
