"""How places are called in OpenDSS: a bus for each node, a number for each phase at it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cim.electrical.yprim import Place, Primitive

EARTH = 0
NUMBERS = {"A": 1, "B": 2, "C": 3, "N": 4, "s1": 5, "s2": 6}
_INNER = 11
_NOTHING = 1e-14
_OPEN = 1e12


class Sites:
    """Buses of nodes, and numbers for the points inside of equipment that no place stands for."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._buses: dict[str, str] = {}
        self._inner: dict[str, int] = {}
        for node, _ in places:
            self._buses.setdefault(node, f"b{len(self._buses)}")

    def bus(self, node: str) -> str:
        """The bus of a node."""
        return self._buses[node]

    def buses(self) -> Iterable[tuple[str, str]]:
        """All nodes and their buses."""
        return self._buses.items()

    def at(self, node: str, *phases: str) -> str:
        """Phases of a node, as OpenDSS writes them; "" is earth."""
        return self.numbered(node, *(NUMBERS[phase] if phase else EARTH for phase in phases))

    def numbered(self, node: str, *numbers: int) -> str:
        """Numbers at the bus of a node."""
        return ".".join((self.bus(node), *map(str, numbers)))

    def inner(self, node: str) -> int:
        """A new number at the bus of a node, e.g. for a star point."""
        number = self._inner[node] = self._inner.get(node, _INNER - 1) + 1
        return number


def said(value: float) -> str:
    """A number as OpenDSS reads it, with all digits."""
    return repr(float(value))


def matrix(values: NDArray[np.float64]) -> str:
    """A square matrix as OpenDSS reads it, with all digits."""
    return "[" + "|".join(" ".join(map(said, row)) for row in values.tolist()) + "]"


def array(values: Iterable[float]) -> str:
    """Numbers as OpenDSS reads them, with all digits."""
    return "[" + " ".join(map(said, values)) + "]"


def lattice(name: str, primitive: Primitive, sites: Sites, verb: str = "new ") -> list[str]:
    """Any symmetric admittance matrix, as reactors between each two of its places and to earth.

    verb: "" to edit reactors that are there.
    """
    places = tuple(dict.fromkeys(primitive.places))
    across = np.array([[float(each == place) for place in places] for each in primitive.places])
    y = across.T @ primitive.y @ across
    least = _NOTHING * float(np.abs(y).max(initial=0.0))
    commands = []
    for i, (node, phase) in enumerate(places):
        commands.append(_reactor(f"{name}_{i}", sites.at(node, phase), None, y[i].sum(), least))
        for j in range(i):
            other = sites.at(*places[j])
            commands.append(
                _reactor(f"{name}_{i}_{j}", sites.at(node, phase), other, -y[i, j], least)
            )
    return [f"{verb}{command}" for command in commands]


def _reactor(name: str, one: str, two: str | None, y: complex, least: float) -> str:
    z = 1 / y if abs(y) > least else _OPEN + 0j
    end = two or f"{one.partition('.')[0]}.{EARTH}"
    return f"reactor.{name} phases=1 bus1={one} bus2={end} r={said(z.real)} x={said(z.imag)}"
