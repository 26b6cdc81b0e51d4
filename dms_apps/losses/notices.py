"""Losses of feeders as MeasurementValues: the historian keeps them over time."""

from __future__ import annotations

from collections.abc import Mapping

from cim.network import Network
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.units import UnitSymbol
from dms_apps.losses.feeders import State
from dms_apps.solver.messages import computed
from dms_apps.solver.solution import Engine

KINDS = {"lost": "ActivePowerLoss", "no_load": "ActivePowerLossNoLoad"}
"""What of a state is told -> Measurement.measurementType, ours."""


def notice(states: Mapping[str, State], network: Network, by: Engine) -> MeasurementValues:
    """Watts, computed, by feeder."""
    return MeasurementValues(
        analog_value=tuple(
            computed(
                feeder,
                kind,
                getattr(one, what),
                UnitSymbol.WATT,
                one.at,
                name=network.name(feeder) if network.knows(feeder) else "",
                app="losses",
                by=by,
            )
            for feeder, one in states.items()
            if feeder
            for what, kind in KINDS.items()
        )
    )
