"""What hangs on the network, usage point by usage point: feeder, region, connected volt-amperes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cim.network import Network
from cim.network.served import Served as Paths
from dms_apps.outage.reliability.interruption import Ints, Longs
from dms_apps.outage.reliability.stated import Rated, rated_of


@dataclass(frozen=True, eq=False)
class Connected:
    """The usage points as the network is operated.

    va: of each its share of the nearest transformer at low voltage, in equal parts with the others
        of which it is the nearest, so that they add up to its rating; -1 where none is known.
    """

    network: Network
    rated: Rated
    points: tuple[str, ...]
    feeders: tuple[str, ...]
    va: Longs

    @classmethod
    def of(cls, network: Network) -> Connected:
        """All of a network."""
        rated, paths = rated_of(network), network.served()
        points = tuple(paths.points)
        return cls(network, rated, points, tuple(paths.feeders), _shares(paths, rated.va))

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Place of each usage point, by mRID."""
        return {point: at for at, point in enumerate(self.points)}

    def called(self, feeder: str) -> str:
        """A feeder for people: its name; with its mRID where others are called so, too."""
        return self._names.get(feeder, feeder)

    def region(self, feeder: str, by_feeder: Mapping[str, str]) -> str:
        """The region of a feeder: as stated by mRID or name, else as the model says; "" without."""
        name = self.network.name(feeder) if self.network.knows(feeder) else ""
        own = self.rated.regions.get(feeder, "")
        return by_feeder.get(feeder, by_feeder.get(name, own) if name else own)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        knows = self.network.knows
        names = {
            feeder: self.network.name(feeder) or feeder
            for feeder in {*self.feeders} - {""}
            if knows(feeder)
        }
        often: dict[str, int] = {}
        for name in names.values():
            often[name] = often.get(name, 0) + 1
        return {
            feeder: name if often[name] == 1 else f"{name} ({feeder})"
            for feeder, name in names.items()
        }


def _shares(paths: Paths, va: Mapping[str, int]) -> Longs:
    rating = np.array([va.get(device, 0) for device in paths.devices], np.int64)
    count = len(paths.points)
    if not len(paths.above):
        return np.full(count, -1, np.int64)
    known = rating[paths.above] > 0
    newest = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1))
    last = np.full(count, -1, np.int64)
    some = paths.start[:-1] < paths.start[1:]
    last[some] = newest[paths.start[1:][some] - 1]
    last[last < paths.start[:-1]] = -1
    nearest: Ints = np.where(last >= 0, paths.above[last], -1)
    return _divided(nearest, rating)


def _divided(nearest: Ints, rating: Longs) -> Longs:
    """A rating in equal whole parts; what is over goes to the first of them."""
    found = np.full(len(nearest), -1, np.int64)
    mine = np.flatnonzero(nearest >= 0)
    of = nearest[mine]
    order = np.argsort(of, kind="stable")
    mine, of = mine[order], of[order]
    begin = np.flatnonzero(np.append(True, of[1:] != of[:-1])[: len(of)])
    count = np.diff(np.append(begin, len(of)))
    place = np.arange(len(of)) - np.repeat(begin, count)
    many = np.repeat(count, count)
    found[mine] = rating[of] // many + (place < rating[of] % many)
    return found
