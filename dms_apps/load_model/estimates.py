"""What each load draws at a moment, from the best that is known of it.

In this order: what its meters measured in the interval of the moment, its billed energy over its
class's profile, its share of the transformer that feeds it, and what the model says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dms_apps.load_model.profiles import Floats, Profiles
from dms_apps.load_model.weather import Response
from dms_apps.solver.belief import Belief, powers
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.loads import rows_of

Complex = NDArray[np.complex128]


class Source(StrEnum):
    """What an estimate is made of."""

    AMI = "ami"
    BILLING = "billing"
    RATING = "rating"
    MODEL = "model"


class Quality(StrEnum):
    """How good it is.

    MEASURED:  by every meter of the load.
    PARTIAL:   by some, and the profile for the others.
    ESTIMATED: by a learned profile.
    ASSUMED:   by a profile of the settings, or none.
    """

    MEASURED = "measured"
    PARTIAL = "partial"
    ESTIMATED = "estimated"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class Bill:
    """Energy of a period, watt-hours."""

    energy: float
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Facts:
    """What is known of one load.

    kind:      its class of customers; "" when nothing says.
    customers: how many it has.
    measured:  volt-amperes that its meters show together in the interval of the moment; of the
               reactive power NaN when they show none.
    meters:    how many customers these are of.
    bill:      of all its customers together.
    rating:    volt-amperes, its share of the transformer that feeds it.
    model:     volt-amperes of the model.
    """

    kind: str = ""
    customers: float = 1.0
    measured: complex | None = None
    meters: float = 0.0
    bill: Bill | None = None
    rating: float | None = None
    model: complex = 0j


@dataclass(frozen=True)
class Accuracy:
    """Standard deviations as shares, and what is assumed.

    ami, billing, rating, model: of what is made of each; of a bill without that of the profile.
    utilisation:  of a transformer at the peak of its class.
    power_factor: where no meter shows reactive power.
    bound:        how many deviations a metered load may be moved by an allocation.
    """

    ami: float = 0.02
    billing: float = 0.1
    rating: float = 0.5
    model: float = 0.5
    utilisation: float = 0.4
    power_factor: float = 0.95
    bound: float = 3.0


@dataclass(frozen=True)
class Estimate:
    """Of one load, volt-amperes; `sigma` is its standard deviation."""

    power: complex
    sigma: float
    source: Source
    quality: Quality


@dataclass(frozen=True, eq=False)
class Estimating:
    """Estimates loads.

    responses: to temperature, by class.
    celsius:   at a moment; None when it is not known.
    mean:      of a period, likewise.
    """

    profiles: Profiles
    accuracy: Accuracy = field(default_factory=Accuracy)
    responses: Mapping[str, Response] = field(default_factory=dict)
    celsius: Callable[[datetime], float | None] = lambda _moment: None
    mean: Callable[[datetime, datetime], float | None] = lambda _start, _end: None

    def estimate(self, facts: Facts, moment: datetime) -> Estimate:
        """The best that can be said of one load."""
        if facts.measured is not None and facts.meters > 0:
            return self._metered(facts, moment)
        if facts.bill is not None:
            return self._billed(facts, facts.bill, moment)
        if facts.rating is not None:
            return self._rated(facts, facts.rating, moment)
        sigma = self.accuracy.model * abs(facts.model)
        return Estimate(facts.model, sigma, Source.MODEL, Quality.ASSUMED)

    def _metered(self, facts: Facts, moment: datetime) -> Estimate:
        """Meters, and for customers without one as much as the others draw."""
        measured, accuracy = facts.measured or 0j, self.accuracy
        missing = max(facts.customers - facts.meters, 0.0)
        watts = measured.real * (1 + missing / facts.meters)
        var = measured.imag * (1 + missing / facts.meters)
        whole = self._reactive(watts) if np.isnan(var) else complex(watts, var)
        spread = self._spread(facts.kind, moment) * watts / max(facts.customers, 1.0)
        sigma = float(np.hypot(accuracy.ami * abs(whole), spread * np.sqrt(missing)))
        quality = Quality.PARTIAL if missing > 0 else Quality.MEASURED
        return Estimate(whole, sigma, Source.AMI, quality)

    def _billed(self, facts: Facts, bill: Bill, moment: datetime) -> Estimate:
        hours = (bill.end - bill.start).total_seconds() / 3600
        at, _, curve = self.profiles.at(facts.kind, moment)
        mean = self.profiles.mean(facts.kind, bill.start, bill.end)
        response = self.responses.get(facts.kind, Response())
        now = response.factor(self.celsius(moment))
        then = response.factor(self.mean(bill.start, bill.end))
        watts = bill.energy / hours * (at / mean if mean > 0 else 1.0) * now / then
        spread = self._spread(facts.kind, moment) / np.sqrt(max(facts.customers, 1.0))
        return self._profiled(watts, float(np.hypot(self.accuracy.billing, spread)), curve.days,
                              Source.BILLING)  # fmt: skip

    def _rated(self, facts: Facts, rating: float, moment: datetime) -> Estimate:
        at, _, curve = self.profiles.at(facts.kind, moment)
        peak = self.profiles.peak(facts.kind)
        share = (at / peak if peak > 0 else 1.0) * self.accuracy.utilisation
        response = self.responses.get(facts.kind, Response())
        watts = rating * self.accuracy.power_factor * share * response.factor(self.celsius(moment))
        return self._profiled(watts, self.accuracy.rating, curve.days, Source.RATING)

    def _profiled(self, watts: float, share: float, days: int, source: Source) -> Estimate:
        whole = self._reactive(watts)
        quality = Quality.ESTIMATED if days else Quality.ASSUMED
        return Estimate(whole, share * abs(whole), source, quality)

    def _reactive(self, watts: float) -> complex:
        factor = self.accuracy.power_factor
        return complex(watts, abs(watts) * np.sqrt(1 - factor**2) / factor)

    def _spread(self, kind: str, moment: datetime) -> float:
        """Deviation of one customer as a share of the mean one."""
        at, deviation, _ = self.profiles.at(kind, moment)
        return deviation / at if at > 0 else 1.0


def belief(
    layout: Layout, given: Given, estimates: Mapping[str, Estimate], accuracy: Accuracy
) -> Belief:
    """Estimates by mRID of the load as what is believed, split over phases as the model does.

    Without an estimate a load is as given, and not known better than the model knows it.
    """
    power = powers(layout, given)
    rows = len(power)
    sigma, bound = np.zeros(rows), np.full(rows, np.inf)
    for load in layout.view.loads:
        at = rows_of(layout, load.mrid)
        shares = split(load.p + 1j * load.q)
        one = estimates.get(load.mrid)
        if one is None:
            sigma[at] = accuracy.model * np.abs(power[at])
            continue
        power[at], sigma[at] = one.power * shares, one.sigma * shares
        bound[at] = accuracy.bound if one.source is Source.AMI else np.inf
    return Belief(power, sigma, bound)


def split(power: Complex) -> Floats:
    """Shares of the parts of a load, by apparent power; equal where it has none."""
    size: Floats = np.abs(power)
    return size / size.sum() if size.sum() > 0 else np.full(len(size), 1 / max(len(size), 1))


def counted(estimates: Sequence[Estimate]) -> str:
    """How many of them are of what, a phrase."""
    counts = Counter(f"{one.source} ({one.quality})" for one in estimates)
    return ", ".join(f"{count:,} of {what}" for what, count in counts.most_common()) or "none"
