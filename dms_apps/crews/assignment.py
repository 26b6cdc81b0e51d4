"""Which crew goes where, in which order: the most urgent first, then the shortest ways.

By urgency alone each order in its turn gets the crew that is there first, with what that crew has
already.  Then the next orders of all crews are given out anew, as the linear assignment with the
least sum of arrivals, each weighted by its urgency; that is taken when no order is reached later
than by urgency alone, but for some minutes of patience.  So an order that only one crew can do does
not wait because that crew was a little nearer to another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from dms_apps.crews.travel import Floats, Point, Travel, points

Bools = NDArray[np.bool_]
_NEVER = 1e7
"""Hours, of what cannot be: more than all ways together."""
_UNSERVED = 48.0
"""Hours that an order which nobody serves counts as."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Job:
    """An order that waits for a crew.

    points: how urgent it is, without the way; pinned: a dispatcher's rank, before all that have
            none, the lower the earlier.
    skills: that a crew must have.
    hours:  at the place.
    """

    order: str
    points: float
    pinned: int | None = None
    place: Point | None = None
    skills: frozenset[str] = frozenset()
    hours: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A crew that may be sent.

    free_at: when it is done with what it has, and at which place it is then.
    until:   when it goes home; None: nobody knows.
    room:    how many more orders it may get.
    """

    crew: str
    free_at: datetime
    until: datetime | None = None
    place: Point | None = None
    skills: frozenset[str] = frozenset()
    room: int = 1


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A crew goes to an order: when it leaves, arrives and is done."""

    order: str
    crew: str
    leaves: datetime
    arrives: datetime
    done: datetime


def plan(
    jobs: Sequence[Job],
    hands: Sequence[Hand],
    travel: Travel,
    *,
    per_hour: float = 0.0,
    patience: float = 0.0,
) -> list[Turn]:
    """The turns of all crews, the most urgent first; a crew is done before it goes home.

    per_hour: points taken off for each hour that the nearest able crew is away.
    patience: hours by which an order may be reached later than by urgency alone, so that others are
              reached earlier.
    """
    hands = [hand for hand in hands if hand.room > 0]
    if not jobs or not hands:
        return []
    rounds = _Rounds(jobs, hands, travel, per_hour)
    first = rounds.listed({})
    if patience <= 0:
        return first
    anew = rounds.listed(rounds.matched(first, patience))
    return anew if rounds.is_better(anew, first, patience) else first


