"""Steady-state short-circuit currents (IEC 60909-0, 10)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.iec60909 import matrices
from dms_apps.solver.iec60909.circuit import Circuit
from dms_apps.solver.iec60909.curves import factor
from dms_apps.solver.iec60909.machines import Feeding
from dms_apps.solver.iec60909.units import Unit
from dms_apps.solver.naming import titled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SHOWN = 10


def currents(
    circuit: Circuit, buses: Ints, inside: Unit | None, driven: Floats, three: Floats
) -> Floats:
    """Amperes by bus; NaN where they are not computed.

    Of several sources, and of networks, it is the initial current without asynchronous machines.
    Of one synchronous machine alone it is lambda times its rated current, by the curves of the
    method; but the smallest one with compound excitation is that of the reactance which such a
    machine has in the steady state.
    driven: volts of the equivalent source; three: initial currents, amperes.
    """
    still = tuple(one for one in circuit.feeding if one.steady)
    part = _parts(circuit)
    lone = list(alone(circuit, part))
    if len(still) == len(circuit.feeding) and not lone:
        return three
    slow = {m.mrid: _compound(m) for one in lone if one.compound for m in one.machines}
    still = tuple(replace(one, one=slow.get(one.mrid, one.one)) for one in still)
    bare = replace(circuit, feeding=still)
    z = matrices.positive(bare, inside=inside)
    own = z.own(buses)
    found = matrices.over(driven, own)
    for one in lone:
        here = np.flatnonzero(part[buses] == one.part)
        if len(here) and not one.compound:
            seen = np.abs(z.mutual(buses[here], np.array([one.machines[0].bus]))[:, 0] / own[here])
            found[here] *= _lasting(circuit, one.machines, inside, driven[here] * seen)
    return found


def _lasting(
    circuit: Circuit, machines: Sequence[Feeding], inside: Unit | None, volts: Floats
) -> Floats:
    """Steady-state over initial current of machines at one bus, which the short circuit lowers by
    these volts; NaN without curves."""
    lasting, initial = np.zeros(len(volts)), np.zeros(len(volts))
    method = circuit.method
    for one in machines:
        amperes = volts / abs(matrices.changed(one, inside) * one.one)
        ratio, data = amperes / one.rated, one.machine
        share = np.full(len(volts), np.nan)
        if data is not None:
            share = factor(method.curves, data, ratio, maximum=method.maximum)
        lasting, initial = lasting + share * one.rated, initial + amperes
    return np.asarray(np.minimum(lasting / initial, 1.0))


def _compound(one: Feeding) -> complex:
    """Ohm with the reactance UrG / (sqrt 3 IkP), IkP the steady-state current at its terminals."""
    data = one.machine
    if data is None or not data.compound:
        raise ValueError(f"{titled(one.name, one.mrid)} has no compound excitation")
    return complex(data.r, data.rated_u / (math.sqrt(3) * data.compound))


def _parts(circuit: Circuit) -> Ints:
    """Of a network without synchronous machines there is nothing to know."""
    if any(one.kind == "synchronous" for one in circuit.feeding):
        return matrices.parts(circuit)
    return np.zeros(len(circuit.buses.nodes), np.int64)


@dataclass(frozen=True)
class Alone:
    """Synchronous machines at one bus that nothing else feeds a part of the network with.

    part:     its number.
    compound: whether the smallest current is asked for, and follows from compound excitation.
    """

    part: int
    machines: tuple[Feeding, ...]
    compound: bool


def alone(circuit: Circuit, part: Ints) -> Iterator[Alone]:
    """By the number of its part, that of each bus."""
    feeding: dict[int, list[Feeding]] = {}
    for one in circuit.feeding:
        if one.steady:
            feeding.setdefault(int(part[one.bus]), []).append(one)
    units = {mrid for unit in circuit.units for mrid in unit.machines}
    for number, some in feeding.items():
        if {one.kind for one in some} == {"synchronous"} and len({one.bus for one in some}) == 1:
            own = all(_is_compound(one) and one.mrid not in units for one in some)
            yield Alone(number, tuple(some), own and not circuit.method.maximum)


def _is_compound(one: Feeding) -> bool:
    return one.machine is not None and one.machine.compound is not None


def sentences(circuit: Circuit, steady: Floats) -> Iterator[str]:
    """On what is not computed, and what is taken for it.

    steady: the currents by bus.
    """
    part = _parts(circuit)
    for one in alone(circuit, part):
        lost = (part == one.part) & (circuit.nominal > 0) & np.isnan(steady)
        if lost.any():
            which = "lambda_max" if circuit.method.maximum else "lambda_min"
            yield (
                f"Steady-state current not computed at {int(lost.sum())} buses, because "
                f"{_names(one.machines)} alone feed them: of {which}, which IEC 60909-0 (10) has "
                "in figures only, no curve is given for them.  Heat is of n = 1, the most."
            )
    synchronous = {(int(part[f.bus]), f.bus) for f in circuit.feeding if f.kind == "synchronous"}
    networks = {int(part[f.bus]) for f in circuit.feeding if f.kind == "network"}
    places = [number for number, _ in synchronous if number not in networks]
    if len(places) > len(set(places)):
        yield (
            "Machines alone feed from several places: their steady-state current is the initial "
            "one, as that of meshed networks (10)."
        )


def _names(machines: Sequence[Feeding]) -> str:
    names = [titled(one.name, one.mrid) for one in machines]
    more = len(names) - _SHOWN
    said = ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"SynchronousMachine {said}"
