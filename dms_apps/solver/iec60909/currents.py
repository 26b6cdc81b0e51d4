"""Short-circuit currents at every bus by IEC 60909-0:2016."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.electrical.view import View
from dms_apps.solver.given import Given
from dms_apps.solver.iec60909 import factors, matrices, scope, steady
from dms_apps.solver.iec60909.circuit import Circuit
from dms_apps.solver.iec60909.machines import Feeding
from dms_apps.solver.iec60909.matrices import Impedances
from dms_apps.solver.iec60909.method import Method
from dms_apps.solver.iec60909.motors import Group, groups, omitted, sentences
from dms_apps.solver.iec60909.units import Unit
from dms_apps.solver.solution import Engine

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Ints = NDArray[np.int64]

_TURN = np.exp(2j * np.pi / 3)


@dataclass(frozen=True, eq=False)
class Faults:
    """Amperes by bus, initial symmetrical unless said otherwise; 0 where nothing feeds it.

    nominal:     volts between phases; NaN where nothing says it, and then all else is NaN, as it is
                 where less than three phases feed.
    one, zero:   ohm at the short circuit, positive and zero sequence; infinite where there is none.
    kappa:       peak over initial amplitude.
    three:       of three phases; peak, breaking (at the least delay), steady and thermal of it; the
                 steady one is NaN where a machine alone feeds (`steady`).
    two:         of two phases without earth; its peak.
    earth_two:   of two phases to earth: in phase B, in phase C, and to earth.
    single:      of one phase to earth; its peak.
    """

    nominal: Floats
    one: Complex
    zero: Complex
    kappa: Floats
    three: Floats
    peak: Floats
    breaking: Floats
    steady: Floats
    thermal: Floats
    two: Floats
    two_peak: Floats
    earth_two_b: Floats
    earth_two_c: Floats
    earth_two_e: Floats
    single: Floats
    single_peak: Floats

    def but(self, some: NDArray[np.bool_]) -> Faults:
        """Without what was computed at some buses: NaN there, but for the nominal voltage."""
        own = {f.name: np.where(some, np.nan, getattr(self, f.name)) for f in fields(Faults)}
        return Faults(**{**own, "nominal": self.nominal})


@dataclass(frozen=True, eq=False)
class ShortCircuits:
    """What came out.

    numbers: of the bus, by mRID of the node.
    motors:  asynchronous machines by network, and where they are left out; none where all count.
    """

    circuit: Circuit
    faults: Faults
    method: Method
    remarks: tuple[str, ...]
    motors: tuple[Group, ...]

    @property
    def engine(self) -> Engine:
        """What computed them."""
        said = asdict(self.method) | {"curves": len(self.method.curves)}
        return Engine("gridbus IEC 60909", version("gridbus"), said)

    def at(self, node: str) -> int:
        """The place of a node in the columns of `faults`.  Raises: KeyError."""
        return self.circuit.buses.number[node]


def short_circuits(
    view: View, given: Given | None = None, method: Method | None = None
) -> ShortCircuits:
    """At every bus that has three phases, each by itself."""
    method = method or Method()
    circuit = Circuit.of(view, given, method)
    remarks = list(circuit.remarks)
    some = _motors(circuit)
    remarks += sentences([one for one in some if one.is_left_out])
    found = [
        (buses, _faults(circuit.without(left), buses, inside))
        for left, those in _left_out(some, len(circuit.buses.nodes))
        for buses, inside in _by_unit(circuit, those)
    ]
    whole = _together(found, len(circuit.buses.nodes))
    said = _said(circuit, remarks, whole.steady)
    outside = scope.beyond(view, given or Given(), circuit.buses, np.isfinite(whole.one))
    if outside.any():
        whole = whole.but(outside)
        said += (
            f"{outside.sum()} buses are fed over one or two phases only: IEC 60909 says nothing of "
            "them, and nothing is computed there.",
        )
    return ShortCircuits(circuit, whole, method, said, some)


def _by_unit(circuit: Circuit, buses: Ints) -> Iterator[tuple[Ints, Unit | None]]:
    """Those outside of power station units together; the low side of each unit by itself."""
    lows = [unit.low for unit in circuit.units]
    yield np.setdiff1d(buses, lows), None
    for unit in circuit.units:
        if unit.low in buses:
            yield np.array([unit.low]), unit


def _motors(circuit: Circuit) -> tuple[Group, ...]:
    """By network, those that may be left out; none where all count."""
    motors = frozenset(one.mrid for one in circuit.feeding if one.kind == "asynchronous")
    if not motors or not circuit.method.omit_motors:
        return ()
    every = np.arange(len(circuit.buses.nodes))
    bare, three = circuit.without(motors), np.full(len(every), np.nan)
    for buses, inside in _by_unit(circuit, every):
        z = matrices.positive(bare, inside=inside)
        driven = _driving(bare, buses, inside) + _rising(bare, z, buses)
        three[buses] = matrices.over(driven, z.own(buses))
    return groups(circuit, three)


def _left_out(some: Sequence[Group], count: int) -> Iterator[tuple[frozenset[str], Ints]]:
    """Machines that are left out, and at which buses: each of them once."""
    by: dict[frozenset[str], list[int]] = {}
    for bus, left in enumerate(omitted(some, count)):
        by.setdefault(left, []).append(bus)
    for left, buses in by.items():
        yield left, np.array(buses, np.int64)


def _together(found: Sequence[tuple[Ints, Faults]], size: int) -> Faults:
    def column(name: str) -> Any:
        values = [getattr(some, name) for _, some in found]
        whole = np.full(size, np.nan, values[0].dtype)
        for (buses, _), own in zip(found, values, strict=True):
            whole[buses] = own
        return whole

    return Faults(**{field.name: column(field.name) for field in fields(Faults)})


def _said(circuit: Circuit, remarks: Sequence[str], lasting: Floats) -> tuple[str, ...]:
    unknown = int(np.isnan(circuit.nominal).sum())
    more = [f"{unknown} buses have no nominal voltage: nothing is computed there."] * bool(unknown)
    more += steady.sentences(circuit, lasting)
    if not circuit.feeding:
        more.append("Nothing feeds a short circuit: there is no source, network or machine.")
    return (*remarks, *more)


# -- one matrix, many buses


def _faults(circuit: Circuit, buses: Ints, inside: Unit | None) -> Faults:
    """At these buses; `inside` at the low side of a power station unit, where they are one."""
    method = circuit.method
    nominal = circuit.nominal[buses]
    driving = _driving(circuit, buses, inside)
    unknown = np.isnan(driving)
    across = np.where(unknown, 1.0, driving)
    z1 = matrices.positive(circuit, inside=inside)
    one = z1.own(buses)
    differs = any(f.two != f.one or f.symmetric for f in circuit.feeding)
    two = matrices.positive(circuit, "two", inside=inside).own(buses) if differs else one
    zero = matrices.zero(circuit, inside).own(buses)
    kappa = _kappa(circuit, buses, inside)
    rising = _rising(circuit, z1, buses)
    three = matrices.over(across + rising, one)
    peak = math.sqrt(2) * (kappa * matrices.over(across, one) + matrices.over(rising, one))
    lasting = steady.currents(circuit, buses, inside, across + rising, three)
    heat = factors.m(kappa, method.duration, method.frequency)
    heat = heat + factors.n(three, lasting, method.duration)
    driven = across + rising
    pair = math.sqrt(3) * matrices.over(driven, one + two)
    single = 3 * matrices.over(driven, one + two + zero)
    b, c, e = _two_to_earth(driven, one, two, zero)
    dead = np.isinf(one)
    alive = ~dead
    found = Faults(
        nominal,
        one,
        zero,
        kappa * alive,
        three,
        peak,
        _breaking(circuit, z1, buses, inside, across, rising, one),
        lasting,
        three * np.sqrt(heat),
        pair,
        math.sqrt(2) * kappa * pair,
        b,
        c,
        e,
        single,
        math.sqrt(2) * kappa * single,
    )
    for field in fields(Faults) if unknown.any() else ():
        getattr(found, field.name)[unknown] = np.nan
    return found


def _driving(circuit: Circuit, buses: Ints, inside: Unit | None) -> Floats:
    """Volts to earth of the equivalent source at the short circuit (5.3.1)."""
    method = circuit.method
    volts = np.full(len(buses), inside.volts) if inside else circuit.nominal[buses]
    c = [
        factors.voltage_factor(v, maximum=method.maximum, tolerance=method.tolerance)
        for v in volts.tolist()
    ]
    return np.asarray(np.array(c) * volts / math.sqrt(3))


def _kappa(circuit: Circuit, buses: Ints, inside: Unit | None) -> Floats:
    """From R/X at the short circuit, with the resistances for peak currents (8.1)."""
    method = circuit.method
    if method.peak == "C":
        share = factors.equivalent_frequency(method.frequency) / method.frequency
        z = matrices.positive(circuit, "peak", share, inside).own(buses)
        return factors.kappa(_r_x(z) * share)
    z = matrices.positive(circuit, "peak", inside=inside).own(buses)
    low = circuit.nominal[buses] <= factors.LOW_VOLTAGE
    most = np.where(low, 1.8, 2.0)
    safe = 1.0 if _all_reactive(circuit) else 1.15
    return np.asarray(np.minimum(safe * factors.kappa(_r_x(z)), most))


def _r_x(z: Complex) -> Floats:
    known = np.isfinite(z.real) & (z.imag > 0)
    return np.divide(z.real, z.imag, out=np.zeros(len(z)), where=known)


def _all_reactive(circuit: Circuit) -> bool:
    """Whether R/X is below 0.3 in every branch, so that method b needs no factor (8.1.3)."""
    z = circuit.lines.one
    branches = [one.peak for one in circuit.feeding]
    branches += [z for bank in circuit.banks for z in _leakages(bank.tanks[0].leakage.z)]
    return bool((z.real < 0.3 * z.imag).all() and all(b.real < 0.3 * b.imag for b in branches))


def _leakages(z: Complex) -> Iterator[complex]:
    for i in range(len(z)):
        for j in range(i + 1, len(z)):
            yield complex(z[i, j])


def _rising(circuit: Circuit, z1: Impedances, buses: Ints) -> Floats:
    """Volts by which currents of inverters raise that of the equivalent source (7.1, moduli)."""
    if not circuit.inverters:
        return np.zeros(len(buses))
    at, amperes = zip(*circuit.inverters, strict=True)
    mutual = np.abs(z1.mutual(buses, np.array(at, np.int64)))
    return np.asarray(mutual @ np.array(amperes))


def _two_to_earth(
    volts: Floats, one: Complex, two: Complex, zero: Complex
) -> tuple[Floats, Floats, Floats]:
    """In phases B and C, and to earth (7.4); without a zero sequence those of two phases."""
    far = np.isinf(np.abs(zero))
    z0 = np.where(far, 0, zero)
    z2, z1 = np.where(np.isinf(np.abs(two)), 0, two), np.where(np.isinf(np.abs(one)), 0, one)
    below = z1 * z2 + z1 * z0 + z2 * z0
    with np.errstate(divide="ignore", invalid="ignore"):
        b, c = (
            np.where(far, 1 / (z1 + z2), (z0 - turn * z2) / below) for turn in (_TURN, _TURN**2)
        )
        e = np.where(far, 0, math.sqrt(3) * z2 / below)
    dead = np.isinf(np.abs(one))
    b, c, e = (math.sqrt(3) * volts * np.abs(np.where(dead, 0, each)) for each in (b, c, e))
    return b, c, e


# -- decay


def _breaking(
    circuit: Circuit,
    z1: Impedances,
    buses: Ints,
    inside: Unit | None,
    across: Floats,
    rising: Floats,
    one: Complex,
) -> Floats:
    """The symmetrical current when contacts part (9.1.3, by the drop at each machine)."""
    decaying = [f for f in circuit.feeding if f.decays]
    dead = np.isinf(one)
    below = np.where(dead, 1, one)
    initial = across / below
    lost = np.zeros(len(buses), np.complex128)
    mutual = z1.mutual(buses, np.array([f.bus for f in decaying], np.int64))
    for column, feeding in enumerate(decaying):
        own = matrices.changed(feeding, inside) * feeding.one
        current = across * np.where(dead, 0, mutual[:, column]) / below / own
        share = _left(feeding, np.abs(current), circuit.method)
        drop = (own if feeding.symmetric else 1j * own.imag) * current
        lost += drop * (1 - share) * current / across
    rest = np.where(dead, 0, np.abs(initial - lost))
    return rest + matrices.over(rising, one)


def _left(feeding: Feeding, current: Floats, method: Method) -> Floats:
    """Share of the current of a machine that is left when contacts part.

    A motor that gives less than twice its rated current is far from the short circuit, as the
    results of IEC TR 60909-4 have it.
    """
    ratio = current / feeding.rated
    share = factors.mu(ratio, method.delay)
    if feeding.kind != "asynchronous":
        return share
    if feeding.symmetric:
        return np.zeros_like(share)
    decayed = share * factors.q(np.full(1, feeding.per_pair), method.delay)
    return np.where(ratio > 2, decayed, 1.0)
