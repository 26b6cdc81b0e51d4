"""Where nodes lie, by the positions of the equipment that meets there."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cim.electrical.reading import Reading
from cim.model.model import Model

Point = tuple[float, float]


def positions(model: Model) -> dict[str, Point]:
    """First and second coordinate of nodes by mRID, in the document's own CoordinateSystem.

    The points of a location follow its equipment from the first terminal to the last; where they
    are fewer than terminals, all of these lie at the first (IEC 61968-11, PositionPoint).
    """
    reading = Reading(model)
    found: dict[str, Point] = {}
    for row in reading.of_class("Location"):
        points = [at for _, at in sorted(_points(reading, row))]
        resources = reading.either(
            row, "Location.PowerSystemResources", "PowerSystemResource.Location"
        )
        for resource in resources if points else ():
            for number, node in _nodes(reading, resource):
                at = points[-1] if number > 1 and len(points) > 1 else points[0]
                found.setdefault(reading.mrid(node), at)
    return found


def _points(reading: Reading, row: int) -> Iterator[tuple[float, Point]]:
    """With the place of each in the sequence."""
    for point in reading.behind(row, "PositionPoint.Location"):
        x, y = (reading.number(point, f"PositionPoint.{axis}Position") for axis in "xy")
        if x is not None and y is not None and math.isfinite(x) and math.isfinite(y):
            yield reading.number(point, "PositionPoint.sequenceNumber") or 0.0, (x, y)


def _nodes(reading: Reading, resource: int) -> Iterator[tuple[float, int]]:
    """Nodes with the number of the terminal at each."""
    for terminal in reading.behind(resource, "Terminal.ConductingEquipment"):
        node = reading.link(terminal, "Terminal.ConnectivityNode", "Terminal.TopologicalNode")
        number = reading.number(terminal, "ACDCTerminal.sequenceNumber")
        if number is None:
            number = reading.number(terminal, "Terminal.sequenceNumber")
        if node is not None:
            yield number or 1.0, node
