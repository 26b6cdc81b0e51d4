"""Where a history stands: who is dark, what is coming back, what is over."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from dms_apps.outage.believing import Belief
from dms_apps.outage.episodes import (
    CLOSED,
    CONFIRMED,
    RESTORED,
    RETURNING,
    Episode,
    Outcome,
    Row,
    joined,
    one_of_each_plan,
)
from dms_apps.outage.facts import Facts, Loss
from dms_apps.outage.prediction import Rules
from dms_apps.outage.trees import Trees


@dataclass(frozen=True, kw_only=True)
class Times:
    """hold_off: what is shorter is momentary; so long nothing must be heard for a restoration to be
              settled.
    skew:     how far the clocks of meters and switches may differ.
    nested:   so soon after it was thought to be back, a loss of power began before.
    window:   losses of power further apart than this have no common cause.
    verify:   so long after a call a meter with power says that the trouble is the customer's own.
    closing:  how long an outage that a crew calls restored is kept open for who is still without.
    """

    hold_off: timedelta
    skew: timedelta
    nested: timedelta
    window: timedelta
    verify: timedelta
    closing: timedelta


@dataclass
class _End:
    """When power was thought to be back at a usage point, and whether that was only inferred."""

    of: Episode
    started: datetime
    at: datetime
    inferred: bool


class Course:
    """The state of a history, and how what comes back settles."""

    def __init__(self, trees: Trees, rules: Rules, times: Times, facts: Facts) -> None:
        self._times, self._facts = times, facts
        self._belief = Belief(trees, rules, times.window, facts)
        self._dark = self._belief.dark
        self._lost: dict[str, Episode] = {}
        self._causes: dict[str, set[Loss]] = {}
        self._known: dict[tuple[str, datetime, str], Episode] = {}
        self._ended: dict[str, _End] = {}
        self._verified: dict[str, Episode] = {}
        self._attached: dict[str, Episode] = {}
        self._unplaced: Episode | None = None
        self._done: list[Episode] = []
        self._momentary: list[Row] = []
        self._timers: list[tuple[datetime, int, Episode]] = []
        self._number = count()

    def _end(self, episode: Episode, point: str, at: datetime, *, inferred: bool) -> None:
        started = episode.points[point]
        episode.ends[point] = max(at, started)
        self._belief.back[point] = episode.ends[point]
        self._ended[point] = _End(episode, started, at, inferred)

    def _supply(self, point: str) -> Episode | None:
        """Nothing takes its supply away any more; the outage in which it was for that."""
        self._causes.pop(point, None)
        self._belief.lost.discard(point)
        return self._lost.pop(point, None)

    def _forget(self, point: str) -> None:
        del self._dark[point]
        self._belief.is_stale = True

    def _settle_later(self, episode: Episode, at: datetime) -> None:
        episode.at = episode.at or at
        episode.until = at + self._times.hold_off
        episode.heard_at = episode.heard_at or episode.arrived_at
        heapq.heappush(self._timers, (episode.until, next(self._number), episode))

    def _pass(self, now: datetime) -> None:
        """Let the restorations settle that are due."""
        while self._timers and self._timers[0][0] <= now:
            due, _, episode = heapq.heappop(self._timers)
            if episode.until == due:
                self._settle(episode)

    def _settle(self, episode: Episode) -> None:
        """Who has said nothing has power; who is left over is without for reasons of its own."""
        episode.until = None
        assert episode.at is not None  # noqa: S101 - since then it is coming back
        for point in episode.points.keys() - episode.still:
            if self._belief.held.get(point) is episode:
                del self._belief.held[point]
            dark = self._dark.get(point)
            if dark is not None and dark.held is episode:
                back = episode.ends.get(point, episode.at)
                if dark.by_meter or dark.latest > back:
                    dark.held, dark.parent, dark.on = None, episode, max(dark.on, back)
                else:
                    self._forget(point)
            if point not in episode.ends and point not in self._lost:
                self._end(episode, point, episode.at, inferred=True)
        if not episode.still and not any(known is episode for known in self._lost.values()):
            episode.state = CLOSED
        self._belief.is_stale = True

    def _outcome(self, now: datetime) -> Outcome:
        due = []
        for _, _, episode in sorted(self._timers, key=lambda one: one[:2]):
            if episode.until is None:
                continue
            if any(dark.held is episode for dark in self._dark.values()):
                due.append(episode.until)
            else:
                self._settle(episode)
        self._belief.renew()
        self._belief.weigh()
        for episode in (*self._done, *self._attached.values()):
            if episode.device is not None:
                self._belief.locate(episode)
            if episode.state == CONFIRMED and episode.ends:
                is_over = len(episode.ends) == len(episode.points)
                episode.state = CLOSED if is_over else RETURNING
            elif episode.state == RESTORED and episode.at is not None:
                due.append(episode.at + self._times.closing)
                if due[-1] <= now:
                    episode.state = CLOSED
        apart = [*self._attached.values(), *([self._unplaced] if self._unplaced else ())]
        episodes = [e for e in (*self._done, *self._belief.live, *apart) if not self._passed(e)]
        rows = joined([*self._done, *self._belief.live, *apart], self._momentary)
        kept = {None, *episodes}
        rows = [row if row.of in kept else row._replace(of=None)
                for row in rows if row.of in kept or _is_certain(row)]  # fmt: skip
        later = [moment for moment in due if moment > now]
        episodes, rows = one_of_each_plan(episodes, rows)
        return Outcome([*episodes, *self._verified.values()], rows, min(later, default=None))

    def _passed(self, episode: Episode) -> bool:
        """Whether it was only momentary, or nothing at all."""
        if len(episode.ends) < len(episode.points):
            return False
        last = max(episode.ends.values(), default=episode.started)
        return last - episode.started < self._times.hold_off


def _is_certain(row: Row) -> bool:
    """Whether a momentary interruption is more than inferred from that of others."""
    of = row.of
    return of is not None and (row.point in of.dark or of.opened is not None)
