"""A feeder of three nodes, written by hand.

source -- n1 ==line l== n2 --switch w-- n3 -- load d
"""

from __future__ import annotations

import numpy as np

from cim.electrical.view import View
from tests.cim.electrical.documents import line, terminals, viewed

Objects = dict[str, dict[str, str]]

VOLTS = 10_000.0


def source(volts: float = VOLTS, node: str = "n1", name: str = "s") -> Objects:
    """A stiff source."""
    return {
        f"EnergySource {name}": {
            "nominalVoltage": f"{volts}",
            "voltageMagnitude": f"{volts}",
            "voltageAngle": "0",
            "r": "0.001",
            "x": "0.01",
            "r0": "0.001",
            "x0": "0.01",
            "ConductingEquipment.BaseVoltage": "#base",
        },
        "BaseVoltage base": {"nominalVoltage": f"{volts}"},
        **terminals(name, node),
    }


def balanced_line(name: str = "l", nodes: tuple[str, str] = ("n1", "n2")) -> Objects:
    """1 + 2j ohm in positive, 3 + 6j in zero sequence."""
    said = {"r": "1", "x": "2", "r0": "3", "x0": "6", "Conductor.length": "1000"}
    said |= {"ConductingEquipment.BaseVoltage": "#base"}
    return line(name, said, "ABC", nodes)


def switch(name: str = "w", nodes: tuple[str, str] = ("n2", "n3")) -> Objects:
    return {
        f"LoadBreakSwitch {name}": {"Switch.open": "false", "Switch.normalOpen": "false"},
        **terminals(name, *nodes),
    }


def load(
    p: float = 900e3, q: float = 300e3, name: str = "d", node: str = "n3", connection: str = "Y",
    **phases: tuple[float, float],
) -> Objects:  # fmt: skip
    """Of constant power; `phases` gives p and q of single phases."""
    found: Objects = {
        f"EnergyConsumer {name}": {
            "p": f"{p}",
            "q": f"{q}",
            "phaseConnection": f"~PhaseShuntConnectionKind.{connection}",
            "grounded": "true" if connection == "Y" else "false",
            "ConductingEquipment.BaseVoltage": "#base",
        },
        **terminals(name, node),
    }
    for phase, (active, reactive) in phases.items():
        found[f"EnergyConsumerPhase {name}_{phase}"] = {
            "EnergyConsumer": f"#{name}",
            "phase": f"~SinglePhaseKind.{phase}",
            "p": f"{active}",
            "q": f"{reactive}",
        }
    return found


def feeder(*more: Objects) -> View:
    """The feeder, with `more` in the place of its load."""
    return viewed(source(), balanced_line(), switch(), *(more or (load(),)))


def drop_by_hand(power: complex) -> complex:
    """Volts of phase A at the end of 1.001 + 2.01j ohm (line and source), one equation."""
    at_source, z = VOLTS / np.sqrt(3), 1.001 + 2.01j
    volts = complex(at_source)
    for _ in range(100):
        volts = at_source - z * (power / 3 / volts).conjugate()
    return volts
