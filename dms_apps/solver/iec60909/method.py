"""How to compute by IEC 60909."""

from __future__ import annotations

from dataclasses import dataclass

from dms_apps.solver.iec60909.curves import Curve


@dataclass(frozen=True)
class Method:
    """What the standard leaves open, and what a model may not say.

    maximum:     the largest currents, or else the smallest.
    frequency:   hertz.
    tolerance:   per cent above nominal in low-voltage networks, 6 or 10 (Table 1).
    peak:        "C", by an equivalent frequency (8.1.3 c), or "B", by R/X at the fault (8.1.3 b).
    delay:       seconds until contacts part, the least (t_min).
    duration:    seconds of the short circuit, for heat (T_k).
    inverter:    current of an inverter over its rated one, where maxIFault is not given.
    omit_motors: leave out motors where they count for nothing, as 6.10 allows (`motors`).
    heat:        degrees Celsius of conductors at the end of the smallest currents, where the model
                 does not say it.
    curves:      of lambda, for steady-state currents of machines alone (`curves`).

    Raises: ValueError for what the standard does not know.
    """

    maximum: bool = True
    frequency: float = 50.0
    tolerance: float = 10.0
    peak: str = "C"
    delay: float = 0.1
    duration: float = 1.0
    inverter: float = 1.0
    omit_motors: bool = True
    heat: float = 80.0
    curves: tuple[Curve, ...] = ()

    def __post_init__(self) -> None:
        if self.tolerance not in (6.0, 10.0):
            raise ValueError(f"tolerance is {self.tolerance:g}; it may be 6 or 10")
        if self.peak not in ("B", "C"):
            raise ValueError(f"peak is {self.peak!r}; it may be B or C")
        positive = ("frequency", "delay", "duration")
        if wrong := [name for name in positive if not getattr(self, name) > 0]:
            raise ValueError(f"{wrong[0]} must be above 0")
