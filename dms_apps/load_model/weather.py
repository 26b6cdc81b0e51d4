"""How loads follow the temperature: by degrees below one and above another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Response:
    """Of a class.

    heat, cool: share by which load grows with each degree Celsius below `warm`, or above `hot`.
    """

    heat: float = 0.0
    cool: float = 0.0
    warm: float = 15.0
    hot: float = 22.0

    def factor(self, celsius: float | None) -> float:
        """What load is at this temperature, against one between the two; 1 when none is known."""
        if celsius is None or not np.isfinite(celsius):
            return 1.0
        below, above = max(self.warm - celsius, 0.0), max(celsius - self.hot, 0.0)
        return 1 + self.heat * below + self.cool * above


def fitted(energy: Floats, celsius: Floats, warm: float = 15.0, hot: float = 22.0) -> Response:
    """The response that fits energies of days at their mean temperatures: least squares, none of
    its parts below 0.

    Raises: ValueError, when there are fewer than three days, or no load without weather.
    """
    if len(energy) < 3:
        raise ValueError("a response to temperature needs three days or more")
    parts = [
        np.ones(len(celsius)),
        np.clip(warm - celsius, 0, None),
        np.clip(celsius - hot, 0, None),
    ]
    found, _ = nnls(np.column_stack(parts), energy)
    if found[0] <= 0:
        raise ValueError("no load is left that does not follow the temperature")
    return Response(found[1] / found[0], found[2] / found[0], warm, hot)
