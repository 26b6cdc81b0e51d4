"""ServiceSupplierConfig (IEC 61968-9): who supplies."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.services import ServiceSupplier


class ServiceSupplierConfig(
    Profile,
    namespace="urn:gridbus:61968-9:2013:ServiceSupplierConfig#",
    standard="IEC 61968-9",
    ordering=(
        "service_supplier.mrid",
        "service_supplier.names.name",
    ),
):
    """Suppliers; those of CustomerMeterDataSet."""

    service_supplier: tuple[ServiceSupplier, ...] = attribute(
        "ServiceSupplierConfig.ServiceSupplier", "The suppliers."
    )
