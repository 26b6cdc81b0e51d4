"""GetMaintenanceOrders: a query for MaintenanceOrders (IEC 61968-6), as public schemas add it."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.identification import IdentifiedObject
from cim.profiles.work_queries import (
    Asset,
    Crew,
    Organisation,
    Work,
    WorkLocation,
    WorkTimeSchedule,
)


class MaintenanceOrder(IdentifiedObject):
    """This order, by mRID or by name."""


class GetMaintenanceOrders(
    Profile,
    namespace="http://iec.ch/TC57/2015/GetMaintenanceOrders#",
    standard="IEC 61968-6",
):
    """What the orders asked for have in common; it stands in a Request, and is no noun."""

    asset: tuple[Asset, ...] = attribute(
        "GetMaintenanceOrders.Asset", "On one of these assets.", default=()
    )
    crew: tuple[Crew, ...] = attribute(
        "GetMaintenanceOrders.Crew", "Of one of these crews.", default=()
    )
    maintenance_order: tuple[MaintenanceOrder, ...] = attribute(
        "GetMaintenanceOrders.MaintenanceOrder", "One of these orders.", default=()
    )
    old_asset: tuple[Asset, ...] = attribute(
        "GetMaintenanceOrders.OldAsset", "Replacing one of these assets.", default=()
    )
    organization: tuple[Organisation, ...] = attribute(
        "GetMaintenanceOrders.Organization", "For one of these organisations.", default=()
    )
    time_schedule: tuple[WorkTimeSchedule, ...] = attribute(
        "GetMaintenanceOrders.TimeSchedule", "At one of these times.", default=()
    )
    work: tuple[Work, ...] = attribute(
        "GetMaintenanceOrders.Work", "Of one of these kinds.", default=()
    )
    work_location: tuple[WorkLocation, ...] = attribute(
        "GetMaintenanceOrders.WorkLocation", "At one of these places.", default=()
    )
