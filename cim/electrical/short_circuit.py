"""What a model says for short circuits by IEC 60909 (IEC 61970-301, IEC 61970-600: ShortCircuit).

Impedances are as stated: voltage and correction factors are for who computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from cim.electrical.machines import (
    Asynchronous,
    Inverter,
    Synchronous,
    asynchronous,
    inverter,
    ohm,
    synchronous,
)
from cim.electrical.ports import Port, ports
from cim.electrical.reading import Absurd, Reading

Made = TypeVar("Made")


@dataclass(frozen=True)
class Strength:
    """A network feeder at its strongest or weakest.

    current: initial symmetrical short-circuit current, amperes.
    r_x:     R1/X1.
    z0_z1:   |Z0|/|Z1|; None when not given: nothing is earthed behind it.
    r0_x0:   R0/X0; as R1/X1 when not given.
    """

    current: float
    r_x: float
    z0_z1: float | None = None
    r0_x0: float | None = None


@dataclass(frozen=True)
class Feeder:
    """An ExternalNetworkInjection.

    factor: voltage factor c by which its currents were computed; None when not given.
    """

    mrid: str
    name: str
    port: Port
    maximum: Strength | None
    minimum: Strength | None
    factor: float | None


@dataclass(frozen=True)
class Equivalent:
    """An EquivalentInjection: an extended Ward, ohm by sequence; None when not given."""

    mrid: str
    name: str
    port: Port
    z1: complex
    z2: complex | None
    z0: complex | None


@dataclass(frozen=True)
class Operation:
    """How a PowerTransformer is operated before a short circuit; None where not given.

    unit:              whether it is part of a power station unit.
    lowest_high_u:     volts at its high side at least.
    highest_u:         volts at its low side, amperes there, and the angle in radians by which they
    highest_current:   lag, when long-term operation is to be considered.
    angle:
    """

    unit: bool = False
    lowest_high_u: float | None = None
    highest_u: float | None = None
    highest_current: float | None = None
    angle: float | None = None


@dataclass(frozen=True)
class ShortCircuit:
    """Everything that only short circuits need.

    operations: by mRID of the PowerTransformer, those that say anything.
    heat:       degrees Celsius at the end of a short circuit, by mRID of the ACLineSegment.
    problems:   sentences; what is left out by them may be fine for a load flow.
    """

    feeders: tuple[Feeder, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()
    synchronous: tuple[Synchronous, ...] = ()
    asynchronous: tuple[Asynchronous, ...] = ()
    inverters: tuple[Inverter, ...] = ()
    operations: Mapping[str, Operation] = field(default_factory=dict)
    heat: Mapping[str, float] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def short_circuit(reading: Reading) -> ShortCircuit:
    """What is given; equipment without its short-circuit data is in no list, by a sentence."""
    before = len(reading.problems)

    def those(kind: str, make: Callable[[Reading, int], Made]) -> tuple[Made, ...]:
        return reading.made(reading.of_class(kind), lambda row: make(reading, row))

    found = (
        those("ExternalNetworkInjection", _feeder),
        those("EquivalentInjection", _equivalent),
        those("SynchronousMachine", synchronous),
        those("AsynchronousMachine", asynchronous),
        those("PowerElectronicsConnection", inverter),
        dict(those("PowerTransformer", _operation)),
        {mrid: heat for mrid, heat in those("ACLineSegment", _heat) if heat is not None},
    )
    problems = tuple(dict.fromkeys(reading.problems[before:]))
    del reading.problems[before:]
    return ShortCircuit(*found, problems=problems)


# -- networks that are not modelled


def _feeder(reading: Reading, row: int) -> Feeder:
    [place] = ports(reading, row, 1)
    strongest, weakest = (_strength(reading, row, bound) for bound in ("max", "min"))
    if strongest is None and weakest is None:
        raise Absurd("it has no initial symmetrical short-circuit current above 0")
    factor = reading.number(row, "ExternalNetworkInjection.voltageFactor")
    if factor is not None and not 0.5 < factor < 2:
        if factor:
            reading.say(row, f"has a voltageFactor of {factor:g}, which is not used")
        factor = None
    return Feeder(reading.mrid(row), reading.name(row), place, strongest, weakest, factor)


def _strength(reading: Reading, row: int, bound: str) -> Strength | None:
    def ratio(name: str) -> float | None:
        value = reading.number(row, f"ExternalNetworkInjection.{bound}{name}Ratio")
        if value is not None and value < 0:
            reading.say(row, f"has a {bound}{name}Ratio of {value:g}, which is not used")
            return None
        return value

    name = f"ExternalNetworkInjection.{bound}InitialSymShCCurrent"
    current = reading.number(row, name)
    if not current:
        return None
    if current < 0:
        reading.say(row, f"has {name} {current:g}, which is not used")
        return None
    r_x = ratio("R1ToX1")
    if r_x is None:
        reading.say(row, f"has no {bound}R1ToX1Ratio; 0.1 is taken")
    return Strength(current, 0.1 if r_x is None else r_x, ratio("Z0ToZ1") or None, ratio("R0ToX0"))


def _equivalent(reading: Reading, row: int) -> Equivalent:
    [place] = ports(reading, row, 1)
    one, two, zero = (ohm(reading, row, "EquivalentInjection", end) for end in ("", "2", "0"))
    if one is None:
        raise Absurd("it has no impedance r and x")
    return Equivalent(reading.mrid(row), reading.name(row), place, one, two, zero)


# -- transformers and lines


def _operation(reading: Reading, row: int) -> tuple[str, Operation]:
    """Zeros stand for "not known" in the profile, where these attributes are mandatory."""
    kind = "PowerTransformer"
    before = f"{kind}.beforeShCircuitHighestOperating"
    volts, considered = (
        reading.unit.voltage,
        reading.flag(row, f"{kind}.operationalValuesConsidered"),
    )
    angle = reading.number(row, f"{kind}.beforeShortCircuitAnglePf")
    return reading.mrid(row), Operation(
        reading.flag(row, f"{kind}.isPartOfGeneratorUnit") or False,
        reading.number(row, f"{kind}.highSideMinOperatingU", volts) or None,
        (reading.number(row, f"{before}Voltage", volts) or None) if considered else None,
        (reading.number(row, f"{before}Current") or None) if considered else None,
        math.radians(angle) if considered and angle is not None else None,
    )


def _heat(reading: Reading, row: int) -> tuple[str, float | None]:
    value = reading.number(row, "ACLineSegment.shortCircuitEndTemperature")
    if value is not None and not 20 <= value <= 1000:
        reading.say(row, f"has a shortCircuitEndTemperature of {value:g}, which is not used")
        value = None
    return reading.mrid(row), value
