"""Where something is: points in a coordinate system, directions and, near customers, an address."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.identification import Name


class CoordinateSystem(Profile):
    """The system in which coordinates are given."""

    crs_urn: str = attribute("CoordinateSystem.crsUrn", "Its URN, e.g. urn:ogc:def:crs:EPSG::4326.")


class PositionPoint(Profile):
    """One point; several in a row make a line or the border of an area."""

    group_number: int | None = attribute(
        "PositionPoint.groupNumber", "Which of several separate lines it is on, from 0.",
        default=None,
    )  # fmt: skip
    sequence_number: int | None = attribute(
        "PositionPoint.sequenceNumber", "Its place in the row, from 0.", default=None
    )
    x_position: str = attribute(
        "PositionPoint.xPosition", "First coordinate, e.g. longitude or easting."
    )
    y_position: str = attribute(
        "PositionPoint.yPosition", "Second coordinate, e.g. latitude or northing."
    )
    z_position: str | None = attribute("PositionPoint.zPosition", "Height.", default=None)


class Location(Profile):
    """A place in the network."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the location.", default=None
    )
    direction: str | None = attribute("Location.direction", "How a crew gets there.", default=None)
    geo_info_reference: str | None = attribute(
        "Location.geoInfoReference", "Where another system of geography has it.", default=None
    )
    type: str | None = attribute("Location.type", "The utility's own kind of place.", default=None)
    coordinate_system: CoordinateSystem | None = attribute(
        "Location.CoordinateSystem", "The system of the coordinates.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the location.", default=()
    )
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Its points, in order.", default=()
    )


class StreetDetail(Profile):
    """Street and house."""

    address_general: str | None = attribute(
        "StreetDetail.addressGeneral", "The address in one line, when it has no parts.",
        default=None,
    )  # fmt: skip
    building_name: str | None = attribute(
        "StreetDetail.buildingName", "Name of the building.", default=None
    )
    floor_identification: str | None = attribute(
        "StreetDetail.floorIdentification", "Which floor.", default=None
    )
    name: str | None = attribute("StreetDetail.name", "Name of the street.", default=None)
    number: str | None = attribute("StreetDetail.number", "House number.", default=None)
    suite_number: str | None = attribute(
        "StreetDetail.suiteNumber", "Which flat or suite.", default=None
    )


class TownDetail(Profile):
    """Town and country."""

    code: str | None = attribute("TownDetail.code", "Code of the town.", default=None)
    country: str | None = attribute("TownDetail.country", "Name of the country.", default=None)
    name: str | None = attribute("TownDetail.name", "Name of the town.", default=None)
    section: str | None = attribute("TownDetail.section", "Part of the town.", default=None)
    state_or_province: str | None = attribute(
        "TownDetail.stateOrProvince", "State or province.", default=None
    )


class StreetAddress(Profile):
    """An address to drive to."""

    postal_code: str | None = attribute("StreetAddress.postalCode", "Postal code.", default=None)
    street_detail: StreetDetail | None = attribute(
        "StreetAddress.streetDetail", "Street and house.", default=None
    )
    town_detail: TownDetail | None = attribute(
        "StreetAddress.townDetail", "Town and country.", default=None
    )


class Premises(Profile, cim="Location"):
    """A place that may be a customer's, so that its address is the customer's too."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the location.", default=None
    )
    direction: str | None = attribute(
        "Location.direction", "How a crew gets there.", personal=True, default=None
    )
    geo_info_reference: str | None = attribute(
        "Location.geoInfoReference", "Where another system of geography has it.", default=None
    )
    type: str | None = attribute("Location.type", "The utility's own kind of place.", default=None)
    coordinate_system: CoordinateSystem | None = attribute(
        "Location.CoordinateSystem", "The system of the coordinates.", default=None
    )
    main_address: StreetAddress | None = attribute(
        "Location.mainAddress", "Its address.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the location.", default=()
    )
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Its points, in order.", default=()
    )
