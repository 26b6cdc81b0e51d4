"""What happened to each customer: what CEMI, CEMSMI and CELID count, and who is behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dms_apps.outage.reliability.counting import Counted
from dms_apps.outage.reliability.interruption import Interruptions, Ints, Longs


@dataclass(frozen=True, eq=False)
class Each:
    """One entry for each usage point in each group in which anything happened to it.

    group, point: numbers of both; point 0 stands for all whose customers are known by number alone.
    customers: that it has.
    sustained, events: its sustained interruptions, and momentary events, that begin there.
    longest:   microseconds of the longest of these sustained interruptions, as a whole.
    total:     microseconds without power that accrue there.
    """

    group: Longs
    point: Longs
    customers: Longs
    sustained: Longs
    events: Longs
    longest: Longs
    total: Longs

    @classmethod
    def of(cls, some: Interruptions, lines: Counted, into: Ints) -> Each:
        """into: by line its group, -1 for none."""
        counts = (into >= 0) & ((lines.micros > 0) | (lines.sustained > 0) | (lines.event > 0))
        rows, points = lines.row[counts], len(some.point.words)
        of = into[counts].astype(np.int64) * points + some.point.codes[rows]
        pairs, place = np.unique(of, return_inverse=True)

        def most(values: Longs) -> Longs:
            found = np.zeros(len(pairs), np.int64)
            np.maximum.at(found, place, values)
            return found

        def added(values: Longs) -> Longs:
            found = np.zeros(len(pairs), np.int64)
            np.add.at(found, place, values)
            return found

        return cls(
            group=pairs // points,
            point=pairs % points,
            customers=most(some.customers[rows]),
            sustained=added((lines.sustained[counts] > 0).astype(np.int64)),
            events=added((lines.event[counts] > 0).astype(np.int64)),
            longest=most(lines.length[counts]),
            total=added(lines.micros[counts]),
        )
