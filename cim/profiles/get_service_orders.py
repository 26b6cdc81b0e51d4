"""GetServiceOrders: a query for ServiceOrders (IEC 61968-6), as public schemas add it."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.kinds import CustomerKind, ServiceKind, UsagePointConnectedKind
from cim.profiles.work_queries import (
    Asset,
    Crew,
    InternalLocation,
    StreetAddress,
    Work,
    WorkLocation,
    WorkTimeSchedule,
)


class Customer(Profile):
    """Work for this customer."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the customer.", default=None
    )
    kind: CustomerKind | None = attribute(
        "Customer.kind", "What kind of customer it is.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the customer.", personal=True, default=()
    )


class ServiceCategory(Profile):
    """Work for this kind of service."""

    kind: ServiceKind | None = attribute("ServiceCategory.kind", "What is delivered.", default=None)


class ServiceOrder(IdentifiedObject):
    """This order, by mRID or by name."""


class UsagePoint(Profile):
    """Work at this usage point."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the usage point.", default=None
    )
    connection_state: UsagePointConnectedKind | None = attribute(
        "UsagePoint.connectionState", "Whether it is connected.", default=None
    )
    is_sdp: bool | None = attribute(
        "UsagePoint.isSdp", "Whether it is a point of delivery.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the usage point.", default=()
    )


class UsagePointLocation(Profile):
    """Work at a usage point in this place."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the place.", default=None)
    access_method: str | None = attribute(
        "UsagePointLocation.accessMethod", "How to get in.", personal=True, default=None
    )
    internal_location: InternalLocation | None = attribute(
        "WorkLocation.InternalLocation", "Where in the building.", personal=True, default=None
    )
    main_address: StreetAddress | None = attribute(
        "Location.mainAddress", "Its address.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the place.", personal=True, default=()
    )


class GetServiceOrders(
    Profile,
    namespace="http://iec.ch/TC57/2015/GetServiceOrders#",
    standard="IEC 61968-6",
):
    """What the orders asked for have in common; it stands in a Request, and is no noun."""

    asset: tuple[Asset, ...] = attribute(
        "GetServiceOrders.Asset", "On one of these assets.", default=()
    )
    crew: tuple[Crew, ...] = attribute(
        "GetServiceOrders.Crew", "Of one of these crews.", default=()
    )
    customer: tuple[Customer, ...] = attribute(
        "GetServiceOrders.Customer", "For one of these customers.", default=()
    )
    old_asset: tuple[Asset, ...] = attribute(
        "GetServiceOrders.OldAsset", "Replacing one of these assets.", default=()
    )
    service_category: tuple[ServiceCategory, ...] = attribute(
        "GetServiceOrders.ServiceCategory", "For one of these services.", default=()
    )
    service_order: tuple[ServiceOrder, ...] = attribute(
        "GetServiceOrders.ServiceOrder", "One of these orders.", default=()
    )
    time_schedule: tuple[WorkTimeSchedule, ...] = attribute(
        "GetServiceOrders.TimeSchedule", "At one of these times.", default=()
    )
    usage_point: tuple[UsagePoint, ...] = attribute(
        "GetServiceOrders.UsagePoint", "At one of these usage points.", default=()
    )
    usage_point_location: tuple[UsagePointLocation, ...] = attribute(
        "GetServiceOrders.UsagePointLocation",
        "At a usage point in one of these places.",
        default=(),
    )
    work: tuple[Work, ...] = attribute(
        "GetServiceOrders.Work", "Of one of these kinds.", default=()
    )
    work_location: tuple[WorkLocation, ...] = attribute(
        "GetServiceOrders.WorkLocation", "At one of these places.", default=()
    )
