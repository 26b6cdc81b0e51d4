"""Load profiles: what one customer of a class draws, slot by slot, on days that are alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from dms_apps.load_model.days import Calendar, Day

Floats = NDArray[np.float64]
_NONE = np.empty(0)


@dataclass(frozen=True, eq=False)
class Moments:
    """What many days of customers have in common, so kept that parts of it can be put together.

    count:   customer-days, by slot.
    mean:    watts of a customer, by slot.
    squares: sum of squared differences from the mean, by slot.
    days:    customer-days altogether.
    peaks:   sum of the highest value of each.
    """

    count: Floats
    mean: Floats
    squares: Floats
    days: int
    peaks: float

    @classmethod
    def of(cls, watts: Floats) -> Moments:
        """Of days, one a row, by slot; NaN where nothing is known."""
        known = ~np.isnan(watts)
        count = known.sum(axis=0).astype(np.float64)
        total = np.where(known, watts, 0).sum(axis=0)
        mean = np.where(count > 0, total / np.maximum(count, 1), 0.0)
        squares = (np.where(known, watts - mean, 0) ** 2).sum(axis=0)
        whole = known.any(axis=1)
        peaks = np.nanmax(watts[whole], axis=1).sum() if whole.any() else 0.0
        return cls(count, mean, squares, int(whole.sum()), float(peaks))

    def with_more(self, other: Moments) -> Moments:
        """Both together (T. F. Chan, G. H. Golub, R. J. LeVeque, 1979)."""
        count = self.count + other.count
        share = np.where(count > 0, other.count / np.maximum(count, 1), 0.0)
        apart = other.mean - self.mean
        return Moments(
            count,
            self.mean + apart * share,
            self.squares + other.squares + apart**2 * self.count * share,
            self.days + other.days,
            self.peaks + other.peaks,
        )

    @property
    def deviation(self) -> Floats:
        """Watts, standard deviation of one customer, by slot."""
        return np.sqrt(self.squares / np.maximum(self.count - 1, 1))

    @property
    def coincidence(self) -> float:
        """The peak of all together over the sum of their own peaks."""
        if not self.days or self.peaks <= 0:
            return 1.0
        return float(self.mean.max() * self.days / self.peaks)


@dataclass(frozen=True, eq=False)
class Curve:
    """One profile.

    watts:       of one customer, by slot; of an assumed one in any unit.
    deviation:   standard deviation of one customer, by slot, in the same.
    days:        customer-days from which it was learned; 0: it is assumed.
    coincidence: peak of many over the sum of their own peaks.
    """

    watts: Floats
    deviation: Floats
    days: int = 0
    coincidence: float = 0.5

    @classmethod
    def learned(cls, moments: Moments) -> Curve:
        """Of what was seen."""
        return cls(moments.mean, moments.deviation, moments.days, moments.coincidence)

    @classmethod
    def assumed(cls, values: Sequence[float], slots: int, spread: float) -> Curve:
        """Of a setting, which may have fewer or more values a day than there are slots.

        spread: standard deviation of one customer, as a share.
        Raises: ValueError, when it says nothing.
        """
        if not values or min(values) < 0 or max(values) <= 0:
            raise ValueError("a profile has values of 0 or more, and one above 0")
        at = (np.arange(slots) * len(values)) // slots
        watts = np.array(values, np.float64)[at]
        return cls(watts, spread * watts)


@dataclass(frozen=True, eq=False)
class Profiles:
    """All of them.

    learned: by class, season and kind of day.
    assumed: by class and kind of day; "" for any other kind, or any other class.
    least:   customer-days from which on a learned one counts.
    """

    calendar: Calendar
    learned: Mapping[tuple[str, Day], Curve]
    assumed: Mapping[tuple[str, str], Curve]
    least: int = 30
    _means: dict[tuple[str, Day], float] = field(default_factory=dict)

    def of(self, kind: str, day: Day) -> Curve:
        """The profile of a class: learned of such days, else of the same kind in another season;
        else assumed, of the size of those that are learned of other days."""
        own = self.learned.get((kind, day))
        if own is not None and own.days >= self.least:
            return own
        known = {
            other: curve
            for (of, other), curve in self.learned.items()
            if of == kind and curve.days >= self.least
        }
        same = [curve for other, curve in known.items() if other.kind == day.kind]
        if same:
            return max(same, key=lambda curve: curve.days)
        assumed = self._assumed(kind, day.kind)
        if not known:
            return assumed
        most = max(known, key=lambda other: known[other].days)
        scale = known[most].watts.mean() / self._assumed(kind, most.kind).watts.mean()
        return Curve(scale * assumed.watts, scale * assumed.deviation)

    def _assumed(self, kind: str, day: str) -> Curve:
        for key in ((kind, day), (kind, ""), ("", day), ("", "")):
            if key in self.assumed:
                return self.assumed[key]
        flat = np.ones(self.calendar.slots)
        return Curve(flat, flat)

    def at(self, kind: str, moment: datetime) -> tuple[float, float, Curve]:
        """Watts and standard deviation of one customer at a moment, and the profile."""
        curve, slot = self.of(kind, self.calendar.day(moment)), self.calendar.slot(moment)
        return float(curve.watts[slot]), float(curve.deviation[slot]), curve

    def mean(self, kind: str, start: datetime, end: datetime) -> float:
        """Watts of one customer over a period.  Raises: ValueError, when it is no period."""
        days = self.calendar.days(start, end)
        weight = sum(share for _, share in days)
        if weight <= 0:
            raise ValueError(f"{start.isoformat()} to {end.isoformat()} is no period")
        whole = sum(share * self._mean(kind, self.calendar.like(day)) for day, share in days)
        return whole / weight

    def peak(self, kind: str) -> float:
        """Watts of one customer, the highest of any day that is known."""
        seasons = dict.fromkeys(self.calendar.seasons)
        kinds = dict.fromkeys(("working", "saturday", "sunday"))
        return max(
            float(self.of(kind, Day(season, day)).watts.max())
            for season in seasons
            for day in kinds
        )

    def _mean(self, kind: str, day: Day) -> float:
        known = self._means.get((kind, day))
        if known is None:
            known = self._means[kind, day] = float(self.of(kind, day).watts.mean())
        return known


def coincidence(infinite: float, customers: float) -> float:
    """Peak of some customers over the sum of their own peaks (S. Rusck, The simultaneous demand in
    distribution network supplying domestic consumers, ASEA Journal 10 (1956) 59).

    infinite: the same of very many.
    """
    return float(infinite + (1 - infinite) / np.sqrt(max(customers, 1.0)))
