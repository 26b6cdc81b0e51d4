"""Who waits for a crew, and for how long: the jobs in turn, each to the crew that is free first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Job:
    """An outage that is looked after, or is to be.

    rank:    the smaller, the sooner it has its turn.
    under_way: whether a crew is on its way or there.
    left:    seconds until it is restored, from now where it is under way, else from when a crew
             departs for it.
    """

    mrid: str
    rank: tuple[float | str, ...]
    under_way: bool
    left: float


@dataclass(frozen=True)
class Turn:
    """When a crew departs for a job, how many jobs it waits for, and when it is restored."""

    departs_at: datetime
    ahead: int
    restored_at: datetime


def turns(jobs: Iterable[Job], crews: int, now: datetime) -> Mapping[str, Turn]:
    """Job -> its turn; jobs under way keep their crew until they are done.

    crews: how many there are, those at work included; with 0 nobody knows of crews, and nobody
           waits.  Of more jobs under way than crews each has one nevertheless.
    """
    found: dict[str, Turn] = {}
    waiting: list[Job] = []
    free: list[datetime] = []
    for job in jobs:
        if job.under_way:
            over = now + timedelta(seconds=job.left)
            found[job.mrid] = Turn(now, 0, over)
            free.append(over)
        else:
            waiting.append(job)
    free += [now] * max(0, crews - len(free))
    heapq.heapify(free)
    idle = sum(at <= now for at in free)
    for number, job in enumerate(sorted(waiting, key=lambda one: one.rank)):
        begin = heapq.heappop(free) if crews else now
        over = begin + timedelta(seconds=job.left)
        found[job.mrid] = Turn(begin, max(0, number - idle + 1) if crews else 0, over)
        if crews:
            heapq.heappush(free, over)
    return found