class _Rounds:
    """Jobs by urgency, and crews as they get on."""

    def __init__(
        self, jobs: Sequence[Job], hands: Sequence[Hand], travel: Travel, per_hour: float
    ) -> None:
        self._hands, self._travel = hands, travel
        self._begin = min(hand.free_at for hand in hands)
        self._free = np.array([(hand.free_at - self._begin) / _HOUR for hand in hands])
        self._until = np.array(
            [(h.until - self._begin) / _HOUR if h.until else np.inf for h in hands]
        )
        self._skilled = {
            need: np.array([need <= hand.skills for hand in hands])
            for need in {job.skills for job in jobs}
        }
        places = points([job.place for job in jobs])
        self._begins: Floats = points([hand.place for hand in hands])
        ways = travel.between(places, self._begins)
        order = _urgency(jobs, ways, np.array([self._skilled[j.skills] for j in jobs]), per_hour)
        self._jobs = [jobs[n] for n in order]
        self._ways: Floats = ways[order]
        self._places: Floats = places[order]

    def listed(self, given: Mapping[int, int]) -> list[Turn]:
        """Each job in its turn to the crew that is there first.

        given: jobs that go to a certain crew, as its next one.
        """
        free, room = self._free.copy(), np.array([hand.room for hand in self._hands])
        places = self._begins.copy()
        turns: list[Turn] = []
        for n in sorted(range(len(self._jobs)), key=lambda n: (n not in given, n)):
            if not room.any():
                break
            job, ways = self._jobs[n], self._travel.between(self._places[n : n + 1], places)[0]
            able = self._able(n, free, ways) & (room > 0)
            if n in given:
                able &= np.arange(len(able)) == given[n]
            if not able.any():
                continue
            arrives = np.where(able, free + ways, np.inf)
            hand = int(arrives.argmin())
            turns.append(self._turn(job, hand, free[hand], arrives[hand]))
            free[hand] = arrives[hand] + job.hours
            room[hand] -= 1
            if job.place is not None:
                places[hand] = job.place
        return turns

    def matched(self, turns: Sequence[Turn], patience: float) -> dict[int, int]:
        """Job -> crew, of the next job of each crew and of those that nobody has."""
        number = {job.order: n for n, job in enumerate(self._jobs)}
        column = {hand.crew: n for n, hand in enumerate(self._hands)}
        latest, firsts, served = dict[int, float](), dict[int, int](), set[int]()
        for turn in turns:
            n, hand = number[turn.order], column[turn.crew]
            served.add(n)
            if hand not in firsts.values():
                firsts[n] = hand
                latest[n] = (turn.arrives - self._begin) / _HOUR + patience
        others = [n for n in range(len(self._jobs)) if n not in served][: len(self._hands)]
        rows = sorted([*firsts, *others])
        cost = np.full((len(rows), len(self._hands) + len(rows)), _NEVER)
        for row, n in enumerate(rows):
            weight = 2.0 - row / len(rows)
            arrives = self._free + self._ways[n]
            able = self._able(n, self._free, self._ways[n]) & self._has_room
            able &= arrives <= latest.get(n, np.inf) + 1e-9
            cost[row, : len(able)] = np.where(able, weight * arrives, _NEVER)
            if n in others:
                cost[row, len(able) + row] = weight * _UNSERVED
        found = list(zip(*linear_sum_assignment(cost), strict=True))
        if any(cost[at] >= _NEVER for at in found):
            return {}
        return {rows[row]: int(hand) for row, hand in found if hand < len(self._hands)}

    def is_better(self, anew: Sequence[Turn], before: Sequence[Turn], patience: float) -> bool:
        """Whether nobody waits for longer than patience allows, and all together wait less."""
        now = {turn.order: (turn.arrives - self._begin) / _HOUR for turn in anew}
        then = {turn.order: (turn.arrives - self._begin) / _HOUR for turn in before}
        if any(now.get(order, np.inf) > at + patience + 1e-9 for order, at in then.items()):
            return False
        return sum(now.get(o, _UNSERVED) - then.get(o, _UNSERVED) for o in now | then) < 0

    @property
    def _has_room(self) -> Bools:
        return np.array([hand.room > 0 for hand in self._hands])

    def _able(self, n: int, free: Floats, ways: Floats) -> Bools:
        """Who has the skills for a job and ends it within the shift."""
        job = self._jobs[n]
        in_time: Bools = free + ways + job.hours <= self._until + 1e-9
        found: Bools = in_time & self._skilled[job.skills]
        return found

    def _turn(self, job: Job, hand: int, leaves: float, arrives: float) -> Turn:
        return Turn(
            order=job.order,
            crew=self._hands[hand].crew,
            leaves=self._begin + leaves * _HOUR,
            arrives=self._begin + arrives * _HOUR,
            done=self._begin + (arrives + job.hours) * _HOUR,
        )


def _urgency(jobs: Sequence[Job], ways: Floats, able: Bools, per_hour: float) -> list[int]:
    """The jobs, the most urgent first."""
    nearest = np.where(able, ways, np.inf).min(axis=1)

    def key(n: int) -> tuple[bool, int, float, str]:
        job = jobs[n]
        way = float(nearest[n]) if np.isfinite(nearest[n]) else 0.0
        return job.pinned is None, job.pinned or 0, per_hour * way - job.points, job.order

    return sorted(range(len(jobs)), key=key)
