"""What sensors measure, and where: as a model says it, or the message that brings the value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from cim.electrical.ports import ordered
from cim.electrical.reading import Absurd, Reading
from cim.model.model import Model
from cim.network.overlay import Measured
from cim.network.reports import designation
from cim.profiles.measurement_values import AnalogValue
from dms_apps.solver.naming import titled

Quantity = Literal["V", "A", "W", "VAr", "Pos", "DPos"]
POSITION: Quantity = "Pos"
"""Of a switch, by a single point; only the state estimation asks for those."""
DOUBLE_POINT: Quantity = "DPos"
"""The same, by two contacts."""
POSITIONS = (POSITION, DOUBLE_POINT)

TYPES: Mapping[str, Quantity] = {
    "Voltage": "V",
    "PhaseVoltage": "V",
    "PNV": "V",
    "LineToLineVoltage": "V",
    "LineCurrent": "A",
    "CurrentMagnitude": "A",
    "ActivePower": "W",
    "ThreePhaseActivePower": "W",
    "ReactivePower": "VAr",
    "ThreePhaseReactivePower": "VAr",
}
"""Measurement.measurementType of what is used, where there is no unit (IEC 61970-301; PNV is the
phase-to-neutral voltage of GridAPPS-D)."""
UNITS: tuple[Quantity, ...] = ("V", "A", "W", "VAr")
TO_EARTH = ("PhaseVoltage", "PNV")
_TENS = {"": 0, "none": 0, "n": -9, "micro": -6, "m": -3, "c": -2, "d": -1, "da": 1, "h": 2, "k": 3,
         "M": 6, "G": 9, "T": 12}  # fmt: skip
_PER_CENT = 0.01


@dataclass(frozen=True)
class Sensor:
    """A measurement.

    at:     mRIDs or names of its terminal and of its equipment; the first that is known counts.
    phases: as stated; empty when they are not.
    factor: of its value, to V, A, W or var into the equipment; NaN of a unit that is not known.
    error:  largest error as a share of the value, its sensor's accuracy; None when nothing says it.
    to_earth: whether its type says that it measures to earth.
    codes:  of a position: what is shown, and whether it means closed; empty when nothing says it.
    highest: code that a position may show; None when nothing says it.
    """

    mrid: str
    name: str
    quantity: Quantity
    at: tuple[str, ...]
    phases: tuple[str, ...]
    factor: float = 1.0
    error: float | None = None
    to_earth: bool = False
    codes: tuple[tuple[int, bool], ...] = ()
    highest: int | None = None

    @property
    def called(self) -> str:
        """For sentences."""
        return f"Measurement {titled(self.name, self.mrid)}"


@dataclass(frozen=True)
class Value:
    """The latest value of a sensor, in its own unit; None where only its quality is known.

    doubtful: whether its quality is questionable.
    """

    value: float | None
    at: datetime | None = None
    doubtful: bool = False
    invalid: bool = False

    @classmethod
    def of(cls, measured: Measured) -> Value:
        """As a network keeps it."""
        return cls.judged(measured.value, measured.at, measured.validity)

    @classmethod
    def judged(cls, value: float | None, at: datetime | None, validity: str) -> Value:
        """By its validity: GOOD, QUESTIONABLE or INVALID; empty where nothing says it."""
        return cls(value, at, validity == "QUESTIONABLE", validity == "INVALID")


def of_model(model: Model) -> tuple[tuple[Sensor, ...], tuple[str, ...]]:
    """The Analogs of a model that are used here, and sentences about those that cannot be."""
    reading = Reading(model)
    found = reading.made(reading.of_class("Analog"), lambda row: _of_analog(reading, row))
    return tuple(one for one in found if one is not None), tuple(reading.problems)


def of_message(said: AnalogValue) -> Sensor | None:
    """The sensor that a value comes from; None when it is of no use here."""
    analog = said.analog
    unit = analog.unit_symbol.value if analog.unit_symbol else ""
    quantity = _quantity(unit, analog.measurement_type or "")
    if quantity is None:
        return None
    at = (designation(analog.terminal), designation(analog.power_system_resource))
    name = next((one.name for one in analog.names), "")
    error = None if said.sensor_accuracy is None else said.sensor_accuracy * _PER_CENT
    return _sensor(
        (analog.mrid or name, name),
        (quantity, analog.measurement_type or ""),
        at,
        analog.phases.value if analog.phases else "",
        analog.unit_multiplier.value if analog.unit_multiplier else "",
        error,
    )


def _of_analog(reading: Reading, row: int) -> Sensor | None:
    kind = reading.text(row, "Measurement.measurementType")
    quantity = _quantity(reading.code(row, "Measurement.unitSymbol"), kind)
    if quantity is None:
        return None
    links = ("Measurement.Terminal", "Measurement.PowerSystemResource")
    targets = [reading.link(row, link) for link in links]
    at = tuple(reading.mrid(target) for target in targets if target is not None)
    values = reading.behind(row, "AnalogValue.Analog")
    errors = [reading.number(v, "MeasurementValue.sensorAccuracy", _PER_CENT) for v in values]
    found = _sensor(
        (reading.mrid(row), reading.name(row)),
        (quantity, kind),
        at,
        reading.code(row, "Measurement.phases"),
        reading.code(row, "Measurement.unitMultiplier"),
        next((error for error in errors if error), None),
    )
    if reading.flag(row, "Analog.positiveFlowIn") is False and quantity in ("W", "VAr"):
        return replace(found, factor=-found.factor)
    return found


def _quantity(unit: str, kind: str) -> Quantity | None:
    """By the unit; where there is none, by the type."""
    if unit in ("", "none"):
        return TYPES.get(kind)
    return next((known for known in UNITS if known == unit), None)


def _sensor(
    name: tuple[str, str],
    what: tuple[Quantity, str],
    at: tuple[str, ...],
    phases: str,
    multiplier: str,
    error: float | None,
) -> Sensor:
    quantity, kind = what
    return Sensor(
        *name,
        quantity,
        tuple(one for one in at if one),
        phases_of(phases),
        10.0 ** _TENS[multiplier] if multiplier in _TENS else math.nan,
        error,
        to_earth=kind in TO_EARTH,
    )


def phases_of(code: str) -> tuple[str, ...]:
    """Of a code that is not known the code itself, which no terminal has."""
    try:
        return ordered(code)
    except Absurd:
        return (code,)
