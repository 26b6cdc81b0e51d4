"""What machines and inverters say for short circuits by IEC 60909 (IEC 61970-301, -600)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cim.electrical.ports import Port, ports
from cim.electrical.reading import Absurd, Reading

ROTORS = ("turboSeries1", "turboSeries2", "salientPole1", "salientPole2")


@dataclass(frozen=True)
class Synchronous:
    """A SynchronousMachine.

    rated_s, rated_u: volt-amperes, volts between phases.
    power_factor:     rated; x_subtransient and x_synchronous: saturated, per unit of the rated.
    r:                ohm, for all currents but the peak.
    z2, z0:           ohm; None when not given.
    earthing:         ohm from its star point to earth; None when that is not earthed.
    regulation:       share by which its voltage may exceed the rated one (pG).
    rotor:            ShortCircuitRotorKind; empty when not given.
    compound:         amperes of the steady state, with compound excitation; None without it.
    """

    mrid: str
    name: str
    port: Port
    rated_s: float
    rated_u: float
    power_factor: float
    x_subtransient: float
    r: float
    z2: complex | None
    z0: complex | None
    earthing: complex | None
    regulation: float
    x_synchronous: float | None
    rotor: str
    compound: float | None

    @property
    def rated_z(self) -> float:
        """Ohm."""
        return self.rated_u**2 / self.rated_s

    @property
    def rated_current(self) -> float:
        """Amperes."""
        return self.rated_s / (math.sqrt(3) * self.rated_u)


@dataclass(frozen=True)
class Asynchronous:
    """An AsynchronousMachine.

    start:      locked-rotor current over rated current.
    r_x:        of the locked rotor; None when not given.
    mechanical: watts, rated.
    pole_pairs: 1 when not given.
    converter:  whether it is a drive behind a converter; reversible: which can feed back.
    """

    mrid: str
    name: str
    port: Port
    rated_s: float
    rated_u: float
    mechanical: float
    start: float
    r_x: float | None
    pole_pairs: int
    converter: bool
    reversible: bool

    @property
    def rated_current(self) -> float:
        """Amperes."""
        return self.rated_s / (math.sqrt(3) * self.rated_u)


@dataclass(frozen=True)
class Inverter:
    """A PowerElectronicsConnection: a source of current.

    limit: of its current over the rated one (maxIFault); None when not given.
    """

    mrid: str
    name: str
    port: Port
    rated_current: float
    limit: float | None


def synchronous(reading: Reading, row: int) -> Synchronous:
    [place] = ports(reading, row, 1)
    kind = "SynchronousMachine"
    rated_s, rated_u = _rated(reading, row)
    subtransient = reading.positive(row, f"{kind}.satDirectSubtransX")
    if not 0.01 <= subtransient <= 2:
        raise Absurd(f"its satDirectSubtransX is {subtransient:g}, and no machine has that")
    z = rated_u**2 / rated_s
    return Synchronous(
        reading.mrid(row),
        reading.name(row),
        place,
        rated_s,
        rated_u,
        _power_factor(reading, row),
        subtransient,
        reading.number(row, f"{kind}.r") or 0.0,
        _sequence(reading, row, "2", z, subtransient),
        _sequence(reading, row, "0", z, subtransient),
        _earthing(reading, row),
        _regulation(reading, row),
        reading.number(row, f"{kind}.satDirectSyncX") or None,
        _rotor(reading, row),
        reading.number(row, f"{kind}.ikk") or None,
    )


def _rated(reading: Reading, row: int) -> tuple[float, float]:
    rated_s = reading.positive(row, "RotatingMachine.ratedS", reading.unit.power)
    return rated_s, reading.positive(row, "RotatingMachine.ratedU", reading.unit.voltage)


def _power_factor(reading: Reading, row: int) -> float:
    value = reading.number(row, "RotatingMachine.ratedPowerFactor")
    if value is None or not 0 < value <= 1:
        said = "no" if value is None else f"{value:g} as"
        reading.say(row, f"has {said} ratedPowerFactor; 0.85 is taken")
        return 0.85
    return value


def _sequence(
    reading: Reading, row: int, end: str, rated: float, subtransient: float
) -> complex | None:
    """Ohm, as since CIM17, or per unit, as before and in many documents since.

    Whichever is nearer to the subtransient reactance, which these are of the order of.
    """
    value = ohm(reading, row, "SynchronousMachine", end)
    if value is None:
        return None
    as_ohm = abs(math.log(abs(value) / (subtransient * rated)))
    if abs(math.log(abs(value) / subtransient)) < as_ohm:
        reading.say(row, f"has r{end} and x{end} that are per unit by their size; they are read so")
        return value * rated
    return value


def _earthing(reading: Reading, row: int) -> complex | None:
    if not reading.flag(row, "SynchronousMachine.earthing"):
        return None
    return complex(
        reading.number(row, "SynchronousMachine.earthingStarPointR") or 0.0,
        reading.number(row, "SynchronousMachine.earthingStarPointX") or 0.0,
    )


def _regulation(reading: Reading, row: int) -> float:
    value = reading.number(row, "SynchronousMachine.voltageRegulationRange", 0.01) or 0.0
    if not 0 <= value < 1:
        reading.say(row, f"has a voltageRegulationRange of {value * 100:g} %, which is not used")
        return 0.0
    return value


def _rotor(reading: Reading, row: int) -> str:
    rotor = reading.code(row, "SynchronousMachine.shortCircuitRotorType")
    if rotor and rotor not in ROTORS:
        reading.say(row, f"has the shortCircuitRotorType {rotor}, which is not known")
        return ""
    return rotor


def asynchronous(reading: Reading, row: int) -> Asynchronous:
    [place] = ports(reading, row, 1)
    kind = "AsynchronousMachine"
    mechanical = reading.number(row, f"{kind}.ratedMechanicalPower", reading.unit.power)
    efficiency = _between(reading, row, f"{kind}.efficiency", 0.01, 1.0)
    rated_u = reading.positive(row, "RotatingMachine.ratedU", reading.unit.voltage)
    rated_s = reading.number(row, "RotatingMachine.ratedS", reading.unit.power)
    if mechanical and efficiency and not rated_s:
        rated_s = mechanical / (efficiency * _power_factor(reading, row))
    if not rated_s or rated_s < 0:
        raise Absurd("it has neither a ratedS, nor a ratedMechanicalPower and an efficiency")
    converter = reading.flag(row, f"{kind}.converterFedDrive") or False
    start = reading.number(row, f"{kind}.iaIrRatio")
    if not converter and (start is None or start <= 1):
        raise Absurd(f"its iaIrRatio is {'missing' if start is None else f'{start:g}'}")
    pairs = reading.whole(row, f"{kind}.polePairNumber") or 0
    if pairs < 1:
        reading.say(row, "has no polePairNumber above 0; 1 is taken")
    return Asynchronous(
        reading.mrid(row),
        reading.name(row),
        place,
        rated_s,
        rated_u,
        mechanical or rated_s * _power_factor(reading, row),
        start or 0.0,
        _between(reading, row, f"{kind}.rxLockedRotorRatio", 1.0, 10.0),
        max(pairs, 1),
        converter,
        reading.flag(row, f"{kind}.reversible") is not False,
    )


def _between(reading: Reading, row: int, name: str, scale: float, most: float) -> float | None:
    """A value above 0; None without one, by a sentence where it is absurd."""
    value = reading.number(row, name, scale)
    if value and not 0 < value <= most:
        reading.say(row, f"has {name} {value / scale:g}, which is not used")
        return None
    return value or None


def inverter(reading: Reading, row: int) -> Inverter:
    [place] = ports(reading, row, 1)
    kind = "PowerElectronicsConnection"
    rated_s = reading.positive(row, f"{kind}.ratedS", reading.unit.power)
    rated_u = reading.number(row, f"{kind}.ratedU", reading.unit.voltage)
    rated_u = rated_u or reading.base_voltage(row)
    if not rated_u or rated_u < 0:
        raise Absurd("it has neither a ratedU nor a BaseVoltage")
    limit = reading.number(row, f"{kind}.maxIFault")
    current = rated_s / (math.sqrt(3) * rated_u)
    return Inverter(reading.mrid(row), reading.name(row), place, current, limit)


def ohm(reading: Reading, row: int, kind: str, end: str) -> complex | None:
    """r and x with this at the end of their names; None when both are missing or 0."""
    r, x = (reading.number(row, f"{kind}.{part}{end}") or 0.0 for part in "rx")
    return complex(r, x) or None
