"""The tree on which outages are predicted: devices that can open, usage points below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from functools import cache

from cim.network import Network


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

    parent: device -> the next one towards the source; every parent comes before its children.
    home:   usage point -> its nearest device; None when nothing between it and the source can open.
    feeder: usage point -> its feeder, `on_feeder` how many each has.
    """

    def __init__(
        self,
        paths: Mapping[str, Iterable[str]],
        groups: Mapping[str, Group] | None = None,
        feeders: Mapping[str, str] | None = None,
    ) -> None:
        """`paths`: usage point -> devices, the nearest first."""
        self.parent: dict[str, str | None] = {}
        self.home: dict[str, str | None] = {}
        self.children: dict[str, list[str]] = {}
        self.points: dict[str, list[str]] = {}  # device -> usage points whose home it is
        self.group = dict.fromkeys(paths, Group.ALL) | dict(groups or {})
        self.feeder = dict(feeders or {})
        self.on_feeder = Counter(self.feeder.values())
        for point, path in paths.items():
            self._plant(point, path)
        self.below = self._counts()

    @classmethod
    def of(cls, network: Network, before: Forest) -> Forest:
        """The forest of the network as operated; disconnectors and the like do not predict.

        before: the forest until now, which knows the phase of what is dead meanwhile.
        """
        protective = cache(network.is_protective)
        phases = cache(lambda device: network.equipment(device).phases)
        paths = {
            point: tuple(filter(protective, network.protective_path(point)))
            for point in network.usage_points
        }
        groups = {
            point: before.group.get(point, Group.ALL)
            if not (supply := network.energised_phases(point))
            else _group([supply, *map(phases, path)])
            for point, path in paths.items()
        }
        return cls(paths, groups, {point: network.feeder_of(point) for point in paths})

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

    def _plant(self, point: str, path: Iterable[str]) -> None:
        upper: str | None = None
        for device in reversed(tuple(path)):
            if device not in self.parent:
                self.parent[device] = upper
                self.children[device], self.points[device] = [], []
                if upper is not None:
                    self.children[upper].append(device)
            upper = device
        self.home[point] = upper
        if upper is not None:
            self.points[upper].append(point)

    def _counts(self) -> dict[str, list[int]]:
        """Device -> number of usage points below it, by group."""
        counts = {device: [0, 0, 0, 0] for device in self.parent}
        for point, device in self.home.items():
            if device is not None:
                counts[device][self.group[point]] += 1
        for device, upper in reversed(self.parent.items()):
            if upper is not None:
                counts[upper] = [a + b for a, b in zip(counts[upper], counts[device], strict=True)]
        return counts


def _group(phases: Iterable[frozenset[str]]) -> Group:
    """By the first, of the usage point and the devices above it, that is on one phase alone."""
    for each in phases:
        if len(primary := each & {"A", "B", "C"}) == 1:
            return Group[min(primary)]
    return Group.ALL
