"""ServiceCategoryConfig (IEC 61968-9): what can be supplied."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.services import ServiceCategory


class ServiceCategoryConfig(
    Profile,
    namespace="urn:gridbus:61968-9:2013:ServiceCategoryConfig#",
    standard="IEC 61968-9",
    ordering=(
        "service_category.mrid",
        "service_category.names.name",
    ),
):
    """Categories of service; those of CustomerMeterDataSet."""

    service_category: tuple[ServiceCategory, ...] = attribute(
        "ServiceCategoryConfig.ServiceCategory", "The categories."
    )
