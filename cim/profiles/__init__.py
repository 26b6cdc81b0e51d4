"""The nouns this hub speaks, one module each; adding a noun is a module and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cim.profile import Profile
from cim.profiles.connectivity_changes import ConnectivityChanges
from cim.profiles.end_device_controls import EndDeviceControls
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.meter_readings import MeterReadings
from cim.profiles.network_models import NetworkModels
from cim.profiles.psr_events import PSREvents
from cim.profiles.switching_events import SwitchingEvents
from cim.profiles.unplanned_outages import UnplannedOutages

__all__ = ["NOUNS"]

NOUNS: Mapping[str, type[Profile]] = MappingProxyType(
    {
        noun.__name__: noun
        for noun in (
            ConnectivityChanges,
            EndDeviceControls,
            EndDeviceEvents,
            MeasurementValues,
            MeterReadings,
            NetworkModels,
            PSREvents,
            SwitchingEvents,
            UnplannedOutages,
        )
    }
)
