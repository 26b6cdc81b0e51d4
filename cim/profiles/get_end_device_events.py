"""GetEndDeviceEvents (IEC 61968-9): which events are asked for."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.plain_names import PlainMeter, PlainName, PlainObject, PlainUsagePoint
from cim.profiles.queried import QueriedServiceCategory, QueriedTimeSchedule


class PlainCustomer(PlainObject, cim="Customer"):
    """A customer, by mRID or by name."""


class EndDeviceEvent(Profile):
    """An event, by what is known of it."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the event.", default=None)
    issuer_id: str | None = attribute("EndDeviceEvent.issuerID", "Who originated it.", default=None)
    issuer_tracking_id: str | None = attribute(
        "EndDeviceEvent.issuerTrackingID", "Identifier given by the originator.", default=None
    )
    reason: str | None = attribute("ActivityRecord.reason", "Why it happened.", default=None)
    severity: str | None = attribute("ActivityRecord.severity", "How severe it is.", default=None)
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the event.", default=()
    )


class EndDeviceEventType(PlainObject):
    """A type of event, by its code as mRID or by name."""


class EndDeviceGroup(PlainObject):
    """A group of end devices, by mRID or by name."""


class GetEndDeviceEvents(
    Profile,
    namespace="http://iec.ch/TC57/2011/GetEndDeviceEvents#",
    standard="IEC 61968-9",
):
    """Which events are asked for."""

    customer: tuple[PlainCustomer, ...] = attribute(
        "GetEndDeviceEvents.Customer", "Of which customers.", personal=True, default=()
    )
    end_device_event: tuple[EndDeviceEvent, ...] = attribute(
        "GetEndDeviceEvents.EndDeviceEvent", "Like which events.", default=()
    )
    end_device_event_type: tuple[EndDeviceEventType, ...] = attribute(
        "GetEndDeviceEvents.EndDeviceEventType", "Of which types.", default=()
    )
    end_device_group: tuple[EndDeviceGroup, ...] = attribute(
        "GetEndDeviceEvents.EndDeviceGroup", "Of which groups of devices.", default=()
    )
    meter: tuple[PlainMeter, ...] = attribute(
        "GetEndDeviceEvents.Meter", "Of which meters.", default=()
    )
    service_category: tuple[QueriedServiceCategory, ...] = attribute(
        "GetEndDeviceEvents.ServiceCategory", "Of which categories of service.", default=()
    )
    time_schedule: tuple[QueriedTimeSchedule, ...] = attribute(
        "GetEndDeviceEvents.TimeSchedule", "Of which time.", default=()
    )
    usage_point: tuple[PlainUsagePoint, ...] = attribute(
        "GetEndDeviceEvents.UsagePoint", "Of which usage points.", default=()
    )
