"""What is supplied to customers and by whom."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.contacts import Organisation
from cim.profiles.identification import Name
from cim.profiles.kinds import ServiceKind, SupplierKind


class ServiceCategory(Profile):
    """A category of service."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the category.", default=None
    )
    kind: ServiceKind | None = attribute("ServiceCategory.kind", "What is supplied.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the category.", default=()
    )


class ServiceSupplier(Profile):
    """A company that supplies customers."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the supplier.", default=None
    )
    issuer_identification_number: str | None = attribute(
        "ServiceSupplier.issuerIdentificationNumber",
        "Number it was given as issuer of payment cards (ISO/IEC 7812).",
        default=None,
    )
    kind: SupplierKind | None = attribute("ServiceSupplier.kind", "Kind of supplier.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the supplier.", default=()
    )
    organisation: Organisation | None = attribute(
        "OrganisationRole.Organisation", "The company and how to reach it.", default=None
    )
