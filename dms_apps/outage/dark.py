"""Who is without power by what is said, and who of them went dark together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dms_apps.outage.episodes import Episode
from dms_apps.outage.facts import METER, Word
from dms_apps.outage.trees import Trees, switched_across


@dataclass(eq=False)
class Dark:
    """A usage point that is without power by what is said of it.

    started:  since when, `by_meter` whether a meter says so.
    first, latest: the first and the last word that it is.
    on:       when what is open was so on the tree of then.
    known:    the open switch that explains it; `held` the outage that is just being restored.
    parent:   the outage it is left over from.
    """

    started: datetime
    first: datetime
    latest: datetime
    by_meter: bool
    arrived_at: datetime
    on: datetime
    known: Episode | None = None
    held: Episode | None = None
    parent: Episode | None = None

    @classmethod
    def of(
        cls,
        word: Word,
        started: datetime,
        known: Episode | None = None,
        parent: Episode | None = None,
    ) -> Dark:
        return cls(
            started,
            word.at,
            word.at,
            word.by == METER,
            word.arrived_at,
            word.at,
            known,
            None,
            parent,
        )

    def again(self, word: Word) -> None:
        """One more word of it."""
        self.latest = max(self.latest, word.at)
        self.by_meter = self.by_meter or word.by == METER
        self.arrived_at = min(self.arrived_at, word.arrived_at)


def together(
    waiting: Mapping[str, Dark], trees: Trees, window: timedelta
) -> Iterator[Sequence[str]]:
    """Who went dark together, and on one tree, the first first."""
    for some in _in_a_row(waiting, waiting, window):
        for on_one_tree in _on_one_tree(some, waiting, trees):
            yield from _in_a_row(on_one_tree, waiting, window)


def _on_one_tree(
    some: Sequence[str], waiting: Mapping[str, Dark], trees: Trees
) -> Iterator[Sequence[str]]:
    """Some, apart by the switching between them, where it moved any of them."""
    first, last = waiting[some[0]].started, max(waiting[point].on for point in some)
    between = (turn for turn in trees.turns if first < turn.at <= last)
    turns = [turn for turn in between if not turn.moved.isdisjoint(some)]
    if not turns:
        yield some
        return
    groups: dict[tuple[str, int, int], list[str]] = {}
    switched = switched_across(turns)
    for point in some:
        dark = waiting[point]
        part, times = switched.get(trees.at(dark.on).root_above(point), ("", []))
        number = bisect_right(times, dark.started), bisect_right(times, dark.on)
        groups.setdefault((part, *number), []).append(point)
    yield from groups.values()


def new_above(since: Mapping[str, datetime], trees: Trees, on: datetime) -> set[str]:
    """The devices that are above usage points on the tree of `on`, and were not as they lost power:
    who has been without all along is not for them."""
    now, found = trees.at(on), set[str]()
    for point, started in since.items():
        if (then := trees.at(started)) is not now:
            found |= {*now.forest.above(point)} - {*then.forest.above(point)}
    return found


def _in_a_row(
    points: Iterable[str], waiting: Mapping[str, Dark], window: timedelta
) -> Iterator[Sequence[str]]:
    """Usage points by when they went dark, apart where there is more than a window in between."""
    some: list[str] = []
    for point in sorted(points, key=lambda point: (waiting[point].started, point)):
        if some and waiting[point].started - waiting[some[-1]].started > window:
            yield some
            some = []
        some.append(point)
    if some:
        yield some
