"""Transformers as OpenDSS commands.

OpenDSS has windings that are each between two conductors, on legs that share no flux: that is all
single-phase units, and three-phase ones by three such legs.  What has coupled legs (another zero
sequence impedance, a zigzag), cores at several ends or phase shifters is drawn by its admittance
matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from cim.electrical import yprim
from cim.electrical.ports import live
from cim.electrical.taps import Tap
from cim.electrical.transformers import Transformer, Winding
from dms_apps.solver.opendss.sites import EARTH, NUMBERS, Sites, array, lattice, said

Leg = tuple[tuple[int, int], ...]
"""By winding, the numbers at its bus that it goes from and to."""

_STAR = {0: (0, 1), 4: (2, 1), 8: (1, 1), 6: (0, -1), 10: (2, -1), 2: (1, -1)}
"""By hours of the clock, the phase of a star that is on the first leg, and which way about."""
_DELTA = {1: (0, 1), 9: (1, 2), 5: (2, 0), 7: (1, 0), 3: (2, 1), 11: (0, 2)}
"""By hours of the clock, the phases between which a delta has its winding on the first leg."""
_MILLION = 1e6
_SAME = 1e-9


@dataclass(frozen=True)
class Drawn:
    """How one transformer is drawn.

    units: names of the OpenDSS transformers: one of three phases, or one for each leg; none
           where it is drawn by its admittance.
    order: places of the windings in the order in which OpenDSS has them.
    starts: by winding the numbers at its bus from which it goes, leg by leg.
    """

    name: str
    transformer: Transformer
    units: tuple[str, ...]
    order: tuple[int, ...]
    starts: tuple[tuple[int, ...], ...] = ()

    def winding(self, mrid: str) -> int:
        """Number of a winding, as OpenDSS counts."""
        [place] = [i for i, w in enumerate(self.transformer.windings) if w.mrid == mrid]
        return self.order.index(place) + 1

    def retapped(self, taps: Sequence[Tap], sites: Sites) -> list[str]:
        """What moves the tap changers there; taps by winding."""
        if not self.units:
            return lattice(self.name, yprim.of_transformer(self.transformer, taps), sites, "")
        ratios = array(taps[place].ratio for place in self.order)
        bent = any(tap.r or tap.x or tap.g or tap.b for tap in taps)
        values = " ".join(_impedances(self.transformer, taps, self.order)) if bent else ""
        return [f"transformer.{unit}.taps={ratios} {values}".strip() for unit in self.units]


def draw(
    name: str, transformer: Transformer, taps: Sequence[Tap], sites: Sites
) -> tuple[Drawn, list[str]]:
    """The commands of a transformer, and how it is drawn."""
    order = _order(transformer)
    if not _by_legs(transformer, taps):
        whole = yprim.of_transformer(transformer, taps)
        return Drawn(name, transformer, (), order), lattice(name, whole, sites)
    legs, earthing = _legs(name, transformer, sites)
    common = _impedances(transformer, taps, order)
    starts = tuple(tuple(one for one, _ in ends) for ends in zip(*legs, strict=True))
    buses = [sites.bus(w.port.node) for w in transformer.windings]
    if len(legs) == 3 and (three := _three(transformer, legs, order, buses)):
        commands = [f"new transformer.{name} {three} {' '.join(common)}"]
        return Drawn(name, transformer, (name,), order, starts), commands + earthing
    units = tuple(f"{name}_{i}" for i in range(len(legs))) if len(legs) > 1 else (name,)
    commands = [
        f"new transformer.{unit} {_one(transformer, leg, order, buses)} {' '.join(common)}"
        for unit, leg in zip(units, legs, strict=True)
    ]
    return Drawn(name, transformer, units, order, starts), commands + earthing


def _order(transformer: Transformer) -> tuple[int, ...]:
    """OpenDSS has the core at the second winding."""
    places = list(range(len(transformer.windings)))
    if len(transformer.cores) == 1:
        places.remove(at := transformer.cores[0].place)
        places.insert(1, at)
    return tuple(places)


def _by_legs(transformer: Transformer, taps: Sequence[Tap]) -> bool:
    """Whether windings on separate legs say all of it."""
    windings = transformer.windings
    z = transformer.leakage.z
    if len(transformer.cores) > 1 or any(tap.angle for tap in taps):
        return False
    pairs = _per_unit(transformer, taps)
    if (pairs.imag[np.triu_indices(len(pairs), 1)] <= 0).any():
        return False  # OpenDSS keeps the reactance that it has by default, without a word
    if len(windings) > 3 and _resistances(pairs.real)[1] > _SAME * np.abs(pairs).max():
        return False
    if not windings[0].three_phase:
        return True
    if any(winding.is_zigzag for winding in windings):
        return False
    if any(core.y0 != core.y for core in transformer.cores) and any(w.is_star for w in windings):
        return False
    stars = [winding.clock for winding in windings if winding.is_star]
    if any((clock - stars[0]) % 4 for clock in stars):
        return False  # a star turned about has its zero sequence turned about, too
    z0 = transformer.leakage.z0
    return z0 is None or bool(np.abs(z0 - z).max() <= _SAME * np.abs(z).max())


# -- figures


def _power(transformer: Transformer) -> float:
    """The rating to which per cent refer; any would do."""
    return transformer.windings[0].rated_s or _MILLION


def _impedances(transformer: Transformer, taps: Sequence[Tap], order: Sequence[int]) -> list[str]:
    """Leakage, core and taps; of the whole unit or of one leg, the per cent are the same."""
    rated = [winding.rated_u for winding in transformer.windings]
    power = _power(transformer)
    pairs = _per_unit(transformer, taps)[np.ix_(order, order)] * 100
    r, _ = _resistances(pairs.real)
    found = [f"%rs={array(r)}", _reactances(pairs.imag)]
    found.append(f"taps={array(taps[place].ratio for place in order)}")
    for core in (core.tapped(taps) for core in transformer.cores):
        y = core.y * rated[core.place] ** 2 / power * 100
        found.append(f"%noloadloss={said(y.real)} %imag={said(-y.imag)}")
    return found


def _per_unit(transformer: Transformer, taps: Sequence[Tap]) -> NDArray[np.complex128]:
    """Between each two windings, of the rating; symmetric."""
    rated = [winding.rated_u for winding in transformer.windings]
    z = transformer.leakage.tapped(taps, rated).z * _power(transformer)
    z = z / np.square(rated)[:, None]
    return np.asarray(z + z.T)


def _resistances(pairs: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Of windings, from those of pairs of them, and how far off the pairs are then."""
    count = len(pairs)
    if count == 2:
        return np.full(2, pairs[0, 1] / 2), 0.0
    places = list(combinations(range(count), 2))
    across = np.array([[float(place in pair) for place in range(count)] for pair in places])
    known = np.array([pairs[pair] for pair in places])
    found = np.linalg.lstsq(across, known, rcond=None)[0]
    return found, float(np.abs(across @ found - known).max())


