"""GetMeterConfig (IEC 61968-9): which configurations of meters are asked for."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.plain_names import PlainUsagePoint
from cim.profiles.queried import QueriedCustomer, QueriedMeter


class GetMeterConfig(
    Profile,
    namespace="http://iec.ch/TC57/2011/GetMeterConfig#",
    standard="IEC 61968-9",
):
    """Of which meters the configuration is asked for."""

    customer: tuple[QueriedCustomer, ...] = attribute(
        "GetMeterConfig.Customer", "Of which customers.", default=()
    )
    meter: tuple[QueriedMeter, ...] = attribute(
        "GetMeterConfig.Meter", "Of which meters.", default=()
    )
    usage_point: tuple[PlainUsagePoint, ...] = attribute(
        "GetMeterConfig.UsagePoint", "Of which usage points.", default=()
    )
