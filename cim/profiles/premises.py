"""Addresses and places, the premises of customers above all."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.persons import TelephoneNumber
from cim.profiles.work_locations import CoordinateSystem, PositionPoint


class StreetDetail(Profile):
    """The part of an address that says where in the town it is."""

    address_general: str | None = attribute(
        "StreetDetail.addressGeneral", "The address in one line, or its first.", default=None
    )
    address_general2: str | None = attribute(
        "StreetDetail.addressGeneral2", "Second line.", default=None
    )
    address_general3: str | None = attribute(
        "StreetDetail.addressGeneral3", "Third line.", default=None
    )
    building_name: str | None = attribute(
        "StreetDetail.buildingName", "Name of the building.", default=None
    )
    code: str | None = attribute(
        "StreetDetail.code", "Code of the address in another system.", default=None
    )
    floor_identification: str | None = attribute(
        "StreetDetail.floorIdentification", "The floor.", default=None
    )
    name: str | None = attribute("StreetDetail.name", "Name of the street.", default=None)
    number: str | None = attribute("StreetDetail.number", "Number of the house.", default=None)
    prefix: str | None = attribute(
        "StreetDetail.prefix", "What stands before the name of the street.", default=None
    )
    suffix: str | None = attribute(
        "StreetDetail.suffix", "What stands behind the name of the street.", default=None
    )
    suite_number: str | None = attribute(
        "StreetDetail.suiteNumber", "Number of the flat or suite.", default=None
    )
    type: str | None = attribute("StreetDetail.type", "Kind of street.", default=None)
    within_town_limits: bool | None = attribute(
        "StreetDetail.withinTownLimits", "Whether it lies within the town.", default=None
    )


class TownDetail(Profile):
    """The part of an address that says in which town it is."""

    code: str | None = attribute("TownDetail.code", "Code of the town.", default=None)
    country: str | None = attribute("TownDetail.country", "The country.", default=None)
    name: str | None = attribute("TownDetail.name", "Name of the town.", default=None)
    section: str | None = attribute("TownDetail.section", "Part of the town.", default=None)
    state_or_province: str | None = attribute(
        "TownDetail.stateOrProvince", "State or province.", default=None
    )


class StreetAddress(Profile):
    """An address."""

    po_box: str | None = attribute("StreetAddress.poBox", "Post office box.", default=None)
    postal_code: str | None = attribute("StreetAddress.postalCode", "Postal code.", default=None)
    street_detail: StreetDetail | None = attribute(
        "StreetAddress.streetDetail", "Where in the town.", default=None
    )
    town_detail: TownDetail | None = attribute(
        "StreetAddress.townDetail", "In which town.", default=None
    )


class Location(Profile):
    """A place, by mRID or by name, by address or by position."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the place.", default=None)
    direction: str | None = attribute("Location.direction", "How to find it.", default=None)
    type: str | None = attribute("Location.type", "Kind of place.", default=None)
    coordinate_system: CoordinateSystem | None = attribute(
        "Location.CoordinateSystem", "In what its positions are told.", default=None
    )
    main_address: StreetAddress | None = attribute(
        "Location.mainAddress", "Its address.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the place.", default=())
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Its positions.", default=()
    )


class ServiceLocation(Profile):
    """Premises, by mRID or by name, and how to get there."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the premises.", default=None
    )
    access_method: str | None = attribute(
        "ServiceLocation.accessMethod", "How to get in.", personal=True, default=None
    )
    direction: str | None = attribute(
        "Location.direction", "How to find them.", personal=True, default=None
    )
    needs_inspection: bool | None = attribute(
        "ServiceLocation.needsInspection", "Whether they want inspecting.", default=None
    )
    site_access_problem: str | None = attribute(
        "ServiceLocation.siteAccessProblem", "What hinders getting in.", personal=True, default=None
    )
    type: str | None = attribute("Location.type", "Kind of premises.", default=None)
    coordinate_system: CoordinateSystem | None = attribute(
        "Location.CoordinateSystem", "In what their positions are told.", default=None
    )
    main_address: StreetAddress | None = attribute(
        "Location.mainAddress", "Their address.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the premises.", personal=True, default=()
    )
    phone1: TelephoneNumber | None = attribute(
        "Location.phone1", "Telephone there.", personal=True, default=None
    )
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Their positions.", personal=True, default=()
    )
    usage_points: tuple[UsagePoint, ...] = attribute(
        "ServiceLocation.UsagePoints", "Usage points that supply them.", default=()
    )
