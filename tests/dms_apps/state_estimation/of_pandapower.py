"""Networks of pandapower with its measurements, as one phase per unit, from its own admittances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, eye_array, hstack, vstack
from scipy.sparse.linalg import spsolve

from dms_apps.state_estimation.equations import Complex, Grid, Kind, Quantities
from dms_apps.state_estimation.wls import Known

_KINDS = {
    "p": Kind.ACTIVE, "q": Kind.REACTIVE, "v": Kind.MAGNITUDE, "i": Kind.MAGNITUDE,
    "va": Kind.ANGLE,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Taken:
    """What is known of a network.

    number: by bus, of the unknown volts; -1 when it is not in service.
    """

    known: Known
    start: Complex
    number: Any

    def volts(self, x: Complex) -> Complex:
        """By bus of pandapower, per unit; NaN where nothing feeds it."""
        return np.where(self.number >= 0, x[self.number], np.nan)


def taken(net: Any, nothing: Sequence[int] = ()) -> Taken:
    """From a network on which pandapower has just solved a load flow with angles.

    Power drawn counts positive at buses, power into a branch at its sides.

    nothing: buses at which nothing is drawn, besides those that pandapower makes itself: where the
             windings of a transformer of three meet, and at the open end of a line.
    """
    inner, lookups = net._ppc["internal"], net._pd2ppc_lookups
    y, at_start, at_end = inner["Ybus"], inner["Yf"], inner["Yt"]
    count, branches = y.shape[0], at_start.shape[0]
    whole = net._ppc["bus"]
    inside = np.full(len(whole), -1)
    inside[np.flatnonzero(whole[:, 1] != 4)] = np.arange(count)
    number = inside[lookups["bus"][net.bus.index.to_numpy()]]
    unity = eye_array(2 * count, format="csr", dtype=np.complex128)
    none = csr_matrix((branches, count))
    rows = vstack([unity, hstack([at_start, none]), hstack([at_end, none])], format="csr")
    places = _Places(net, dict(zip(net.bus.index, number, strict=True)), count, branches)
    kind, one, two, value, sigma = np.array(list(places.measured())).T
    idle = sorted({*range(count), *number[list(nothing)]} - {*np.delete(number, list(nothing))})
    draws = csr_matrix((np.ones(count), (range(count), range(count))))
    draws[idle] = 0
    quantities = Quantities(
        rows,
        kind.astype(np.int64),
        np.arange(len(kind)),
        one.astype(np.int64),
        two.astype(np.int64),
    )
    slack = net.ext_grid.iloc[0]
    first = int(places.bus[slack.bus])
    anchor = csr_matrix(([1.0 + 0j], ([0], [first])), (1, 2 * count))
    angle = np.radians([slack.va_degree])
    grid = Grid(hstack([y, draws], format="csr"), anchor, angle, np.ones(2 * count), 1.0)
    used = np.ones(len(value), np.bool_)
    start = np.concatenate([_flat(inner, count), np.zeros(count)])
    return Taken(Known(grid, quantities, value, sigma, used, ~used), start, number)


def _flat(inner: Any, count: int) -> Complex:
    """What the voltages are without any load."""
    y, slack = inner["Ybus"].tocsc(), int(inner["ref"][0])
    others = np.delete(np.arange(count), slack)
    volts = np.empty(count, np.complex128)
    volts[slack] = inner["V"][slack]
    volts[others] = spsolve(y[others][:, others], -(y[others][:, [slack]] @ volts[[slack]]))
    return volts


@dataclass(frozen=True, eq=False)
class _Places:
    """Rows of numbers: volts, amperes drawn, amperes into branches at their start, at their end."""

    net: Any
    bus: dict[int, int]
    count: int
    branches: int

    def measured(self) -> Iterator[tuple[float, ...]]:
        """Kind, row of volts, row of amperes or -1, value, sigma."""
        for one in self.net.measurement.itertuples():
            volts, amperes = self._rows(one.element_type, int(one.element), one.side)
            base = self.net.sn_mva
            if one.measurement_type == "v":
                base = 1.0
            elif one.measurement_type == "va":
                base = float(np.degrees(1.0))
            elif one.measurement_type == "i":
                base = self.net.sn_mva / np.sqrt(3) / self._kilovolt(volts)
            row = amperes if one.measurement_type == "i" else volts
            other = amperes if one.measurement_type in ("p", "q") else -1
            kind = _KINDS[one.measurement_type]
            yield kind, row, other, one.value / base, one.std_dev / base

    def _kilovolt(self, number: int) -> float:
        bus = next(one for one, at in self.bus.items() if at == number)
        return float(self.net.bus.vn_kv.at[bus])

    def _rows(self, what: str, element: int, side: str) -> tuple[int, int]:
        if what == "bus":
            at = self.bus[element]
            return at, self.count + at
        table = self.net[what]
        branch = self.net._pd2ppc_lookups["branch"][what][0] + list(table.index).index(element)
        if what == "trafo3w":
            branch += {"hv": 0, "mv": 1, "lv": 2}[side] * len(table)
        used = self.net._ppc["internal"]["branch_is"]
        branch = int(np.count_nonzero(used[:branch]))
        at_start = side in ("from", "hv")
        first = 2 * self.count + (0 if at_start else self.branches)
        return self.bus[table[f"{side}_bus"].at[element]], first + branch