def _reactances(pairs: NDArray[np.float64]) -> str:
    values = [float(pairs[pair]) for pair in combinations(range(len(pairs)), 2)]
    if len(pairs) > 3:
        return f"xscarray={array(values)}"
    names = ("xhl", "xht", "xlt")
    return " ".join(f"{name}={said(value)}" for name, value in zip(names, values, strict=False))


# -- connections


def _legs(name: str, transformer: Transformer, sites: Sites) -> tuple[list[Leg], list[str]]:
    """By leg what each winding is between, and what earths the points through an impedance."""
    windings = transformer.windings
    if not windings[0].three_phase:
        ends = [_single(winding) for winding in windings]
        electrodes = {w.port.node: w for w in windings if "N" in w.phases and _impedant(w)}
        pairs = [(w, NUMBERS["N"]) for w in electrodes.values()]
        return [tuple(ends)], _electrodes(name, pairs, sites)
    shared = yprim.star_points(windings)
    numbers = {
        point: NUMBERS["N"] if "N" in windings[point].phases else sites.inner(node)
        for point in sorted(set(shared.values()))
        for node in (windings[point].port.node,)
    }
    points = {place: (numbers[point], windings[point]) for place, point in shared.items()}
    noon = next((w.clock for w in windings if w.is_star), windings[0].clock - 1)
    wounds = [
        _wound(winding, winding.clock - noon, points.get(place, (EARTH, winding))[0])
        for place, winding in enumerate(windings)
    ]
    pairs = [(windings[point], number) for point, number in numbers.items()]
    return list(zip(*wounds, strict=True)), _electrodes(
        name, [pair for pair in pairs if _impedant(pair[0])], sites
    )


