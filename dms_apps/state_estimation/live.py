"""What is measured in a network as operated: by sensors of its models, and of messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from cim.model import Model
from cim.network import Network
from dms_apps.solver.sensors import Sensor, Value, of_model
from dms_apps.state_estimation import positions
from dms_apps.state_estimation.estimation import Telemetry
from dms_apps.state_estimation.notices import usage_points

Told = Mapping[str, tuple[Sensor, Value]]
"""Sensors as messages describe them, with their values, by mRID or name."""


class Meters:
    """Makes it; what the models say of sensors is kept until they change."""

    def __init__(self) -> None:
        self._points: tuple[Mapping[str, Model], dict[str, list[str]]] | None = None
        self._latest: tuple[Mapping[str, Model], dict[str, Sensor], dict[str, str]] | None = None

    def prepare(self, network: Network) -> None:
        """Read the models of a network that is new."""
        self._read(network)

    def sensors(self, network: Network, told: Told) -> dict[str, Sensor]:
        """By mRID or name; the model's description counts where both speak."""
        return {mrid: sensor for mrid, (sensor, _) in told.items()} | self._read(network)[0]

    def telemetry(self, network: Network, told: Told, now: datetime) -> Telemetry:
        """What they show now."""
        own, nodes = self._read(network)
        sensors = self.sensors(network, told)
        values = {mrid: value for mrid, (_, value) in told.items()}
        for mrid, sensor in own.items():
            if mrid in values:
                continue
            if sensor.name in told:
                values[mrid] = values.pop(sensor.name)
                del sensors[sensor.name]
            elif measured := network.measurement(mrid):
                values[mrid] = Value.of(measured)
        return Telemetry(tuple(sensors.values()), values, nodes, now)

    def loads(self, network: Network) -> Mapping[str, list[str]]:
        """Equipment by usage point, both by mRID."""
        if self._points is None or self._points[0] is not network.models:
            found: dict[str, list[str]] = {}
            for equipment, points in usage_points(network).items():
                for point in points:
                    found.setdefault(point, []).append(equipment)
            self._points = network.models, found
        return self._points[1]

    def _read(self, network: Network) -> tuple[dict[str, Sensor], dict[str, str]]:
        if self._latest is None or self._latest[0] is not network.models:
            models = [network.model(mrid) for mrid in network.version]
            sensors = {
                one.mrid: one
                for model in models
                for one in (*of_model(model)[0], *positions.of_model(model))
            }
            nodes = {
                model.mrid(int(terminal)): model.mrid(int(node))
                for model in models
                for terminal, node in zip(*model.links("Terminal.ConnectivityNode"), strict=True)
            }
            self._latest = network.models, sensors, nodes
        return self._latest[1], self._latest[2]
