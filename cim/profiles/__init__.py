"""The nouns this hub speaks, one module each; adding a noun is a module and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cim.profile import Profile
from cim.profiles.asset_catalogue import AssetCatalogue
from cim.profiles.asset_list import AssetList
from cim.profiles.clearance_documents import ClearanceDocuments
from cim.profiles.connectivity_changes import ConnectivityChanges
from cim.profiles.crews import Crews
from cim.profiles.customer_account_config import CustomerAccountConfig
from cim.profiles.customer_agreement_config import CustomerAgreementConfig
from cim.profiles.customer_agreements import CustomerAgreements
from cim.profiles.customer_config import CustomerConfig
from cim.profiles.customer_meter_data_set import CustomerMeterDataSet
from cim.profiles.customer_notifications import CustomerNotifications
from cim.profiles.der_group_dispatches import DERGroupDispatches
from cim.profiles.der_group_forecast_queries import DERGroupForecastQueries
from cim.profiles.der_group_forecasts import DERGroupForecasts
from cim.profiles.der_group_queries import DERGroupQueries
from cim.profiles.der_group_status_queries import DERGroupStatusQueries
from cim.profiles.der_group_statuses import DERGroupStatuses
from cim.profiles.der_groups import DERGroups
from cim.profiles.end_device_config import EndDeviceConfig
from cim.profiles.end_device_controls import EndDeviceControls
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.end_device_groups import EndDeviceGroups
from cim.profiles.equipment_faults import EquipmentFaults
from cim.profiles.incident_information import IncidentInformation
from cim.profiles.incidents import Incidents
from cim.profiles.limit_violations import LimitViolations
from cim.profiles.line_faults import LineFaults
from cim.profiles.maintenance_orders import MaintenanceOrders
from cim.profiles.master_data_linkage_config import MasterDataLinkageConfig
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.meter_config import MeterConfig
from cim.profiles.meter_read_schedule import MeterReadSchedule
from cim.profiles.meter_readings import MeterReadings
from cim.profiles.meter_service_requests import MeterServiceRequests
from cim.profiles.network_models import NetworkModels
from cim.profiles.operational_restrictions import OperationalRestrictions
from cim.profiles.operational_tags import OperationalTags
from cim.profiles.outage_plans import OutagePlans
from cim.profiles.outages_and_faults import OutagesAndFaults
from cim.profiles.planned_outage_notifications import PlannedOutageNotifications
from cim.profiles.planned_outages import PlannedOutages
from cim.profiles.pricing_structure_config import PricingStructureConfig
from cim.profiles.psr_events import PSREvents
from cim.profiles.safety_documents import SafetyDocuments
from cim.profiles.service_category_config import ServiceCategoryConfig
from cim.profiles.service_location_config import ServiceLocationConfig
from cim.profiles.service_orders import ServiceOrders
from cim.profiles.service_requests import ServiceRequests
from cim.profiles.service_supplier_config import ServiceSupplierConfig
from cim.profiles.switching_events import SwitchingEvents
from cim.profiles.switching_orders import SwitchingOrders
from cim.profiles.switching_plans import SwitchingPlans
from cim.profiles.trouble_orders import TroubleOrders
from cim.profiles.trouble_tickets import TroubleTickets
from cim.profiles.unplanned_outages import UnplannedOutages
from cim.profiles.usage_point_config import UsagePointConfig
from cim.profiles.usage_point_groups import UsagePointGroups
from cim.profiles.usage_point_location_config import UsagePointLocationConfig
from cim.profiles.work_requests import WorkRequests

__all__ = ["NOUNS", "add", "declared"]

_nouns: dict[str, type[Profile]] = {
    noun.__name__: noun
    for noun in (
        AssetCatalogue,
        AssetList,
        ClearanceDocuments,
        ConnectivityChanges,
        Crews,
        CustomerAccountConfig,
        CustomerAgreementConfig,
        CustomerAgreements,
        CustomerConfig,
        CustomerMeterDataSet,
        CustomerNotifications,
        DERGroupDispatches,
        DERGroupForecastQueries,
        DERGroupForecasts,
        DERGroupQueries,
        DERGroupStatusQueries,
        DERGroupStatuses,
        DERGroups,
        EndDeviceConfig,
        EndDeviceControls,
        EndDeviceEvents,
        EndDeviceGroups,
        EquipmentFaults,
        IncidentInformation,
        Incidents,
        LimitViolations,
        LineFaults,
        MaintenanceOrders,
        MasterDataLinkageConfig,
        MeasurementValues,
        MeterConfig,
        MeterReadSchedule,
        MeterReadings,
        MeterServiceRequests,
        NetworkModels,
        OperationalRestrictions,
        OperationalTags,
        OutagePlans,
        OutagesAndFaults,
        PSREvents,
        PlannedOutageNotifications,
        PlannedOutages,
        PricingStructureConfig,
        SafetyDocuments,
        ServiceCategoryConfig,
        ServiceLocationConfig,
        ServiceOrders,
        ServiceRequests,
        ServiceSupplierConfig,
        SwitchingEvents,
        SwitchingOrders,
        SwitchingPlans,
        TroubleOrders,
        TroubleTickets,
        UnplannedOutages,
        UsagePointConfig,
        UsagePointGroups,
        UsagePointLocationConfig,
        WorkRequests,
    )
}

NOUNS: Mapping[str, type[Profile]] = MappingProxyType(_nouns)


def add(noun: type[Profile]) -> None:
    """Speak one noun more: before anything is read or written, for what is made once stays.

    Raises: ValueError, when a noun of this name is there.
    """
    if noun.__name__ in _nouns:
        raise ValueError(f"{noun.__name__} is a noun of this hub already")
    _nouns[noun.__name__] = noun


def declared(name: str) -> type[Profile] | None:
    """The noun of this name, or the query by which one is asked for."""
    found = _nouns.get(name)
    if found is None:
        queries = (noun.query for noun in _nouns.values())
        found = next((q for q in queries if q is not None and q.__name__ == name), None)
    return found
