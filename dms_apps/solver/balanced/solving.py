"""A balanced load flow: what is asked, what pandapower finds, and whether that can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from dms_apps.solver.balanced import engine
from dms_apps.solver.balanced.flows import Flows
from dms_apps.solver.balanced.network import Network, response
from dms_apps.solver.energised import Ways
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.primitives import sections, steps
from dms_apps.solver.solution import Engine, Options, Solution, unsolved

Complex = NDArray[np.complex128]

_OFF = 1e-6
"""Volt-amperes that may be left over at a bus, over the largest that is drawn or fed in."""


def solve(
    layout: Layout,
    given: Given | None = None,
    options: Options | None = None,
    *,
    equivalent: bool = False,
) -> Solution:
    """Load flow of the positive sequence, with taps and sections as given.

    equivalent: solve, too, what three phases alike cannot stand for, by its positive sequence; the
                remarks then say what that is.  Without, such a network is refused: the solution is
                not converged, and its remarks name the objects.
    Raises: ValueError when `options` want controls to move, or loads to be limited.
    """
    given, options = given or Given(), options or Options()
    if options.controls != "fixed":
        raise ValueError("the balanced solver moves no taps: controls must be fixed")
    if options.low > 0 or np.isfinite(options.high):
        raise ValueError("the balanced solver knows no limits of voltage for loads")
    said = Engine("pandapower", engine.VERSION, {**asdict(options), "equivalent": equivalent})
    island = Ways.of(layout).islands(given)
    network = Network.of(layout, given, island, equivalent=equivalent)
    unlike = network.unlike.sentences()
    if unlike and not equivalent:
        refused = unsolved(layout, said, island, "The network is not balanced.")
        return refused.saying(refused.remarks[0], *unlike, *refused.remarks[1:])
    remarks = (*(f"By the positive sequence alone: {one}" for one in unlike), *layout.remarks)
    linear = Linear.of(network)
    guess = linear.guess(network)
    volts = engine.solved(network, engine.Guess(guess), options.tolerance, options.iterations)
    why = volts if isinstance(volts, str) else linear.left_over(network, volts)
    if isinstance(volts, str) or why:
        lost = unsolved(layout, said, island, f"{why}.")
        return lost.saying(lost.remarks[0], *remarks)
    v = np.where(linear.fed, volts, 0)
    drawn = each(network, v)
    found = Flows.of(layout, given, network, v, island, drawn, alike=not unlike)
    return Solution(
        layout,
        said,
        True,
        found.volts,
        island,
        lambda: found.current,
        steps(layout, given),
        sections(layout, given),
        lambda: remarks,
    )


@dataclass(frozen=True, eq=False)
class Linear:
    """Siemens between buses, with those of sources; `fed`: the buses that a source reaches."""

    y: Any
    fed: NDArray[np.bool_]

    @classmethod
    def of(cls, network: Network) -> Linear:
        size = len(network.buses.nodes)
        rows, columns, values = [], [], []
        for part in network.parts:
            rows.append(np.repeat(part.buses, len(part.buses)))
            columns.append(np.tile(part.buses, len(part.buses)))
            values.append(part.made.whole.ravel())
        held = np.array([one.bus for one in network.held], np.int64)
        rows.append(held)
        columns.append(held)
        values.append(np.array([1 / one.z for one in network.held], np.complex128))
        at = np.concatenate(rows), np.concatenate(columns)
        y = coo_matrix((np.concatenate(values), at), (size, size)).tocsr()
        _, part_of = connected_components(abs(y), directed=False)
        return cls(y, np.isin(part_of, part_of[held]))

    def driven(self, network: Network) -> Complex:
        """Amperes of the sources, by bus."""
        found = np.zeros(self.y.shape[0], np.complex128)
        for one in network.held:
            found[one.bus] += one.volts / one.z
        return found

    def guess(self, network: Network) -> Complex:
        """Volts to earth without load; NaN where nothing feeds the bus."""
        found = np.full(len(self.fed), np.nan + 0j)
        if self.fed.any():
            inner = self.y[self.fed][:, self.fed].tocsc()
            found[self.fed] = splu(inner).solve(self.driven(network)[self.fed])
        return found

    def left_over(self, network: Network, volts: Complex) -> str:
        """Why these voltages are no solution; empty when power balances at every bus."""
        v = np.where(self.fed, volts, 0)
        taken = v * np.conj(self.y @ v - self.driven(network))
        drawn = by_bus(network, v)
        held = [one.bus for one in network.held]
        off = np.abs(3 * taken + drawn)
        off[held] = 0
        most = max(np.abs(drawn).max(initial=0.0), 1.0)
        worst = int(np.argmax(off))
        if off[worst] <= _OFF * most:
            return ""
        node = network.buses.nodes[worst][0]
        return f"pandapower says that it converged, and {off[worst]:.3g} VA are left over at {node}"


def by_bus(network: Network, volts: Complex) -> Complex:
    """Volt-amperes that loads and generators draw at these voltages to earth."""
    found = np.zeros(len(volts), np.complex128)
    np.add.at(found, [one.bus for one in network.drawn], each(network, volts))
    return found


def each(network: Network, volts: Complex) -> Complex:
    """The same by load and generator."""
    powers: list[complex] = []
    for one in network.drawn:
        v = abs(volts[one.bus]) * np.sqrt(3)
        u = v / one.nominal if one.nominal else 1.0
        p, q = (_at(shares, u) for shares in response(one))
        powers.append(complex(one.power.real * p, one.power.imag * q) if v else 0j)
    return np.array(powers, np.complex128)


def _at(shares: Sequence[float], u: float) -> float:
    return shares[0] * u**2 + shares[1] * u + shares[2]
