"""Which of the values that are read are told: changes, not each scan (report by exception)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.scada.points import Point, Position
from adapters.scada.quality import FINE, Flag, Flags
from adapters.scada.samples import Look, Sample, Told, Why

_EVENTS = 32  # of one point that are known again; an RTU keeps 12 telegrams that may be lost


@dataclass(frozen=True, kw_only=True)
class Flapping:
    """A Discrete that changes more than `changes` times in `seconds` is held until it has been
    still for as long; 0 changes: never."""

    changes: int = 6
    seconds: float = 10.0


@dataclass(slots=True)
class _State:
    """What is known of one point.

    told:      the value told last.
    position:  the last position told as such.
    raw:       the code read last, and `changed` the times of its last changes, in seconds.
    due:       whether it is told at its next reading in any case.
    settled:   the sample of which there is nothing to tell when it comes again.
    events:    time, code and connection of its last events, in the order in which they came first.
    """

    told: Told | None = None
    position: Position | None = None
    raw: float | None = None
    changed: deque[float] | None = None
    due: bool = False
    settled: Sample | None = None
    events: deque[tuple[datetime | None, float | None, int]] | None = None


class Watch:
    """Remembers what was told of each point of one RTU.

    All times: `seen` is UTC and dates what the RTU does not; `clock` counts seconds, monotonic.
    """

    def __init__(self, points: Iterable[Point], flapping: Flapping) -> None:
        self._points = {point.name: point for point in points}
        self._states = {name: _State() for name in self._points}
        self._flapping = flapping
        # Readers whose last look has told all that it had.
        self._calm: set[object] = set()

    def news(self, look: Look) -> Iterator[Sample]:
        """The samples of a look that may have something to tell; each is taken before the next."""
        took = look.news if look.of in self._calm else look.samples
        self._calm.discard(look.of)
        yield from took
        if all(self._states[sample.point].settled is sample for sample in took):
            self._calm.add(look.of)

    def repeats(self, sample: Sample) -> bool:
        """Whether it is an event that was followed by another one since.

        An RTU that was cut off tells again what was not acknowledged: a switch that has opened and
        closed must not seem to do so once more.  Over one connection nothing comes twice: a clock
        of whole seconds shows the same time again.
        """
        if not sample.event:
            return False
        state, event = self._states[sample.point], (sample.at, sample.raw)
        if state.events is None:
            state.events = deque(maxlen=_EVENTS)
        if any(one[:2] == event and one[2] < sample.event for one in state.events):
            return state.events[-1][:2] != event
        state.events.append((*event, sample.event))
        return False

    def take(self, sample: Sample, seen: datetime, clock: float) -> Told | None:
        """What is to be told of a reading, if anything."""
        state = self._states[sample.point]
        if state.settled is sample:
            return None
        return self._taken(self._points[sample.point], state, sample, seen, clock)

    def _taken(
        self, point: Point, state: _State, sample: Sample, seen: datetime, clock: float
    ) -> Told | None:
        value, flags = self._measured(point, state, sample)
        if self._is_held(point, state, sample.raw, clock):
            value = state.told.value if state.told and state.told.value is not None else value
            flags |= {Flag.OSCILLATORY}
        else:
            state.settled = sample
        why = _why(point, state, value, flags)
        if why is None:
            return None
        state.due = False
        return self._tell(
            point, state, Told(point.name, value, flags, _at(state, sample, seen), why)
        )

    def lost(self, seen: datetime, names: Iterable[str] = ()) -> Iterator[Told]:
        """The RTU is out of reach: all of its points (or `names`) are old, told once."""
        for name in names or self._states:
            state = self._states[name]
            if state.told is None or Flag.OLD_DATA not in state.told.flags:
                before = state.told.flags if state.told else FINE
                yield self._doubted(name, state, before | {Flag.OLD_DATA}, seen)

    def failed(self, names: Iterable[str], seen: datetime) -> Iterator[Told]:
        """The RTU answers, yet refuses these points: told once."""
        for name in names:
            state = self._states[name]
            if state.told is None or Flag.FAILURE not in state.told.flags:
                yield self._doubted(name, state, frozenset({Flag.FAILURE}), seen)

    def _doubted(self, name: str, state: _State, flags: Flags, seen: datetime) -> Told:
        self._calm.clear()
        told = state.told or Told(name, None, flags, seen, Why.QUALITY)
        state.settled = None
        at = max(seen, told.at)
        state.told = replace(told, flags=flags, at=at, why=Why.QUALITY, moves=False)
        return state.told

    def integrity(self) -> None:
        """From now on the next reading of each point is told, whatever it is."""
        self._calm.clear()
        for state in self._states.values():
            state.due, state.settled = True, None

    @property
    def unread(self) -> int:
        """Points of which nothing has been told yet."""
        return sum(state.told is None for state in self._states.values())

    def _measured(self, point: Point, state: _State, sample: Sample) -> tuple[float | None, Flags]:
        """The value, or the last one where there is no number now."""
        before = state.told.value if state.told else None
        if sample.raw is None:
            return before, sample.flags | {Flag.FAILURE}
        value, flags = point.measured(sample.raw)
        return (before if value is None else value), flags | sample.flags

    def _is_held(self, point: Point, state: _State, raw: float | None, clock: float) -> bool:
        limit, seconds = self._flapping.changes, self._flapping.seconds
        if not point.is_discrete or not limit or raw is None:
            return False
        was_held = bool(state.told and Flag.OSCILLATORY in state.told.flags)
        before, state.raw = state.raw, raw
        if state.changed is None:
            state.changed = deque()
        if before is not None and raw != before:
            state.changed.append(clock)
        while state.changed and clock - state.changed[0] > seconds:
            state.changed.popleft()
        return bool(state.changed) if was_held else len(state.changed) > limit

    def _tell(self, point: Point, state: _State, told: Told) -> Told:
        position = None
        if point.is_switch and told.value is not None:
            position = point.position(told.value)
        if position and position is not state.position and _may_move(told.flags):
            state.position = position
            told = replace(told, moves=True)
        state.told = told
        return told


def _at(state: _State, sample: Sample, seen: datetime) -> datetime:
    """By the RTU's clock where it gives a time; never before what was told last.

    Who gets the values passes over one that is older than what he has: a clock that is a little
    behind must not hide a change.
    """
    if state.told is None:
        return sample.at or seen
    if sample.at and sample.at >= state.told.at:
        return sample.at
    return max(seen, state.told.at)


def _may_move(flags: Flags) -> bool:
    """Only what is beyond doubt moves a switch of the network; an operator's substitute may."""
    return flags <= {Flag.SUBSTITUTED, Flag.OPERATOR_BLOCKED}


def _why(point: Point, state: _State, value: float | None, flags: Flags) -> Why | None:
    told = state.told
    if value is None:
        news = told is None or flags != told.flags
        return Why.QUALITY if news else _again(state)
    if told is None or told.value is None:
        return Why.FIRST
    if point.is_discrete and value != told.value:
        return Why.CHANGE
    if abs(value - told.value) > point.deadband:
        return Why.CHANGE
    if flags != told.flags:
        return Why.QUALITY
    return _again(state)


def _again(state: _State) -> Why | None:
    return Why.INTEGRITY if state.due else None
