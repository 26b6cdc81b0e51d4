"""What joins conductors of a node to earth."""

from __future__ import annotations

from dataclasses import dataclass

from cim.electrical.ports import Port

SOLID = 1e-6
"""Ohm, of what has no impedance to earth."""


@dataclass(frozen=True)
class Earth:
    """Between conductors of a node and earth, an impedance each, or none.

    mrid:   of the equipment; of the terminal where other equipment has an earthed star point to
            which a neutral comes.
    kind:   class of what earths.
    phases: the conductors that it earths.
    z:      ohm; 0 for solid earth.
    """

    mrid: str
    name: str
    kind: str
    port: Port
    phases: tuple[str, ...]
    z: complex
