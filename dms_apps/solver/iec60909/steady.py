"""Steady-state short-circuit currents (IEC 60909-0, 10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.iec60909 import matrices
from dms_apps.solver.iec60909.circuit import Circuit
from dms_apps.solver.iec60909.machines import Feeding
from dms_apps.solver.iec60909.units import Unit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SHOWN = 10


def currents(
    circuit: Circuit, buses: Ints, inside: Unit | None, driven: Floats, three: Floats
) -> Floats:
    """Amperes by bus; NaN where they are not computed.

    Of several sources, and of networks, it is the initial current without asynchronous machines.
    Of one synchronous machine alone it is lambda times its rated current, and lambda is read off
    figures; but the smallest one with compound excitation is that of the reactance which such a
    machine has in the steady state.
    driven: volts of the equivalent source; three: initial currents, amperes.
    """
    still = tuple(one for one in circuit.feeding if one.steady)
    part = _parts(circuit)
    lone = {one.part: one for one in alone(circuit, part)}
    if len(still) == len(circuit.feeding) and not lone:
        return three
    smallest = {m.mrid for one in lone.values() if one.compound for m in one.machines}
    still = tuple(
        replace(f, one=f.compound) if f.mrid in smallest and f.compound else f for f in still
    )
    z = matrices.positive(replace(circuit, feeding=still), inside=inside).own(buses)
    found = matrices.over(driven, z)
    lost = [number for number, one in lone.items() if not one.compound]
    return np.asarray(np.where(np.isin(part[buses], lost), np.nan, found))


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
            own = all(one.compound and one.mrid not in units for one in some)
            yield Alone(number, tuple(some), own and not circuit.method.maximum)


def sentences(circuit: Circuit) -> Iterator[str]:
    """On what is not computed, and what is taken for it."""
    part = _parts(circuit)
    for one in alone(circuit, part):
        count = int(((part == one.part) & (circuit.nominal > 0)).sum())
        if count and not one.compound:
            which = "lambda_max" if circuit.method.maximum else "lambda_min"
            yield (
                f"Steady-state current not computed at {count} buses, "
                f"because {_names(one.machines)} alone feed them: {which} is a curve in figures of "
                "IEC 60909-0 (10) that are not public as numbers.  Heat is of n = 1, the most."
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
    names = [one.name or one.mrid for one in machines]
    more = len(names) - _SHOWN
    said = ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"SynchronousMachine {said}"
