"""Who wants work done, and where it is done, as the messages of IEC 61968-6 say it."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.identification import Name


class TelephoneNumber(Profile):
    """A telephone number in parts."""

    area_code: str | None = attribute("TelephoneNumber.areaCode", "Code of the area.", default=None)
    city_code: str | None = attribute("TelephoneNumber.cityCode", "Code of the city.", default=None)
    country_code: str | None = attribute(
        "TelephoneNumber.countryCode", "Code of the country.", default=None
    )
    extension: str | None = attribute(
        "TelephoneNumber.extension", "Extension behind the number.", default=None
    )
    local_number: str = attribute("TelephoneNumber.localNumber", "The number within area or city.")


class TownDetail(Profile):
    """The part of an address that says in which town it is."""

    code: str | None = attribute("TownDetail.code", "Code of the town.", default=None)
    country: str | None = attribute("TownDetail.country", "The country.", default=None)
    name: str = attribute("TownDetail.name", "Name of the town.")
    section: str | None = attribute("TownDetail.section", "Part of the town.", default=None)
    state_or_province: str | None = attribute(
        "TownDetail.stateOrProvince", "State or province.", default=None
    )


class StreetDetail(Profile):
    """The part of an address that says where in the town it is."""

    address_general: str = attribute("StreetDetail.addressGeneral", "The address in one line.")
    building_name: str | None = attribute(
        "StreetDetail.buildingName", "Name of the building.", default=None
    )
    code: str | None = attribute(
        "StreetDetail.code", "Code of the address in another system.", default=None
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


class StreetAddress(Profile):
    """An address."""

    street_detail: StreetDetail = attribute("StreetAddress.streetDetail", "Where in the town.")
    town_detail: TownDetail = attribute("StreetAddress.townDetail", "In which town.")


class WorkStreetDetail(Profile, cim="StreetDetail"):
    """Where in a town work is done."""

    address_general: str = attribute("StreetDetail.addressGeneral", "First line of the address.")
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


class WorkStreetAddress(Profile, cim="StreetAddress"):
    """The address where work is done."""

    street_detail: WorkStreetDetail = attribute("StreetAddress.streetDetail", "Where in the town.")
    town_detail: TownDetail = attribute("StreetAddress.townDetail", "In which town.")


class Organisation(Profile):
    """The organisation that wants the work done."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the organisation.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the organisation.", default=()
    )
    phone1: TelephoneNumber | None = attribute(
        "Organisation.phone1", "Its telephone.", personal=True, default=None
    )
    street_address: StreetAddress | None = attribute(
        "Organisation.streetAddress", "Its address.", personal=True, default=None
    )


class CoordinateSystem(Profile):
    """In what positions are told."""

    crs_urn: str = attribute("CoordinateSystem.crsUrn", "URN of the coordinate reference system.")


class AssetLocationHazard(Profile):
    """A danger at the place."""

    type: str = attribute("Hazard.type", "What the danger is.")


class InternalLocation(Profile):
    """A place within a building."""

    building_name: str | None = attribute(
        "InternalLocation.BuildingName", "Name of the building.", default=None
    )
    building_number: str = attribute("InternalLocation.BuildingNumber", "Number of the building.")
    floor: str = attribute("InternalLocation.Floor", "The floor.")
    room_number: str = attribute("InternalLocation.RoomNumber", "Number of the room.")


class PositionPoint(Profile):
    """A position; several make a line or an area."""

    sequence_number: int | None = attribute(
        "PositionPoint.sequenceNumber", "Place of the point in its sequence.", default=None
    )
    x_position: str = attribute("PositionPoint.xPosition", "Coordinate on the first axis.")
    y_position: str = attribute("PositionPoint.yPosition", "Coordinate on the second axis.")
    z_position: str | None = attribute(
        "PositionPoint.zPosition", "Coordinate on the third axis.", default=None
    )


class WorkLocation(Profile):
    """Where work is done, and whom to call there."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the place.", default=None)
    direction: str | None = attribute("Location.direction", "How to find it.", default=None)
    coordinate_system: CoordinateSystem | None = attribute(
        "Location.CoordinateSystem", "In what its positions are told.", default=None
    )
    hazards: tuple[AssetLocationHazard, ...] = attribute(
        "Location.Hazards", "Dangers there.", default=()
    )
    internal_location: InternalLocation | None = attribute(
        "WorkLocation.InternalLocation", "Where in the building.", personal=True, default=None
    )
    main_address: WorkStreetAddress | None = attribute(
        "Location.mainAddress", "Its address.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the place.", default=())
    phone1: TelephoneNumber | None = attribute(
        "Location.phone1", "Telephone there.", personal=True, default=None
    )
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Its positions.", default=()
    )
