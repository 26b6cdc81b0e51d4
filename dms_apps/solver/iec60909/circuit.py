"""The network of a short circuit: what is in service, by bus, without loads and without clocks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from cim.electrical import yprim
from cim.electrical.leakage import Core
from cim.electrical.lines import Line
from cim.electrical.machines import Inverter
from cim.electrical.ports import ABC
from cim.electrical.taps import NOMINAL
from cim.electrical.transformers import Transformer
from cim.electrical.view import View
from dms_apps.solver.buses import Buses
from dms_apps.solver.given import Given
from dms_apps.solver.grounds import closed_to_earth
from dms_apps.solver.iec60909 import factors, machines
from dms_apps.solver.iec60909.machines import Feeding
from dms_apps.solver.iec60909.method import Method
from dms_apps.solver.iec60909.units import Unit, relative, units
from dms_apps.solver.naming import titled
from dms_apps.solver.sequences import Sequenced, sequenced

Complex = NDArray[np.complex128]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of three phases, as columns: buses, ohm in both sequences, siemens of zero sequence.

    hot: share by which the resistance is higher than at 20 degrees Celsius.
    """

    start: Ints
    end: Ints
    one: Complex
    zero: Complex
    shunt: Complex
    hot: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Bank:
    """A transformer of three phases, or the tanks that make one.

    factors: by pair of windings, K_T or that of a power station unit.
    """

    mrid: str
    tanks: tuple[Transformer, ...]
    factors: NDArray[np.float64]

    def sequenced(self, factor: float | None = None, scale: float = 1.0) -> Sequenced | None:
        """In symmetrical components.

        factor: instead of its own; scale: of its reactance.
        """
        by = self.factors if factor is None else np.full_like(self.factors, factor)
        parts = [self._corrected(tank, by, scale) for tank in self.tanks]
        rated = {w.port.node: w.rated_u for tank in self.tanks for w in tank.windings}
        nominal = [NOMINAL] * len(self.tanks[0].windings)
        return sequenced([yprim.of_transformer(part, nominal) for part in parts], rated)

    def _corrected(self, tank: Transformer, by: NDArray[np.float64], scale: float) -> Transformer:
        inside = tank.leakage
        z0 = None if inside.z0 is None else _scaled(inside.z0 * by, scale)
        return replace(
            tank,
            leakage=replace(inside, z=_scaled(inside.z * by, scale), z0=z0, star=None),
            cores=tuple(replace(c, y=0j) for c in tank.cores if _earth_core(c)),
        )


def _scaled(z: Complex, scale: float) -> Complex:
    return np.asarray(z.real + 1j * scale * z.imag, np.complex128)


def _earth_core(core: Core) -> bool:
    """Whether a magnetising branch of its own is stated for the zero sequence."""
    return core.y0 != core.y and core.y0 != 0


@dataclass(frozen=True, eq=False)
class Circuit:
    """Everything that a short circuit sees.

    nominal:  volts by bus; NaN where nothing says it.
    feeding:  voltages behind impedances; `inverters`: buses and amperes of current sources.
    earths:   buses and siemens of zero sequence, of shunts.
    """

    buses: Buses
    nominal: NDArray[np.float64]
    lines: Lines
    banks: tuple[Bank, ...]
    feeding: tuple[Feeding, ...]
    inverters: tuple[tuple[int, float], ...]
    earths: tuple[tuple[int, complex], ...]
    units: tuple[Unit, ...]
    method: Method
    remarks: tuple[str, ...]

    def without(self, machines: frozenset[str]) -> Circuit:
        """The same without what has one of these mRIDs and feeds."""
        kept = tuple(one for one in self.feeding if one.mrid not in machines)
        return self if len(kept) == len(self.feeding) else replace(self, feeding=kept)

    @classmethod
    def of(cls, view: View, given: Given | None = None, method: Method | None = None) -> Circuit:
        """By the positions and the service of now."""
        given, method = given or Given(), method or Method()
        remarks = [*view.short_circuit.problems, *_beside(view, given)]
        buses = Buses.of(view, given)
        remarks += buses.remarks
        lines = list(_three_phase(view, given, remarks))
        nominal = _nominal(view, buses, lines)
        by_node = {n: float(nominal[i]) for n, i in buses.number.items() if nominal[i] > 0}
        found = units(_served(view, given), buses, by_node, method.tolerance, remarks)
        return cls(
            buses,
            nominal,
            _lines(lines, view.short_circuit.heat, buses, method, remarks),
            tuple(_banks(view, given, buses, nominal, found, method, remarks)),
            tuple(_feeding(_served(view, given), buses, nominal, found, method, remarks)),
            tuple(_inverters(view.short_circuit.inverters, given, buses, method)),
            tuple(_earths(view, given, buses)),
            found,
            method,
            tuple(dict.fromkeys(remarks)),
        )


