"""Learning profiles from the days that meters have told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import sqlalchemy as sa

from dms_apps.load_model import meters, store
from dms_apps.load_model.days import Calendar
from dms_apps.load_model.meters import Metered
from dms_apps.load_model.profiles import Floats, Moments
from dms_apps.load_model.weather import Response, fitted

_WHOLE = 0.9
_DAYS = 30


@dataclass(frozen=True)
class Learning:
    """How to learn.

    sample: customers of a class from which to learn at most, the same every day.
    """

    calendar: Calendar
    sample: int
    responses: Mapping[str, Response]

    def day(
        self,
        connection: sa.Connection,
        wanted: Sequence[Metered],
        kinds: Mapping[str, str],
        day: date,
        celsius: float | None,
    ) -> int:
        """Learn from one day; how many customers it told of.

        kinds: class of each usage point.
        """
        start, end = self.calendar.bounds(day)
        chosen = self._chosen(wanted, kinds)
        told = meters.by_slots(
            self.calendar, day, list(meters.energies(connection, chosen, start, end))
        )
        whole = {p: w for p, w in told.items() if np.mean(~np.isnan(w)) >= _WHOLE}
        by_kind: dict[str, list[Floats]] = {}
        for point, watts in whole.items():
            by_kind.setdefault(kinds.get(point, ""), []).append(watts)
        known = store.moments(connection, self.calendar.slots)
        means = {}
        for kind, some in by_kind.items():
            table = np.array(some)
            means[kind] = len(some), float(np.nanmean(table))
            usual = table / self.responses.get(kind, Response()).factor(celsius)
            key = kind, self.calendar.like(day)
            seen = Moments.of(usual)
            store.keep_moments(
                connection, *key, known[key].with_more(seen) if key in known else seen
            )
        store.keep_day(connection, day, {k: v for k, v in means.items() if k})
        return len(whole)

    def _chosen(self, wanted: Sequence[Metered], kinds: Mapping[str, str]) -> list[Metered]:
        """Series of active energy of so many usage points of each class, the first by mRID."""
        active = [one for one in wanted if one.interval is not None and not one.var]
        points: dict[str, set[str]] = {}
        for point in sorted({one.point for one in active}):
            mine = points.setdefault(kinds.get(point, ""), set())
            if len(mine) < self.sample:
                mine.add(point)
        every = set().union(*points.values())
        return [one for one in active if one.point in every]


def responses(
    connection: sa.Connection,
    kinds: Sequence[str],
    celsius: Mapping[date, float],
    assumed: Mapping[str, Response],
) -> dict[str, Response]:
    """The response of each class to temperature: learned where there are days enough, with cold or
    heat among them; else as assumed."""
    found = dict(assumed)
    for kind in kinds:
        days = [(w, celsius[d]) for d, w in store.daily(connection, kind) if d in celsius]
        base = assumed.get(kind, Response())
        moved = [c for _, c in days if c < base.warm - 3 or c > base.hot + 3]
        if len(days) < _DAYS or len(moved) < _DAYS // 3:
            continue
        watts, degrees = np.array(days).T
        try:
            found[kind] = fitted(watts, degrees, base.warm, base.hot)
        except ValueError:  # all of it follows the weather, which no customer's load does
            found[kind] = base
    return found
