"""What the state estimation tells beside states: bad measurements, and meters to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from cim.message import Outgoing, Property, Request, Verb
from cim.network import Network
from cim.profiles.get_meter_readings import GetMeterReadings
from cim.profiles.identification import Name
from cim.profiles.measurement_values import (
    Analog,
    AnalogValue,
    Discrete,
    DiscreteValue,
    MeasurementValueQuality,
    MeasurementValues,
    MeasurementValueSource,
    Validity,
)
from cim.profiles.plain_names import PlainName, PlainReadingType, PlainUsagePoint
from dms_apps.solver.layout import Layout
from dms_apps.solver.sensors import POSITIONS, Sensor
from dms_apps.state_estimation.bellwether import Bellwether

SOURCE = "state_estimation"
_ON_DEMAND = "OnDemand"
_ENDS = {"UsagePoint.Equipments": True, "Equipment.UsagePoints": False}


def quality(sensors: Iterable[Sensor], now: datetime, *, suspect: bool) -> MeasurementValues:
    """That measurements do not fit the others or the network, or fit again; without a value."""
    said = MeasurementValueQuality(
        suspect=suspect, validity=Validity.QUESTIONABLE if suspect else Validity.GOOD
    )
    source = MeasurementValueSource(names=(Name(name=SOURCE),))
    analog, discrete = [], []
    for sensor in sensors:
        named = sensor.mrid == sensor.name
        mrid, names = (None, (Name(name=sensor.name),)) if named else (sensor.mrid, ())
        if sensor.quantity in POSITIONS:
            discrete.append(
                DiscreteValue(
                    time_stamp=now,
                    discrete=Discrete(mrid=mrid, names=names),
                    measurement_value_quality=said,
                    measurement_value_source=source,
                )
            )
        else:
            analog.append(
                AnalogValue(
                    time_stamp=now,
                    analog=Analog(mrid=mrid, names=names),
                    measurement_value_quality=said,
                    measurement_value_source=source,
                )
            )
    return MeasurementValues(analog_value=tuple(analog), discrete_value=tuple(discrete))


def usage_points(network: Network) -> dict[str, list[str]]:
    """Usage points by equipment, both by mRID, as the models say from either end."""
    found: dict[str, dict[str, None]] = {}
    for mrid in network.version:
        model = network.model(mrid)
        for name, point_first in _ENDS.items():
            for one, other in zip(*model.links(name), strict=True):
                point, equipment = (one, other) if point_first else (other, one)
                found.setdefault(model.mrid(int(equipment)), {})[model.mrid(int(point))] = None
    return {equipment: list(points) for equipment, points in found.items()}


def metered_places(layout: Layout, points: Mapping[str, Sequence[str]]) -> dict[int, list[str]]:
    """Usage points by the place of a layout that their load is at, its first one."""
    found: dict[int, list[str]] = {}
    table = layout.branches
    for place, element in zip(table.start.tolist(), table.element.tolist(), strict=True):
        if own := points.get(layout.elements[element]):
            found.setdefault(place, []).extend(own)
    return found


def read_now(
    choice: Sequence[Bellwether],
    places: Mapping[int, Sequence[str]],
    types: Sequence[str],
    network: Network,
) -> Outgoing | None:
    """A request to read meters on demand; None when there is none to read."""
    wanted = dict.fromkeys(places[one.place][0] for one in choice)
    if not wanted:
        return None
    query = GetMeterReadings(
        usage_point=tuple(_point(mrid, network) for mrid in wanted),
        reading_type=tuple(PlainReadingType(mrid=one) for one in types),
    )
    on_demand = Property(name=_ON_DEMAND, value="true")
    request = Request(options=(on_demand,), query=query)
    return Outgoing(Verb.GET, noun="MeterReadings", request=request)


def _point(mrid: str, network: Network) -> PlainUsagePoint:
    name = network.name(mrid) if network.knows(mrid) else ""
    return PlainUsagePoint(mrid=mrid, names=(PlainName(name=name),) if name else ())
