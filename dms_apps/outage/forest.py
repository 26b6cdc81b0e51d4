"""The tree on which outages are predicted: devices that can open, usage points below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from enum import IntEnum

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
    served:   by what the network supplies them.
    """

    # Tuples for the most part: what holds nothing but strings the garbage collector leaves out.
    parent: dict[str, str | None]
    place: dict[str, int]
    root: dict[str, str]
    children: dict[str, tuple[str, ...]]
    home: dict[str, str | None]
    points: dict[str, tuple[str, ...]]
    group: dict[str, Group]
    below: dict[str, tuple[int, ...]]
    feeder: dict[str, str]
    on_feeder: Counter[str]
    _uppers: Ints  # of each device, in order, the place of the one above it
    _homes: Ints  # of each usage point the place of its home
    _home_rows: Ints  # and the object row
    _lone: Ints
    _codes: Ints  # of each usage point its group

    def __init__(self, served: Served, before: Forest | None = None) -> None:
        """before: the forest until now; what stands as it stood there is the same value."""
        self.served = served
        self._elsewhere: dict[str, frozenset[str]] = {}
        same = before if before and before.served.points is served.points else None
        if same and same.served.above is served.above:
            self._stand(same)
        else:
            self._grow(same)
        self._sort(before, same)
        dead = np.flatnonzero(served.dead).tolist()
        self.dead = frozenset(served.points[number] for number in dead)

    @classmethod
    def of(
        cls, network: Network, before: Forest | None = None, *, of: Set[str] | None = None
    ) -> Forest:
        """The forest of the network as operated; disconnectors and the like do not predict.

        before: the forest until now, which knows the phase of what is dead meanwhile, and spares
                the work of growing again what no switch has changed; without it phases are those
                by design.
        of:     only these usage points, and what is above them; without it all.
        """
        served = network.served(before.served if before else None, of=of)
        if before is None and served.dead.any():
            before = cls(network.normal.served(of=of))
        return cls(served, before)

    def _stand(self, same: Forest) -> None:
        """As before: no way of supply has changed."""
        self.parent, self.place, self.root = same.parent, same.place, same.root
        self.children, self.home, self.points = same.children, same.home, same.points
        self.feeder, self.on_feeder = same.feeder, same.on_feeder
        self._uppers, self._homes, self._lone = same._uppers, same._homes, same._lone
        self._home_rows = same._home_rows

    def _grow(self, same: Forest | None) -> None:
        """same: a forest of the same usage points; of them only those with another home move."""
        served = self.served
        start, above = protective(served)
        names = list(served.devices)
        order, upper = _planted(start, above, len(names))
        self.parent = {
            names[one]: names[up] if up >= 0 else None
            for one, up in zip(order.tolist(), upper.tolist(), strict=True)
        }
        self.place = {device: place for place, device in enumerate(self.parent)}
        self.root = {}
        for one, up in self.parent.items():
            self.root[one] = one if up is None else self.root[up]
        self.children = _owned(self.parent, self.parent)
        place = np.append(np.full(len(names), -1, np.int32), np.int32(-1))  # the last: of no device
        place[order] = np.arange(len(order))
        home = _last(start, above)
        self._uppers, self._homes = place[upper], place[home]
        self._home_rows = np.append(served.rows, np.int32(-1))[home]
        self._lone = _lone(served, start, above)
        self._settle([names[one] for one in order.tolist()], same)

    def _settle(self, devices: list[str], same: Forest | None) -> None:
        """Give every usage point its home and its feeder.  devices: in their order."""
        points, feeders = self.served.points, self.served.feeders
        if same is None:
            self.home = {
                point: devices[place] if place >= 0 else None
                for point, place in zip(points, self._homes.tolist(), strict=True)
            }
            self.points = _owned(self.home, self.parent)
        else:
            moved = np.flatnonzero(self._home_rows != same._home_rows).tolist()
            new = {points[n]: devices[p] if (p := self._homes[n]) >= 0 else None for n in moved}
            old = {same.home[points[n]] for n in moved}
            self.home = same.home | new
            self.points = {device: same.points.get(device, ()) for device in self.parent}
            self.points |= self._points_of({*old, *new.values()})
        if same and feeders == same.served.feeders:
            self.feeder, self.on_feeder = same.feeder, same.on_feeder
        else:
            self.feeder = dict(zip(points, feeders, strict=True))
            self.on_feeder = Counter(feeders)

    def _points_of(self, devices: Iterable[str | None]) -> dict[str, tuple[str, ...]]:
        """The usage points whose home is one of these."""
        wanted = [device for device in devices if device in self.place]
        places = [self.place[device] for device in wanted]
        there = np.flatnonzero(np.isin(self._homes, places)).tolist()
        points = [self.served.points[number] for number in there]
        return _owned({point: self.home[point] for point in points}, wanted)

    def _sort(self, before: Forest | None, same: Forest | None) -> None:
        """Give every usage point its group, that of before while it has no supply; and count."""
        points, codes = self.served.points, _groups(self.served, self._lone)
        unknown = codes == len(Group)
        if same is None:
            known = before.group if before else {}
            for number in np.flatnonzero(unknown).tolist():
                codes[number] = known.get(points[number], Group.ALL)
            groups = list(Group)
            self.group = {
                point: groups[code] for point, code in zip(points, codes.tolist(), strict=True)
            }
        else:
            codes = np.where(unknown, same._codes, codes)
            changed = np.flatnonzero(codes != same._codes).tolist()
            new = {points[number]: Group(codes[number]) for number in changed}
            self.group = same.group | new if new else same.group
        self._codes = codes
        stands = same and self.parent is same.parent and self.group is same.group
        self.below = same.below if same and stands else self._counts()

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

    def through(self, device: str, network: Network) -> Set[str]:
        """The usage points supplied through equipment, or last supplied so: through a device of the
        tree, or through what does not open by itself, as a line or a disconnector.

        network: with the ways of supply of this forest.
        """
        if device in self.parent:
            return frozenset(self.under(device, lambda _: True))
        if (found := self._elsewhere.get(device)) is None:
            found = network.usage_points_below(device) if network.knows(device) else frozenset()
            self._elsewhere[device] = found
        return found

    def _counts(self) -> dict[str, tuple[int, ...]]:
        """Device -> number of usage points below it, by group."""
        size, has = len(Group), self._homes >= 0
        own = np.bincount(
            self._homes[has] * size + self._codes[has], minlength=size * len(self.parent)
        )
        counts = own.reshape(-1, size).tolist()
        for (a, b, c, d), upper in zip(
            reversed(counts), reversed(self._uppers.tolist()), strict=True
        ):
            if upper >= 0:
                above = counts[upper]
                above[0] += a
                above[1] += b
                above[2] += c
                above[3] += d
        return {device: tuple(each) for device, each in zip(self.parent, counts, strict=True)}


def protective(served: Served) -> tuple[Longs, Ints]:
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


_SINGLE = np.array(
    [(bits & ABC).bit_length() - 1 if (bits & ABC).bit_count() == 1 else -1
     for bits in range(1 << SLOTS)],
    np.int32,
)  # fmt: skip
"""Of phases, bits, the place in `Group` of the one there is; -1 of none, and of several."""


def _lone(served: Served, start: Longs, above: Ints) -> Ints:
    """Of each usage point the phase of its nearest device that is on one alone; -1 without one."""
    lone = _SINGLE[served.phases][above]
    newest = np.maximum.accumulate(np.where(lone >= 0, np.arange(len(above)), -1))
    last = _last(start, newest.astype(np.int32))
    return np.where(last >= start[:-1], np.append(lone, np.int32(-1))[last], np.int32(-1))


def _groups(served: Served, by_device: Ints) -> Ints:
    """Of each usage point the group, by place in `Group`; behind the last where it has no supply.

    By the first, of the usage point and the devices above it, that is on one phase alone.
    """
    by_itself = _SINGLE[served.supplied]
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
