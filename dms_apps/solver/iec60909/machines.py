"""What feeds a short circuit, as impedances to earth with the factors of IEC 60909-0:2016."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cim.electrical.injections import Source
from cim.electrical.machines import Asynchronous, Synchronous
from cim.electrical.short_circuit import Equivalent, Feeder, Strength
from dms_apps.solver.iec60909 import factors
from dms_apps.solver.iec60909.method import Method
from dms_apps.solver.naming import titled

_IDEAL = 1e-6


@dataclass(frozen=True)
class Feeding:
    """A voltage behind an impedance.

    kind:    "network", "synchronous" or "asynchronous".
    bus:     number.
    one:     ohm, positive sequence; peak: the same for peak currents (6.6.1).
    two:     negative sequence.
    zero:    zero sequence with three times what is in its star point; None without earth.
    rated:   amperes, of machines.
    per_pair: watts by pair of poles, of asynchronous machines; power: rated watts of them.
    machine: what a synchronous one says.
    steady:  whether it feeds the steady-state current, too.
    decays:  whether its current decays until the contacts part.
    symmetric: whether it feeds three-phase short circuits only (6.11).
    """

    mrid: str
    name: str
    kind: str
    bus: int
    one: complex
    peak: complex
    two: complex
    zero: complex | None = None
    rated: float = 0.0
    per_pair: float = 0.0
    power: float = 0.0
    machine: Synchronous | None = None
    steady: bool = True
    decays: bool = False
    symmetric: bool = False


def of_feeder(
    feeder: Feeder, bus: int, nominal: float, method: Method, remarks: list[str]
) -> Feeding:
    """A network by its short-circuit current (6.2)."""
    wanted, other = feeder.maximum, feeder.minimum
    if not method.maximum:
        wanted, other = other, wanted
    strength = wanted or other
    if strength is None:
        raise ValueError(f"{titled(feeder.name, feeder.mrid)} has no short-circuit current")
    if wanted is None:
        which = "greatest" if method.maximum else "least"
        remarks.append(
            f"ExternalNetworkInjection {titled(feeder.name, feeder.mrid)} does not say its {which} "
            "short-circuit current; the other one is taken."
        )
    c = feeder.factor or factors.voltage_factor(
        nominal, maximum=method.maximum, tolerance=method.tolerance
    )
    one, zero = _of_strength(strength, c * nominal / math.sqrt(3))
    return Feeding(feeder.mrid, feeder.name, "network", bus, one, one, one, zero)


def _of_strength(strength: Strength, volts: float) -> tuple[complex, complex | None]:
    """Positive and zero sequence, ohm."""
    one = _by_ratio(volts / strength.current, strength.r_x)
    if strength.z0_z1 is None:
        return one, None
    r_x = strength.r_x if strength.r0_x0 is None else strength.r0_x0
    return one, _by_ratio(abs(one) * strength.z0_z1, r_x)


def _by_ratio(modulus: float, r_x: float) -> complex:
    x = modulus / math.hypot(1, r_x)
    return complex(r_x * x, x)


def of_source(source: Source, bus: int, remarks: list[str]) -> Feeding:
    """An EnergySource, by its own impedances."""
    z = source.z
    off = (z.sum() - np.trace(z)) / 6
    one = complex(np.trace(z) / 3 - off)
    zero = complex(np.trace(z) / 3 + 2 * off)
    if not one:
        remarks.append(
            f"EnergySource {titled(source.name, source.mrid)} has no impedance; "
            f"{_IDEAL:g} ohm are taken, and the currents near it are without bound."
        )
        one = zero = complex(0, _IDEAL)
    return Feeding(source.mrid, source.name, "network", bus, one, one, one, zero)


def of_equivalent(equivalent: Equivalent, bus: int) -> Feeding:
    """A network that was reduced, by its own impedances."""
    one, two = equivalent.z1, equivalent.z2 or equivalent.z1
    return Feeding(equivalent.mrid, equivalent.name, "network", bus, one, one, two, equivalent.z0)


def of_synchronous(machine: Synchronous, bus: int, factor: float) -> Feeding:
    """A synchronous machine with its factor, K_G or that of its power station unit (6.6, 6.7)."""
    x = machine.x_subtransient * machine.rated_z
    rough = factors.fictitious_resistance(machine.rated_u, machine.rated_s)
    one = factor * complex(machine.r, x)
    zero = None
    if machine.earthing is not None and machine.z0:
        zero = factor * machine.z0 + 3 * machine.earthing
    return Feeding(
        machine.mrid,
        machine.name,
        "synchronous",
        bus,
        one,
        factor * complex(rough * x, x),
        factor * machine.z2 if machine.z2 else one,
        zero,
        rated=machine.rated_current,
        machine=machine,
        decays=True,
    )


def of_asynchronous(motor: Asynchronous, bus: int) -> Feeding:
    """An asynchronous machine by its locked rotor (6.10), or a drive behind a converter (6.11)."""
    pair = motor.mechanical / motor.pole_pairs
    start, r_x = motor.start, motor.r_x or factors.motor_r_x(motor.rated_u, pair)
    if motor.converter:
        start, r_x = 3.0, 0.10
    one = _by_ratio(motor.rated_u**2 / (motor.rated_s * start), r_x)
    return Feeding(
        motor.mrid,
        motor.name,
        "asynchronous",
        bus,
        one,
        one,
        one,
        rated=motor.rated_current,
        per_pair=pair,
        power=motor.mechanical,
        steady=False,
        decays=True,
        symmetric=motor.converter,
    )


def turning(motors: Sequence[Asynchronous], method: Method, remarks: list[str]) -> Iterator[
    Asynchronous
]:  # fmt: skip
    """Those that feed: none into the smallest currents, and no drive that cannot feed back."""
    if motors and not method.maximum:
        remarks.append(
            f"{len(motors)} asynchronous machines are left out of the smallest currents (6.10)."
        )
        return
    for motor in motors:
        if motor.converter and not motor.reversible:
            called = titled(motor.name, motor.mrid)
            remarks.append(f"Drive {called} cannot feed back and is left out (6.11).")
        else:
            yield motor
