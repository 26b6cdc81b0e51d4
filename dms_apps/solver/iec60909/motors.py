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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cim.electrical.transformers import Transformer
from dms_apps.solver.iec60909 import factors
from dms_apps.solver.iec60909.circuit import Bank, Circuit
from dms_apps.solver.iec60909.machines import Feeding
from dms_apps.solver.naming import titled

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
        names = [titled(one.name, one.mrid) for one in self.machines]
        more = len(names) - _SHOWN
        return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

    @property
    def is_left_out(self) -> bool:
        """Anywhere."""
        return bool(len(self.small) or self.behind)

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
    """By network.

    three: initial currents by bus without motors, amperes; NaN where not known.
    """
    networks = _Networks.of(circuit)
    motors: dict[int, list[Feeding]] = {}
    for one in circuit.feeding:
        if one.kind == "asynchronous":
            motors.setdefault(int(networks.number[one.bus]), []).append(one)
    return tuple(
        _group(circuit, networks, number, tuple(some), three) for number, some in motors.items()
    )


def sentences(left_out: Sequence[Group]) -> Iterator[str]:
    """Group by group; the rest of many together."""
    for group in left_out[:_SHOWN]:
        yield from group.sentences()
    more = len(left_out) - _SHOWN
    if more > 0:
        yield f"The asynchronous machines of {more} more networks are left out likewise (6.10)."


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


@dataclass(frozen=True, eq=False)
class _Networks:
    """Buses that lines join.

    number: by bus, of its network; buses: by number.
    fed:    numbers of those with other machines and networks than asynchronous ones.
    banks:  by number, transformers at it, with bus and rated volts of each winding.
    """

    number: Ints
    buses: Mapping[int, Ints]
    fed: frozenset[int]
    banks: Mapping[int, Sequence[tuple[Bank, Sequence[tuple[int, float]]]]]

    @classmethod
    def of(cls, circuit: Circuit) -> _Networks:
        size, lines = len(circuit.buses.nodes), circuit.lines
        ends = (np.ones(len(lines.start), np.int8), (lines.start, lines.end))
        joined = connected_components(coo_matrix(ends, (size, size)), directed=False)[1]
        number = np.asarray(joined, np.int64)
        order = np.argsort(number, kind="stable")
        parts = np.split(order, np.flatnonzero(np.diff(number[order])) + 1)
        fed = (f.bus for f in circuit.feeding if f.kind != "asynchronous")
        banks: dict[int, list[tuple[Bank, Sequence[tuple[int, float]]]]] = {}
        for bank in circuit.banks:
            windings = bank.tanks[0].windings
            sides = [(circuit.buses.number[w.port.node], w.rated_u) for w in windings]
            for one in {int(number[bus]) for bus, _ in sides}:
                banks.setdefault(one, []).append((bank, sides))
        return cls(
            number,
            {int(number[some[0]]): some for some in parts if len(some)},
            frozenset(int(number[bus]) for bus in fed),
            banks,
        )


def _group(
    circuit: Circuit,
    networks: _Networks,
    number: int,
    machines: tuple[Feeding, ...],
    three: Floats,
) -> Group:
    buses = networks.buses[number]
    amperes = sum(one.rated for one in machines)
    small = buses[amperes <= _SMALL * np.nan_to_num(three[buses])]
    behind = () if number in networks.fed else _behind(circuit, networks, number, machines, three)
    return Group(machines, buses, small, behind)


def _behind(
    circuit: Circuit,
    networks: _Networks,
    number: int,
    machines: Sequence[Feeding],
    three: Floats,
) -> tuple[str, ...]:
    """The transformers that feed a network, if its machines count for nothing beyond them."""
    feeding: list[tuple[Bank, int]] = []
    for bank, sides in networks.banks.get(number, ()):
        if len(sides) != 2:
            return ()
        low, high = sorted(sides, key=lambda side: side[1])
        if networks.number[low[0]] == number != networks.number[high[0]]:
            feeding.append((bank, high[0]))
    power = sum(one.power for one in machines)
    ratings = [_rated(bank.tanks) for bank, _ in feeding]
    if not ratings or not all(ratings):
        return ()
    if all(_is_small(circuit, power, sum(ratings), q, three) for _, q in feeding):
        return tuple(titled(bank.tanks[0].name, bank.mrid) for bank, _ in feeding)
    return ()


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
