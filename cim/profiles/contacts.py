"""Organisations and how to reach them: streets, towns, telephones."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.compounds import ElectronicAddress, Status
from cim.profiles.identification import Name


class StreetDetail(Profile):
    """The house and the street of an address."""

    address_general: str | None = attribute(
        "StreetDetail.addressGeneral",
        "What the other attributes cannot say.",
        personal=True,
        default=None,
    )
    building_name: str | None = attribute(
        "StreetDetail.buildingName", "Name of the building.", personal=True, default=None
    )
    code: str | None = attribute("StreetDetail.code", "Code of the street.", default=None)
    name: str | None = attribute(
        "StreetDetail.name", "Name of the street.", personal=True, default=None
    )
    number: str | None = attribute(
        "StreetDetail.number", "Number of the house.", personal=True, default=None
    )
    prefix: str | None = attribute(
        "StreetDetail.prefix",
        "What stands before the name of the street, e.g. North.",
        default=None,
    )
    suffix: str | None = attribute(
        "StreetDetail.suffix", "What stands after the name of the street.", default=None
    )
    suite_number: str | None = attribute(
        "StreetDetail.suiteNumber", "Number of the flat or suite.", personal=True, default=None
    )
    type: str | None = attribute("StreetDetail.type", "Type of street, e.g. avenue.", default=None)
    within_town_limits: bool | None = attribute(
        "StreetDetail.withinTownLimits",
        "Whether it lies within the legal limits of the town.",
        default=None,
    )


class TownDetail(Profile):
    """The town of an address."""

    code: str | None = attribute("TownDetail.code", "Code of the town.", default=None)
    country: str | None = attribute("TownDetail.country", "Country.", default=None)
    name: str | None = attribute("TownDetail.name", "Name of the town.", default=None)
    section: str | None = attribute("TownDetail.section", "District of the town.", default=None)
    state_or_province: str | None = attribute(
        "TownDetail.stateOrProvince", "State or province.", default=None
    )


class StreetAddress(Profile):
    """Where something stands."""

    status: Status | None = attribute(
        "StreetAddress.status", "Status of the address.", default=None
    )
    street_detail: StreetDetail | None = attribute(
        "StreetAddress.streetDetail", "House and street.", personal=True, default=None
    )
    town_detail: TownDetail | None = attribute("StreetAddress.townDetail", "Town.", default=None)


class PostalAddress(Profile):
    """Where mail goes."""

    po_box: str | None = attribute(
        "PostalAddress.poBox", "Post office box.", personal=True, default=None
    )
    postal_code: str | None = attribute("PostalAddress.postalCode", "Postal code.", default=None)
    street_detail: StreetDetail | None = attribute(
        "PostalAddress.streetDetail", "House and street.", personal=True, default=None
    )
    town_detail: TownDetail | None = attribute("PostalAddress.townDetail", "Town.", default=None)


class TelephoneNumber(Profile):
    """A telephone number in parts."""

    area_code: str | None = attribute(
        "TelephoneNumber.areaCode", "Area or region.", personal=True, default=None
    )
    city_code: str | None = attribute(
        "TelephoneNumber.cityCode",
        "City, where it has a code of its own.",
        personal=True,
        default=None,
    )
    country_code: str | None = attribute(
        "TelephoneNumber.countryCode", "Country.", personal=True, default=None
    )
    extension: str | None = attribute(
        "TelephoneNumber.extension", "Extension.", personal=True, default=None
    )
    local_number: str | None = attribute(
        "TelephoneNumber.localNumber", "The number within the area.", personal=True, default=None
    )


class Organisation(Profile):
    """The company or person behind a role, and how to reach it."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the organisation.", default=None
    )
    electronic_address: ElectronicAddress | None = attribute(
        "Organisation.electronicAddress", "Electronic addresses.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the organisation.", personal=True, default=()
    )
    phone1: TelephoneNumber | None = attribute(
        "Organisation.phone1", "First telephone number.", personal=True, default=None
    )
    phone2: TelephoneNumber | None = attribute(
        "Organisation.phone2", "Second telephone number.", personal=True, default=None
    )
    postal_address: PostalAddress | None = attribute(
        "Organisation.postalAddress", "Where mail goes.", personal=True, default=None
    )
    street_address: StreetAddress | None = attribute(
        "Organisation.streetAddress", "Where it is.", personal=True, default=None
    )
