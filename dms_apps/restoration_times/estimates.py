"""When each open outage is expected to be over, and why so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cim.profiles.outages import CrewStatusKind
from dms_apps.restoration_times.history import Expected, History, Step
from dms_apps.restoration_times.queue import Job, Turn, turns
from dms_apps.restoration_times.store import Row

HISTORY, QUEUE, DEFAULT, OVERRIDE = "history", "crew queue", "default", "override"
ASSESSMENT = "assessment"
OURS = frozenset({HISTORY, QUEUE, DEFAULT, OVERRIDE, ASSESSMENT})
"""EstimatedRestorationTime.ertSource of what this app says; any other is somebody else's."""
_THERE = frozenset({CrewStatusKind.ARRIVED, CrewStatusKind.FIELD_COMPLETE})


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """at: when; source: one of `OURS`; sure: whether a crew is there, and the past is known."""

    at: datetime
    source: str
    sure: bool
    why: str


@dataclass(frozen=True)
class Situation:
    """What estimates depend on beside the outages.

    crews: on duty; 0 where nobody knows of crews.
    assessed: outage -> seconds of work, where damage was assessed.
    """

    now: datetime
    history: History
    crews: int
    storm: bool
    assessed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Left:
    """Seconds from now, or from the departure of a crew, until an outage is over."""

    seconds: float
    by: Expected
    step: Step


def estimates(outages: Sequence[Row], here: Situation) -> Mapping[str, Estimate]:
    """Outage -> when it is expected to be over; `outages` are open, the most urgent first."""
    left = {row.mrid: _left(row, here) for row in outages}
    jobs = [
        Job(
            mrid=row.mrid,
            rank=(number, row.mrid),
            under_way=_under_way(row),
            left=left[row.mrid].seconds,
        )
        for number, row in enumerate(outages)
    ]
    when = turns(jobs, here.crews, here.now)
    return {row.mrid: _estimate(row, left[row.mrid], when[row.mrid], here) for row in outages}


def _under_way(row: Row) -> bool:
    return row.stage in (CrewStatusKind.ENROUTE, *_THERE)


def _left(row: Row, here: Situation) -> _Left:
    if row.stage in _THERE:
        since = (here.now - row.arrived_at).total_seconds()
        repair = _repair(row, since, here)
        return _Left(max(repair.seconds - since, 0.0), repair, Step.REPAIR)
    gone = (here.now - row.departed_at).total_seconds() if _under_way(row) else 0.0
    travel = _expected(row, Step.TRAVEL, gone, here)
    repair = _repair(row, 0.0, here)
    return _Left(travel.seconds - gone + repair.seconds, repair, Step.REPAIR)


def _repair(row: Row, elapsed: float, here: Situation) -> Expected:
    """As damage was assessed, as long as it does not take longer; else as others took."""
    assessed = here.assessed.get(row.mrid, 0.0)
    if assessed > elapsed:
        return Expected(assessed, ASSESSMENT, 0)
    return _expected(row, Step.REPAIR, elapsed, here)


def _expected(row: Row, step: Step, elapsed: float, here: Situation) -> Expected:
    begun = here.now - timedelta(seconds=elapsed)
    return here.history.expected(step, row.zone, row.kind, begun.hour, here.storm, max(elapsed, 0))


def _estimate(row: Row, left: _Left, turn: Turn, here: Situation) -> Estimate:
    """By the steps of the crew where one is under way; else by the whole, and the queue."""
    if left.by.of == ASSESSMENT:
        why = f"Damage assessment: {left.by.seconds / 3600:.1f} h of work."
        at, is_sure = turn.restored_at, row.stage in _THERE
        return Estimate(at=at, source=ASSESSMENT, sure=is_sure, why=why)
    if _under_way(row):
        return _told(turn.restored_at, left.by, left.step, row, here)
    elapsed = max((here.now - row.started_at).total_seconds(), 0.0)
    whole = _expected(row, Step.WHOLE, elapsed, here)
    at = row.started_at + timedelta(seconds=whole.seconds)
    if turn.ahead and turn.restored_at > at:
        crews = "1 crew is" if here.crews == 1 else f"{here.crews} crews are"
        why = f"{crews} on duty and {turn.ahead} outages have their turn before this one"
        return Estimate(at=turn.restored_at, source=QUEUE, sure=False, why=f"{why}.")
    return _told(at, whole, Step.WHOLE, row, here)


_SAID = {
    Step.WHOLE: "outages",
    Step.REPAIR: "repairs",
    Step.TRAVEL: "ways of crews",
}


def _told(at: datetime, by: Expected, step: Step, row: Row, here: Situation) -> Estimate:
    minutes = round(by.seconds / 60)
    if not by.is_learned:
        why = f"{minutes} min {by.of}: too few {_SAID[step]} like it are known."
        return Estimate(at=at, source=DEFAULT, sure=False, why=why)
    share = f"{here.history.share:.0%}".replace("%", " %")
    why = (
        f"{share} of {by.count} {_SAID[step]} {by.of} that lasted as long took up to {minutes} min."
    )
    return Estimate(at=at, source=HISTORY, sure=row.stage in _THERE, why=why)


def rounded(at: datetime, minutes: int) -> datetime:
    """The next time of day that is a multiple of so many minutes."""
    size = timedelta(minutes=minutes)
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    return epoch + -((epoch - at) // size) * size
