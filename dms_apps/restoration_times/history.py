"""How long restorations took: what the next one of their kind is expected to take.

Of a step that has lasted for a while already, only those count that lasted at least as long: the
expectation is that of what is left (a conditional quantile).
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What a restoration consists of.

    WHOLE:  from the loss of supply to its restoration.
    TRAVEL: from the departure of the crew to its arrival.
    REPAIR: from its arrival to the restoration.
    """

    WHOLE = "whole"
    TRAVEL = "travel"
    REPAIR = "repair"


@dataclass(frozen=True)
class Lasted:
    """How long one step took.

    kind:    class of the device that was open; "" where only a service was out.
    hour:    of the day on which it began, 0 to 23.
    storm:   whether there was a storm.
    seconds: how long it took.
    """

    step: Step
    zone: str
    kind: str
    hour: int
    storm: bool
    seconds: float


@dataclass(frozen=True)
class Expected:
    """seconds: from the begin of the step; `of` says by what, `count` on how many it rests."""

    seconds: float
    of: str
    count: int

    @property
    def is_learned(self) -> bool:
        """Whether it follows from what was seen at all."""
        return self.count > 0


_MORE = 1.5
_Key = tuple[Step, str | None, str | None, int | None, bool | None]


class History:
    """What is known of the past.

    share:    of restorations that are to be over by the time told, 0 to 1.
    least:    how many like it there must be; fewer, and those count that are less like it.
    hours:    length of the parts of a day that are held apart, a divisor of 24.
    defaults: seconds of a step of which nothing is known.
    """

    def __init__(
        self,
        past: Iterable[Lasted],
        defaults: Mapping[Step, float],
        *,
        share: float = 0.8,
        least: int = 20,
        hours: int = 6,
    ) -> None:
        self.share, self.least, self.hours, self.defaults = share, least, hours, defaults
        self._seconds: dict[_Key, list[float]] = defaultdict(list)
        for one in past:
            for key, _ in self._keys(one.step, one.zone, one.kind, one.hour, one.storm):
                self._seconds[key].append(one.seconds)
        for some in self._seconds.values():
            some.sort()

    def expected(
        self, step: Step, zone: str, kind: str, hour: int, storm: bool, elapsed: float = 0.0
    ) -> Expected:
        """How long a step takes that has lasted for `elapsed` seconds already.

        The likest ones of the past count of which there are enough; of none, the default, and half
        as long again whenever that has passed: in steps, for a time that slips a little all the
        time would be told anew all the time.
        """
        for key, words in self._keys(step, zone, kind, hour, storm):
            some = self._seconds.get(key, ())
            first = bisect.bisect_right(some, elapsed)
            if len(some) - first >= self.least:
                place = first + min(int(self.share * (len(some) - first)), len(some) - first - 1)
                return Expected(some[place], words, len(some) - first)
        seconds = self.defaults[step]
        while seconds <= elapsed:
            seconds *= _MORE
        return Expected(seconds, "by default", 0)

    def _keys(
        self, step: Step, zone: str, kind: str, hour: int, storm: bool
    ) -> tuple[tuple[_Key, str], ...]:
        """The likest first."""
        part = hour // self.hours
        weather = "in storms" if storm else "without a storm"
        what = f"of {kind}" if kind else "of single services"
        return (
            ((step, zone, kind, part, storm), f"{what} of this zone at this hour {weather}"),
            ((step, zone, kind, None, storm), f"{what} of this zone {weather}"),
            ((step, None, kind, None, storm), f"{what} {weather}"),
            ((step, None, None, None, storm), f"of all kinds {weather}"),
        )
