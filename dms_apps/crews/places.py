"""Where devices and usage points are: kind, feeder and coordinates, by the models in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cim.electrical.reading import Reading
from cim.model import Model
from cim.network import Network
from dms_apps.crews.travel import Point

_HOPS = (
    ("PowerSystemResource.Location", "Location.PowerSystemResources"),
    ("UsagePoint.UsagePointLocation", "UsagePointLocation.UsagePoints"),
    ("UsagePoint.ServiceLocation", "ServiceLocation.UsagePoints"),
)
"""From a thing to its Location, whichever end the model states."""


@dataclass(frozen=True)
class Site:
    """A place in the network; what nobody knows is empty.

    kind:   class of the device, e.g. Recloser; "UsagePoint" of a service alone.
    feeder: mRID.
    """

    kind: str = ""
    name: str = ""
    feeder: str = ""
    feeder_name: str = ""
    point: Point | None = None


class Places:
    """Looked up once for each thing, until the models change."""

    def __init__(self) -> None:
        self._models: Mapping[str, Model] | None = None
        self._readings: list[Reading] = []
        self._known: dict[str, Site] = {}

    def of(self, network: Network, device: str) -> Site:
        """By mRID, else by the name of equipment or of a meter's usage point."""
        if network.models is not self._models:
            self._models, self._readings, self._known = network.models, [], {}
        if (found := self._known.get(device)) is None:
            found = self._known[device] = self._site(network, device)
        return found

    def _site(self, network: Network, device: str) -> Site:
        if not device or (mrid := _found(network, device)) is None:
            return Site()
        feeder = network.feeder_of(mrid)
        return Site(
            kind=network.equipment(mrid).cim_class,
            name=network.name(mrid),
            feeder=feeder,
            feeder_name=network.name(feeder) if feeder and network.knows(feeder) else "",
            point=self._point(network, mrid),
        )

    def _point(self, network: Network, mrid: str) -> Point | None:
        if not self._readings:
            self._readings = list(_readings(network))
        for reading in self._readings:
            if (row := reading.model.row(mrid)) >= 0 and (at := _point(reading, row)):
                return at
        return None


def _found(network: Network, device: str) -> str | None:
    if network.knows(device):
        return device
    try:
        return network.equipment_named(device).mrid
    except KeyError:
        return network.usage_point_of(device)


def _readings(network: Network) -> Iterator[Reading]:
    """Of the models that are at hand."""
    for mrid in network.version:
        try:
            yield Reading(network.model(mrid))
        except KeyError:
            continue


def _point(reading: Reading, row: int, *, own: bool = True) -> Point | None:
    """The first point of its Location; of a service that of its equipment, when it has none."""
    for there, back in _HOPS:
        for location in reading.either(row, there, back):
            points = []
            for point in reading.behind(location, "PositionPoint.Location"):
                x, y = (reading.number(point, f"PositionPoint.{axis}Position") for axis in "xy")
                if x is not None and y is not None:
                    number = reading.number(point, "PositionPoint.sequenceNumber") or 0.0
                    points.append((number, (x, y)))
            if points:
                return min(points)[1]
    behind = reading.either(row, "UsagePoint.Equipments", "Equipment.UsagePoints") if own else ()
    found = (_point(reading, other, own=False) for other in behind)
    return next((at for at in found if at), None)
