"""Losses of feeders as MeasurementValues: the historian keeps them over time."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from cim.network import Network
from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.measurement_values import (
    Analog,
    AnalogValue,
    MeasurementValueQuality,
    MeasurementValues,
    MeasurementValueSource,
)
from cim.profiles.units import UnitMultiplier, UnitSymbol
from dms_apps.losses.feeders import State

_LOSSES = uuid.UUID("3f0d3a55-93e3-5b61-8c55-1d6d0e7d6a70")  # namespace of our identifiers
KINDS = {"lost": "ActivePowerLoss", "no_load": "ActivePowerLossNoLoad"}
"""What of a state is told -> Measurement.measurementType, ours."""


def notice(states: Mapping[str, State], network: Network) -> MeasurementValues:
    """Watts, computed, by feeder."""
    return MeasurementValues(
        analog_value=tuple(
            _value(feeder, kind, getattr(one, what), one, network)
            for feeder, one in states.items()
            if feeder
            for what, kind in KINDS.items()
        )
    )


def _value(feeder: str, kind: str, watts: float, one: State, network: Network) -> AnalogValue:
    name = network.name(feeder) if network.knows(feeder) else ""
    return AnalogValue(
        value=watts,
        time_stamp=one.at,
        analog=Analog(
            mrid=str(uuid.uuid5(_LOSSES, f"{kind} {feeder}")),
            measurement_type=kind,
            unit_symbol=UnitSymbol.WATT,
            unit_multiplier=UnitMultiplier.NONE,
            names=(Name(name=f"{kind} of {name or feeder}"),),
            power_system_resource=PowerSystemResource(mrid=feeder),
        ),
        measurement_value_quality=MeasurementValueQuality(estimator_replaced=True),
        measurement_value_source=MeasurementValueSource(names=(Name(name="losses"),)),
    )
