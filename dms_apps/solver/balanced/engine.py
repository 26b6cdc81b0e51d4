"""pandapower: a network in its words, and what it found."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandapower
from numpy.typing import NDArray

from dms_apps.solver.balanced.network import Drawn, Network, response

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

VERSION: str = pandapower.__version__
_NOTHING = 1e-7j
"""Per unit of 1 MVA."""
_ROUNDING = 1e-15
"""MVA that it leaves over at 1 per unit of impedance."""
_STIFF = 1e-5
"""Ohm; a source behind less holds the voltage of its bus."""


@dataclass(frozen=True, eq=False)
class Guess:
    """By bus: volts to earth and radians at the start; NaN where nothing feeds it."""

    volts: Complex

    @property
    def places(self) -> NDArray[np.int64]:
        """The number in the engine of each bus; -1 where it has none."""
        there = np.isfinite(self.volts)
        return np.where(there, np.cumsum(there) - 1, -1)


def solved(network: Network, guess: Guess, tolerance: float, iterations: int) -> Complex | str:
    """Volts to earth by bus, NaN where nothing feeds it; or why there are none.

    tolerance: of power, over the largest that is drawn or fed in.
    """
    if not np.isfinite(guess.volts).any():
        return guess.volts
    net, start, base = _net(network, guess)
    rounding = _ROUNDING / _smallest(net)
    logging.getLogger("pandapower").setLevel(logging.ERROR)
    most = max((abs(one.power) for one in network.drawn), default=1e3)
    try:
        pandapower.runpp(
            net,
            algorithm="nr",
            calculate_voltage_angles=True,
            init_vm_pu=np.abs(start) / base,
            init_va_degree=np.degrees(np.angle(start)),
            tolerance_mva=max(most * tolerance / 1e6, rounding),
            max_iteration=iterations,
            check_connectivity=False,
            numba=False,  # compiling takes seconds in every process, and saves a tenth of one
        )
    except pandapower.LoadflowNotConverged:
        return f"pandapower did not converge within {iterations} iterations"
    found = net.res_bus.vm_pu.to_numpy() * base
    volts = found * np.exp(1j * np.radians(net.res_bus.va_degree.to_numpy()))
    if not net.converged or not np.isfinite(volts).all():
        return "pandapower says that it converged, and some voltages are not numbers"
    places = guess.places
    return np.where(places >= 0, volts[places], np.nan)


def _behind(network: Network, guess: Guess) -> list[int]:
    """Numbers of sources that have a bus of their own, behind an impedance."""
    return [
        i
        for i, one in enumerate(network.held)
        if abs(one.z) > _STIFF and guess.places[one.bus] >= 0
    ]


def _starts(network: Network, guess: Guess) -> Complex:
    behind = [network.held[i].volts for i in _behind(network, guess)]
    return np.concatenate([guess.volts[guess.places >= 0], np.array(behind, np.complex128)])


def _net(network: Network, guess: Guess) -> tuple[pandapower.pandapowerNet, Complex, Floats]:
    """And volts to earth, by bus of the engine: at the start, and those that are one per unit."""
    start, places = _starts(network, guess), guess.places
    parts = _parts(network.drawn, places, np.abs(start))
    apart = _apart(parts)
    size = len(start)
    start = np.concatenate([start, start[apart]])
    base = np.abs(start)
    net = pandapower.create_empty_network(sn_mva=1.0)
    pandapower.create_buses(net, len(base), vn_kv=base * np.sqrt(3) / 1e3)
    branches = Branches(base)
    for part in network.parts:
        branches.add([int(places[bus]) for bus in part.buses], part.made.whole)
    first, behind = int((places >= 0).sum()), _behind(network, guess)
    for number, one in enumerate(network.held):
        place = int(places[one.bus])
        if number in behind:
            branches.add([first, place], np.array([[1, -1], [-1, 1]]) / one.z)
            place, first = first, first + 1
        if place >= 0:
            volts, angle = abs(one.volts) / base[place], np.degrees(np.angle(one.volts))
            pandapower.create_ext_grid(net, place, vm_pu=volts, va_degree=angle)
    branches.join(apart.tolist(), range(size, len(base)))
    branches.earth[:size] += parts[0].conj()
    branches.put(net)
    current = np.concatenate([parts[1], parts[1][apart]])
    current[apart] = 0
    _put_loads(net, current, np.concatenate([parts[2], np.zeros(len(apart))]))
    return net, start, base


def _smallest(net: pandapower.pandapowerNet) -> float:
    """Per unit of 1 MVA, of the impedances."""
    z = net.impedance.rft_pu.to_numpy() + 1j * net.impedance.xft_pu.to_numpy()
    return float(np.abs(z).min(initial=1.0))


class Branches:
    """Admittances between buses and to earth, per unit of 1 MVA, as they are gathered.

    base: volts to earth that are one per unit, by bus.
    """

    def __init__(self, base: Floats) -> None:
        self.base = base
        self.ends: list[tuple[int, int]] = []
        self.z: list[tuple[complex, complex]] = []
        self.earth = np.zeros(len(base), np.complex128)

    def add(self, at: Sequence[int], y: Complex) -> None:
        """An element of siemens y; its ends at -1 are open."""
        there = [i for i, place in enumerate(at) if place >= 0]
        ends = [at[i] for i in there]
        y = 3 * y[np.ix_(there, there)] * np.outer(self.base[ends], self.base[ends]) / 1e6
        np.add.at(self.earth, ends, y.sum(1))
        for i in range(len(ends)):
            for j in range(i + 1, len(ends)):
                if ends[i] != ends[j] and y[i, j] and y[j, i]:
                    self.ends.append((ends[i], ends[j]))
                    self.z.append((-1 / y[i, j], -1 / y[j, i]))

    def join(self, some: Sequence[int], others: Sequence[int]) -> None:
        """Buses pair by pair, through next to nothing."""
        self.ends += list(zip(some, others, strict=True))
        self.z += [(_NOTHING, _NOTHING)] * len(some)

    def put(self, net: pandapower.pandapowerNet) -> None:
        """Into a network of pandapower, with what turns as impedances that differ by direction."""
        if self.ends:
            start, end = np.array(self.ends).T
            there, back = np.array(self.z).T
            pandapower.create_impedances(
                net, start, end, rft_pu=there.real, xft_pu=there.imag, rtf_pu=back.real,
                xtf_pu=back.imag, sn_mva=1.0,
            )  # fmt: skip
        at = np.flatnonzero(self.earth)
        if len(at):
            y = self.earth[at]
            kv = self.base[at] * np.sqrt(3) / 1e3
            pandapower.create_shunts(net, at, q_mvar=-y.imag, p_mw=y.real, vn_kv=kv)


def _parts(drawn: Sequence[Drawn], places: NDArray[np.int64], base: Floats) -> Complex:
    """MVA of constant impedance, current and power, by bus, at the voltage that is one per unit."""
    parts = np.zeros((3, len(base)), np.complex128)
    for one in drawn:
        place = int(places[one.bus])
        if place >= 0:
            ratio = base[place] * np.sqrt(3) / one.nominal if one.nominal else 1.0
            p, q = (np.array(shares) for shares in response(one))
            whole = one.power.real * p + 1j * one.power.imag * q
            parts[:, place] += whole * [ratio**2, ratio, 1.0] / 1e6
    return parts


def _share(current: Floats, power: Floats) -> Floats:
    """Per cent of constant current in the whole of a bus."""
    whole = current + power
    share = np.divide(current, whole, out=np.zeros(len(whole)), where=whole != 0)
    return np.asarray(100 * share)


def _apart(parts: Complex) -> NDArray[np.int64]:
    """Buses whose constant current is no share that pandapower takes: beyond the whole."""
    _, current, power = parts
    beyond = np.zeros(len(current), np.bool_)
    for i, p in ((current.real, power.real), (current.imag, power.imag)):
        beyond |= (_share(i, p) > 100) | ((i != 0) & (i + p == 0))
    return np.flatnonzero(beyond)


def _put_loads(net: pandapower.pandapowerNet, current: Complex, power: Complex) -> None:
    """One load at each bus: pandapower 3.5.6 takes the plain mean of the shares of several, and
    applies it to what is fed in there, too."""
    at = np.flatnonzero((current != 0) | (power != 0))
    if len(at):
        i, p = current[at], power[at]
        pandapower.create_loads(
            net, at, p_mw=(i + p).real, q_mvar=(i + p).imag,
            const_i_p_percent=_share(i.real, p.real), const_i_q_percent=_share(i.imag, p.imag),
        )  # fmt: skip
