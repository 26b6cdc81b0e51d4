"""What else there is in a fault: machines behind their subtransient impedances, inverters with a
limited current, and loads as the impedances that they were before it."""

from __future__ import annotations

import cmath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from cim.electrical.impedances import from_sequences
from cim.electrical.injections import Generator, Source
from cim.electrical.machines import Asynchronous, Inverter, Synchronous
from cim.electrical.ports import ABC
from cim.electrical.short_circuit import Equivalent, Feeder
from cim.electrical.view import View
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.loads import drawn
from dms_apps.solver.naming import titled
from dms_apps.solver.solution import Complex, Options

Matrix = NDArray[np.complex128]

_INVERTER = "PowerElectronicsConnection"
_TURN = cmath.exp(2j * cmath.pi / 3)
_COLUMNS = {"A": (1, 1, 1), "B": (1, _TURN**2, _TURN), "C": (1, _TURN, _TURN**2)}
_BEHIND_CONVERTER = (3.0, 0.1)
"""Current over the rated one, and R/X, of a drive that can feed back (IEC 60909-0, static
converters)."""


@dataclass(frozen=True)
class Infeed:
    """What is assumed of what feeds a fault.

    machines:  whether rotating machines and equivalent injections feed it; else their currents
               stay as they were, which without a load flow is none.
    inverters: current of an inverter over its rated one, where it has no maxIFault; with 0 all
               inverters feed nothing.
    weakest:   whether networks behind ExternalNetworkInjections are at their weakest.
    """

    machines: bool = True
    inverters: float = 1.2
    weakest: bool = False

    @classmethod
    def none(cls, *, weakest: bool = False) -> Infeed:
        """Nothing but sources."""
        return cls(machines=False, inverters=0.0, weakest=weakest)


Entry = tuple[Sequence[int], Sequence[int], Matrix]
"""Conductors, their places, and siemens between these."""


def matrix(layout: Layout, entries: Iterable[Entry]) -> csr_matrix:
    """Conductors by places."""
    rows, columns, values = [], [], []
    for of, places, y in entries:
        rows.append(np.repeat(np.asarray(of, np.int64), len(places)))
        columns.append(np.tile(np.asarray(places, np.int64), len(of)))
        values.append(y.ravel())
    shape = (len(layout.conductors.place), len(layout.places))
    if not rows:
        return csr_matrix(shape, dtype=np.complex128)
    at = (np.concatenate(rows), np.concatenate(columns))
    return coo_matrix((np.concatenate(values), at), shape).tocsr()


# -- machines


def machines(layout: Layout, given: Given) -> Iterator[Entry]:
    """Machines and equivalent injections that are in service."""
    for generator, machine in _machines(layout, given):
        if machine is not None and _three_phase(generator) and any(values := _sequences(machine)):
            rows = layout.rows(generator.mrid)
            y = of_sequences(generator.phases, *values)
            yield range(rows.start, rows.stop), layout.conductors.place[rows].tolist(), y


def unknown(layout: Layout, given: Given) -> Iterator[str]:
    """Sentences on those whose current is taken not to change."""
    for generator, machine in _machines(layout, given):
        called = f"{generator.kind} {titled(generator.name, generator.mrid)}"
        if machine is None:
            yield f"{called} has no short-circuit data; its current is taken not to change."
        elif not _three_phase(generator):
            phases = "".join(generator.phases)
            yield f"{called} is on {phases} only; its current is taken not to change."
    known = {one.mrid for one in layout.view.short_circuit.inverters}
    for generator in layout.view.generators:
        if generator.kind == _INVERTER and generator.mrid not in known:
            called = f"{_INVERTER} {titled(generator.name, generator.mrid)}"
            yield f"{called} has no rated current; its current is taken not to change."


Machine = Synchronous | Asynchronous | Equivalent


def _machines(layout: Layout, given: Given) -> Iterator[tuple[Generator, Machine | None]]:
    data = layout.view.short_circuit
    some: tuple[Machine, ...] = (*data.synchronous, *data.asynchronous, *data.equivalents)
    known = {one.mrid: one for one in some}
    for generator in layout.view.generators:
        if generator.kind != _INVERTER and generator.mrid not in given.out:
            yield generator, known.get(generator.mrid)


def _three_phase(generator: Generator) -> bool:
    return set(generator.phases) == set(ABC)


def of_sequences(phases: Sequence[str], zero: complex, one: complex, two: complex) -> Matrix:
    """The phase matrix with these values of the sequences (C. L. Fortescue, 1918)."""
    columns = np.array([_COLUMNS[phase] for phase in phases])
    return np.asarray(columns @ np.diag([zero, one, two]) @ columns.conj().T / 3, np.complex128)


def _sequences(machine: Machine) -> tuple[complex, ...]:
    """Siemens of the zero, positive and negative sequence."""
    if isinstance(machine, Equivalent):
        two = machine.z1 if machine.z2 is None else machine.z2
        return (1 / machine.z0 if machine.z0 else 0.0), 1 / machine.z1, 1 / two
    if isinstance(machine, Asynchronous):
        y = _asynchronous(machine)
        return 0.0, y, y
    z = complex(machine.r, machine.x_subtransient * machine.rated_z)
    zero = 0j
    if machine.earthing is not None:
        zero = 1 / ((z if machine.z0 is None else machine.z0) + 3 * machine.earthing)
    return zero, 1 / z, 1 / (z if machine.z2 is None else machine.z2)