def _beside(view: View, given: Given) -> Iterator[str]:
    if given.earthed or any(closed_to_earth(view.switches, given)):
        yield (
            "Grounds that were placed, and closed earthing switches, are not represented:"
            " what they earth is short-circuited."
        )


def _served(view: View, given: Given) -> View:
    """Without the machines and sources that are out of service."""
    some = view.short_circuit
    return replace(
        view,
        sources=_in(view.sources, given),
        short_circuit=replace(
            some,
            feeders=_in(some.feeders, given),
            equivalents=_in(some.equivalents, given),
            synchronous=_in(some.synchronous, given),
            asynchronous=_in(some.asynchronous, given),
        ),
    )


def _in(some: Iterable, given: Given) -> tuple:  # type: ignore[type-arg]
    return tuple(one for one in some if one.mrid not in given.out)


# -- voltages


def _nominal(view: View, buses: Buses, lines: Sequence[Line]) -> NDArray[np.float64]:
    """By bus: as the model says, else the rated voltage of a winding there, else along lines."""
    volts = np.full(len(buses.nodes), np.nan)
    for transformer in view.transformers:
        for winding in transformer.windings if transformer.windings[0].three_phase else ():
            volts[buses.number[winding.port.node]] = winding.rated_u
    for node, value in view.nominal.items():
        if node in buses.number:
            volts[buses.number[node]] = value
    near: dict[int, list[int]] = {}
    for line in lines:
        one, two = (buses.number[end.node] for end in line.ends)
        near.setdefault(one, []).append(two)
        near.setdefault(two, []).append(one)
    queue = deque(np.flatnonzero(volts > 0).tolist())
    while queue:
        here = queue.popleft()
        for other in near.get(here, ()):
            if not volts[other] > 0:
                volts[other] = volts[here]
                queue.append(other)
    return volts


# -- lines and transformers


def _three_phase(view: View, given: Given, remarks: list[str]) -> Iterator[Line]:
    """Lines in service with three phases; those of single phases between two nodes make one."""
    single: dict[tuple[str, ...], list[Line]] = {}
    for line in (one.earthed() for one in view.lines):
        if line.mrid in given.out or given.cut.get(line.mrid, frozenset()) >= set(line.phases):
            continue
        if given.cut.get(line.mrid):
            called = titled(line.name, line.mrid)
            remarks.append(f"Line {called} is cut on some phases; it is taken as cut.")
        elif set(line.phases) == set(ABC):
            yield line
        else:
            single.setdefault(tuple(sorted(e.node for e in line.ends)), []).append(line)
    for some in single.values():
        if sorted(phase for line in some for phase in line.phases) == list(ABC):
            z, y = (block_diag(*(getattr(line, name) for line in some)) for name in "zy")
            yield replace(some[0], phases=ABC, z=z, y=y)


def _lines(
    lines: Sequence[Line],
    heat: Mapping[str, float],
    buses: Buses,
    method: Method,
    remarks: list[str],
) -> Lines:
    z = np.array([line.z for line in lines], np.complex128).reshape(-1, 3, 3)
    y = np.array([line.y for line in lines], np.complex128).reshape(-1, 3, 3)
    own, whole = np.trace(z, axis1=1, axis2=2) / 3, z.sum((1, 2)) / 3
    ends = np.array([[buses.number[e.node] for e in line.ends] for line in lines], np.int64)
    start, end = ends.reshape(-1, 2).T
    hot = np.zeros(len(lines))
    if not method.maximum:
        silent = [line for line in lines if line.mrid not in heat]
        if silent:
            remarks.append(
                f"{len(silent)} lines do not say the temperature at the end of a short circuit; "
                f"{method.heat:g} degrees Celsius are taken, for {_first(silent)}."
            )
        warm = np.array([heat.get(line.mrid, method.heat) for line in lines])
        hot = factors.ALPHA * (warm - 20)
    return Lines(start, end, own - (whole - own) / 2, whole, y.sum((1, 2)) / 3, hot)


def _first(lines: Sequence[Line]) -> str:
    names = [titled(line.name, line.mrid) for line in lines[:3]]
    return ", ".join(names) + (" and others" if len(lines) > 3 else "")


