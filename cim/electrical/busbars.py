"""Busbars: what switchgear and feeders of a station meet at."""

from __future__ import annotations

from dataclasses import dataclass

from cim.electrical.ports import Port, ports
from cim.electrical.reading import Reading


@dataclass(frozen=True, slots=True)
class Busbar:
    """A BusbarSection; it has no impedance, and its ratings are among the limits."""

    mrid: str
    name: str
    port: Port


def busbars(reading: Reading) -> tuple[Busbar, ...]:
    """All BusbarSections that are at a node."""
    return reading.made(reading.of_class("BusbarSection"), lambda row: _busbar(reading, row))


def _busbar(reading: Reading, row: int) -> Busbar:
    [place] = ports(reading, row, 1)
    return Busbar(reading.mrid(row), reading.name(row), place)
