"""CustomerConfig (IEC 61968-9): customers."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.customers import Customer


class CustomerConfig(
    Profile,
    namespace="urn:gridbus:61968-9:2013:CustomerConfig#",
    standard="IEC 61968-9",
    ordering=(
        "customer.mrid",
        "customer.names.name",
    ),
):
    """Customers and how to reach them; those of CustomerMeterDataSet."""

    customer: tuple[Customer, ...] = attribute("CustomerConfig.Customer", "The customers.")
