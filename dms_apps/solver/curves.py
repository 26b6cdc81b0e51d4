"""How the power of an inverter follows its voltage: volt-var, volt-watt, constant power factor.

IEEE 1547-2018, clauses 5.3 (reactive power) and 5.4.2 (voltage-active power), with the default
settings of its tables 8 and 10.  Shares are of rated apparent power, voltages per unit of nominal,
the mean of an inverter's phases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Curves:
    """What an inverter does by its voltage; straight lines between points, flat beyond them.

    volt_var:     per unit voltage -> reactive power fed in, share of rated apparent power.
    volt_watt:    per unit voltage -> most active power fed in, share of rated active power.
    power_factor: of what is fed in, where there is no volt_var; below 0 it draws reactive power.
    watts_first:  whether active power prevails where both exceed the rating.
    """

    volt_var: Points = ()
    volt_watt: Points = ()
    power_factor: float | None = None
    watts_first: bool = False

    def __post_init__(self) -> None:
        for name in ("volt_var", "volt_watt"):
            volts = [volt for volt, _ in getattr(self, name)]
            if volts != sorted(set(volts)):
                raise ValueError(f"{name}: the voltages of its points must rise")
        if self.power_factor is not None and not 0 < abs(self.power_factor) <= 1:
            raise ValueError(f"power_factor is {self.power_factor:g}; its size is 0 to 1")

    def power(self, unit: float, available: float, rated: float) -> complex:
        """Volt-amperes fed in.

        unit:      voltage per unit.
        available: watts that there are to feed in; below 0 it charges, and only q follows.
        rated:     volt-amperes.
        """
        p = available
        if self.volt_watt and p > 0:
            p = min(p, _on(self.volt_watt, unit) * rated)
        p = float(np.clip(p, -rated, rated))
        if self.volt_var:
            q = _on(self.volt_var, unit) * rated
        elif self.power_factor is not None:
            q = abs(p) * np.tan(np.arccos(abs(self.power_factor))) * np.sign(self.power_factor)
        else:
            q = 0.0
        return self._within(p, float(np.clip(q, -rated, rated)), rated)

    def _within(self, p: float, q: float, rated: float) -> complex:
        if np.hypot(p, q) <= rated:
            return complex(p, q)
        if self.watts_first:
            return complex(p, np.copysign(np.sqrt(rated**2 - p**2), q))
        return complex(np.copysign(np.sqrt(rated**2 - q**2), p), q)


CATEGORY_A = Curves(volt_var=((0.9, 0.25), (1.0, 0.0), (1.1, -0.25)))
CATEGORY_B = Curves(volt_var=((0.92, 0.44), (0.98, 0.0), (1.02, 0.0), (1.08, -0.44)))
_DEFAULT_WATT: Points = ((1.06, 1.0), (1.1, 0.2))
PRESETS: Mapping[str, Curves] = {
    "unity": Curves(power_factor=1.0),
    "1547-A": CATEGORY_A,
    "1547-B": CATEGORY_B,
    "1547-B-volt-watt": replace(CATEGORY_B, volt_watt=_DEFAULT_WATT),
    "volt-watt": Curves(volt_watt=_DEFAULT_WATT),
}
"""IEEE 1547-2018: tables 8 (voltage-reactive power, categories A and B) and 10 (voltage-active
power, without storage) with their defaults."""


ALL = "*"


def named(inverters: Mapping[str, str], own: Mapping[str, Curves]) -> dict[str, Curves]:
    """The curve of each inverter by its name.  Raises: ValueError, when none is called so."""
    known = {**PRESETS, **own}
    for inverter, name in inverters.items():
        if name not in known:
            there = ", ".join(known)
            raise ValueError(f"inverters.{inverter}: there is no curve {name!r}; there are {there}")
    return {inverter: known[name] for inverter, name in inverters.items()}


def _on(points: Points, unit: float) -> float:
    volts, values = zip(*points, strict=True)
    return float(np.interp(unit, volts, values))
