"""What tap positions do to the transformer end that they are at, by increments and by tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Protocol


@dataclass(frozen=True)
class Tap:
    """What one position does.

    ratio: volts at the end's terminal over its rated ones, without load (turns over rated turns).
    angle: degrees by which the voltage at the terminal leads that inside, positive sequence.
           The words of IEC 61970-301 leave the sign open; ENTSO-E's solved MicroGrid has it so.
    r, x:  per cent by which the series resistance and reactance exceed those stated; below 0 less.
    g, b:  the same of conductance and susceptance of the magnetising branch.
    """

    ratio: float = 1.0
    angle: float = 0.0
    r: float = 0.0
    x: float = 0.0
    g: float = 0.0
    b: float = 0.0


NOMINAL = Tap()
"""Rated turns, and everything else as stated."""


def together(taps: Iterable[Tap]) -> Tap:
    """What tap changers in one end do together: turns and deviations multiply, angles add."""
    return reduce(_both, taps, NOMINAL)


def _both(one: Tap, other: Tap) -> Tap:
    def percent(a: float, b: float) -> float:
        return a + b + a * b / 100

    return Tap(
        one.ratio * other.ratio,
        one.angle + other.angle,
        percent(one.r, other.r),
        percent(one.x, other.x),
        percent(one.g, other.g),
        percent(one.b, other.b),
    )


class Curve(Protocol):
    """How turns, angle and impedance go with the position."""

    def at(self, step: float) -> Tap:
        """What a position does; one between two steps belongs to a continuous tap changer."""
        ...


# -- ratio


@dataclass(frozen=True)
class Increments:
    """A RatioTapChanger without a table: as many turns at every step.

    increment: share of the rated voltage per step (stepVoltageIncrement, there in per cent).
    """

    neutral: int
    increment: float

    def at(self, step: float) -> Tap:
        return Tap(1 + (step - self.neutral) * self.increment)


# -- tables


@dataclass(frozen=True, eq=False)
class Table:
    """Points of a RatioTapChangerTable or PhaseTapChangerTable.

    points:    by step.
    otherwise: what holds at the steps that have no point.
    """

    points: Mapping[int, Tap]
    otherwise: Curve

    def at(self, step: float) -> Tap:
        """On the straight line between the two steps next to `step`."""
        below = math.floor(step)
        share = step - below
        low = self._point(below)
        return _between(low, self._point(below + 1), share) if share else low

    def _point(self, step: int) -> Tap:
        found = self.points.get(step)
        return self.otherwise.at(step) if found is None else found


def _between(low: Tap, high: Tap, share: float) -> Tap:
    def line(a: float, b: float) -> float:
        return a + (b - a) * share

    return Tap(
        line(low.ratio, high.ratio),
        line(low.angle, high.angle),
        line(low.r, high.r),
        line(low.x, high.x),
        line(low.g, high.g),
        line(low.b, high.b),
    )


# -- phase, by formula (IEC 61970-301, PhaseTapChanger; ENTSO-E, Phase Shift Transformers Modelling)
#
# reach is the number of steps from neutral to the position farthest from it, where the reactance
# is xMax; rise is the per cent by which that exceeds the one at neutral.


@dataclass(frozen=True)
class Linear:
    """A PhaseTapChangerLinear.

    increment: degrees per step.
    """

    neutral: int
    increment: float
    reach: int
    rise: float = 0.0

    def at(self, step: float) -> Tap:
        angle = (step - self.neutral) * self.increment
        return Tap(angle=angle, x=_bent(angle, self.reach * self.increment, self.rise))


@dataclass(frozen=True)
class Symmetrical:
    """A PhaseTapChangerSymmetrical: the voltages of both sides have one magnitude.

    increment: difference voltage per step, share of the rated voltage.
    """

    neutral: int
    increment: float
    reach: int
    rise: float = 0.0

    def at(self, step: float) -> Tap:
        angle = self._angle(step - self.neutral)
        return Tap(angle=angle, x=_bent(angle, self._angle(self.reach), self.rise))

    def _angle(self, steps: float) -> float:
        return math.degrees(2 * math.atan(steps * self.increment / 2))


@dataclass(frozen=True)
class Asymmetrical:
    """A PhaseTapChangerAsymmetrical: a voltage at an angle is added to that of the winding.

    increment:  the voltage added per step, share of the rated voltage.
    connection: its angle to the voltage of the winding in degrees (windingConnectionAngle).
    """

    neutral: int
    increment: float
    connection: float
    reach: int
    rise: float = 0.0

    def at(self, step: float) -> Tap:
        steps = step - self.neutral
        added = steps * self.increment
        along = 1 + added * math.cos(math.radians(self.connection))
        across = added * math.sin(math.radians(self.connection))
        # By tan(angle) = across / along the standard's expression in angles is this square.
        share = steps / self.reach if self.reach else 0.0
        angle = math.degrees(math.atan2(across, along))
        return Tap(math.hypot(along, across), angle, x=self.rise * share**2)


def _bent(angle: float, widest: float, rise: float) -> float:
    """Per cent of reactance along the u-shaped curve of linear and symmetrical tap changers."""
    end = math.sin(math.radians(widest) / 2)
    return rise * (math.sin(math.radians(angle) / 2) / end) ** 2 if end else 0.0
