"""Premises and places of usage points."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.compounds import ElectronicAddress, Status
from cim.profiles.contacts import StreetAddress, TelephoneNumber
from cim.profiles.identification import Name


class CoordinateSystem(Profile):
    """What coordinates mean."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the system.", default=None)
    crs_urn: str | None = attribute(
        "CoordinateSystem.crsUrn", "Its URN, e.g. urn:ogc:def:crs:EPSG::4326.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the system.", default=()
    )


class PositionPoint(Profile):
    """One point of a location."""

    sequence_number: int | None = attribute(
        "PositionPoint.sequenceNumber", "Place among the points of a line or outline.", default=None
    )
    x_position: str = attribute("PositionPoint.xPosition", "First coordinate.")
    y_position: str = attribute("PositionPoint.yPosition", "Second coordinate.")
    z_position: str | None = attribute("PositionPoint.zPosition", "Third coordinate.", default=None)


class ServiceLocation(Profile):
    """The premises of a customer."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the premises.", default=None
    )
    access_method: str | None = attribute(
        "ServiceLocation.accessMethod",
        "How a fitter gets in, e.g. where the key is.",
        personal=True,
        default=None,
    )
    direction: str | None = attribute(
        "Location.direction", "How a crew finds the way.", personal=True, default=None
    )
    geo_info_reference: str | None = attribute(
        "Location.geoInfoReference",
        "Reference into a geographical information system.",
        default=None,
    )
    needs_inspection: bool | None = attribute(
        "ServiceLocation.needsInspection",
        "Whether an inspection was asked for or is due.",
        default=None,
    )
    site_access_problem: str | None = attribute(
        "ServiceLocation.siteAccessProblem",
        "What made access hard before, e.g. a dog.",
        personal=True,
        default=None,
    )
    type: str | None = attribute(
        "Location.type", "Type, by the rules of the utility.", default=None
    )
    coordinate_system: CoordinateSystem | None = attribute(
        "Location.CoordinateSystem", "Of the position points.", default=None
    )
    electronic_address: ElectronicAddress | None = attribute(
        "Location.electronicAddress", "Electronic addresses.", personal=True, default=None
    )
    main_address: StreetAddress | None = attribute(
        "Location.mainAddress", "The address.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the premises.", default=()
    )
    phone1: TelephoneNumber | None = attribute(
        "Location.phone1", "First telephone number.", personal=True, default=None
    )
    phone2: TelephoneNumber | None = attribute(
        "Location.phone2", "Second telephone number.", personal=True, default=None
    )
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Point, line or outline.", personal=True, default=()
    )
    secondary_address: StreetAddress | None = attribute(
        "Location.secondaryAddress",
        "Another address, e.g. the back entrance.",
        personal=True,
        default=None,
    )
    status: Status | None = attribute("Location.status", "Status of the premises.", default=None)


class UsagePointLocation(Profile):
    """Where a usage point is on the premises."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the location.", default=None
    )
    access_method: str | None = attribute(
        "UsagePointLocation.accessMethod",
        "How a fitter gets in, e.g. where the key is.",
        personal=True,
        default=None,
    )
    direction: str | None = attribute(
        "Location.direction", "How a crew finds the way.", personal=True, default=None
    )
    geo_info_reference: str | None = attribute(
        "Location.geoInfoReference",
        "Reference into a geographical information system.",
        default=None,
    )
    remark: str | None = attribute(
        "UsagePointLocation.remark", "Free text on the location.", personal=True, default=None
    )
    site_access_problem: str | None = attribute(
        "UsagePointLocation.siteAccessProblem",
        "What made access hard before, e.g. a dog.",
        personal=True,
        default=None,
    )
    type: str | None = attribute(
        "Location.type", "Type, by the rules of the utility.", default=None
    )
    coordinate_system: CoordinateSystem | None = attribute(
        "Location.CoordinateSystem", "Of the position points.", default=None
    )
    electronic_address: ElectronicAddress | None = attribute(
        "Location.electronicAddress", "Electronic addresses.", personal=True, default=None
    )
    main_address: StreetAddress | None = attribute(
        "Location.mainAddress", "The address.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the location.", default=()
    )
    phone1: TelephoneNumber | None = attribute(
        "Location.phone1", "First telephone number.", personal=True, default=None
    )
    phone2: TelephoneNumber | None = attribute(
        "Location.phone2", "Second telephone number.", personal=True, default=None
    )
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Point, line or outline.", personal=True, default=()
    )
    secondary_address: StreetAddress | None = attribute(
        "Location.secondaryAddress",
        "Another address, e.g. the back entrance.",
        personal=True,
        default=None,
    )
    status: Status | None = attribute("Location.status", "Status of the location.", default=None)
