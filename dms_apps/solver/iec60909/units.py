"""Power station units: a synchronous machine and its transformer, which have one factor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cim.electrical.machines import Synchronous
from cim.electrical.transformers import Transformer
from cim.electrical.view import View
from dms_apps.solver.buses import Buses
from dms_apps.solver.iec60909 import factors
from dms_apps.solver.naming import titled


@dataclass(frozen=True)
class Unit:
    """A unit transformer with the machines at its low side.

    low:     number of the bus there.
    factor:  K_S or K_SO, for short circuits elsewhere (6.7.1, 6.7.2).
    inside:  factor of the machines for one at that bus, where the transformer has none (7.2.3).
    volts:   rated, of the machine.
    """

    transformer: str
    machines: tuple[str, ...]
    low: int
    factor: float
    inside: float
    volts: float


def units(
    view: View, buses: Buses, nominal: Mapping[str, float], tolerance: float, remarks: list[str]
) -> tuple[Unit, ...]:
    """Of the transformers that are said to be part of one (PowerTransformer.isPartOfGeneratorUnit).

    nominal: volts by mRID of the node.
    """
    by_bus: dict[int, list[Synchronous]] = {}
    for machine in view.short_circuit.synchronous:
        if machine.port.node in buses.number:
            by_bus.setdefault(buses.number[machine.port.node], []).append(machine)
    found = []
    for transformer in _flagged(view):
        low = min(transformer.windings, key=lambda winding: winding.rated_u)
        bus = buses.number[low.port.node]
        machines = by_bus.get(bus, [])
        if not machines:
            remarks.append(
                f"PowerTransformer {titled(transformer.name, transformer.mrid)} is said to be part "
                "of a power station unit, and no synchronous machine is at its low side."
            )
            continue
        found.append(_unit(view, transformer, bus, machines, nominal, tolerance))
    return tuple(found)


def _flagged(view: View) -> Iterator[Transformer]:
    for transformer in view.transformers:
        said = view.short_circuit.operations.get(transformer.bank)
        if said is not None and said.unit and transformer.windings[0].three_phase:
            yield transformer


def _unit(
    view: View,
    transformer: Transformer,
    bus: int,
    machines: list[Synchronous],
    nominal: Mapping[str, float],
    tolerance: float,
) -> Unit:
    machine = max(machines, key=lambda one: one.rated_s)
    high = max(transformer.windings, key=lambda winding: winding.rated_u)
    low = min(transformer.windings, key=lambda winding: winding.rated_u)
    at_high = nominal.get(high.port.node, high.rated_u)
    c = factors.voltage_factor(at_high, maximum=True, tolerance=tolerance)
    x, sine = machine.x_subtransient, factors.sine(machine.power_factor)
    own = relative(transformer)
    ratio = low.rated_u / high.rated_u
    least = view.short_circuit.operations[transformer.bank].lowest_high_u or 0.0
    permanent = 1 + machine.regulation
    if any(r.transformer == transformer.mrid and r.under_load for r in view.regulators):
        voltage = np.sqrt(at_high * max(least, at_high)) / machine.rated_u
        factor = factors.unit_factor(c, x, own, sine, float(voltage), ratio)
        inside = c / (1 + x * sine)
    else:
        voltage = at_high / (machine.rated_u * permanent)
        factor = factors.fixed_unit_factor(c, x, sine, float(voltage), ratio * high.tap.ratio)
        inside = c / (1 + x * sine) / permanent
    names = tuple(one.mrid for one in machines)
    return Unit(transformer.mrid, names, bus, factor, inside, machine.rated_u)


def relative(transformer: Transformer, i: int = 0, j: int = 1) -> float:
    """Reactance between two windings, per unit of the smaller rated power; 0 without one."""
    one, two = transformer.windings[i], transformer.windings[j]
    powers = [power for power in (one.rated_s, two.rated_s) if power]
    if not powers:
        return 0.0
    return float(transformer.leakage.z[i, j].imag * min(powers) / one.rated_u**2)
