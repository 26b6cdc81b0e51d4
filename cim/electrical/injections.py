"""What feeds and what draws: sources, loads, generators, inverters and batteries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.electrical.impedances import from_sequences
from cim.electrical.line_constants import Matrix
from cim.electrical.ports import Port, agreed, live, ordered, ports, sorted_phases
from cim.electrical.reading import CGMES, Absurd, Reading
from cim.electrical.shunts import branches

Vector = NDArray[np.float64]

CONSUMERS = ("EnergyConsumer", "ConformLoad", "NonConformLoad", "StationSupply")
MACHINES = ("SynchronousMachine", "AsynchronousMachine")
UNITS = ("PhotovoltaicUnit", "PhotoVoltaicUnit", "BatteryUnit", "PowerElectronicsWindUnit")


@dataclass(frozen=True)
class Response:
    """How a load depends on voltage (LoadResponseCharacteristic).

    p, q:      shares of constant impedance, current and power, which add up to 1; or
    exponents: of the voltage for p and q, when these are given instead.
    """

    p: tuple[float, float, float] = (0.0, 0.0, 1.0)
    q: tuple[float, float, float] = (0.0, 0.0, 1.0)
    exponents: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Load:
    """An EnergyConsumer.

    connection: "Y" or "D".
    grounded:   whether the star point is earthed.
    branches:   from and to phase of each part; to "N" in a star.
    nominal_u:  volts between phases (its BaseVoltage), to which the response refers; None when
                not given.
    p, q:       watts and var that it draws at nominal voltage, by branch.
    customers:  None when not given.
    neutral:    whether its star point is the neutral conductor of its node, which lines bring
                there, and not earth.
    """

    mrid: str
    name: str
    port: Port
    connection: str
    grounded: bool
    branches: tuple[tuple[str, str], ...]
    nominal_u: float | None
    p: Vector
    q: Vector
    response: Response
    customers: int | None
    neutral: bool = False


@dataclass(frozen=True, eq=False)
class Source:
    """An EnergySource: a voltage behind an impedance.

    phases: A, B, C or some of them.
    volts:  complex, to earth, by phase, behind the impedance.
    z:      ohm, over the phases; all 0 when it holds its voltage.
    """

    mrid: str
    name: str
    port: Port
    phases: tuple[str, ...]
    nominal_u: float | None
    volts: NDArray[np.complex128]
    z: Matrix


@dataclass(frozen=True)
class Unit:
    """What stands behind an inverter, e.g. a BatteryUnit.

    max_p, min_p: watts; rated_e, stored_e: watt-hours; each None when not given.
    state:        BatteryStateKind; empty when not given.
    """

    mrid: str
    name: str
    kind: str
    max_p: float | None
    min_p: float | None
    rated_e: float | None
    stored_e: float | None
    state: str


@dataclass(frozen=True, eq=False)
class Generator:
    """A PowerElectronicsConnection, SynchronousMachine, AsynchronousMachine or EquivalentInjection.

    p, q:         watts and var that it feeds in, by phase.
    rated_s, rated_u, max_q, min_q: volt-amperes, volts, var; None when not given.
    control_mode: e.g. "constantPowerFactor"; empty when not given.
    neutral:      whether it lies between its phases and the neutral conductor of its node, and
                  not earth.
    """

    mrid: str
    name: str
    kind: str
    port: Port
    phases: tuple[str, ...]
    p: Vector
    q: Vector
    rated_s: float | None
    rated_u: float | None
    max_q: float | None
    min_q: float | None
    control_mode: str
    units: tuple[Unit, ...]
    neutral: bool = False


# -- loads


def loads(reading: Reading) -> tuple[Load, ...]:
    """All energy consumers."""
    return reading.made(reading.of_class(*CONSUMERS), lambda row: _load(reading, row))


def _load(reading: Reading, row: int) -> Load:
    [place] = ports(reading, row, 1)
    kind = "EnergyConsumer"
    stated = reading.code(row, f"{kind}.phaseConnection")
    connection = "D" if stated == "D" else "Y"
    parts = _parts(reading, row, f"{kind}Phase.{kind}", f"{kind}Phase.phase")
    named = live(sorted_phases(parts) or agreed((), [place]))
    between = branches(connection, named)
    if connection == "D" and len(named) == 2 and not parts:
        between = ((named[0], named[1]),)
    return Load(
        reading.mrid(row),
        reading.name(row),
        place,
        connection,
        connection == "Y" and reading.flag(row, f"{kind}.grounded") is not False,
        between,
        reading.base_voltage(row),
        _powers(reading, row, kind, "p", [parts.get(phase) for phase, _ in between]),
        _powers(reading, row, kind, "q", [parts.get(phase) for phase, _ in between]),
        _response_of(reading, reading.link(row, f"{kind}.LoadResponse")),
        reading.whole(row, f"{kind}.customerCount"),
    )


def _parts(reading: Reading, row: int, back: str, phase: str) -> dict[str, int]:
    """The objects for single phases, by phase; documents from OpenDSS say AN for A to neutral."""
    found: dict[str, int] = {}
    for part in reading.behind(row, back):
        named = live(ordered(reading.code(part, phase)))
        if len(named) != 1 or named[0] in found:
            raise Absurd(f"its {reading.called(part)} does not say which phase, or a phase again")
        found[named[0]] = part
    return found


def _powers(
    reading: Reading, row: int, kind: str, name: str, parts: Sequence[int | None]
) -> Vector:
    """By branch: of its own phase, else an equal share of the whole."""
    scale = reading.unit.power
    whole = reading.number(row, f"{kind}.{name}", scale)
    if whole is None:
        whole = reading.number(row, f"{kind}.{name}fixed", scale)
    given = [None if p is None else reading.number(p, f"{kind}Phase.{name}", scale) for p in parts]
    if None in given:
        if whole is None:
            reading.say(row, f"has no {name}; it is taken to be 0")
        return np.full(len(parts), (whole or 0.0) / len(parts))
    powers = np.array(given, np.float64)
    if whole is not None and abs(powers.sum() - whole) > 0.02 * max(abs(whole), 1.0):
        reading.say(row, f"has {name} {whole:g}, and its phases {powers.sum():g} together")
    return powers


def _response_of(reading: Reading, row: int | None) -> Response:
    return reading.once(("response", row), lambda: _response(reading, row))


def _response(reading: Reading, row: int | None) -> Response:
    """Without one a load is of constant power (IEC 61970-301, EnergyConsumer.LoadResponse)."""
    if row is None:
        return Response()
    kind = "LoadResponseCharacteristic"
    if reading.flag(row, f"{kind}.exponentModel"):
        exponents = (
            reading.number(row, f"{kind}.pVoltageExponent") or 0.0,
            reading.number(row, f"{kind}.qVoltageExponent") or 0.0,
        )
        return Response(exponents=exponents)
    return Response(_shares(reading, row, "p"), _shares(reading, row, "q"))


def _shares(reading: Reading, row: int, name: str) -> tuple[float, float, float]:
    """Of impedance, current and power; per cent or shares, scaled to add up to 1."""
    impedance, current, power = (
        reading.number(row, f"LoadResponseCharacteristic.{name}Constant{part}") or 0.0
        for part in ("Impedance", "Current", "Power")
    )
    total = impedance + current + power
    if total <= 0:
        reading.say(row, f"gives no shares for {name}; constant power is taken")
        return 0.0, 0.0, 1.0
    if min(abs(total - 100), abs(total - 1)) > 0.01 * total:
        reading.say(row, f"gives shares for {name} that add up to {total:g}; they are scaled")
    return impedance / total, current / total, power / total


# -- sources


def sources(reading: Reading) -> tuple[Source, ...]:
    """All EnergySources."""
    return reading.made(reading.of_class("EnergySource"), lambda row: _source(reading, row))


def _source(reading: Reading, row: int) -> Source:
    [place] = ports(reading, row, 1)
    kind = "EnergySource"
    parts = _parts(reading, row, f"{kind}Phase.{kind}", f"{kind}Phase.phase")
    phases = live(agreed(sorted_phases(parts), [place]))
    nominal = reading.number(row, f"{kind}.nominalVoltage", reading.unit.voltage)
    volts = reading.number(row, f"{kind}.voltageMagnitude", reading.unit.voltage)
    if volts is None and nominal is not None:
        reading.say(row, "has no voltageMagnitude; its nominalVoltage is taken")
        volts = nominal
    if not volts or volts < 0:
        raise Absurd("it has no voltageMagnitude above 0")
    angle = reading.number(row, f"{kind}.voltageAngle") or 0.0
    turns = {"A": 0.0, "B": -2 * np.pi / 3, "C": 2 * np.pi / 3}
    if not set(phases) <= set(turns):
        raise Absurd(f"it has the phases {''.join(phases)}")
    angles = np.array([angle + turns[phase] for phase in phases])
    r, x, r0, x0 = (reading.number(row, f"{kind}.{name}") for name in ("r", "x", "r0", "x0"))
    one, zero = complex(r or 0, x or 0), complex(r0 or 0, x0 or 0)
    if one and not zero:
        reading.say(row, "has no zero sequence impedance; it is taken to be the positive one")
    return Source(
        reading.mrid(row),
        reading.name(row),
        place,
        phases,
        nominal,
        volts / np.sqrt(3) * np.exp(1j * angles),
        from_sequences(one, zero or one, phases),
    )


# -- generators


def generators(reading: Reading) -> tuple[Generator, ...]:
    """All inverters, rotating machines and equivalent injections.

    IEC 61970-301 counts p and q of these as drawn.  Documents from OpenDSS count them as fed in;
    they are known by photovoltaics, or discharging batteries, with p above 0, and then all are
    read so, with a sentence.  CGMES profiles are always read as the standard counts.
    """
    rows = reading.of_class("PowerElectronicsConnection", *MACHINES, "EquivalentInjection")
    sign = -1.0
    witness = None if reading.unit == CGMES else _fed_in(reading, rows)
    if witness is not None:
        reading.problems.append(
            f"{reading.called(witness)} draws power by IEC 61970-301, and produces by what it is: "
            "p and q of all inverters and machines are read as fed in."
        )
        sign = 1.0
    return reading.made(rows, lambda row: _generator(reading, row, sign))


def _units(reading: Reading, row: int) -> list[int]:
    return reading.either(
        row,
        "PowerElectronicsConnection.PowerElectronicsUnit",
        "PowerElectronicsUnit.PowerElectronicsConnection",
    )


def _fed_in(reading: Reading, rows: Sequence[int]) -> int | None:
    """An inverter that shows that p is counted as fed in; None without one."""
    for row in rows:
        p = reading.number(row, "PowerElectronicsConnection.p") or 0.0
        for unit in _units(reading, row):
            if reading.kind(unit).lower() == "photovoltaicunit" and p > 0:
                return row
            state = reading.code(unit, "BatteryUnit.batteryState")
            if (state == "discharging" and p > 0) or (state == "charging" and p < 0):
                return row
    return None


def _generator(reading: Reading, row: int, sign: float) -> Generator:
    [place] = ports(reading, row, 1)
    cim_class = reading.kind(row)
    kind = "RotatingMachine" if cim_class in MACHINES else cim_class
    parts = _parts(reading, row, f"{kind}Phase.{kind}", f"{kind}Phase.phase")
    phases = live(agreed(sorted_phases(parts), [place]))
    each = [parts.get(phase) for phase in phases]
    scale = reading.unit.power
    limits = "SynchronousMachine" if kind == "RotatingMachine" else kind
    return Generator(
        reading.mrid(row),
        reading.name(row),
        cim_class,
        place,
        phases,
        sign * _powers(reading, row, kind, "p", each),
        sign * _powers(reading, row, kind, "q", each),
        reading.rating(row, f"{kind}.ratedS", scale),
        reading.number(row, f"{kind}.ratedU", reading.unit.voltage),
        reading.number(row, f"{limits}.maxQ", scale),
        reading.number(row, f"{limits}.minQ", scale),
        reading.code(row, f"{kind}.controlMode"),
        tuple(_unit(reading, unit) for unit in _units(reading, row)),
    )


def _unit(reading: Reading, row: int) -> Unit:
    scale = reading.unit.power
    return Unit(
        reading.mrid(row),
        reading.name(row),
        reading.kind(row),
        reading.number(row, "PowerElectronicsUnit.maxP", scale),
        reading.number(row, "PowerElectronicsUnit.minP", scale),
        reading.number(row, "BatteryUnit.ratedE", scale),
        reading.number(row, "BatteryUnit.storedE", scale),
        reading.code(row, "BatteryUnit.batteryState"),
    )
