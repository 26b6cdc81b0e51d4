"""Who was without power from when until when, and what for: the outcome of a history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from dms_apps.outage.hypotheses import Hypothesis
from dms_apps.outage.sections import Between

PREDICTED, CONFIRMED, RETURNING = "predicted", "confirmed", "partiallyRestored"
RESTORED, CLOSED, VERIFY = "restored", "closed", "verify"
ASKED = "asked"
"""Predicted for one caller, whose meter is asked and has not answered yet."""

OPEN = frozenset({PREDICTED, ASKED, CONFIRMED, RETURNING, VERIFY})


@dataclass(eq=False)
class Episode:
    """One outage as the evidence has it.

    device:  what is open; None for a service alone, or for meters that are not in the network.
    poles:   "A", "B" or "C" when only that pole is open.
    opened:  when the device was reported open; None when it is only predicted.
    served:  customers below the device.
    dark:    usage point that reported power lost -> when it did so first.
    points:  usage point -> since when it is without, of all that were.
    ends:    usage point -> when it had power again.
    at, until: when power began to come back, and when that counts as settled.
    parent:  the outage it is left over from.
    on:      when what is open was so on the tree of then; None: as it started.
    still:   those whom power that came back by switching did not reach.
    planned: mRID of the planned outage that it is; "" of none.
    arrived_at: when the first word of it came; `heard_at` the last of its end.
    placed:  False for meters that are not in the network.
    by_meter: whether a meter is among those that reported.
    outage:  mRID of the outage of which a person has said something; "new " before one to be made.
    is_held: whether a person has said where it is and of whom it consists.
    doubt:   what speaks against a person's word: "closed" by telemetry, or "powered", all that are
             below the device have power; and since when.
    fault:   between which fault indicators the fault is; None where they do not say.
    hypotheses: what else may be behind it, the likeliest first; of those that are predicted now.
    """

    device: str | None
    started: datetime
    state: str
    arrived_at: datetime
    poles: str = ""
    opened: datetime | None = None
    served: int = 0
    dark: dict[str, datetime] = field(default_factory=dict)
    points: dict[str, datetime] = field(default_factory=dict)
    ends: dict[str, datetime] = field(default_factory=dict)
    at: datetime | None = None
    until: datetime | None = None
    parent: Episode | None = None
    on: datetime | None = None
    still: Set[str] = frozenset()
    planned: str = ""
    heard_at: datetime | None = None
    placed: bool = True
    outage: str = ""
    by_meter: bool = False
    is_held: bool = False
    doubt: tuple[str, datetime] | None = None
    fault: Between | None = None
    hypotheses: Sequence[Hypothesis] = ()

    @property
    def confidence(self) -> float:
        """How likely it is that the device, or the service alone, is what is open: 0 ... 1."""
        if self.opened is not None or not self.hypotheses:
            return 1.0
        return next((h.share for h in self.hypotheses if h.device == self.device), 0.0)

    def comes_back(self, point: str, at: datetime) -> None:
        """The first of those whom switching did not reach has power, too."""
        if point in self.still:
            self.still, self.at = frozenset(), at

    def heard(self, arrived_at: datetime) -> None:
        """One more word of its end has come."""
        self.heard_at = max(arrived_at, self.heard_at or arrived_at)


class Row(NamedTuple):
    """A time without power; `of` is None where no outage explains it."""

    point: str
    started: datetime
    ended: datetime | None
    of: Episode | None


@dataclass
class Outcome:
    """Of a history.

    episodes: in the order in which they came about.
    due:      when something will be different though nothing is heard; None: never.
    """

    episodes: list[Episode] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    due: datetime | None = None


def joined(episodes: Sequence[Episode], momentary: Iterable[Row]) -> list[Row]:
    """The rows of all, no two of a usage point overlapping.

    Where two do they are one, of the episode that came later: a customer left over from an outage
    is moved with the time it has been without, not copied.
    """
    number = {episode: n for n, episode in enumerate(episodes)}
    by_point: dict[str, list[Row]] = defaultdict(list)
    for row in momentary:
        by_point[row.point].append(row)
    for episode in episodes:
        for point, started in episode.points.items():
            ended = episode.ends.get(point)
            if ended is None or ended > started:
                by_point[point].append(Row(point, started, ended, episode))
    found: list[Row] = []
    for rows in by_point.values():
        found += rows if len(rows) == 1 else _one_by_one(rows, number)
    return found


def _one_by_one(rows: list[Row], number: dict[Episode, int]) -> list[Row]:
    def rank(row: Row) -> int:
        return -1 if row.of is None else number[row.of]

    rows.sort(key=lambda row: (row.started, rank(row)))
    found = [rows[0]]
    for row in rows[1:]:
        last = found[-1]
        if last.ended is not None and row.started >= last.ended:
            found.append(row)
            continue
        ended = None if last.ended is None or row.ended is None else max(last.ended, row.ended)
        of = row.of if rank(row) >= rank(last) else last.of
        found[-1] = Row(row.point, last.started, ended, of)
    return found


def one_of_each_plan(
    episodes: Sequence[Episode], rows: Sequence[Row]
) -> tuple[list[Episode], list[Row]]:
    """The same with one episode of each planned outage, whatever took supply for it."""
    parts: dict[str, list[Episode]] = defaultdict(list)
    for episode in episodes:
        if episode.planned:
            parts[episode.planned].append(episode)
    of = {one: whole for some in parts.values() if len(some) > 1
          for whole in [_whole(some)] for one in some}  # fmt: skip
    for episode in episodes:
        if episode.parent in of:
            episode.parent = of[episode.parent]
    kept = dict.fromkeys(of.get(episode, episode) for episode in episodes)
    return list(kept), [row._replace(of=of.get(row.of, row.of)) if row.of else row for row in rows]


def _whole(parts: Sequence[Episode]) -> Episode:
    """What several times without supply are together; it is over when all are."""
    first = min(parts, key=lambda one: (one.device is None, one.started))
    whole = replace(first, started=min(one.started for one in parts), points={}, ends={}, dark={})
    for one in sorted(parts, key=lambda one: one.started):
        whole.points = one.points | whole.points
        whole.dark = one.dark | whole.dark
        before = {point: at for point, at in whole.ends.items() if point not in one.points}
        whole.ends = before | one.ends
    if any(one.state != CLOSED for one in parts):
        whole.state = RETURNING if whole.ends else CONFIRMED
    else:
        whole.state = CLOSED
    return whole
