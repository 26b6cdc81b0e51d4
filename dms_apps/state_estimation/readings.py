"""Voltages that meters of customers have read, as sensors at the loads of their usage points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from cim.network import Network
from cim.profiles.meter_readings import MeterReading, MeterReadings
from dms_apps.solver.sensors import Sensor, Value

PHASES: Mapping[str, tuple[str, ...]] = {
    "128": ("A",), "129": ("A", "N"), "64": ("B",), "65": ("B", "N"), "32": ("C",),
    "33": ("C", "N"), "132": ("A", "B"), "66": ("B", "C"), "40": ("C", "A"), "512": ("s1",),
    "528": ("s1", "N"), "256": ("s2",), "272": ("s2", "N"), "768": ("s1", "s2"), "0": (),
}  # fmt: skip
"""By the phase of a reading type (IEC 61968-9, annex C); without one, the load's own."""
_VOLTAGE, _VOLT = "54", "29"
_TIMES = {"-3": 1e-3, "0": 1.0, "3": 1e3}
_MEANS = ("0", "2")  # no aggregate, average


def phases_and_factor(code: str) -> tuple[tuple[str, ...], float] | None:
    """Of the reading type of a voltage, and its factor to volts; None when it is another one."""
    parts = code.split(".")
    if len(parts) != 18 or parts[6] != _VOLTAGE or parts[16] != _VOLT or parts[1] not in _MEANS:
        return None
    if parts[14] not in PHASES or parts[15] not in _TIMES:
        return None
    return PHASES[parts[14]], _TIMES[parts[15]]


def read(
    said: MeterReadings, network: Network, loads: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Sensor, Value]]:
    """The latest voltage of each usage point and reading type.

    loads: equipment by usage point, both by mRID.
    """
    for one in said.meter_reading:
        point = _point(one, network)
        if point is None or point not in loads:
            continue  # of a meter that is not in the network: no matter of this app
        name = (network.name(point) if network.knows(point) else "") or point
        for code, (at, value) in _latest(one).items():
            known = phases_and_factor(code)
            if known is not None:
                phases, factor = known
                at_load = tuple(loads[point])[:1]
                sensor = Sensor(
                    f"{point} {code}", f"of usage point {name}", "V", at_load, phases, factor
                )
                yield sensor, Value(value, at)


def is_read(sensor: str) -> bool:
    """Whether a sensor is a meter's, by its mRID; no measurement of the network stands for it."""
    return phases_and_factor(sensor.rpartition(" ")[2]) is not None


def _point(one: MeterReading, network: Network) -> str | None:
    for thing in (one.usage_point, one.meter):
        names = [thing.mrid, *(name.name for name in thing.names)] if thing else []
        for name in names:
            if name and (found := network.usage_point_of(name)):
                return found
    return None


def _latest(one: MeterReading) -> dict[str, tuple[datetime | None, float]]:
    """Time and value by reading type."""
    found: dict[str, tuple[datetime | None, float]] = {}
    told = [(str(r.reading_type), r.time_stamp, r.value) for r in one.readings]
    told += [
        (str(block.reading_type), r.time_stamp, r.value)
        for block in one.interval_blocks
        for r in block.interval_readings
    ]
    for code, at, value in told:
        before = found.get(code)
        if value is not None and (before is None or _later(at, before[0])):
            found[code] = at, value
    return found


def _later(at: datetime | None, before: datetime | None) -> bool:
    return before is None or (at is not None and at >= before)
