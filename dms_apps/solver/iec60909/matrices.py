"""Admittance matrices of the sequence networks, and the impedances between fault and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from dms_apps.solver.iec60909.circuit import Circuit
from dms_apps.solver.iec60909.machines import Feeding
from dms_apps.solver.iec60909.units import Unit
from dms_apps.solver.sequences import Sequenced

Complex = NDArray[np.complex128]
Part = tuple[tuple[int, ...], Complex]
"""An element: buses of its ends and siemens between them."""

_FEW = 64
_DEPENDENT = 1e-9


@dataclass(frozen=True, eq=False)
class Impedances:
    """A factored matrix.

    place:   of each bus in the matrix; -1 where nothing feeds it, or nothing is earthed.
    factors: None for an empty one.
    """

    place: NDArray[np.int64]
    factors: Any

    def own(self, buses: NDArray[np.int64]) -> Complex:
        """Ohm between each bus and earth; infinite where it is in no matrix."""
        found = np.full(len(buses), np.inf + 0j)
        at = np.flatnonzero(self.place[buses] >= 0)
        places = self.place[buses[at]]
        if len(at) > _FEW:
            from dms_apps.solver.inverse import blocks  # numba takes a third of a second to load

            found[at] = np.concatenate(blocks(self.factors, places[:, None].tolist()))[:, 0]
        elif len(at):
            found[at] = self._columns(places)[places, range(len(at))]
        return found

    def mutual(self, buses: NDArray[np.int64], sources: NDArray[np.int64]) -> Complex:
        """Ohm by bus and source: volts at the one by amperes into the other; 0 where apart."""
        found = np.zeros((len(buses), len(sources)), np.complex128)
        rows = np.flatnonzero(self.place[buses] >= 0)
        columns = np.flatnonzero(self.place[sources] >= 0)
        if len(rows) and len(columns):
            solved = self._columns(self.place[sources[columns]])
            found[np.ix_(rows, columns)] = solved[self.place[buses[rows]]]
        return found

    def _columns(self, places: NDArray[np.int64]) -> Complex:
        one = np.zeros((self.factors.shape[0], len(places)), np.complex128)
        one[places, range(len(places))] = 1
        return np.asarray(self.factors.solve(one))


def positive(
    circuit: Circuit, which: str = "one", scale: float = 1.0, inside: Unit | None = None
) -> Impedances:
    """Of the positive sequence, or of the negative one, which differs in machines alone.

    which:  impedance of what feeds: "one"; "peak", as for peak currents; "two", negative sequence.
    scale:  of all reactances: frequency over nominal one.
    inside: a power station unit at whose low side the short circuit is.
    """
    lines = circuit.lines
    z = _scaled(_hot(lines.one, lines.hot), scale)
    found = [(bank, bank.sequenced(_own(bank.mrid, inside), scale)) for bank in circuit.banks]
    parts = [(_numbers(circuit, one), one.one) for _, one in found if one is not None]
    for one in circuit.feeding:
        if which != "two" or not one.symmetric:
            own = _scaled(changed(one, inside) * getattr(one, which), scale)
            parts.append(((one.bus,), np.array([[1 / own]])))
    return _factored(circuit, 1 / z, np.zeros_like(z), parts)


def parts(circuit: Circuit) -> NDArray[np.int64]:
    """By bus, the number of the part of the network that it is in: what lines and transformers
    join."""
    lines, number = circuit.lines, circuit.buses.number
    sides = [[number[w.port.node] for w in b.tanks[0].windings] for b in circuit.banks]
    start = [*lines.start.tolist(), *(bus for some in sides for bus in some[:-1])]
    end = [*lines.end.tolist(), *(bus for some in sides for bus in some[1:])]
    joined = (np.ones(len(start), np.int8), (start, end))
    size = len(circuit.buses.nodes)
    labels = connected_components(coo_matrix(joined, (size, size)), directed=False)[1]
    return np.asarray(labels, np.int64)


def over(volts: NDArray[np.float64], z: Complex) -> NDArray[np.float64]:
    """Amperes; 0 through an infinite impedance."""
    modulus = np.abs(z)
    return np.asarray(np.where(np.isinf(modulus), 0.0, volts / np.where(modulus, modulus, np.nan)))


def zero(circuit: Circuit, inside: Unit | None = None) -> Impedances:
    """Of the zero sequence, with what is between star points and earth."""
    lines = circuit.lines
    found = [(bank, bank.sequenced(_own(bank.mrid, inside))) for bank in circuit.banks]
    parts = [(_numbers(circuit, one), one.zero) for _, one in found if one is not None]
    parts += [((one.bus,), np.array([[1 / one.zero]])) for one in circuit.feeding if one.zero]
    parts += [((bus,), np.array([[y]])) for bus, y in circuit.earths]
    return _factored(circuit, 1 / _hot(lines.zero, lines.hot), lines.shunt, parts)


def _own(bank: str, inside: Unit | None) -> float | None:
    """The factor of a transformer when it is that of the unit."""
    return 1.0 if inside and bank == inside.transformer else None


def changed(one: Feeding, inside: Unit | None) -> float:
    """The factor of a machine of the unit over that which it has already."""
    return inside.inside / inside.factor if inside and one.mrid in inside.machines else 1.0


def _hot(z: Complex, hot: NDArray[np.float64]) -> Complex:
    return np.asarray(z + hot * z.real, np.complex128)


def _scaled(z: Any, scale: float) -> Any:
    return z.real + 1j * scale * z.imag


def _numbers(circuit: Circuit, one: Sequenced) -> tuple[int, ...]:
    return tuple(circuit.buses.number[node] for node in one.nodes)


def _factored(circuit: Circuit, series: Complex, shunt: Complex, parts: list[Part]) -> Impedances:
    """With the buses from which there is a way to earth."""
    lines, size = circuit.lines, len(circuit.buses.nodes)
    own = series + shunt / 2
    rows = [lines.start, lines.end, lines.start, lines.end]
    columns = [lines.start, lines.end, lines.end, lines.start]
    values = [own, own, -series, -series]
    earthed = [lines.start[shunt != 0]]
    for buses, y in parts:
        rows.append(np.repeat(buses, len(buses)))
        columns.append(np.tile(buses, len(buses)))
        values.append(y.ravel())
        if _to_earth(y):
            earthed.append(np.array([bus for i, bus in enumerate(buses) if y[i, i]], np.int64))
    at = np.concatenate(rows), np.concatenate(columns)
    whole = coo_matrix((np.concatenate(values), at), (size, size)).tocsc()
    whole.eliminate_zeros()
    _, part = connected_components(abs(whole), directed=False)
    found = np.isin(part, part[np.concatenate(earthed)])
    place = np.where(found, np.cumsum(found) - 1, -1)
    inner = whole[found][:, found]
    return Impedances(place, splu(inner.tocsc()) if found.any() else None)


def _to_earth(y: Complex) -> bool:
    """Whether currents into it need not add up: its admittances are independent."""
    kept = np.flatnonzero(y.diagonal())
    if not len(kept):
        return False
    size = np.sqrt(np.abs(y[kept, kept]))
    values = np.linalg.svd(y[np.ix_(kept, kept)] / np.outer(size, size), compute_uv=False)
    return bool(values[-1] > _DEPENDENT * values[0])
