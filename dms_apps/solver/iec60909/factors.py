"""The factors of IEC 60909-0:2016, each by its clause."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOW_VOLTAGE = 1000.0
ALPHA = 0.004
"""1/K, of resistance with temperature (6.4)."""

_DELAYS = (0.02, 0.05, 0.10, 0.25)
_MU = ((0.84, 0.26, 0.26), (0.71, 0.51, 0.30), (0.62, 0.72, 0.32), (0.56, 0.94, 0.38))
_Q = ((1.03, 0.12), (0.79, 0.12), (0.57, 0.12), (0.26, 0.10))


def voltage_factor(nominal: float, *, maximum: bool, tolerance: float = 10.0) -> float:
    """The factor c (5.3.1, Table 1).

    nominal:   volts between phases.
    tolerance: per cent above nominal in low-voltage networks: 6 or 10.
    """
    if nominal > LOW_VOLTAGE:
        return 1.10 if maximum else 1.00
    if tolerance == 6:
        return 1.05 if maximum else 0.95
    return 1.10 if maximum else 0.90


def transformer_factor(c_max: float, x: float) -> float:
    """K_T of a network transformer of relative reactance x (6.3.3)."""
    return 0.95 * c_max / (1 + 0.6 * x)


def operated_transformer_factor(
    c_max: float, x: float, voltage: float, current: float, sine: float
) -> float:
    """K_T with known long-term operation (6.3.3).

    voltage: nominal over the highest operating one; current: highest operating over rated one.
    """
    return voltage * c_max / (1 + x * current * sine)


def generator_factor(c_max: float, x: float, sine: float, voltage: float) -> float:
    """K_G of a synchronous machine of relative subtransient reactance x (6.6.1).

    sine:    of its rated phase angle.
    voltage: nominal of the network over that of the machine.
    """
    return voltage * c_max / (1 + x * sine)


def unit_factor(
    c_max: float, x: float, transformer: float, sine: float, voltage: float, ratio: float
) -> float:
    """K_S of a power station unit with an on-load tap changer (6.7.1).

    x, transformer: relative reactances of machine and transformer.
    voltage:        nominal (or lowest, where known) of the network over that of the machine.
    ratio:          rated voltages of the transformer, low over high.
    """
    return (voltage * ratio) ** 2 * c_max / (1 + abs(x - transformer) * sine)


def fixed_unit_factor(c_max: float, x: float, sine: float, voltage: float, ratio: float) -> float:
    """K_SO of a power station unit without an on-load tap changer (6.7.2).

    voltage: nominal of the network over that of the machine, with its regulation.
    ratio:   rated voltages of the transformer, low over high, times 1 + pT.
    """
    return voltage * ratio * c_max / (1 + x * sine)


def fictitious_resistance(rated_u: float, rated_s: float) -> float:
    """R of a synchronous machine over its subtransient reactance, for the peak (6.6.1)."""
    if rated_u <= LOW_VOLTAGE:
        return 0.15
    return 0.05 if rated_s >= 100e6 else 0.07


def motor_r_x(rated_u: float, power_per_pair: float) -> float:
    """R/X of an asynchronous motor, where not known (6.10).

    power_per_pair: watts.
    """
    if rated_u <= LOW_VOLTAGE:
        return 0.42
    return 0.10 if power_per_pair >= 1e6 else 0.15


def motor_share(c_max: float, share: float) -> float:
    """The most rated power of motors over that of the transformers which feed them, for which they
    count for nothing beyond these (6.10).

    share: rated power of the transformers over the initial short-circuit power beyond them.
    """
    near = abs(100 * c_max * share - 0.3)
    return 0.8 / near if near else math.inf


def kappa(r_x: Floats) -> Floats:
    """Peak over initial amplitude by R/X (8.1)."""
    return np.asarray(1.02 + 0.98 * np.exp(-3 * np.maximum(r_x, 0)))


def equivalent_frequency(frequency: float) -> float:
    """Hertz of method c (8.1.3)."""
    return 0.4 * frequency


def mu(ratio: Floats, delay: float) -> Floats:
    """Decay of the current of a machine until the contacts part (9.1.1).

    ratio: of its initial current over its rated one; below 2 there is no decay.
    delay: seconds, the least; between the four of the standard on a straight line.
    """
    curves = [a + b * np.exp(-k * ratio) for a, b, k in _MU]
    return np.where(ratio <= 2, 1.0, np.minimum(_between(curves, delay), 1.0))


def q(power_per_pair: Floats, delay: float) -> Floats:
    """Decay of the current of an asynchronous motor besides mu (9.1.2).

    power_per_pair: watts.
    """
    curves = [a + b * np.log(power_per_pair / 1e6) for a, b in _Q]
    return np.clip(_between(curves, delay), 0.0, 1.0)


def _between(curves: Sequence[Floats], delay: float) -> Floats:
    place = float(np.interp(delay, _DELAYS, range(len(_DELAYS))))
    low = min(int(place), len(curves) - 2)
    return np.asarray(curves[low] + (place - low) * (curves[low + 1] - curves[low]))


def m(kappa: Floats, duration: float, frequency: float) -> Floats:
    """Heat of the direct current, over that of the initial alternating one (11)."""
    decay = np.log(np.clip(kappa, 1.0 + 1e-9, 2 - 1e-9) - 1) * frequency * duration
    return np.asarray(np.expm1(4 * decay) / (2 * decay))


def n(initial: Floats, steady: Floats, duration: float) -> Floats:
    """Heat of the alternating current, over that of one which stays at its initial value (11).

    The integral of Ik + (I'k - Ik) exp(-t/T') + (I"k - I'k) exp(-10 t/T') squared (Annex A, by
    Figure 19); between ratios 1 and 1.25, which the figure leaves out, on a straight line.
    """
    ratio = np.divide(initial, steady, out=np.ones_like(initial), where=steady > 0)
    share = np.clip((ratio - 1) / 0.25, 0, 1)
    return np.asarray(1 + share * (_decaying(np.maximum(ratio, 1.25), duration) - 1))


def _decaying(ratio: Floats, duration: float) -> Floats:
    transient = ratio / (0.88 + 0.17 * ratio)
    span = duration * transient / 3.1  # T_k over T'd, with T'd = 3.1 s / (I'k/Ik)
    first, second = ratio - transient, transient - 1

    def heat(rate: float) -> Floats:
        return np.asarray(-np.expm1(-rate * span) / (rate * span))

    whole = 1 + first**2 * heat(20) + second**2 * heat(2)
    mixed = 2 * first * heat(10) + 2 * second * heat(1) + 2 * first * second * heat(11)
    return np.asarray((whole + mixed) / ratio**2)


def sine(power_factor: float) -> float:
    """Of the angle of a power factor."""
    return math.sqrt(max(1 - power_factor**2, 0.0))