def _asynchronous(machine: Asynchronous) -> complex:
    """Siemens of the locked rotor; R/X, where none is said, by IEC 60909-0."""
    start, r_x = machine.start, machine.r_x
    if machine.converter:
        if not machine.reversible:
            return 0.0
        start, r_x = _BEHIND_CONVERTER
    if r_x is None and machine.rated_u <= 1000:
        r_x = 0.42
    elif r_x is None:
        r_x = 0.1 if machine.mechanical / machine.pole_pairs >= 1e6 else 0.15
    z = machine.rated_u**2 / machine.rated_s / start
    return 1 / (z * complex(r_x, 1) / abs(complex(r_x, 1)))


# -- sources that have an impedance by their short-circuit data


def with_strengths(view: View, assumed: Infeed) -> View:
    """The view with an impedance behind each source that only its short-circuit data tell: of an
    ExternalNetworkInjection, and of a machine or inverter that holds the voltage of an island."""
    data = view.short_circuit
    feeders = {one.mrid: one for one in data.feeders}
    machines = {one.mrid: one for one in data.synchronous}
    inverters = {one.mrid: one for one in data.inverters}
    found = []
    for source in view.sources:
        if source.mrid in feeders:
            source = _strong(source, feeders[source.mrid], assumed.weakest)
        elif source.mrid in machines and len(source.phases) == 3:
            zero, one, _ = _sequences(machines[source.mrid])
            z = from_sequences(1 / one, 1 / zero if zero else _OPEN / one, source.phases)
            source = replace(source, z=z)
        elif source.mrid in inverters and assumed.inverters:
            source = _behind(source, inverters[source.mrid], assumed.inverters)
        found.append(source)
    changed = any(one is not two for one, two in zip(found, view.sources, strict=True))
    return replace(view, sources=tuple(found)) if changed else view


def _behind(source: Source, inverter: Inverter, multiple: float) -> Source:
    """The reactance that lets the limit of its current into a fault at its terminals."""
    limit = inverter.rated_current * (multiple if inverter.limit is None else inverter.limit)
    x = float(np.abs(source.volts).max()) / limit if limit else _OPEN
    return replace(source, z=np.diag(np.full(len(source.phases), 1j * x)))


def _strong(source: Source, feeder: Feeder, weakest: bool) -> Source:
    """Z1 = c Un / (sqrt(3) Ik"), IEC 60909-0, network feeders."""
    strength = feeder.minimum if weakest else feeder.maximum
    strength = strength or feeder.maximum or feeder.minimum
    if strength is None or not source.nominal_u:
        return source
    size = (feeder.factor or 1.0) * source.nominal_u / (np.sqrt(3) * strength.current)
    one = _of_size(size, strength.r_x)
    r0_x0 = strength.r_x if strength.r0_x0 is None else strength.r0_x0
    zero = _OPEN * one if strength.z0_z1 is None else _of_size(size * strength.z0_z1, r0_x0)
    return replace(source, z=from_sequences(one, zero, source.phases))


_OPEN = 1e6


def _of_size(size: float, r_x: float) -> complex:
    return size * complex(r_x, 1) / abs(complex(r_x, 1))


# -- inverters and loads


def limited(layout: Layout, given: Given, volts: Complex, multiple: float) -> Complex:
    """Amperes by conductor into the inverters during a fault, below 0 as they feed.

    Each phase has the limit of its inverter and lags its voltage before the fault by a quarter
    turn: reactive current, as grid codes ask, whatever voltage is left.  Near the fault that is
    so; far from it it is too much.
    """
    found = np.zeros(len(layout.conductors.place), np.complex128)
    ratings = {one.mrid: one for one in layout.view.short_circuit.inverters}
    for generator in layout.view.generators if multiple else ():
        if generator.mrid in ratings and generator.mrid not in given.out:
            inverter = ratings[generator.mrid]
            limit = multiple if inverter.limit is None else inverter.limit
            rows = layout.rows(generator.mrid)
            before = volts[layout.conductors.place[rows]]
            size = limit * _rated(generator, inverter.rated_current)
            turned = before / np.where(before == 0, 1, np.abs(before))
            found[rows] = 1j * size * turned
    return found


def _rated(generator: Generator, three_phase: float) -> float:
    """Amperes of each phase: with fewer than three, each carries more."""
    return three_phase * 3 / len(generator.phases)


def loads(layout: Layout, given: Given, volts: Complex, options: Options) -> Iterator[Entry]:
    """The parts of loads as the impedances that they are at these voltages."""
    table = layout.branches
    users = drawn(layout, given, volts != 0, options)
    currents = users.currents(volts)
    across = volts[table.start] - np.where(table.end >= 0, volts[table.end], 0)
    is_load = np.array([kind == "load" for kind in layout.kinds])[table.element]
    for i in np.flatnonzero(is_load & (currents != 0)).tolist():
        y = currents[i] / across[i]
        if table.end[i] < 0:
            yield [table.row[i]], [table.start[i]], np.array([[y]])
        else:
            both = np.array([[y, -y], [-y, y]])
            yield [table.row[i], table.back[i]], [table.start[i], table.end[i]], both
