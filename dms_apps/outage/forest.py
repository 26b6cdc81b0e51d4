"""The tree on which outages are predicted: devices that can open, usage points below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from cim.network import Network
from cim.network.phases import ABC, SLOTS
from cim.network.served import Served

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


class Group(IntEnum):
    """The usage points that one pole of a device can take out.

    ALL holds those on more than one phase, or on an unknown one: only the whole device does.
    """

    A = 0
    B = 1
    C = 2
    ALL = 3


class Forest:
    """Which usage points are below which device, in the order of supply.

    parent:   device -> the next one towards the source; every parent comes before its children.
    root:     device -> the one above it that is next to the source.
    place:    device -> its number in this order.
    children: device -> those whose parent it is.
    home:     usage point -> its nearest device; None when nothing between it and the source can
              open.
    points:   device -> the usage points whose home it is.
    group:    usage point -> its group.
    below:    device -> how many usage points are below it, by group.
    feeder:   usage point -> its feeder, `on_feeder` how many each has.
    dead:     the usage points that are not supplied on all their phases.
    """

    # Tuples for the most part: what holds nothing but strings the garbage collector leaves out.

    def __init__(self, served: Served, before: Mapping[str, Group]) -> None:
        """`before`: what the groups were until now, for those that are dead meanwhile."""
        start, above = _protective(served)
        names = list(served.devices)
        order, upper = _planted(start, above, len(names))
        self.parent = {
            names[one]: names[up] if up >= 0 else None
            for one, up in zip(order.tolist(), upper.tolist(), strict=True)
        }
        self.place = {device: place for place, device in enumerate(self.parent)}
        self.root: dict[str, str] = {}
        for one, up in self.parent.items():
            self.root[one] = one if up is None else self.root[up]
        home = _last(start, above)
        self.home = {
            point: names[one] if one >= 0 else None
            for point, one in zip(served.points, home.tolist(), strict=True)
        }
        codes = _groups(served, start, above)
        groups = [*Group, None]  # the last for those that say nothing now
        self.group = {
            point: group if (group := groups[code]) is not None else before.get(point, Group.ALL)
            for point, code in zip(served.points, codes.tolist(), strict=True)
        }
        self.feeder = dict(zip(served.points, served.feeders, strict=True))
        self.on_feeder = Counter(served.feeders)
        self.dead = frozenset(compress(served.points, served.dead.tolist()))
        self.children = _owned(self.parent, self.parent)
        self.points = _owned(self.home, self.parent)
        self.below = self._counts()

    @classmethod
    def of(cls, network: Network, before: Forest | None = None) -> Forest:
        """The forest of the network as operated; disconnectors and the like do not predict.

        before: the forest until now, which knows the phase of what is dead meanwhile.
        """
        return cls(network.served(), before.group if before else {})

    def above(self, point: str) -> Iterator[str]:
        """The devices above `point`, the nearest first."""
        device = self.home.get(point)
        while device is not None:
            yield device
            device = self.parent[device]

    def under(self, device: str, wanted: Callable[[Group], bool]) -> Iterator[str]:
        """The usage points below `device` whose group is wanted."""
        stack = [device]
        while stack:
            here = stack.pop()
            yield from (p for p in self.points[here] if wanted(self.group[p]))
            stack += self.children[here]

    def _counts(self) -> dict[str, tuple[int, ...]]:
        """Device -> number of usage points below it, by group."""
        counts = {device: [0, 0, 0, 0] for device in self.parent}
        for point, device in self.home.items():
            if device is not None:
                counts[device][self.group[point]] += 1
        for device, upper in reversed(self.parent.items()):
            if upper is not None:
                a, b, c, d = counts[device]
                above = counts[upper]
                above[0] += a
                above[1] += b
                above[2] += c
                above[3] += d
        return {device: tuple(each) for device, each in counts.items()}


def _protective(served: Served) -> tuple[Longs, Ints]:
    """The devices above each usage point that open by themselves (CSR), from the source."""
    keep = served.protective[served.above]
    kept = np.concatenate([np.zeros(1, np.int64), keep.cumsum()])
    return kept[served.start], served.above[keep]


def _planted(start: Longs, above: Ints, count: int) -> tuple[Ints, Ints]:
    """The devices in the order in which the paths name them, and the one above each, or -1.

    Where paths differ in it, the first one counts.
    """
    upper = np.roll(above, 1)
    upper[start[:-1][start[:-1] < start[1:]]] = -1
    first = np.full(count, -1, np.int64)
    first[above[::-1]] = np.arange(len(above) - 1, -1, -1)
    at = np.sort(first[first >= 0])
    return above[at], upper[at]


def _last(start: Longs, values: Ints) -> Ints:
    """Of each usage point the last of its values, -1 without any."""
    found = np.full(len(start) - 1, -1, np.int32)
    some = start[:-1] < start[1:]
    found[some] = values[start[1:][some] - 1]
    return found


def _groups(served: Served, start: Longs, above: Ints) -> Ints:
    """Of each usage point the group, by place in `Group`; behind the last where it has no supply.

    By the first, of the usage point and the devices above it, that is on one phase alone.
    """
    single = np.full(1 << SLOTS, -1, np.int32)
    for bits in range(1 << SLOTS):
        if (bits & ABC).bit_count() == 1:
            single[bits] = (bits & ABC).bit_length() - 1
    lone = single[served.phases][above]
    newest = np.maximum.accumulate(np.where(lone >= 0, np.arange(len(above)), -1))
    last = _last(start, newest.astype(np.int32))
    by_device = np.where(last >= start[:-1], np.append(lone, -1)[last], -1)
    by_itself = single[served.supplied]
    found = np.where(by_itself >= 0, by_itself, by_device)
    found = np.where(found >= 0, found, np.int32(Group.ALL))
    return np.where(served.supplied > 0, found, np.int32(len(Group)))


def _owned(owner: Mapping[str, str | None], owners: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What each of `owners` owns."""
    found: dict[str, list[str]] = {}
    for one, device in owner.items():
        if device is not None:
            found.setdefault(device, []).append(one)
    return {device: tuple(found.get(device, ())) for device in owners}
