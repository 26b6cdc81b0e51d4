"""Compiled loops over a trace that find the chains of devices above many places at once.

Places are node x SLOTS + slot here; those of a trace are as in `cim.network.words`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.network.compiling import compiled
from cim.network.pages import NONE
from cim.network.words import place_at

Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]
Whole = Any

_SLOTS = 5
_TARGET, _NUMBER = 0, 1
_RESERVED = 2
_UNKNOWN, _NOTHING = -2, -1


@compiled
def crossings(
    arcs: Ints, pool: Longs, table: Ints, devices: Bytes, begin: Ints, size: Whole
) -> tuple[Ints, Ints]:
    """For the places of `begin`, and those above them, the next device and the place beyond it.

    Of each place the number of the device and the other place; -1 where there is no more device.

    devices: for each equipment number whether it counts.
    size:    how many places there are.
    """
    by = np.empty(size, np.int32)
    over = np.full(size, _UNKNOWN, np.int32)
    trail = np.empty(64, np.int32)
    for first in begin:
        place = np.int64(first)
        while place >= 0 and over[place] == _UNKNOWN:  # behind a device the next stretch begins
            count, device, far = 0, np.int64(_NOTHING), np.int64(_NOTHING)
            while True:
                if over[place] != _UNKNOWN:
                    device, far = np.int64(by[place]), np.int64(over[place])
                    break
                trail = _longer(trail, count + 1)
                trail[count] = place
                count += 1
                node, slot = place // _SLOTS, place % _SLOTS
                way = place_at(pool, table, node, slot) & NONE
                if way == NONE or node < _RESERVED:
                    break
                place = np.int64(arcs[way >> 3, _TARGET]) * _SLOTS + (way & 7)
                number = np.int64(arcs[way >> 3, _NUMBER])
                if devices[number]:
                    device, far = number, place
                    break
            for step in range(count):
                by[trail[step]], over[trail[step]] = device, far
            place = far
    return by, over


@compiled
def chains(start: Ints, begin: Ints, by: Ints, over: Ints) -> tuple[Longs, Ints]:
    """The devices above each group of places, the one next to the source first (CSR).

    A device that is above several places of a group is there once, as far from the source as it is
    at most; of several as far from it the one that was found last is first.

    start, begin: the places of each group (CSR).
    by, over:     see `crossings`.
    """
    ends = np.zeros(len(start), np.int64)
    found = np.empty(1024, np.int32)
    up, some, height = np.empty(64, np.int32), np.empty(64, np.int32), np.empty(64, np.int32)
    for group in range(len(start) - 1):
        many = 0
        for at in range(start[group], start[group + 1]):
            up, length = _climbed(by, over, begin[at], up)
            if many + length > len(some):
                some, height = _longer(some, many + length), _longer(height, many + length)
            many = _merged(up[:length], some, height, many)
        _sorted(some, height, many)
        count = ends[group]
        found = _longer(found, count + many)
        found[count : count + many] = some[:many]
        ends[group + 1] = count + many
    return ends, found[: ends[-1]]


@compiled
def _longer(array: Ints, length: Whole) -> Ints:
    """The array, with room for so many."""
    if length <= len(array):
        return array
    longer = np.empty(2 * length, np.int32)
    longer[: len(array)] = array
    return longer


@compiled
def _climbed(by: Ints, over: Ints, first: Whole, up: Ints) -> tuple[Ints, int]:
    """The devices above a place, the nearest first, and how many they are."""
    place, count = np.int64(first), 0
    while over[place] >= 0:
        up = _longer(up, count + 1)
        up[count] = by[place]
        count += 1
        place = np.int64(over[place])
    return up, count


@compiled
def _merged(up: Ints, some: Ints, height: Ints, many: int) -> int:
    """Put the devices of `up` to the `many` there are, each at its greatest height; how many then.

    As a rule all phases go the same way, and a device is where the one before was.
    """
    for step in range(len(up)):
        device, here = up[len(up) - 1 - step], step
        if here >= many or some[here] != device:
            here = 0
            while here < many and some[here] != device:
                here += 1
        if here == many:
            some[here], height[here] = device, step
            many += 1
        height[here] = max(height[here], step)
    return many


@compiled
def _sorted(some: Ints, height: Ints, many: int) -> None:
    """Sort by height; of equals the last one comes first."""
    for one in range(1, many):
        device, high, at = some[one], height[one], one
        while at > 0 and height[at - 1] >= high:
            some[at], height[at] = some[at - 1], height[at - 1]
            at -= 1
        some[at], height[at] = device, high
