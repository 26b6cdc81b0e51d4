"""The factor lambda of a synchronous machine alone (IEC 60909-0, 10), by the curves of its figures.

The figures are not public as numbers: who owns the standard gives points of their curves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cim.electrical.machines import ROTORS, Synchronous

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Points of one curve, straight lines between them.

    rotor:  ShortCircuitRotorKind: turboSeries1, turboSeries2, salientPole1 or salientPole2.
    which:  "max" or "min": lambda for the largest or the smallest current.
    x:      saturated synchronous reactance of the curve, per unit (satDirectSyncX).
    ratio:  initial currents of the machine over its rated one, rising.
    factor: lambda at these.

    Raises: ValueError for what is no such curve.
    """

    rotor: str
    which: Literal["max", "min"]
    x: float
    ratio: tuple[float, ...]
    factor: tuple[float, ...]

    def __post_init__(self) -> None:
        of = f"curve of {self.rotor}, {self.which}, {self.x:g}"
        if self.rotor not in ROTORS:
            raise ValueError(f"{of}: rotor is one of {', '.join(ROTORS)}")
        if not self.x > 0 or not self.factor or min(self.factor) < 0:
            raise ValueError(f"{of}: x must be above 0, and factor from 0 up")
        if len(self.ratio) != len(self.factor) or (np.diff(self.ratio) <= 0).any():
            raise ValueError(f"{of}: ratio must rise, and have as many values as factor")

    def at(self, ratio: Floats) -> Floats:
        """Lambda; NaN outside of the points."""
        return np.interp(ratio, self.ratio, self.factor, left=np.nan, right=np.nan)


def factor(
    curves: Sequence[Curve], machine: Synchronous, ratio: Floats, *, maximum: bool
) -> Floats:
    """Lambda of a machine, on a straight line between the curves of its kind; NaN without them."""
    which = "max" if maximum else "min"
    own = sorted(
        (one for one in curves if (one.rotor, one.which) == (machine.rotor, which)),
        key=lambda one: one.x,
    )
    x = machine.x_synchronous
    below = [one for one in own if x is not None and one.x <= x]
    above = [one for one in own if x is not None and one.x >= x]
    if x is None or not below or not above:
        return np.full(len(ratio), np.nan)
    low, high = below[-1], above[0]
    place = (x - low.x) / (high.x - low.x) if high.x > low.x else 0.0
    return np.asarray(low.at(ratio) + place * (high.at(ratio) - low.at(ratio)))
