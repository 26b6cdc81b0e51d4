"""How long crews take to get somewhere, by coordinates and a speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

Point = tuple[float, float]
"""First and second coordinate, e.g. longitude and latitude."""

Floats = NDArray[np.float64]
_RADIUS = 6371.0088
"""Of the earth, its mean in km (IUGG)."""
_NOWHERE = (np.nan, np.nan)


@dataclass(frozen=True, kw_only=True)
class Travel:
    """Settings, `[travel]` in `config/apps/crews.toml`.

    coordinates: "degrees" (longitude, latitude) or "metres" (easting, northing), of the model of
                 the network and of crews alike.
    speed:       km/h on the way.
    detour:      length of a way by road over that of the straight line.
    usual:       hours of a way of which one end is not known.
    """

    coordinates: Literal["degrees", "metres"] = "degrees"
    speed: Annotated[float, Field(gt=0)] = 40.0
    detour: Annotated[float, Field(ge=1)] = 1.3
    usual: Annotated[float, Field(ge=0)] = 0.5

    def hours(self, one: Point | None, other: Point | None) -> float:
        """From one place to the other."""
        return float(self.between(points([one]), points([other]))[0, 0])

    def between(self, a: Floats, b: Floats) -> Floats:
        """From each of some `points` (a row) to each of others (a column)."""
        if self.coordinates == "degrees":
            straight = _great_circle(np.radians(a), np.radians(b))
        else:
            apart = a[:, None, :] - b[None, :, :]
            straight = np.hypot(apart[..., 0], apart[..., 1]) / 1000
        hours = straight * self.detour / self.speed
        found: Floats = np.where(np.isfinite(hours), hours, self.usual)
        return found


def points(some: Sequence[Point | None]) -> Floats:
    """A row each, for `Travel.between`."""
    found: Floats = np.array([one or _NOWHERE for one in some], np.float64).reshape(-1, 2)
    return found


def _great_circle(a: Floats, b: Floats) -> Floats:
    """Kilometres, by the haversine formula, which is exact for near places, too."""
    x, y = a[:, None, :], b[None, :, :]
    half = np.sin((x[..., 1] - y[..., 1]) / 2) ** 2
    half += np.cos(x[..., 1]) * np.cos(y[..., 1]) * np.sin((x[..., 0] - y[..., 0]) / 2) ** 2
    found: Floats = 2 * _RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return found