def _banks(
    view: View,
    given: Given,
    buses: Buses,
    nominal: NDArray[np.float64],
    found: Sequence[Unit],
    method: Method,
    remarks: list[str],
) -> Iterator[Bank]:
    own = {unit.transformer: unit.factor for unit in found}
    tanks: dict[tuple[str, ...], list[Transformer]] = {}
    for one in view.transformers:
        if one.mrid not in given.out and one.bank not in given.out:
            ends = tuple(winding.port.node for winding in one.windings)
            key = (one.mrid,) if one.windings[0].three_phase else ends
            tanks.setdefault(key, []).append(one)
    alone = 0
    for some in tanks.values():
        mrid = some[0].mrid
        if len({len(tank.windings) for tank in some}) > 1 or not _three(some):
            alone += 1
            continue
        count = len(some[0].windings)
        by = np.ones((count, count))
        if mrid in own:
            by *= own[mrid]
        elif method.maximum:
            by = _network_factors(view, some[0], buses, nominal, method)
        if some[0].windings[0].three_phase and some[0].leakage.z0 is None:
            remarks.append(
                f"PowerTransformer {titled(some[0].name, mrid)} has no zero sequence impedance; "
                "the positive one is taken."
            )
        yield Bank(mrid, tuple(some), by)
    if alone:
        remarks.append(
            f"{alone} transformers are of one or two phases: behind them nothing is computed."
        )


def _three(tanks: Sequence[Transformer]) -> bool:
    """Whether all phases are there on every side."""
    sides = zip(*(tank.windings for tank in tanks), strict=True)
    return all(set(ABC) <= {p for w in side for p in w.phases} for side in sides)


def _network_factors(
    view: View,
    transformer: Transformer,
    buses: Buses,
    nominal: NDArray[np.float64],
    method: Method,
) -> NDArray[np.float64]:
    """K_T by pair of windings (6.3.3)."""
    windings = transformer.windings
    found = np.ones((len(windings), len(windings)))
    operation = view.short_circuit.operations.get(transformer.bank)
    for i in range(len(windings)):
        for j in range(i + 1, len(windings)):
            low = min(windings[i], windings[j], key=lambda winding: winding.rated_u)
            volts = nominal[buses.number[low.port.node]]
            c = factors.voltage_factor(float(volts), maximum=True, tolerance=method.tolerance)
            x = relative(transformer, i, j)
            found[i, j] = factors.transformer_factor(c, x) if x else 1.0
            if x and operation and operation.highest_u and operation.highest_current:
                rated = (low.rated_s or 0.0) / (np.sqrt(3) * low.rated_u)
                if rated and len(windings) == 2:
                    found[i, j] = factors.operated_transformer_factor(
                        c,
                        x,
                        float(volts) / operation.highest_u,
                        operation.highest_current / rated,
                        float(np.sin(operation.angle or 0.0)),
                    )
    return found


# -- what feeds, and what earths


def _feeding(
    view: View,
    buses: Buses,
    nominal: NDArray[np.float64],
    found: Sequence[Unit],
    method: Method,
    remarks: list[str],
) -> Iterator[Feeding]:
    some = view.short_circuit
    networks = {feeder.mrid for feeder in some.feeders}
    for feeder in some.feeders:
        bus = buses.number[feeder.port.node]
        if nominal[bus] > 0:
            yield machines.of_feeder(feeder, bus, float(nominal[bus]), method, remarks)
        else:
            remarks.append(
                f"ExternalNetworkInjection {titled(feeder.name, feeder.mrid)} is left out: its bus "
                "has no nominal voltage."
            )
    for source in view.sources:
        if source.mrid not in networks and set(source.phases) == set(ABC):
            yield machines.of_source(source, buses.number[source.port.node], remarks)
    for equivalent in some.equivalents:
        yield machines.of_equivalent(equivalent, buses.number[equivalent.port.node])
    own = {mrid: unit.factor for unit in found for mrid in unit.machines}
    for machine in some.synchronous:
        bus = buses.number[machine.port.node]
        volts = float(nominal[bus]) if nominal[bus] > 0 else machine.rated_u
        c = factors.voltage_factor(volts, maximum=True, tolerance=method.tolerance)
        factor = own.get(machine.mrid) or factors.generator_factor(
            c,
            machine.x_subtransient,
            factors.sine(machine.power_factor),
            volts / (machine.rated_u * (1 + machine.regulation)),
        )
        yield machines.of_synchronous(machine, bus, factor)
    for motor in machines.turning(some.asynchronous, method, remarks):
        yield machines.of_asynchronous(motor, buses.number[motor.port.node])


def _inverters(
    inverters: Sequence[Inverter], given: Given, buses: Buses, method: Method
) -> Iterator[tuple[int, float]]:
    """Buses and amperes; none into the smallest currents."""
    for one in inverters if method.maximum else ():
        if one.mrid not in given.out and one.port.node in buses.number:
            limit = method.inverter if one.limit is None else one.limit
            yield buses.number[one.port.node], limit * one.rated_current


def _earths(view: View, given: Given, buses: Buses) -> Iterator[tuple[int, complex]]:
    """Siemens of the zero sequence of earthed shunts of three phases."""
    for shunt in view.shunts:
        if shunt.mrid in given.out or set(shunt.phases) != set(ABC):
            continue
        found = sequenced([yprim.of_shunt(shunt)], {})
        if found is not None and found.zero[0, 0]:
            yield buses.number[shunt.port.node], complex(found.zero[0, 0])
