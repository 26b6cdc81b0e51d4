"""How the link to each RTU fares."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

log = logging.getLogger(__name__)

_TRIPS = 1000
_ODDITIES = 50  # logged of one RTU


@dataclass
class Link:
    """Counts of one RTU since the start; a first failure and a recovery are logged, once each.

    polls:     requests sent.
    timeouts:  requests without an answer in time.
    malformed: answers that were none to what was asked.
    refused:   answers that were exceptions.
    losses:    times it went out of reach.
    failovers: times the other address was taken.
    objects:   values received of an RTU that tells them by itself, and of them
    unknown:   those that belong to no point, or to one of another type.
    overruns:  times more came than was taken, so that all was asked for again.
    last_good: of an answer.
    why:       what is wrong at present; "" when nothing is.
    refusals:  what it has refused, each logged once.
    oddities:  what did not fit the table of points, as far as it is logged.
    trips:     seconds of the last round trips.
    """

    rtu: str
    address: str = ""
    polls: int = 0
    timeouts: int = 0
    malformed: int = 0
    refused: int = 0
    losses: int = 0
    failovers: int = 0
    jumps: int = 0
    objects: int = 0
    unknown: int = 0
    overruns: int = 0
    last_good: datetime | None = None
    is_lost: bool = False
    why: str = "not reached yet"
    refusals: set[str] = field(default_factory=set)
    oddities: set[str] = field(default_factory=set)
    trips: deque[float] = field(default_factory=lambda: deque(maxlen=_TRIPS))

    def answered(self, seconds: float, at: datetime) -> None:
        """It has answered what was asked."""
        self.trips.append(seconds)
        self.heard(at)

    def heard(self, at: datetime) -> None:
        """It has said something, asked or not."""
        if not self.is_reached:
            log.info("RTU %s is reached at %s", self.rtu, self.address)
        self.last_good, self.is_lost, self.why = at, False, ""

    def failed(self, why: str, *, lost: bool) -> None:
        """It has not; `lost` when it counts as out of reach for it."""
        self.why = why
        if lost and not self.is_lost:
            self.is_lost = True
            self.losses += 1
            log.warning("RTU %s at %s: %s; its points are old", self.rtu, self.address, why)

    @property
    def is_reached(self) -> bool:
        """A failure or two do not change it, a loss does."""
        return self.last_good is not None and not self.is_lost

    def refusal(self, what: str) -> None:
        """It answers, yet with an exception."""
        self.refused += 1
        if what not in self.refusals:
            self.refusals.add(what)
            log.warning("RTU %s at %s refuses %s", self.rtu, self.address, what)

    def odd(self, what: str) -> None:
        """What it says does not fit the table of points: logged once each, up to a bound."""
        if what in self.oddities or len(self.oddities) > _ODDITIES:
            return
        self.oddities.add(what)
        more = "; more of this kind is counted only" if len(self.oddities) > _ODDITIES else ""
        log.warning("RTU %s at %s: %s%s", self.rtu, self.address, what, more)

    def overrun(self, telegrams: int) -> None:
        """More came than there was room for."""
        self.overruns += 1
        log.warning(
            "RTU %s at %s: %d telegrams came while there was no room; all is asked for again",
            self.rtu,
            self.address,
            telegrams,
        )

    def clock_jumped(self, what: str) -> None:
        """Its own clock has."""
        self.jumps += 1
        log.warning("RTU %s at %s: %s", self.rtu, self.address, what)

    def percentile(self, share: float) -> float:
        """Seconds that `share` (0 to 1) of the last round trips did not exceed; 0 if none."""
        ordered = sorted(self.trips)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    def __str__(self) -> str:
        good = self.last_good.isoformat(timespec="seconds") if self.last_good else "never"
        jumps = f"{self.jumps:,} clock jumps{self._received()}"
        trip = f"{self.percentile(0.5) * 1e3:.1f}/{self.percentile(0.99) * 1e3:.1f} ms"
        return (
            f"RTU {self.rtu} at {self.address}: {self.why or 'reached'}; {self.polls:,} polls,"
            f" {self.timeouts:,} without answer, {self.malformed:,} malformed,"
            f" {self.refused:,} refused, {self.losses:,} losses, {self.failovers:,} fail-overs,"
            f" {jumps}; last good {good}, round trip p50/p99 {trip}"
        )

    def _received(self) -> str:
        if not self.objects:
            return ""
        return (
            f", {self.objects:,} values received, {self.unknown:,} of no point,"
            f" {self.overruns:,} overruns"
        )


def summary(links: Iterable[Link]) -> str:
    """All of them in one line."""
    found = list(links)
    lost = [link.rtu for link in found if not link.is_reached]
    slowest = max((link.percentile(0.99) for link in found), default=0.0)
    return (
        f"{len(found):,} RTUs, {len(lost):,} not reached ({', '.join(lost[:5]) or 'none'});"
        f" {sum(link.polls for link in found):,} polls,"
        f" {sum(link.timeouts for link in found):,} without answer,"
        f" {sum(link.malformed for link in found):,} malformed,"
        f" {sum(link.refused for link in found):,} refused;"
        f" slowest round trip p99 {slowest * 1e3:.1f} ms"
    )