def _impedant(winding: Winding) -> bool:
    return bool(winding.grounded and winding.z_ground)


def _single(winding: Winding) -> tuple[int, int]:
    earthed = winding.grounded and not winding.z_ground
    numbers = [EARTH if phase == "N" and earthed else NUMBERS[phase] for phase in winding.phases]
    return numbers[0], numbers[1] if len(numbers) > 1 else EARTH


def _wound(winding: Winding, hours: int, point: int) -> list[tuple[int, int]]:
    """Between what a three-phase winding is on each leg.

    hours: of a clock on which stars are even and deltas odd, the first star at 0.
    """
    numbers = [NUMBERS[phase] for phase in live(winding.phases)]
    if winding.is_star:
        phase, sign = _STAR[hours % 12]
        ends = [(numbers[(phase + leg) % 3], point) for leg in range(3)]
        return ends if sign > 0 else [(two, one) for one, two in ends]
    start, end = _DELTA[hours % 12]
    return [(numbers[(start + leg) % 3], numbers[(end + leg) % 3]) for leg in range(3)]


def _electrodes(name: str, pairs: Sequence[tuple[Winding, int]], sites: Sites) -> list[str]:
    commands = []
    for i, (winding, number) in enumerate(pairs):
        node, z = winding.port.node, winding.z_ground
        ends = f"bus1={sites.numbered(node, number)} bus2={sites.numbered(node, EARTH)}"
        commands.append(
            f"new reactor.{name}_e{i} phases=1 {ends} r={said(z.real)} x={said(z.imag)}"
        )
    return commands


def _one(transformer: Transformer, leg: Leg, order: Sequence[int], buses: Sequence[str]) -> str:
    """One leg: a single-phase transformer."""
    windings = transformer.windings
    share = 3 if windings[0].three_phase else 1
    volts = [w.rated_u / (np.sqrt(3) if w.is_star else 1) for w in windings]
    ends = [f"{bus}.{one}.{two}" for bus, (one, two) in zip(buses, leg, strict=True)]
    return _ends(1, order, ends, ["delta"] * len(leg), volts, _power(transformer) / share)


def _three(
    transformer: Transformer, legs: Sequence[Leg], order: Sequence[int], buses: Sequence[str]
) -> str:
    """All legs in one, where OpenDSS connects three windings so; empty where it does not."""
    wound = [[leg[place] for leg in legs] for place in order]
    turns = {_turn(ends) for ends in wound} - {0}
    stars = [_turn(ends) == 0 for ends in wound]
    if None in turns or len(turns) > 1:
        return ""
    turn = turns.pop() if turns else 1
    if stars[0] == stars[1] and turn != 1:
        return ""
    volts = [winding.rated_u for winding in transformer.windings]
    high = 0 if volts[order[0]] >= volts[order[1]] else 1
    lead = (turn == -1) if stars[high] else (turn == 1)
    ends = ["" for _ in buses]
    for place, pairs, star in zip(order, wound, stars, strict=True):
        numbers = [one for one, _ in pairs] + ([pairs[0][1]] if star else [])
        ends[place] = ".".join((buses[place], *map(str, numbers)))
    kinds = ["" for _ in buses]
    for place, star in zip(order, stars, strict=True):
        kinds[place] = "wye" if star else "delta"
    said = _ends(3, order, ends, kinds, volts, _power(transformer))
    return f"{said} leadlag={'lead' if lead else 'lag'}"


def _turn(ends: Sequence[tuple[int, int]]) -> int | None:
    """0 of a star, 1 or -1 of a delta by which phase follows; None of anything else."""
    (a, to_a), (b, to_b), (c, to_c) = ends
    if to_a == to_b == to_c:
        return 0
    if (to_a, to_b, to_c) == (b, c, a):
        return 1
    return -1 if (to_a, to_b, to_c) == (c, a, b) else None


def _ends(
    phases: int,
    order: Sequence[int],
    ends: Sequence[str],
    kinds: Sequence[str],
    volts: Sequence[float],
    power: float,
) -> str:
    kv = array(volts[place] / 1e3 for place in order)
    kva = array(power / 1e3 for _ in order)
    buses = " ".join(ends[place] for place in order)
    connections = " ".join(kinds[place] for place in order)
    return (
        f"phases={phases} windings={len(order)} buses=[{buses}] conns=[{connections}] "
        f"kvs={kv} kvas={kva} ppm_antifloat=0"
    )
