"""Networks of one phase written down as plain numbers, per unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, eye_array, hstack, vstack

from dms_apps.state_estimation.equations import Complex, Grid, Kind, Quantities
from dms_apps.state_estimation.wls import Known

POWERS = (Kind.ACTIVE, Kind.REACTIVE)


@dataclass
class Plain:
    """Buses with a draw each, lines without charging; the angles of `anchors` are 0.

    Rows of numbers: volts of buses, amperes drawn at them, amperes into lines at both ends.
    """

    buses: int
    lines: Sequence[tuple[int, int, complex]]
    volt: float = 1.0
    power: float = 1.0
    anchors: Sequence[int] = (0,)
    names: list[str] = field(default_factory=list)
    rows: list[tuple[Kind, int, int, float, float]] = field(default_factory=list)

    @property
    def grid(self) -> Grid:
        ohm = self.volt**2 / self.power
        y = np.zeros((self.buses, self.buses), np.complex128)
        for one, two, z in self.lines:
            y[np.ix_([one, two], [one, two])] += np.array([[1, -1], [-1, 1]]) / (z * ohm)
        unity = eye_array(self.buses, format="csr", dtype=np.complex128)
        law = hstack([csr_matrix(y), unity], format="csr")
        scale = np.repeat([self.volt, self.power / self.volt], self.buses)
        count = len(self.anchors)
        rows = np.ones(count, np.complex128), (np.arange(count), np.array(self.anchors))
        anchors = csr_matrix(rows, (count, 2 * self.buses))
        return Grid(law, anchors, np.zeros(count), scale, self.power)

    @property
    def numbers(self) -> Any:
        ohm = self.volt**2 / self.power
        into = np.zeros((2 * len(self.lines), 2 * self.buses), np.complex128)
        for at, (one, two, z) in enumerate(self.lines):
            for end, (here, there) in enumerate(((one, two), (two, one))):
                into[2 * at + end, [here, there]] = np.array([1, -1]) / (z * ohm)
        unity = eye_array(2 * self.buses, format="csr", dtype=np.complex128)
        return vstack([unity, csr_matrix(into)], format="csr")

    def volts(self, bus: int, value: float, sigma: float) -> None:
        self._add(f"volts of bus {bus}", Kind.MAGNITUDE, bus, -1, value, sigma)

    def drawn(self, bus: int, value: complex, sigma: float) -> None:
        self._power(f"drawn at bus {bus}", bus, self.buses + bus, value, sigma)

    def flow(self, line: int, end: int, value: complex, sigma: float) -> None:
        row = 2 * self.buses + 2 * line + end
        self._power(f"flow of line {line}", self.lines[line][end], row, value, sigma)  # type: ignore[arg-type]

    def amperes(self, line: int, end: int, value: float, sigma: float) -> None:
        row = 2 * self.buses + 2 * line + end
        self._add(f"amperes of line {line}", Kind.MAGNITUDE, row, -1, value, sigma)

    def known(self, order: Sequence[int] | None = None) -> Known:
        order = list(range(len(self.rows))) if order is None else list(order)
        kind, one, two, value, sigma = np.array([self.rows[i] for i in order]).T
        quantities = Quantities(
            self.numbers,
            kind.astype(np.int64),
            np.arange(len(order)),
            one.astype(np.int64),
            two.astype(np.int64),
        )
        used = np.ones(len(order), np.bool_)
        return Known(self.grid, quantities, value, sigma, used, ~used)

    def start(self) -> Complex:
        return np.repeat([self.volt + 0j, 0j], self.buses)

    def truth(self, drawn: Sequence[complex]) -> Complex:
        """The unknowns with bus 0 at 1 per unit and these powers drawn at the others."""
        law = self.grid.law.toarray()
        y = law[:, : self.buses]
        volts = np.full(self.buses, self.volt + 0j)
        for _ in range(200):
            amperes = -np.conj(np.asarray(drawn) * self.power / volts[1:])
            volts[1:] = np.linalg.solve(y[1:, 1:], amperes - y[1:, 0] * volts[0])
        return np.concatenate([volts, -y @ volts])

    def perfect(self, x: Complex) -> Known:
        known = self.known()
        return replace(known, value=known.quantities.values(x))

    def _power(self, name: str, one: int, two: int, value: complex, sigma: float) -> None:
        for kind, part in zip(POWERS, (value.real, value.imag), strict=True):
            self._add(name, kind, one, two, part * self.power, sigma * self.power)

    def _add(self, name: str, kind: Kind, one: int, two: int, value: float, sigma: float) -> None:
        self.names.append(name)
        self.rows.append((kind, one, two, value, sigma))


def from_case(case: Mapping[str, Any]) -> Plain:
    """A network and its measurements as a case folder has them."""
    lines = [(each["from"], each["to"], complex(each["r"], each["x"])) for each in case["lines"]]
    plain = Plain(case["buses"], lines, anchors=case.get("anchors", [0]))
    for each in case.get("drawn", ()):
        plain.drawn(each["bus"], complex(each["p"], each["q"]), each["sigma"])
    for each in case.get("flows", ()):
        value = complex(each["p"], each["q"])
        plain.flow(each["line"], each["at"], value, each["sigma"])
    for each in case["volts"]:
        plain.volts(each["bus"], each["value"], each["sigma"])
    return plain
