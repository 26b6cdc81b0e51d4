"""The indices once more, customer by customer and minute by minute, without a column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import strategies as st

from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.interruption import EPOCH, Interruption

FEEDERS = ("F1", "F2")
MICRO = timedelta(microseconds=1)
BEGIN = datetime.fromisoformat("2025-03-28T00:00:00+00:00")


@dataclass
class Sum:
    """What some interruptions add up to; minutes and customers exactly."""

    sustained: int = 0
    minutes: Fraction = Fraction(0)
    momentary: int = 0
    events: int = 0
    va_minutes: Fraction = Fraction(0)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    event_counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    longest: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    together: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))


def minutes(length: timedelta) -> Fraction:
    return Fraction(length // MICRO, 60_000_000)


def wholes(rows: Sequence[Interruption]) -> list[list[Interruption]]:
    """What one customer had, each without a break."""
    found: list[list[Interruption]] = []
    for row in sorted(rows, key=lambda one: one.started):
        if found and found[-1][-1].ended == row.started:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def sums(rows: Sequence[Interruption], by: Conventions) -> dict[tuple[str, date], Sum]:
    """By feeder and day."""
    found: dict[tuple[str, date], Sum] = defaultdict(Sum)
    limit, window = timedelta(seconds=by.sustained), timedelta(seconds=by.event)
    for point in {one.point for one in rows}:
        chains = wholes([one for one in rows if one.point == point])
        lasting = [_length(chain) > limit for chain in chains]
        begun: datetime | None = None
        for at, (chain, is_long) in enumerate(zip(chains, lasting, strict=True)):
            first = chain[0]
            day = first.started.date()
            here = found[first.feeder, day]
            if is_long:
                _add(found, chain, here, day)
                continue
            here.momentary += first.customers
            if begun is not None and first.started - begun <= window:
                continue
            begun = first.started
            later = (c for c, long in zip(chains[at + 1 :], lasting[at + 1 :], strict=True) if long)
            if not any(c[0].started - begun <= window for c in later):
                here.events += first.customers
                here.event_counts[point] += 1
    return found


def _length(chain: Sequence[Interruption]) -> timedelta:
    assert chain[-1].ended is not None
    return chain[-1].ended - chain[0].started


def _add(
    found: dict[tuple[str, date], Sum], chain: Sequence[Interruption], here: Sum, day: date
) -> None:
    point = chain[0].point
    here.sustained += chain[0].customers
    here.counts[point] += 1
    here.longest[point] = max(here.longest[point], minutes(_length(chain)))
    for part in chain:
        assert part.ended is not None
        its = found[part.feeder, day]
        length = minutes(part.ended - part.started)
        its.minutes += part.customers * length
        its.va_minutes += (part.va or 0) * length
        its.together[point] += length


@st.composite
def interruptions(draw: st.DrawFn, most: int = 12) -> list[Interruption]:
    """Of six usage points in some days, none of them out twice at once; many touch, or follow one
    another in seconds."""
    found = []
    for number in range(6):
        gap = st.one_of(st.just(0), st.integers(1, 400), st.integers(400, 90_000))
        length = st.one_of(st.integers(0, 400), st.sampled_from([299, 300, 301]),
                           st.integers(0, 100_000))  # fmt: skip
        spans = draw(st.lists(st.tuples(gap, length, st.integers(0, 999_999)), max_size=most // 3))
        at = BEGIN
        for wait, lasts, more in spans:
            start = at + timedelta(seconds=wait)
            at = start + timedelta(seconds=lasts, microseconds=more)
            found.append(
                Interruption(
                    started=start,
                    ended=at,
                    point=f"p{number}",
                    customers=number + 1,
                    va=1000 * number,
                    outage=draw(st.sampled_from(["", "o1", "o2", "o3"])),
                    feeder=draw(st.sampled_from(FEEDERS)),
                    cause=draw(st.sampled_from(["", "wind", "tree"])),
                )
            )
    return found


def now(rows: Sequence[Interruption]) -> int:
    """After all of them."""
    ends = [one.ended for one in rows if one.ended] or [BEGIN]
    return (max(ends) + timedelta(days=3) - EPOCH) // MICRO


def customers(some: Sequence[Interruption]) -> dict[str, int]:
    return {one.point: one.customers for one in some}


def touching(rows: Sequence[Interruption]) -> int:
    """How many go on without a break."""
    ordered = sorted(rows, key=lambda one: (one.point, one.started))
    return sum(a.point == b.point and a.ended == b.started for a, b in pairwise(ordered))
