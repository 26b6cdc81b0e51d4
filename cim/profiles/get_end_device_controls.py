"""GetEndDeviceControls (IEC 61968-9): which controls are asked for."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.plain_names import PlainMeter, PlainName, PlainObject, PlainUsagePoint
from cim.profiles.queried import QueriedCustomer, QueriedServiceCategory, QueriedTimeSchedule


class EndDeviceControl(Profile):
    """A control, by what is known of it."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the control.", default=None
    )
    issuer_id: str | None = attribute(
        "EndDeviceControl.issuerID", "Who originated it.", default=None
    )
    issuer_tracking_id: str | None = attribute(
        "EndDeviceControl.issuerTrackingID", "Identifier given by the originator.", default=None
    )
    reason: str | None = attribute("EndDeviceControl.reason", "Why it was given.", default=None)
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the control.", default=()
    )


class EndDeviceControlType(PlainObject):
    """A type of control, by its code as mRID or by name."""


class GetEndDeviceControls(
    Profile,
    namespace="http://iec.ch/TC57/2011/GetEndDeviceControls#",
    standard="IEC 61968-9",
):
    """Which controls are asked for."""

    customer: tuple[QueriedCustomer, ...] = attribute(
        "GetEndDeviceControls.Customer", "Of which customers.", default=()
    )
    end_device_control: tuple[EndDeviceControl, ...] = attribute(
        "GetEndDeviceControls.EndDeviceControl", "Like which controls.", default=()
    )
    end_device_control_type: tuple[EndDeviceControlType, ...] = attribute(
        "GetEndDeviceControls.EndDeviceControlType", "Of which types.", default=()
    )
    meter: tuple[PlainMeter, ...] = attribute(
        "GetEndDeviceControls.Meter", "Of which meters.", default=()
    )
    service_category: tuple[QueriedServiceCategory, ...] = attribute(
        "GetEndDeviceControls.ServiceCategory", "Of which categories of service.", default=()
    )
    time_schedule: tuple[QueriedTimeSchedule, ...] = attribute(
        "GetEndDeviceControls.TimeSchedule", "Of which time.", default=()
    )
    usage_point: tuple[PlainUsagePoint, ...] = attribute(
        "GetEndDeviceControls.UsagePoint", "Of which usage points.", default=()
    )
