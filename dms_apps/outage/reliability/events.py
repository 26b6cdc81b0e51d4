"""Momentary interruptions that are one event: the operations of one device until it holds."""

from __future__ import annotations

import numpy as np

from dms_apps.outage.reliability.interruption import Bools, Longs


def events(
    same: Longs,
    started: Longs,
    customers: Longs,
    momentary: Bools,
    sustained: Bools,
    within: int,
    *,
    before_sustained: bool,
) -> Longs:
    """By row, how many customers it counts as a momentary event: the first one of each event does.

    same:   equal where the same customers are out; where that is known by the device alone, those
            that it puts out at one moment are different ones, and of its operations the largest
            is counted.
    within: microseconds from the beginning of the first one on, to the last included, in which
            others are of its event.
    before_sustained: whether an event counts during which a sustained one begins.
    """
    found = np.zeros(len(same), np.int64)
    rows = np.flatnonzero(momentary)
    if not len(rows):
        return found
    rows = rows[np.lexsort((rows, started[rows], same[rows]))]
    out = np.append(True, (np.diff(same[rows]) != 0) | (np.diff(started[rows]) != 0))
    total = np.add.reduceat(customers[rows], np.flatnonzero(out))
    rows = rows[out]
    first = _first(same[rows], started[rows], within)
    most = np.maximum.reduceat(total, np.flatnonzero(first))
    head = rows[first]
    if not before_sustained:
        lost = _followed(same, started, head, np.flatnonzero(sustained), within)
        head, most = head[~lost], most[~lost]
    found[head] = most
    return found


def _first(same: Longs, started: Longs, within: int) -> Bools:
    """Which rows, ordered by `same` and time, begin an event; of all customers at once the first
    row, then the second, and so on."""
    begin = np.flatnonzero(np.append(True, same[1:] != same[:-1]))
    count = np.diff(np.append(begin, len(same)))
    first = np.zeros(len(same), np.bool_)
    first[begin] = True
    since = started[begin].copy()
    going = np.arange(len(begin))
    for nth in range(1, int(count.max())):
        going = going[count[going] > nth]
        at = begin[going] + nth
        fresh = started[at] - since[going] > within
        first[at] = fresh
        since[going[fresh]] = started[at[fresh]]
    return first


def _followed(same: Longs, started: Longs, heads: Longs, sustained: Longs, within: int) -> Bools:
    """Of each first row whether a sustained one of the same customers begins later in its event."""
    soon = _soon(started, heads, sustained, within)
    if not len(soon):
        return np.zeros(len(heads), np.bool_)
    rows = np.concatenate([heads, soon])
    is_head = np.arange(len(rows)) < len(heads)
    order = np.lexsort((is_head, started[rows], same[rows]))
    place = np.where(is_head[order], len(rows), np.arange(len(rows)))
    after = np.minimum.accumulate(place[::-1])[::-1]
    known = after < len(rows)
    there = rows[order][np.where(known, after, 0)]
    here = rows[order]
    is_soon = known & (same[there] == same[here]) & (started[there] - started[here] <= within)
    found = np.empty(len(rows), np.bool_)
    found[order] = is_soon
    return found[: len(heads)]


def _soon(started: Longs, heads: Longs, sustained: Longs, within: int) -> Longs:
    """Those that begin soon after any of the first rows: seldom many, and only these are sorted."""
    times = np.unique(started[heads])
    at = np.searchsorted(times, started[sustained], "right") - 1
    known = at >= 0
    sustained, at = sustained[known], at[known]
    found: Longs = sustained[started[sustained] - times[at] <= within]
    return found
