"""Sums of whole numbers from 0 up, exactly, also when they are too large for a machine word."""

from __future__ import annotations

import numpy as np

from dms_apps.outage.reliability.counting import SECOND
from dms_apps.outage.reliability.interruption import Ints, Longs

_ROOM = 2.0**62


def sums(values: Longs, into: Ints, count: int) -> list[int]:
    """The sum of the values of each of `count` groups; what goes into group -1 is left out."""
    here = into >= 0
    if not here.all():
        values, into = values[here], into[here]
    if _most(values) * len(values) >= _ROOM:
        exact = np.zeros(count, object)
        np.add.at(exact, into, values.astype(object))
        return [int(one) for one in exact]
    found = np.zeros(count, np.int64)
    np.add.at(found, into, values)
    return [int(one) for one in found]


def _most(values: Longs) -> float:
    return float(values.max(initial=0))


def products(weights: Longs, micros: Longs, into: Ints, count: int) -> list[int]:
    """As `sums`, of weight times microseconds: whole seconds and what is over by themselves, since
    a million customers out for a year do not fit into a word."""
    seconds, over = micros // SECOND, micros % SECOND
    if _most(weights) * max(_most(seconds), _most(over)) >= _ROOM:
        whole = np.zeros(count, object)
        here = into >= 0
        np.add.at(whole, into[here], weights[here].astype(object) * micros[here].astype(object))
        return [int(one) for one in whole]
    first = sums(weights * seconds, into, count)
    rest = sums(weights * over, into, count)
    return [SECOND * one + other for one, other in zip(first, rest, strict=True)]
