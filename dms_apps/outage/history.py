"""From facts to outages: what happened, gone through in the order in which it happened.

The outcome follows from the facts alone, whatever the order in which they came.  Between two
returns of power what was lost is explained together, with hindsight (`believing`); it ends as it is
told:

- A usage point has power again by its own word, by a switch, or because a person says so.
- The first word that power is back at one usage point of an outage begins its restoration.  Who has
  not said anything then has power since; who was without by the word of a meter and says nothing
  for the hold-off, is left over: an outage of its own, with the start it had.
- Who is said to be without power soon after it was thought to be back never had it.
- Whom a switch supplies again has power, also below a device that is only predicted to be open:
  who switches customers back knows better.
- What is shorter than the hold-off is momentary: no outage.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from dms_apps.outage.course import Times
from dms_apps.outage.dark import Dark
from dms_apps.outage.episodes import (
    CLOSED,
    CONFIRMED,
    PREDICTED,
    RESTORED,
    VERIFY,
    Episode,
    Outcome,
    Row,
)
from dms_apps.outage.facts import (
    ALIVE,
    ANSWER,
    CALL,
    CLOSE,
    CONFIRM,
    DARK,
    HOLD,
    RELEASE,
    STEP,
    VOID,
    Facts,
    Loss,
    Position,
    Statement,
    Word,
)
from dms_apps.outage.facts import RESTORED as BACK
from dms_apps.outage.holds import NEW
from dms_apps.outage.prediction import Rules
from dms_apps.outage.trees import NEVER, Trees
from dms_apps.outage.turning import Turned

# The order of what happens at once.
_LOST, _MOVED, _DARK, _RELEASE, _HOLD, _CONFIRM = range(6)
_BACK, _TURN, _STEP, _RESTORE, _ON, _VOID = range(6, 12)
_SAID = {CONFIRM: _CONFIRM, VOID: _VOID, HOLD: _HOLD, RELEASE: _RELEASE, STEP: _STEP}


class History(Turned):
    """One going through."""

    def until(self, now: datetime) -> Outcome:
        """What has come of it by now."""
        for at, rank, _, what in self._events():
            self._pass(at)
            _HOW[rank](self, what, at)
        self._pass(now)
        self._belief.renew()
        return self._outcome(now)

    def _events(self) -> list[tuple[datetime, int, Any, Any]]:
        facts = self._facts
        happened: list[tuple[datetime, int, Any, Any]] = [
            (w.at, _DARK if w.kind == DARK else _ON, (w.point, w.kind, w.by, w.arrived_at), w)
            for w in facts.words
        ]
        lost: dict[Any, list[Loss]] = defaultdict(list)
        for loss in facts.losses:
            lost[loss.lost, _LOST, (loss.device, loss.opened)].append(loss)
            if loss.back is not None:
                lost[loss.back, _BACK, (loss.device, loss.opened)].append(loss)
        happened += [(*key, losses) for key, losses in lost.items()]
        happened += [(p.at, _MOVED, (p.device, p.closed), p) for p in facts.positions]
        turns = (turn for turn in self._belief.trees.turns if turn.at < NEVER)
        happened += [(turn.at, _TURN, number, turn) for number, turn in enumerate(turns)]
        for said in facts.statements:
            rank = _SAID.get(said.kind, _RESTORE)
            key = (said.arrived_at, said.id, said.device, *sorted(said.points))
            happened.append((said.at, rank, key, said))
        happened.sort(key=lambda one: one[:3])
        return happened

    # -- power is lost

    def _say_dark(self, word: Word, at: datetime) -> None:
        point = word.point
        if (dark := self._dark.get(point)) is not None:
            dark.again(word)
            return
        if point in self._lost:
            known = self._lost[point]
            self._dark[point] = Dark.of(word, known.points[point], known=known)
            known.dark[point] = at
            return
        held = self._belief.held.get(point)
        # nothing but what a person said is back there, or power that did not reach it
        if held is not None and (held.at is None or self._is_left(point)):
            dark = self._dark[point] = Dark.of(word, held.points[point])
            dark.held, held.dark[point] = held, at
            return
        started, parent, end = at, None, self._ended.get(point)
        if end is not None and end.inferred and self._is_left_over(word, end.at):
            started, parent = end.started, end.of
        dark = self._dark[point] = Dark.of(word, started, parent=parent)
        self._verified.pop(point, None)
        if (apart := self._apart(word)) is not None:
            dark.known = apart
            apart.points[point] = started
            apart.ends.pop(point, None)
            apart.dark[point] = at
        self._belief.is_stale = True

    def _is_left_over(self, word: Word, end: datetime) -> bool:
        return word.by == ANSWER or word.at <= end + self._times.nested

    def _apart(self, word: Word) -> Episode | None:
        """What is no prediction: a planned outage, or that nobody knows where it is."""
        for window in self._facts.windows:
            late = word.at + self._times.skew
            if word.point in window.points and (window.covers(word.at) or window.covers(late)):
                new = Episode(None, word.at, CONFIRMED, word.arrived_at, planned=window.mrid)
                return self._attached.setdefault(window.mrid, new)
        if word.point in self._belief.trees.last.forest.home:
            return None
        if self._unplaced is None:
            self._unplaced = Episode(None, word.at, PREDICTED, word.arrived_at, placed=False)
        return self._unplaced

    def _lose(self, losses: list[Loss], at: datetime) -> None:
        """A switch takes supply away; who was without before stays in the outage of before."""
        self._belief.renew()
        earliest = at - self._times.skew
        for loss in losses:
            known = self._of_loss(loss)
            known.served += 1
            known.arrived_at = min(known.arrived_at, loss.arrived_at)
            since = self._without_since(loss.point)
            if since is None or since >= earliest:
                self._take(loss.point, known, at)
            if loss.point in self._lost:
                self._causes.setdefault(loss.point, set()).add(loss)

    def _without_since(self, point: str) -> datetime | None:
        """Since when a usage point is without power, as far as is believed; None: it is not."""
        if self._is_left(point):
            return self._belief.held[point].points[point]
        live, dark = self._belief.member.get(point), self._dark.get(point)
        since = [one.started for one in (live, dark) if one is not None]
        since += [self._lost[point].points[point]] if point in self._lost else []
        return min(since, default=None)

    def _take(self, point: str, known: Episode, at: datetime) -> None:
        """What takes its supply away is `known`, which has all that another had of it."""
        if (before := self._lost.get(point)) is not None:
            at = before.points.pop(point)
            before.dark.pop(point, None)
        self._lost[point] = known
        known.points[point] = at
        self._belief.lost.add(point)
        self._belief.is_stale |= point in self._belief.member
        if (dark := self._dark.get(point)) is not None:
            dark.known, dark.started = known, at
            known.dark[point] = dark.first
            self._belief.is_stale = True

    def _of_loss(self, loss: Loss) -> Episode:
        key = (loss.device, loss.opened, loss.planned)
        if key not in self._known:
            self._known[key] = Episode(
                loss.device,
                loss.lost,
                CONFIRMED,
                loss.arrived_at,
                opened=loss.opened,
                planned=loss.planned,
            )
            self._done.append(self._known[key])
        return self._known[key]

    def _move(self, position: Position, _at: datetime) -> None:
        self._belief.move(position.device, position.at, closed=position.closed)

    def _confirm(self, said: Statement, _at: datetime) -> None:
        self._belief.confirm(said)

    # -- power comes back

    def _regain(self, losses: list[Loss], at: datetime) -> None:
        """Switches know all that is open; the end of a plan is not that of what else is."""
        for loss in losses:
            point, causes = loss.point, self._causes.get(loss.point, set())
            if loss not in causes:
                continue
            causes.remove(loss)
            if any(other.lost >= at or not loss.is_seen for other in causes):
                continue
            if (known := self._supply(point)) is None:
                continue
            self._end(known, point, at, inferred=True)
            if (dark := self._dark.get(point)) is not None:
                dark.held, dark.known = known, None
            self._settle_later(known, at)

    def _say_on(self, word: Word, at: datetime) -> None:
        point, dark = word.point, self._dark.get(word.point)
        if word.by == CALL and (dark is None or dark.by_meter):
            return  # a ticket was closed: that says nothing beyond the call
        if dark is not None:
            self._no_longer_dark(word, dark, at)
        elif point in self._lost:
            self._supplied_all_the_same(word, at)
        elif word.kind == BACK:
            self._restored(word, at)
        elif self._is_left(point):
            self._left_has_power(word, at)
        elif self._belief.is_confirmed_above(point):
            self._belief.renew()
            if (live := self._belief.member.get(point)) is not None:
                self._end(live, point, at, inferred=False)
        self._belief.powered(point, at)
        if (end := self._ended.get(point)) is not None:
            end.inferred = False

    def _no_longer_dark(self, word: Word, dark: Dark, at: datetime) -> None:
        point, short = word.point, at - self._times.hold_off
        if point in self._lost:
            self._supplied_all_the_same(word, at)
            self._forget(point)
        elif dark.known is not None:
            self._back_apart(dark.known, word, at)
        elif (held := dark.held) is not None:
            by_switch = held.ends.get(point)
            if by_switch is None or at > by_switch + self._times.skew:
                self._end(held, point, at, inferred=False)
            held.comes_back(point, at)
            held.heard(word.arrived_at)
            self._forget(point)
            self._settle_later(held, at)
        elif word.kind == ALIVE and not dark.by_meter and at <= dark.started + self._times.verify:
            self._forget(point)
            self._verified[point] = Episode(
                None, dark.started, VERIFY, dark.arrived_at, dark={point: dark.first}
            )
        elif self._belief.all_since(short):
            self._pass_by(point, dark, at)
        else:
            self._belief.renew()
            live = self._belief.member[point]
            if live.started > short and dark.started > short:
                self._pass_by(point, dark, at)
            else:
                self._return(live, word, at)

    def _back_apart(self, apart: Episode, word: Word, at: datetime) -> None:
        self._end(apart, word.point, at, inferred=False)
        apart.heard(word.arrived_at)
        self._forget(word.point)
        if apart is self._unplaced and len(apart.ends) == len(apart.points):
            apart.state, self._unplaced = CLOSED, None
            self._done.append(apart)

    def _pass_by(self, point: str, dark: Dark, at: datetime) -> None:
        """A momentary interruption."""
        self._momentary.append(Row(point, dark.started, at, None))
        self._forget(point)

    def _supplied_all_the_same(self, word: Word, at: datetime) -> None:
        """It has power though a switch is open above it; maybe it never was without."""
        known = self._supply(word.point)
        assert known is not None  # noqa: S101 - it was lost
        if word.kind == ALIVE and word.point not in self._dark:
            del known.points[word.point]
        else:
            self._end(known, word.point, at, inferred=False)

    def _restored(self, word: Word, at: datetime) -> None:
        """The word of one that had said nothing before."""
        point = word.point
        self._belief.renew()
        if (live := self._belief.member.get(point)) is not None:
            self._return(live, word, at)
        elif (held := self._belief.held.get(point)) is not None:
            held.comes_back(point, at)
            self._end(held, point, at, inferred=False)
            held.heard(word.arrived_at)
            self._settle_later(held, at)

    def _return(self, live: Episode, word: Word, at: datetime) -> None:
        """Power is coming back where `live` has taken it."""
        self._begin_return(live)
        live.at = at
        live.heard(word.arrived_at)
        self._end(live, word.point, at, inferred=False)
        if word.point in self._dark:
            self._forget(word.point)
        self._settle_later(live, at)

    def _restore(self, said: Statement, at: datetime) -> None:
        """A person says that power is back below a device, or at some usage points."""
        self._belief.renew()
        below = set(said.points) or self._belief.under(said.device)
        named, of = {said.device} - {""}, said.outage.removeprefix(NEW)

        def is_meant(one: Episode) -> bool:
            if one.is_held and of:
                return one.outage.removeprefix(NEW) == of
            return one.device in named or one.points.keys() <= below

        believed = (*self._belief.live, *self._known.values(), *self._belief.held.values())
        touched = [one for one in believed if is_meant(one)]
        for episode in dict.fromkeys(touched):
            self._all_back(episode, at, said)
        self._belief.unconfirm(named | self._belief.devices_under(said.device))

    def _all_back(self, episode: Episode, at: datetime, said: Statement) -> None:
        if episode in self._belief.live:
            self._done.append(episode)
            self._belief.take_out(episode)
        elif not any(p not in episode.ends for p in episode.points):
            return
        for point in episode.points:
            if point not in episode.ends:
                self._end(episode, point, at, inferred=True)
            if self._lost.get(point) is episode:
                self._supply(point)
            self._belief.held.pop(point, None)
            dark = self._dark.get(point)
            if dark is not None and dark.started <= at:
                self._forget(point)
        episode.state = CLOSED if said.kind == CLOSE else RESTORED
        episode.at, episode.until = at, None
        episode.heard(said.arrived_at)
        self._belief.is_stale = True

    def _void(self, said: Statement, _at: datetime) -> None:
        """What was heard of these usage points means nothing."""
        for point in said.points:
            if point in self._dark:
                self._forget(point)
            self._verified.pop(point, None)
        self._belief.unconfirm({said.device})
        self._belief.release(said.outage)


_HOW: dict[int, Any] = {
    _LOST: History._lose,
    _MOVED: History._move,
    _DARK: History._say_dark,
    _CONFIRM: History._confirm,
    _HOLD: History._hold,
    _RELEASE: History._release,
    _STEP: History._step,
    _BACK: History._regain,
    _TURN: History._turn,
    _RESTORE: History._restore,
    _ON: History._say_on,
    _VOID: History._void,
}


def happened(trees: Trees, rules: Rules, times: Times, facts: Facts, now: datetime) -> Outcome:
    """What has happened by now.  trees: of these facts."""
    return History(trees, rules, times, facts).until(now)
