"""What fault indicators say of where a fault is: the sections that they divide a network into.

A fault current flows from the source to the fault, and trips the indicators on its way.  The device
above the fault opens, so of what is between a device and those below it, its zone, the indicators
tell in which section the fault is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from cim.network import Network
from dms_apps.outage.forest import Forest, Group
from dms_apps.outage.prediction import Rules, cost

TRIPPED, RESET, UNKNOWN = "tripped", "reset", "unknown"
WHOLE = len(Group)
"""Beside the groups: all of a device."""


class Placed(NamedTuple):
    """A fault indicator, and the equipment whose current it watches; "" while nobody knows it."""

    mrid: str
    equipment: str


class Indication(NamedTuple):
    """What an indicator shows from a time on.

    phases: of A, B, C; "" for all.
    says:   TRIPPED; RESET, no fault current since it was reset; UNKNOWN, it is not to be trusted.
    place:  equipment or terminal as the message has it.
    """

    indicator: str
    at: datetime
    phases: str
    says: str
    place: str


class Between(NamedTuple):
    """Where a fault is: beyond the indicator `after`, "" for the device itself, and not beyond
    those of `before`, which have not tripped."""

    after: str
    before: tuple[str, ...]


@dataclass
class Sections:
    """Where indicators are in a forest.

    zone:   indicator -> the device above it; none of one with no device above.
    within: device -> the indicators in its zone, the upper before the lower.
    over:   indicator -> the one above it in the same zone.
    behind: device -> the lowest indicator above it in the zone of its parent.
    """

    zone: dict[str, str] = field(default_factory=dict)
    within: dict[str, list[str]] = field(default_factory=dict)
    over: dict[str, str] = field(default_factory=dict)
    behind: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, network: Network, forest: Forest, placed: Iterable[Placed]) -> Sections:
        """By the ways by which the equipment is supplied, or was last."""
        found = cls()
        watched: dict[str, list[str]] = defaultdict(list)
        ways: dict[str, Sequence[str]] = {}
        for one in sorted(placed):
            if one.equipment:
                ways[one.equipment] = _way(network, one.equipment)
                watched[one.equipment].append(one.mrid)
        for equipment in sorted(ways, key=lambda one: (len(ways[one]), one)):
            found._add(forest, ways[equipment], watched)
        for zone in found.within:
            for child in forest.children[zone]:
                if (last := _last(forest, _way(network, child)[1:], watched)) is not None:
                    found.behind[child] = last
        return found

    def _add(self, forest: Forest, way: Sequence[str], watched: Mapping[str, list[str]]) -> None:
        """Put the indicators at the beginning of a way below those that are on it."""
        zone = next((one for one in way if one in forest.parent), None)
        if zone is None:
            return
        upper = None if way[0] == zone else _last(forest, way[1:], watched)
        for indicator in watched[way[0]]:
            self.zone[indicator] = zone
            self.within.setdefault(zone, []).append(indicator)
            if upper is not None:
                self.over[indicator] = upper
            upper = indicator

    def above(self, device: str, forest: Forest) -> Iterator[str]:
        """The indicators on the way from the source to a device, the nearest first."""
        here: str | None = device
        while here is not None:
            one = self.behind.get(here)
            while one is not None:
                yield one
                one = self.over.get(one)
            here = forest.parent[here]

    def down_to(self, indicator: str | None) -> list[str]:
        """An indicator and those above it in its zone."""
        found = []
        while indicator is not None:
            found.append(indicator)
            indicator = self.over.get(indicator)
        return found


def _way(network: Network, equipment: str) -> Sequence[str]:
    """What supplies equipment, itself first."""
    found = network.upstream(equipment)
    return (equipment, *(one for one in found if one != equipment))


def _last(forest: Forest, way: Iterable[str], watched: Mapping[str, list[str]]) -> str | None:
    """The first indicator on a way up to the next device, that one included."""
    for one in way:
        if one in watched:
            return watched[one][-1]
        if one in forest.parent:
            return None
    return None


@dataclass
class Indications:
    """What indicators showed, and where they are.

    placed: the indicators.
    names: what an indicator is called -> its mRID.
    shown: indicator -> phases -> what it showed, by time.
    """

    forest: Forest
    sections: Sections
    placed: frozenset[Placed]
    names: Mapping[str, str]
    shown: dict[str, dict[str, list[Indication]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        forest: Forest,
        sections: Sections,
        placed: frozenset[Placed],
        names: Mapping[str, str],
        said: Iterable[Indication],
    ) -> Indications:
        """In whatever order it was said."""
        found = cls(forest, sections, placed, names)
        for one in said:
            by_phase = found.shown.setdefault(names[one.indicator], {})
            by_phase.setdefault(one.phases, []).append(one)
        for by_phase in found.shown.values():
            for some in by_phase.values():
                some.sort(key=lambda one: (one.at, one.says))
        return found

    def on(self, forest: Forest, sections: Sections) -> Indications:
        """The same where the network is operated otherwise."""
        return replace(self, forest=forest, sections=sections)

    def devices(self) -> set[str]:
        """Those in whose zones an indicator has ever shown anything."""
        zone = self.sections.zone
        return {zone[indicator] for indicator in self.shown if indicator in zone}

    def above(self, some: Iterable[Indication]) -> Iterator[tuple[str, datetime]]:
        """The devices in whose zones something was shown, and when."""
        for one in some:
            if (zone := self.sections.zone.get(self.names[one.indicator])) is not None:
                yield zone, one.at

    def at(self, first: datetime, last: datetime, window: timedelta, rules: Rules) -> Signs:
        """What they say of faults between two times."""
        return Signs(self, first - window, first, last + window, rules)


class Signs:
    """What indicators say of one fault: what is further from it than the window is of another."""

    def __init__(
        self, of: Indications, since: datetime, begin: datetime, until: datetime, rules: Rules
    ) -> None:
        self.sections, self._forest, self._shown = of.sections, of.forest, of.shown
        self._since, self._begin, self._until = since, begin, until
        share, false = rules.indicator, rules.indicator_false
        self._if_tripped = cost(share) - cost(false)
        self._if_not = cost(1 - share) - cost(1 - false)
        self._known: dict[str, dict[str, bool]] = {}

    def tripped(self, indicator: str, group: int = WHOLE) -> bool | None:
        """Whether a fault current went through on the phase of a group; None: nobody knows."""
        if indicator not in self._known:
            by_phase = self._shown.get(indicator, {})
            found = {phases: self._sign(some) for phases, some in by_phase.items()}
            self._known[indicator] = {p: sign for p, sign in found.items() if sign is not None}
        signs = [
            sign
            for phases, sign in self._known[indicator].items()
            if group == WHOLE or not phases or Group(group).name in phases
        ]
        return any(signs) if signs else None

    def _sign(self, some: Sequence[Indication]) -> bool | None:
        """It trips once: to trip again it must have been reset."""
        was: str | None = None  # of tripped and reset the last
        now: str | None = None
        for one in some:
            if one.at > self._until:
                break
            if one.says == TRIPPED and was != TRIPPED and one.at >= self._since:
                return True
            was = one.says if one.says in (TRIPPED, RESET) else was
            now = one.says if one.at <= self._begin or one.says != RESET else now
        return False if now == RESET else None

    def weight(self, indicators: Iterable[str], group: int = WHOLE) -> int:
        """What it costs that a fault current went through all of these, against that none did, in
        thousandths of -ln p; below 0 where they say that it did."""
        found = 0
        for one in indicators:
            if (sign := self.tripped(one, group)) is not None:
                found += self._if_tripped if sign else self._if_not
        return found

    def section(self, device: str, group: int = WHOLE) -> tuple[int, str | None]:
        """The likeliest section of the zone of a device: its weight, and the indicator above it."""
        best: tuple[int, str | None] = (0, None)
        for one in self.sections.within.get(device, ()):
            weight = self.weight(self.sections.down_to(one), group)
            if weight < best[0]:
                best = weight, one
        return best

    def on_the_way(self, device: str) -> list[str]:
        """The indicators from the source to the likeliest fault below a device, as are known."""
        _, last = self.section(device)
        way = [*self.sections.down_to(last), *self.sections.above(device, self._forest)]
        return [one for one in way if self.tripped(one) is not None]

    def where(self, device: str | None) -> Between | None:
        """Between which indicators the fault below a device is; None where they do not say.

        The device nearest to the fault may have failed to open: then it is further down.
        """
        after, here = "", device
        while here is not None:
            _, last = self.section(here)
            before = self._untripped(here, last)
            after = last or after
            lower = [
                (weight, child)
                for child in self._forest.children.get(here, ())
                if self.sections.behind.get(child) == last
                and (weight := self.section(child)[0]) < 0
            ]
            _, here = min(lower, default=(0, None))
        return Between(after, before) if device is not None and (after or before) else None

    def _untripped(self, device: str, last: str | None) -> tuple[str, ...]:
        """The next indicators beyond a section that have not tripped."""
        return tuple(
            one
            for one in self.sections.within.get(device, ())
            if self.sections.over.get(one) == last and self.tripped(one) is False
        )


def odds(weight: int) -> float:
    """A weight as ln of how much likelier it makes a fault."""
    return -weight / 1000
