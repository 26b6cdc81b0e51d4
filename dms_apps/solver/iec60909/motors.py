"""Asynchronous machines that short circuits may be computed without (IEC 60909-0, 6.10).

Those of one network, which is what lines and switches join, are judged together.  In their own
network they count for nothing where the sum of their rated currents is at most 1 % of the initial
current there without motors.  Behind transformers of two windings they count for nothing outside,
where at the other side Q of these

    sum of PrM / sum of SrT  <=  0.8 / |100 c (sum of SrT) / (sqrt 3 UnQ Ik"Q) - 0.3|

with Ik"Q without motors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cim.electrical.transformers import Transformer
from dms_apps.solver.iec60909 import factors
from dms_apps.solver.iec60909.circuit import Bank, Circuit
from dms_apps.solver.iec60909.machines import Feeding

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SMALL = 0.01
_SHOWN = 10


@dataclass(frozen=True, eq=False)
class Group:
    """The machines of one network.

    buses: of the network; small: those of them at which the machines count for nothing.
    behind: mRIDs of the transformers for which they count for nothing outside; empty where they
            count.
    """

    machines: tuple[Feeding, ...]
    buses: Ints
    small: Ints
    behind: tuple[str, ...]

    @property
    def names(self) -> str:
        """As sentences call them."""
        names = [one.name or one.mrid for one in self.machines]
        more = len(names) - _SHOWN
        return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

    def sentences(self) -> Iterator[str]:
        """What is left out, and why."""
        if len(self.small):
            amperes = sum(one.rated for one in self.machines)
            yield (
                f"Asynchronous machines {self.names} are left out at {len(self.small)} buses of "
                f"their network: their rated currents, {amperes:,.0f} A, are at most 1 % of the "
                "short-circuit current without motors (6.10)."
            )
        if self.behind:
            yield (
                f"Asynchronous machines {self.names} are left out outside of their network, behind "
                f"PowerTransformer {', '.join(self.behind)}: they are small beside it (6.10)."
            )


def groups(circuit: Circuit, three: Floats) -> tuple[Group, ...]:
    """three: initial currents by bus without motors, amperes; NaN where not known."""
    network = _networks(circuit)
    motors: dict[int, list[Feeding]] = {}
    for one in circuit.feeding:
        if one.kind == "asynchronous":
            motors.setdefault(int(network[one.bus]), []).append(one)
    return tuple(
        _group(circuit, network, number, tuple(some), three) for number, some in motors.items()
    )


def omitted(found: Sequence[Group], count: int) -> list[frozenset[str]]:
    """By bus, the mRIDs of machines that count for nothing there.

    Where the machines of its own network count, those of others that are behind transformers
    do, too, which is on the safe side: so it is few different sets.
    """
    outside = frozenset(m.mrid for group in found if group.behind for m in group.machines)
    left = [outside] * count
    for group in found:
        own = frozenset(m.mrid for m in group.machines)
        small = set(group.small.tolist())
        for bus in group.buses.tolist():
            if bus in small:
                left[bus] = outside | own
            elif group.behind:
                left[bus] = frozenset()
    return left


def _networks(circuit: Circuit) -> Ints:
    """By bus, the number of its network: buses that lines join."""
    size, lines = len(circuit.buses.nodes), circuit.lines
    ends = (np.ones(len(lines.start), np.int8), (lines.start, lines.end))
    return np.asarray(
        connected_components(coo_matrix(ends, (size, size)), directed=False)[1], np.int64
    )


def _group(
    circuit: Circuit, network: Ints, number: int, machines: tuple[Feeding, ...], three: Floats
) -> Group:
    buses = np.flatnonzero(network == number)
    amperes = sum(one.rated for one in machines)
    small = buses[amperes <= _SMALL * np.nan_to_num(three[buses])]
    return Group(machines, buses, small, _behind(circuit, network, number, machines, three))


def _behind(
    circuit: Circuit, network: Ints, number: int, machines: Sequence[Feeding], three: Floats
) -> tuple[str, ...]:
    """The transformers that feed a network, if its machines count for nothing beyond them."""
    others = (one for one in circuit.feeding if one.kind != "asynchronous")
    if any(network[one.bus] == number for one in others):
        return ()
    feeding: list[tuple[Bank, int]] = []
    for bank in circuit.banks:
        sides = _sides(circuit, bank)
        own = [i for i, (bus, _) in enumerate(sides) if network[bus] == number]
        if own and len(sides) != 2:
            return ()
        if own == [min((0, 1), key=lambda i, sides=sides: sides[i][1])]:  # type: ignore[misc]
            feeding.append((bank, sides[1 - own[0]][0]))
    power = sum(one.power for one in machines)
    rated = sum(_rated(bank.tanks) for bank, _ in feeding)
    if rated and all(_is_small(circuit, power, rated, q, three) for _, q in feeding):
        return tuple(bank.tanks[0].name or bank.mrid for bank, _ in feeding)
    return ()


def _sides(circuit: Circuit, bank: Bank) -> list[tuple[int, float]]:
    """Bus and rated volts of each winding."""
    return [(circuit.buses.number[w.port.node], w.rated_u) for w in bank.tanks[0].windings]


def _rated(tanks: Sequence[Transformer]) -> float:
    """Volt-amperes of a bank; 0 where not all is known."""
    found = [min((w.rated_s or 0.0) for w in tank.windings) for tank in tanks]
    return sum(found) if all(found) else 0.0


def _is_small(circuit: Circuit, power: float, rated: float, bus: int, three: Floats) -> bool:
    nominal, current = float(circuit.nominal[bus]), float(three[bus])
    if not (nominal > 0 and current > 0):
        return False
    c = factors.voltage_factor(nominal, maximum=True, tolerance=circuit.method.tolerance)
    return power / rated <= factors.motor_share(c, rated / (math.sqrt(3) * nominal * current))
