"""ServiceLocationConfig (IEC 61968-9): premises of customers."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.service_locations import ServiceLocation


class ServiceLocationConfig(
    Profile,
    namespace="urn:gridbus:61968-9:2013:ServiceLocationConfig#",
    standard="IEC 61968-9",
    ordering=(
        "service_location.mrid",
        "service_location.names.name",
    ),
):
    """Premises of customers; those of CustomerMeterDataSet."""

    service_location: tuple[ServiceLocation, ...] = attribute(
        "ServiceLocationConfig.ServiceLocation", "The premises."
    )
