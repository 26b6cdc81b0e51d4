"""Where devices and usage points are: kind, feeder and coordinates, by the models in force."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.model import Model
from cim.network import Network
from dms_apps.crews.travel import Point

Rows = NDArray[Any]
_HOPS = (
    ("PowerSystemResource.Location", "Location.PowerSystemResources"),
    ("UsagePoint.UsagePointLocation", "UsagePointLocation.UsagePoints"),
    ("UsagePoint.ServiceLocation", "ServiceLocation.UsagePoints"),
)
"""From a thing to its Location, whichever end the model states."""

_SERVICE = "UsagePoint"


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
        self._maps: list[_Map] = []
        self._known: dict[str, Site] = {}

    def of(self, network: Network, device: str, also: Iterable[str] = ()) -> Site:
        """By mRID, else by the name of equipment or of a meter's usage point.

        also: what tells the place of a device that nobody knows, e.g. of a jumper that is gone.
        """
        self.prepare(network)
        if (found := self._of(network, device)) != Site():
            return found
        sites = (site for one in also if (site := self._of(network, one)) != Site())
        near = next(sites, found)
        return replace(near, kind="") if near.kind == _SERVICE else near  # it is not that alone

    def _of(self, network: Network, device: str) -> Site:
        if (found := self._known.get(device)) is None:
            found = self._known[device] = self._site(network, device)
        return found

    def prepare(self, network: Network) -> None:
        """Read where things are in models that are new."""
        if network.models is not self._models:
            self._maps, self._known = list(_maps(network)), {}
            self._models = network.models

    def _site(self, network: Network, device: str) -> Site:
        if not device or (mrid := _found(network, device)) is None:
            return Site()
        feeder = network.feeder_of(mrid)
        return Site(
            kind=network.equipment(mrid).cim_class,
            name=network.name(mrid),
            feeder=feeder,
            feeder_name=network.name(feeder) if feeder and network.knows(feeder) else "",
            point=next((at for one in self._maps if (at := one.of(mrid))), None),
        )


class _Map:
    """The positions of one model, in columns: a model has millions of them."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._hops = [_Column.of_link(model, there, back) for there, back in _HOPS]
        self._equipment = _Column.of_link(model, "UsagePoint.Equipments", "Equipment.UsagePoints")
        points = model.links("PositionPoint.Location")
        self._points = _Column(points[1], points[0])
        names = ("xPosition", "yPosition", "sequenceNumber")
        self._x, self._y, self._number = (
            _Column(*model.values(f"PositionPoint.{name}")) for name in names
        )

    def of(self, mrid: str) -> Point | None:
        """The first point of its Location; of a service without one, of the equipment it is at."""
        try:
            row = self._model.row(mrid)
        except KeyError:
            return None  # another model describes it
        rows = [row, *self._equipment.of(row)]
        return next((at for one in rows if (at := self._point(one))), None)

    def _point(self, row: int) -> Point | None:
        found = [
            (self._value(self._number, point, 0.0), (x, y))
            for hop in self._hops
            for location in hop.of(row)
            for point in self._points.of(location)
            if math.isfinite(x := self._value(self._x, point))
            and math.isfinite(y := self._value(self._y, point))
        ]
        return min(found)[1] if found else None

    def _value(self, column: _Column, row: int, absent: float = math.nan) -> float:
        """A literal as a number; `absent` for none, and for what is no number."""
        try:
            return float(self._model.text(column.of(row)[0]))
        except (IndexError, ValueError):
            return absent


class _Column:
    """Values by row, found by bisection."""

    def __init__(self, rows: Rows, values: Rows) -> None:
        order = np.argsort(rows, kind="stable")
        self._rows, self._values = rows[order], values[order]

    @classmethod
    def of_link(cls, model: Model, there: str, back: str) -> _Column:
        """An association, whichever end is stated."""
        one, other = model.links(there), model.links(back)
        return cls(np.concatenate([one[0], other[1]]), np.concatenate([one[1], other[0]]))

    def of(self, row: int) -> list[int]:
        start, end = np.searchsorted(self._rows, [row, row + 1])
        found: list[int] = self._values[start:end].tolist()
        return found


def _found(network: Network, device: str) -> str | None:
    if network.knows(device):
        return device
    try:
        return network.equipment_named(device).mrid
    except KeyError:
        return network.usage_point_of(device)


def _maps(network: Network) -> Iterator[_Map]:
    """Of the models that are at hand."""
    for mrid in network.version:
        try:
            yield _Map(network.model(mrid))
        except KeyError:
            continue
