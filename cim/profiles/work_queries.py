"""By what the queries of IEC 61968-6 find work; all of it may be left out."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.works import Priority, WorkKind, WorkStatusKind, WorkTimeScheduleKind


class Asset(Profile):
    """Work on this asset."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the asset.", default=None)
    critical: bool | None = attribute("Asset.critical", "Whether it is critical.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the asset.", default=())


class Crew(IdentifiedObject):
    """Work of this crew, by mRID or by name."""


class Organisation(IdentifiedObject):
    """Work for this organisation, by mRID or by name."""


class WorkTimeSchedule(Profile):
    """Work at this time."""

    kind: WorkTimeScheduleKind | None = attribute(
        "WorkTimeSchedule.kind", "What the time means.", default=None
    )
    schedule_interval: DateTimeInterval | None = attribute(
        "TimeSchedule.scheduleInterval", "From when until when.", default=None
    )


class Work(Profile):
    """Work of this kind."""

    kind: WorkKind | None = attribute("BaseWork.kind", "What kind of work it is.", default=None)
    status_kind: WorkStatusKind | None = attribute(
        "BaseWork.statusKind", "How far it has come.", default=None
    )
    priority: Priority | None = attribute("BaseWork.priority", "How urgent it is.", default=None)


class InternalLocation(Profile):
    """A place within a building."""

    building_name: str | None = attribute(
        "InternalLocation.BuildingName", "Name of the building.", default=None
    )
    building_number: str | None = attribute(
        "InternalLocation.BuildingNumber", "Number of the building.", default=None
    )
    floor: str | None = attribute("InternalLocation.Floor", "The floor.", default=None)
    room_number: str | None = attribute(
        "InternalLocation.RoomNumber", "Number of the room.", default=None
    )


class StreetDetail(Profile):
    """Where in a town."""

    address_general: str | None = attribute(
        "StreetDetail.addressGeneral", "The address in one line.", default=None
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


class TownDetail(Profile):
    """In which town."""

    code: str | None = attribute("TownDetail.code", "Code of the town.", default=None)
    country: str | None = attribute("TownDetail.country", "The country.", default=None)
    name: str | None = attribute("TownDetail.name", "Name of the town.", default=None)
    section: str | None = attribute("TownDetail.section", "Part of the town.", default=None)
    state_or_province: str | None = attribute(
        "TownDetail.stateOrProvince", "State or province.", default=None
    )


class StreetAddress(Profile):
    """An address, or part of one."""

    street_detail: StreetDetail | None = attribute(
        "StreetAddress.streetDetail", "Where in the town.", default=None
    )
    town_detail: TownDetail | None = attribute(
        "StreetAddress.townDetail", "In which town.", default=None
    )


class WorkLocation(Profile):
    """Work at this place."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the place.", default=None)
    internal_location: InternalLocation | None = attribute(
        "WorkLocation.InternalLocation", "Where in the building.", personal=True, default=None
    )
    main_address: StreetAddress | None = attribute(
        "Location.mainAddress", "Its address.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the place.", default=())
