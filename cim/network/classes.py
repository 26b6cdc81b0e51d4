"""What the network makes of the classes of the CIM."""

from __future__ import annotations

from dataclasses import dataclass

SOURCES = ("EnergySource", "ExternalNetworkInjection", "EquivalentInjection")
"""Equipment that supplies the network; generators do not, they stop when they stand alone."""

PROTECTIVE = ("Breaker", "Recloser", "Fuse", "Sectionaliser", "DisconnectingCircuitBreaker")
"""Switches that open by themselves to clear a fault."""

GROUND_DISCONNECTOR = "GroundDisconnector"

SWITCHES = (
    *PROTECTIVE,
    "Switch",
    "ProtectedSwitch",
    "LoadBreakSwitch",
    "Disconnector",
    GROUND_DISCONNECTOR,
    "Jumper",
    "Cut",
)

TRANSFORMER = "PowerTransformer"


@dataclass(frozen=True)
class Equipment:
    """One piece of equipment.

    cim_class: e.g. "Recloser".
    name:      empty when the model gives none.
    phases:    supplying phases, of A, B, C, s1, s2.
    """

    mrid: str
    cim_class: str
    name: str
    phases: frozenset[str]
