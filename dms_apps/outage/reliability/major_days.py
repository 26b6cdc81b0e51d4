"""Major event days (IEEE 1366, the 2.5 beta method): days that no system is built for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from statistics import fmean

from dms_apps.outage.reliability.conventions import Conventions

Daily = Mapping[date, Fraction]
"""SAIDI of the whole system, in minutes, by the day to which interruptions accrue; a day that is
not there had none."""


@dataclass(frozen=True)
class Threshold:
    """From how much SAIDI of a day on it is major, in one reporting year.

    year:   the one it is for, by the calendar year in which it begins.
    days:   of the years before, that make it; `zero` were without an interruption.
    alpha, beta: mean and standard deviation of the logarithms of their SAIDI in minutes.
    limit:  minutes (T_MED), which a major event day is above; None where two days are not known.
    catastrophic: minutes above which a day is catastrophic; None where none is by its SAIDI.
    """

    year: int
    days: int
    zero: int
    alpha: float
    beta: float
    limit: float | None
    catastrophic: float | None = None


@dataclass(frozen=True)
class Major:
    """The major event days of some reporting years."""

    thresholds: Mapping[int, Threshold] = field(default_factory=dict)
    days: Mapping[date, str] = field(default_factory=dict)
    """Day -> `major` or `catastrophic`."""


def threshold(year: int, history: Daily, by: Conventions) -> Threshold:
    """That of a reporting year, by the days of the `years` before, from the first known one on."""
    first, end = by.begins(year - by.years), by.begins(year)
    first = max(first, min(history, default=end))
    days = (first + timedelta(days=n) for n in range(max((end - first).days, 0)))
    known = {day: history.get(day, Fraction(0)) for day in days if day not in by.catastrophic}
    found = _of(year, known, by)
    if not by.catastrophic_beta or found.limit is None:
        return found
    most = math.exp(found.alpha + by.catastrophic_beta * found.beta)
    kept = {day: saidi for day, saidi in known.items() if saidi <= most}
    return replace(_of(year, kept, by), catastrophic=most)


def _of(year: int, known: Daily, by: Conventions) -> Threshold:
    some = [float(saidi) for saidi in known.values() if saidi > 0]
    zero = len(known) - len(some)
    if some and by.zero_days == "lowest":
        some += [min(some)] * zero
    logs = [math.log(saidi) for saidi in some]
    less = by.deviation == "sample"
    if len(logs) <= less:
        return Threshold(year, len(logs), zero, math.nan, math.nan, None)
    alpha = fmean(logs)
    beta = math.sqrt(math.fsum((one - alpha) ** 2 for one in logs) / (len(logs) - less))
    return Threshold(year, len(logs), zero, alpha, beta, math.exp(alpha + by.beta * beta))


def major(years: Iterable[int], daily: Daily, by: Conventions) -> Major:
    """The thresholds of these reporting years, and which of their days are above them."""
    thresholds = {year: threshold(year, daily, by) for year in years}
    days = {day: "catastrophic" for day in by.catastrophic if by.year_of(day) in thresholds}
    for day, saidi in daily.items():
        one = thresholds.get(by.year_of(day))
        if one is None or day in days:
            continue
        if one.catastrophic is not None and saidi > one.catastrophic:
            days[day] = "catastrophic"
        elif one.limit is not None and saidi > one.limit:
            days[day] = "major"
    return Major(thresholds, dict(sorted(days.items())))
