"""Which crew goes where, in which order: the most urgent first, and of those the shortest ways.

In each round every crew that has room gets one order more.  Which orders are served in a round is
decided by urgency alone: one is passed over only when no crew could take it without a more urgent
one being left (the greedy choice of a transversal matroid, which is the best one for any weights
that fall with the urgency).  Which crew serves which of them is then the linear assignment with the
least sum of times of arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from dms_apps.crews.travel import Floats, Point, Travel

Bools = NDArray[np.bool_]
_NEVER = 1e7
"""Hours, of what cannot be: more than all ways of a round together."""


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
    jobs: Sequence[Job], hands: Sequence[Hand], travel: Travel, *, per_hour: float = 0.0
) -> list[Turn]:
    """The turns of all crews, round by round; a crew is done before it goes home.

    per_hour: points taken off for each hour that the nearest able crew is away.
    """
    turns: list[Turn] = []
    now = list(hands)
    left = list(jobs)
    while left and any(hand.room > 0 for hand in now):
        ways = travel.all_hours([job.place for job in left], [hand.place for hand in now])
        able = _able(left, now, ways)
        order = _urgency(left, ways, able, per_hour)
        served = _served(able, order)
        if not served:
            break
        for job, hand in _matched(served, ways, able, now):
            turns.append(_turn(left[job], now[hand], float(ways[job, hand])))
            done, place = turns[-1].done, left[job].place or now[hand].place
            now[hand] = replace(now[hand], free_at=done, place=place, room=now[hand].room - 1)
        gone = set(served)
        left = [job for n, job in enumerate(left) if n not in gone]
    return turns


def _able(jobs: Sequence[Job], hands: Sequence[Hand], ways: Floats) -> Bools:
    """Whether a crew (column) can do a job (row): room, skills, and the rest of its shift."""
    needs = {job.skills for job in jobs}
    skilled = {need: np.array([need <= hand.skills for hand in hands]) for need in needs}
    has_room = np.array([hand.room > 0 for hand in hands])
    rest = np.array(
        [
            (hand.until - hand.free_at).total_seconds() / 3600 if hand.until else np.inf
            for hand in hands
        ]
    )
    hours = np.array([job.hours for job in jobs])
    in_time: Bools = ways + hours[:, None] <= rest[None, :]
    found: Bools = in_time & has_room & np.array([skilled[job.skills] for job in jobs])
    return found


def _urgency(jobs: Sequence[Job], ways: Floats, able: Bools, per_hour: float) -> list[int]:
    """The jobs that any crew can do, the most urgent first."""
    nearest = np.where(able, ways, np.inf).min(axis=1)

    def key(n: int) -> tuple[bool, int, float, str]:
        job = jobs[n]
        points = job.points - per_hour * float(nearest[n])
        return job.pinned is None, job.pinned or 0, -points, job.order

    return sorted(np.flatnonzero(able.any(axis=1)).tolist(), key=key)


def _served(able: Bools, order: Sequence[int]) -> list[int]:
    """The jobs of a round: each in its turn, when all can be had by crews of their own."""
    packed = np.packbits(able, axis=1, bitorder="little")
    masks = [int.from_bytes(row.tobytes(), "little") for row in packed]
    holder: dict[int, int] = {}  # crew -> job
    served: list[int] = []
    closed = 0  # crews that are taken for good: every way on from them ends at one of them
    free = int(able.any(axis=0).sum())
    for job in order:
        if len(served) == free:
            break
        reached = _augment(job, masks, holder, closed)
        if reached is None:
            served.append(job)
        else:
            closed |= reached
    return served


def _augment(job: int, masks: Sequence[int], holder: dict[int, int], closed: int) -> int | None:
    """Give a job a crew, moving others where need be; the crews in its reach, when none is free."""
    came: dict[int, tuple[int, int | None]] = {}  # crew -> the job that asks for it, and its crew
    waiting: list[tuple[int, int | None]] = [(job, None)]
    seen = closed
    while waiting:
        asking, of = waiting.pop(0)
        fresh = masks[asking] & ~seen
        seen |= fresh
        while fresh:
            crew = (fresh & -fresh).bit_length() - 1
            fresh &= fresh - 1
            came[crew] = asking, of
            if crew not in holder:
                at: int | None = crew
                while at is not None:
                    holder[at], at = came[at]
                return None
            waiting.append((holder[crew], crew))
    return seen


def _matched(
    served: Sequence[int], ways: Floats, able: Bools, hands: Sequence[Hand]
) -> list[tuple[int, int]]:
    """Job and crew, so that the sum of the times of arrival is the least."""
    begin = min(hand.free_at for hand in hands)
    free = np.array([(hand.free_at - begin).total_seconds() / 3600 for hand in hands])
    rows = np.array(served)
    cost = np.where(able[rows], ways[rows] + free[None, :], _NEVER)
    jobs, crews = linear_sum_assignment(cost)
    return [(served[job], int(crew)) for job, crew in zip(jobs, crews, strict=True)]


def _turn(job: Job, hand: Hand, way: float) -> Turn:
    arrives = hand.free_at + timedelta(hours=way)
    return Turn(
        order=job.order,
        crew=hand.crew,
        leaves=hand.free_at,
        arrives=arrives,
        done=arrives + timedelta(hours=job.hours),
    )
