"""When something was done, phase by phase: what is told late does not undo what is newer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cim.network.phases import LIVE

Since = tuple[tuple[int, datetime], ...]
"""Bits of phases, and when something was done to them last; a phase is in one of these at most."""


@dataclass(frozen=True)
class End:
    """Where something is fastened: a node, a terminal or equipment, by mRID or name.

    phases: bits; 0 where the message does not say.
    """

    at: str
    phases: int = 0


def not_newer(since: Since, bits: int, at: datetime | None) -> int:
    """Those of these phases to which nothing was done after `at`; all of them, where it is None."""
    if at is None:
        return bits
    for newer, done in since:
        if at < done:
            bits &= ~newer
    return bits


def stamped(since: Since, bits: int, at: datetime | None) -> Since:
    """With `at` for these phases; without a time for them, where it is None."""
    left = tuple((still, done) for others, done in since if (still := others & ~bits))
    return (*left, (bits, at)) if at and bits else left


@dataclass(frozen=True)
class Placing:
    """What was told of where and when a patch was placed and removed; known when it is gone, too.

    phases: bits on which it is in force.
    ends:   where it was placed last; None where that was never told.
    at:     when that was; None where nothing says so.
    since:  when phases were placed or removed last.

    Times have an offset from UTC.  None stands for what does not say its time: that counts when it
    is told, and nothing is late after it.
    """

    phases: int = 0
    ends: tuple[End, ...] | None = None
    at: datetime | None = None
    since: Since = ()

    def removed(self, bits: int, ends: tuple[End, ...] | None, at: datetime | None) -> Placing:
        """Once it was removed on these phases; from `ends`, where nothing else is known."""
        bits = not_newer(self.since, bits, at)
        since = stamped(self.since, bits, at)
        ends = ends if self.ends is None else self.ends
        return Placing(self.phases & ~bits, ends, self.at if since else None, since)

    def placed(self, bits: int, ends: tuple[End, ...] | None, at: datetime | None) -> Placing:
        """Once it was placed on these phases; without `ends`, where it was placed last.

        What is placed elsewhere is no longer where it was, on no phase.
        """
        elsewhere = ends is not None and ends != self.ends
        if at is None and elsewhere:
            return Placing(bits, ends)
        if at and self.at and at < self.at and ends != self.ends:
            return self._had_left(at) if elsewhere else self  # where it was then is not kept
        moved = self._leaving(at) if at and elsewhere else self
        bits = not_newer(moved.since, bits, at)
        since = stamped(moved.since, bits, at)
        if ends is None:
            return replace(moved, phases=moved.phases | bits, since=since)
        last = max(filter(None, (moved.at, at)), default=None)
        return Placing(moved.phases | bits, ends, last if since else None, since)

    def _had_left(self, at: datetime) -> Placing:
        """It was elsewhere at a moment, and came where it is (again) after it."""
        untimed = LIVE
        for bits, _ in self.since:
            untimed &= ~bits
        before = not_newer(self.since, LIVE & ~(self.phases & untimed), at)
        return replace(self, phases=self.phases & ~before, since=stamped(self.since, before, at))

    def _leaving(self, at: datetime) -> Placing:
        """It is elsewhere from a moment on: of before, only what was removed is told yet.

        What may still be told of the time before, counts from when it was last placed here.
        """
        since = self.since
        if self.at:
            since = stamped(since, not_newer(since, LIVE, self.at), self.at)
        later = self.phases & ~not_newer(self.since, LIVE, at)
        return replace(self, phases=later, since=since)
