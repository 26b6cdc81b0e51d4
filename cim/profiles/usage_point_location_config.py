"""UsagePointLocationConfig (IEC 61968-9): where usage points are."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.service_locations import UsagePointLocation


class UsagePointLocationConfig(
    Profile,
    namespace="urn:gridbus:61968-9:2013:UsagePointLocationConfig#",
    standard="IEC 61968-9",
    ordering=(
        "usage_point_location.mrid",
        "usage_point_location.names.name",
    ),
):
    """Places of usage points; those of CustomerMeterDataSet."""

    usage_point_location: tuple[UsagePointLocation, ...] = attribute(
        "UsagePointLocationConfig.UsagePointLocation", "The places."
    )
