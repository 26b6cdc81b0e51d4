"""Voltages by place, powers and currents by conductor, from the voltages of the buses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.electrical.ports import ABC
from cim.electrical.yprim import Primitive
from dms_apps.solver import primitives
from dms_apps.solver.balanced.network import Network, Part
from dms_apps.solver.energised import closed_rows
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout

Complex = NDArray[np.complex128]
Ints = NDArray[np.int64]

_BACK = np.exp(-2j * np.pi / 3)
_TURNS = {"A": 1 + 0j, "B": _BACK, "C": _BACK**2}
_STIFF = 1e-5


@dataclass(eq=False)
class Flows:
    """Currents by conductor as they are put together.

    volts: by place, to earth: those of the positive sequence, of its bus; NaN at phases that it
           says nothing of, 0 at neutrals and where nothing feeds.
    one:   by bus.
    """

    layout: Layout
    network: Network
    one: Complex
    volts: Complex
    current: Complex

    @classmethod
    def of(
        cls, layout: Layout, given: Given, network: Network, one: Complex, island: Ints,
        drawn: Complex, *, alike: bool,
    ) -> Flows:  # fmt: skip
        """drawn: volt-amperes of each load and generator of the network.

        alike: whether all phases are; otherwise power is shared out over those that are there.
        """
        number = [network.buses.number[node] for node, _ in layout.places]
        turn = np.array(
            [_TURNS.get(phase, 0 if phase == "N" else np.nan) for _, phase in layout.places]
        )
        volts = np.where(island < 0, 0, one[number] * turn)
        found = cls(layout, network, one, volts, np.zeros(len(layout.conductors.place), complex))
        found.elements(given, alike=alike)
        found.users(drawn)
        found.sources()
        found.switches(given)
        return found

    # -- equipment with an admittance

    def elements(self, given: Given, *, alike: bool) -> None:
        """Lines, transformers, shunts."""
        present = primitives.present(self.layout, given)
        for part in self.network.parts:
            into = part.made.whole @ self.one[list(part.buses)]
            if len(part.elements) == 1:
                for terminal, amperes in zip(part.made.terminals, into, strict=True):
                    self.share(self.phases(part.elements[0], terminal), amperes)
            elif alike:
                self.tanks(part, present)
            else:
                for node, amperes in zip(part.made.nodes, into, strict=True):
                    rows = [r for mrid in part.elements for r in self.phases(mrid, node=node)]
                    self.share(rows, amperes)

    def tanks(self, part: Part, present: Sequence[Primitive]) -> None:
        """Each by its own admittance."""
        for mrid in part.elements:
            rows = self.layout.rows(mrid)
            places = self.layout.conductors.place[rows]
            self.current[rows] = present[self.layout.element[mrid]].y @ self.volts[places]

    def phases(self, mrid: str, terminal: str = "", node: str = "") -> list[int]:
        """Conductors A, B, C of an element at a terminal or node."""
        table, rows = self.layout.conductors, self.layout.rows(mrid)
        return [
            row
            for row in range(rows.start, rows.stop)
            if table.phase[row] in ABC
            and (not terminal or table.terminal[row] == terminal)
            and (not node or self.layout.places[table.place[row]][0] == node)
        ]

    def share(self, rows: Sequence[int], amperes: complex) -> None:
        """A current of the positive sequence, over the phases that are there."""
        for row in rows:
            turn = _TURNS[self.layout.conductors.phase[row]]
            self.current[row] += 3 / len(rows) * amperes * turn

    # -- what draws and feeds

    def users(self, drawn: Complex) -> None:
        """Loads and generators."""
        for one, power in zip(self.network.drawn, drawn, strict=True):
            volts = self.one[one.bus]
            if volts:
                self.share(self.phases(one.mrid), complex(np.conj(power / 3 / volts)))

    def sources(self) -> None:
        """By their impedances; those that hold their bus give what is missing there."""
        stiff: dict[int, list[str]] = {}
        for one in self.network.held:
            if abs(one.z) > _STIFF:
                self.share(self.phases(one.mrid), complex((self.one[one.bus] - one.volts) / one.z))
            else:
                stiff.setdefault(one.bus, []).append(one.mrid)
        into = self.into()
        number = self.network.buses.number
        missing = np.zeros(len(self.one), np.complex128)
        np.add.at(missing, [number[node] for node in into], list(into.values()))
        for bus, some in stiff.items():
            for mrid in some:
                self.share(self.phases(mrid), complex(-missing[bus] / len(some)))

    def into(self) -> dict[str, complex]:
        """Amperes of the positive sequence from each node into equipment so far."""
        found: dict[str, complex] = {node: 0j for node, _ in self.layout.places}
        table = self.layout.conductors
        for row in np.flatnonzero(self.current).tolist():
            turn = _TURNS.get(table.phase[row])
            if turn is not None:
                node, _ = self.layout.places[table.place[row]]
                found[node] += complex(self.current[row] * np.conj(turn)) / 3
        return found

    # -- what joins nodes

    def switches(self, given: Given) -> None:
        """What closes the balance at each node, least in squares where several ways are."""
        into, closed = self.into(), closed_rows(self.layout, given)
        for ways in _ways(self.layout, self.network, given, closed):
            nodes = sorted({node for _, ends in ways for node in ends})
            at = {node: i for i, node in enumerate(nodes)}
            incidence = np.zeros((len(nodes), len(ways)))
            for column, (_, (one, two)) in enumerate(ways):
                incidence[at[one], column] += 1
                incidence[at[two], column] -= 1
            missing = np.array([-into.get(node, 0j) for node in nodes])
            through = np.linalg.lstsq(incidence, missing, rcond=None)[0]
            for (mrid, _), amperes in zip(ways, through, strict=True):
                self.through(mrid, amperes, closed)

    def through(self, mrid: str, amperes: complex, closed: NDArray[np.bool_]) -> None:
        """A current through the closed poles of a switch; a joint has no conductors."""
        if not mrid:
            return
        rows = self.layout.rows(mrid)
        half = (rows.stop - rows.start) // 2
        first = [r for r in range(rows.start, rows.start + half) if closed[r]]
        self.share([r for r in first if self.layout.conductors.phase[r] in ABC], amperes)
        for row in first:
            self.current[row + half] = -self.current[row]


_Way = tuple[str, tuple[str, str]]


def _ways(
    layout: Layout, network: Network, given: Given, closed: NDArray[np.bool_]
) -> Iterator[list[_Way]]:
    """Closed switches and joints by bus: mRID, "" for a joint, and both nodes."""
    found: dict[int, list[_Way]] = {}
    number = network.buses.number
    for switch in layout.view.switches:
        if len(switch.ends) == 2 and closed[layout.rows(switch.mrid)].any():
            one, two = (end.node for end in switch.ends)
            if one != two and number[one] == number[two]:
                found.setdefault(number[one], []).append((switch.mrid, (one, two)))
    for one, two in sorted({(a, b) for (a, _), (b, _) in given.joined}):
        if one != two and one in number and two in number and number[one] == number[two]:
            found.setdefault(number[one], []).append(("", (one, two)))
    yield from found.values()
