"""Which series a value belongs to, and by what names it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from cim.bounds import LONGEST
from cim.codes import explain
from cim.codes.shape import numbers_of
from cim.objects import identity, names
from cim.profile import Profile
from cim.profiles.measurement_values import Accumulator, Measurement
from cim.profiles.meter_readings import MeterReading
from hub.historian.tables import MEASUREMENT, READING

_MINUTES = {
    **{"1": 10, "2": 15, "3": 1, "4": 1440, "5": 30, "6": 5, "7": 60, "10": 2, "14": 3, "31": 20},
    **{"50": 60, "51": 30, "52": 20, "53": 15, "54": 10, "55": 5, "56": 1},
}
"""Measuring periods of a ReadingType of one length each (IEC 61968-9, annex C); a rolling one is
told more often than it is long and says nothing of the interval."""


@dataclass(frozen=True)
class Series:
    """One quantity of one meter or measurement.

    key:      what makes it this one and no other, JSON.
    object:   the meter or measurement; "" when only its place is told.
    place:    usage point, equipment or terminal; "" when it is not told.
    quantity: ReadingType, or Measurement.measurementType; "" when it is not told.
    interval: seconds up to its time that a value is for; None for a value of an instant.
    names:    every mRID and name by which it is asked for.
    """

    kind: str
    key: str
    object: str
    place: str
    quantity: str
    unit: str
    interval: int | None = None
    names: frozenset[str] = field(default=frozenset(), compare=False)


def of_meter(reading: MeterReading, quantity: str) -> Series | None:
    """The series of a reading type; None when neither meter nor usage point is told."""
    meter = _called(reading.meter)
    place = _called(reading.usage_point)
    if not meter and not place:
        return None
    return Series(
        kind=READING,
        key=_key(meter, place, quantity),
        object=meter,
        place=place,
        quantity=quantity[:LONGEST],
        unit=unit_of(quantity),
        interval=interval_of(quantity),
        names=_names(reading.meter, reading.usage_point),
    )


def of_measurement(measured: Accumulator | Measurement) -> Series | None:
    """The series of a measurement; None when neither itself nor its place is told.

    An mRID is enough; a name means something only where it is, of what and of which phases.
    """
    called, spot = _called(measured), measured.terminal or measured.power_system_resource
    place, quantity = _called(spot), measured.measurement_type or ""
    if not called and not place:
        return None
    apart = (measured.mrid,) if measured.mrid else (called, place, quantity, measured.phases or "")
    return Series(
        kind=MEASUREMENT,
        key=_key(*apart),
        object=called,
        place=place,
        quantity=quantity[:LONGEST],
        unit=_symbol(measured),
        names=_names(measured, measured.terminal, measured.power_system_resource),
    )


@cache
def interval_of(code: str) -> int | None:
    """Seconds of a reading type's interval; None when it has none, or says none of one length."""
    numbers = code.split(".")
    minutes = _MINUTES.get(numbers[2]) if len(numbers) == 18 else None
    return None if minutes is None else 60 * minutes


@cache
def unit_of(code: str) -> str:
    """The unit of a reading type, e.g. "kWh"; "" where its code says none."""
    try:
        if len(numbers_of(code)) != 18:
            return ""
        says = explain(code).says
    except ValueError:
        return ""
    head = says.partition(":")[0].rstrip(".")
    return head.rpartition(", in ")[2][:60] if ", in " in head else ""


def _symbol(measured: Accumulator | Measurement) -> str:
    multiplier, symbol = measured.unit_multiplier, measured.unit_symbol
    shown = "" if multiplier in (None, "none") else str(multiplier)
    return "" if symbol in (None, "none") else f"{shown}{symbol}"


def _called(value: Profile | None) -> str:
    return ((identity(value) if value is not None else None) or "")[:LONGEST]


def _key(*parts: str) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _names(*values: Profile | None) -> frozenset[str]:
    return frozenset(_cut(one for value in values if value is not None for one in names(value)))


def _cut(found: Iterable[str]) -> Iterable[str]:
    return (one[:LONGEST] for one in found)
