"""Predict which devices are open where fault indicators have something to say, too.

As in `prediction`, but for each device the cheapest explanation without a fault at or below it is
told from the cheapest one with a fault there: what an indicator shows costs by whether a fault is
beyond it, and counts once, however many faults are.  An open device has its fault in the likeliest
section of its zone.  A service that is out by itself is no fault that trips indicators.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from dms_apps.outage.forest import Forest, Group
from dms_apps.outage.prediction import IMPOSSIBLE, Prediction, Rules, Search
from dms_apps.outage.sections import WHOLE, Signs

_POLES = (Group.A, Group.B, Group.C)
_MODES = (*Group, WHOLE)


@dataclass
class _Ways:
    """Explanations of who is dark below a device, by group, then of the whole.

    quiet: cost of all services being out by themselves.
    fault: what the cheapest one with a fault costs more than that.
    how:   "open", the device is; "split", lower ones are; "poles", each pole has its own.
    """

    quiet: list[int]
    fault: list[int] = field(default_factory=lambda: [IMPOSSIBLE] * len(_MODES))
    how: list[str] = field(default_factory=lambda: ["split"] * len(_MODES))


class Indicated(Search):
    """signs: what fault indicators say."""

    def __init__(self, forest: Forest, closed: Set[str], rules: Rules, signs: Signs) -> None:
        super().__init__(forest, closed, rules)
        self._signs = signs
        self._ways: dict[str, _Ways] = {}
        self._lower: dict[str, list[str]] = {}

    def weigh(self) -> None:
        """The cheapest explanations of each device, from the leaves up."""
        for device in self._from_the_leaves():
            if any(self.tallies[device].dark):
                self._ways[device] = self._of(device)
                if (upper := self.forest.parent[device]) is not None:
                    self._lower.setdefault(upper, []).append(device)

    def _of(self, device: str) -> _Ways:
        own = [len(points) for points in self.tallies[device].own]
        each = self.service_cost + self.dark_cost
        found = _Ways([count * each for count in (*own, sum(own))])
        for lower in self._lower.get(device, ()):
            more = self._ways[lower].quiet
            found.quiet = [a + b for a, b in zip(found.quiet, more, strict=True)]
        for mode in (*_POLES, WHOLE):
            costs = {"split": self._split(device, mode)[0]}
            costs["open"] = self._opened(device, mode) - found.quiet[mode]
            if mode == WHOLE:
                costs["poles"] = sum(found.fault[g] for g in self._faulty(found)) or IMPOSSIBLE
            how = min(costs, key=costs.__getitem__)  # of equals the first: the lower one
            found.fault[mode], found.how[mode] = costs[how], how
        return found

    def _opened(self, device: str, mode: int) -> int:
        weight, _ = self._signs.section(device, mode)
        return self._open_cost(device, _groups(mode)) + weight

    def _faulty(self, ways: _Ways) -> list[Group]:
        """The poles that are cheaper open, each by itself."""
        return [g for g in _POLES if ways.fault[g] < 0]

    def _split(self, device: str, mode: int) -> tuple[int, list[str]]:
        """What faults at lower devices cost more than none, and at which they are."""
        return self._beyond(device, None, mode)

    def _beyond(self, device: str, last: str | None, mode: int) -> tuple[int, list[str]]:
        """The same of those below a device that are next beyond an indicator of its zone."""
        sections = self._signs.sections
        choices = [
            (self._ways[lower].fault[mode], [lower])
            for lower in self._lower.get(device, ())
            if sections.behind.get(lower) == last
        ]
        for one in sections.within.get(device, ()):
            if sections.over.get(one) == last:
                cost, where = self._beyond(device, one, mode)
                choices.append((cost + self._signs.weight([one], mode), where))
        taken = [one for one in choices if one[0] < 0] or [min(choices, default=(IMPOSSIBLE, []))]
        return sum(cost for cost, _ in taken), [name for _, names in taken for name in names]

    def answer(self) -> Iterator[Prediction]:
        """Read the choices from the roots down."""
        stack = [
            (device, WHOLE, ways.fault[WHOLE] < 0)
            for device, ways in self._ways.items()
            if self.forest.parent[device] is None
        ]
        while stack:
            device, mode, has_fault = stack.pop()
            groups, how = _groups(mode), self._ways[device].how[mode]
            if has_fault and how == "open":
                yield Prediction(device, self._name(device, groups), self._dark(device, groups))
            elif has_fault and how == "poles":
                faulty = self._faulty(self._ways[device])
                stack += [(device, g, g in faulty) for g in Group]
            else:
                yield from self._services(self.tallies[device], groups)
                where = self._split(device, mode)[1] if has_fault else ()
                stack += [
                    (lower, mode, lower in where) for lower, _ in self._darkened(device, groups)
                ]


def _groups(mode: int) -> tuple[Group, ...]:
    return tuple(Group) if mode == WHOLE else (Group(mode),)
