"""The nouns this hub speaks, one module each; adding a noun is a module and a line here.

A module is read when its noun is first asked for: most processes never meet most nouns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from cim.profile import Profile

__all__ = ["NOUNS", "add", "declared"]

_MODULES = {
    "AssetCatalogue": "asset_catalogue",
    "AssetList": "asset_list",
    "ClearanceDocuments": "clearance_documents",
    "ConnectivityChanges": "connectivity_changes",
    "Controls": "controls",
    "Crews": "crews",
    "CustomerAccountConfig": "customer_account_config",
    "CustomerAgreementConfig": "customer_agreement_config",
    "CustomerAgreements": "customer_agreements",
    "CustomerConfig": "customer_config",
    "CustomerMeterDataSet": "customer_meter_data_set",
    "CustomerNotifications": "customer_notifications",
    "DERGroupDispatches": "der_group_dispatches",
    "DERGroupForecastQueries": "der_group_forecast_queries",
    "DERGroupForecasts": "der_group_forecasts",
    "DERGroupQueries": "der_group_queries",
    "DERGroupStatusQueries": "der_group_status_queries",
    "DERGroupStatuses": "der_group_statuses",
    "DERGroups": "der_groups",
    "DayTypes": "day_types",
    "EndDeviceConfig": "end_device_config",
    "EndDeviceControls": "end_device_controls",
    "EndDeviceEvents": "end_device_events",
    "EndDeviceGroups": "end_device_groups",
    "EquipmentFaults": "equipment_faults",
    "IncidentInformation": "incident_information",
    "Incidents": "incidents",
    "LimitViolations": "limit_violations",
    "LineFaults": "line_faults",
    "MaintenanceOrders": "maintenance_orders",
    "MasterDataLinkageConfig": "master_data_linkage_config",
    "MeasurementValues": "measurement_values",
    "MeterConfig": "meter_config",
    "MeterReadSchedule": "meter_read_schedule",
    "MeterReadings": "meter_readings",
    "MeterServiceRequests": "meter_service_requests",
    "NetworkModels": "network_models",
    "OperationalRestrictions": "operational_restrictions",
    "OperationalTags": "operational_tags",
    "OutagePlans": "outage_plans",
    "OutagesAndFaults": "outages_and_faults",
    "PSREvents": "psr_events",
    "PlannedOutageNotifications": "planned_outage_notifications",
    "PlannedOutages": "planned_outages",
    "PricingStructureConfig": "pricing_structure_config",
    "SafetyDocuments": "safety_documents",
    "ServiceCategoryConfig": "service_category_config",
    "ServiceLocationConfig": "service_location_config",
    "ServiceOrders": "service_orders",
    "ServiceRequests": "service_requests",
    "ServiceSupplierConfig": "service_supplier_config",
    "StateVariables": "state_variables",
    "SwitchingEvents": "switching_events",
    "SwitchingOrders": "switching_orders",
    "SwitchingPlans": "switching_plans",
    "TroubleOrders": "trouble_orders",
    "TroubleTickets": "trouble_tickets",
    "UnplannedOutages": "unplanned_outages",
    "UsagePointConfig": "usage_point_config",
    "UsagePointGroups": "usage_point_groups",
    "UsagePointLocationConfig": "usage_point_location_config",
    "WeatherReports": "weather_reports",
    "WorkRequests": "work_requests",
}
"""Noun to module of this package."""


class _Nouns(Mapping[str, type[Profile]]):
    """Nouns by name, in order."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self.known: dict[str, type[Profile]] = {}
        """Those that have been asked for, and those that were added."""

    def __getitem__(self, name: str) -> type[Profile]:
        if name not in self.known:
            module = import_module(f"{__name__}.{self._modules[name]}")
            self.known[name] = getattr(module, name)
        return self.known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._modules or name in self.known

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._modules, *self.known}))

    def __len__(self) -> int:
        return len({*self._modules, *self.known})


_nouns = _Nouns(_MODULES)
NOUNS: Mapping[str, type[Profile]] = _nouns


def add(noun: type[Profile]) -> None:
    """Speak one noun more: before anything is read or written, for what is made once stays.

    Raises: ValueError, when a noun of this name is there.
    """
    if noun.__name__ in NOUNS:
        raise ValueError(f"{noun.__name__} is a noun of this hub already")
    _nouns.known[noun.__name__] = noun


def declared(name: str) -> type[Profile] | None:
    """The noun of this name, or the query "Get<Noun>" by which one is asked for."""
    if name in NOUNS:
        return NOUNS[name]
    asked = NOUNS.get(name.removeprefix("Get"))
    query = asked.query if asked is not None else None
    return query if query is not None and query.__name__ == name else None
