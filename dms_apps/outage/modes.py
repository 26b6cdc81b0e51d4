"""By which rules is predicted: normal ones, and others for storms, region by region.

A region is in a mode because somebody asked for it, else by schedule, else because of how much
happens there.  In a storm more must speak for a device, and an outage is held back for longer.
Which mode there was when follows from the times at which things happened, and not from when they
were looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple

import sqlalchemy as sa
from pydantic import Field

from dms_apps.outage.prediction import Rules
from dms_apps.outage.tables import order as order_table
from dms_apps.outage.tables import outage, ticket
from dms_apps.outage.tables import storm as storm_table

NORMAL, STORM, AUTO = "normal", "storm", "auto"
EVERYWHERE = ""
Share = Annotated[float, Field(ge=0, le=1)]
"""A probability, or a part of all."""
PROBABILITIES = tuple(Rules.__dataclass_fields__)
"""What rules say, by the name of the setting."""

_LOOK_BACK = timedelta(minutes=10)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """What is otherwise than in normal times; None: nothing.

    hold_off: seconds that an outage must be believed in before it is told.
    """

    hold_off: float | None = None
    delivery: Share | None = None
    rarity: Share | None = None
    device_share: Share | None = None
    transformer_share: Share | None = None
    indicator: Share | None = None
    indicator_false: Share | None = None

    def rules(self, normal: Rules) -> Rules:
        """The rules of the prediction."""
        said = {name: value for name in PROBABILITIES if (value := getattr(self, name)) is not None}
        return replace(normal, **said)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A mode from a time until another, in a region or, "", everywhere."""

    mode: str
    begins: datetime
    ends: datetime
    region: str = EVERYWHERE

    def __post_init__(self) -> None:
        if self.begins.tzinfo is None or self.ends.tzinfo is None:
            raise ValueError("begins and ends need an offset from UTC, e.g. 2026-11-27T18:00:00Z")
        if self.ends <= self.begins:
            raise ValueError(f"ends {self.ends.isoformat()} is not after begins")


@dataclass(frozen=True, kw_only=True)
class Modes:
    """Settings, in the table `modes`.

    regions:  feeder, by mRID -> its region; all others are of the region "".
    sets:     mode, or "<mode> <region>" for a region alone -> its rules.
    schedule: modes that are known to come.
    calls:    calls a minute in a region, in ten minutes, from which it is in a storm; 0: none are.
    outages:  open outages of a region from which it is; 0: none are.
    calm:     seconds for which there must be fewer than half before the storm is over.
    """

    regions: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, RuleSet] = field(
        default_factory=lambda: {STORM: RuleSet(hold_off=180.0, device_share=0.3)}
    )
    schedule: tuple[Planned, ...] = ()
    calls: float = 60.0
    outages: int = 100
    calm: float = 1800.0

    def known(self) -> frozenset[str]:
        """The modes there are."""
        return frozenset({NORMAL, *(name.partition(" ")[0] for name in self.sets)})

    def all_regions(self) -> frozenset[str]:
        """The regions there are."""
        return frozenset({EVERYWHERE, *self.regions.values()})

    def rule_set(self, mode: str, region: str) -> RuleSet:
        """The rules of a mode in a region."""
        return self.sets.get(f"{mode} {region}", self.sets.get(mode, RuleSet()))

    def shortest(self, hold_off: timedelta) -> timedelta:
        """The shortest hold-off there is by any rules, of normal times `hold_off`."""
        others = [one.hold_off for one in self.sets.values() if one.hold_off is not None]
        return min([hold_off, *(timedelta(seconds=one) for one in others)])


@dataclass(frozen=True)
class Mode:
    """Of one region: `why` is a sentence; `since` None: always."""

    region: str
    name: str
    since: datetime | None
    why: str


class Order(NamedTuple):
    """Somebody wants a mode, AUTO for none in particular, from a time on."""

    region: str
    at: datetime
    mode: str
    by: str


class Storm(NamedTuple):
    """high_at: when there was much going on last; None: still is."""

    region: str
    began: datetime
    high_at: datetime | None
    why: str


@dataclass(frozen=True)
class Timeline:
    """Which mode there is when.  It follows from what happened when, not from when that was heard
    or looked at: whoever hears it again comes to the same."""

    modes: Modes
    orders: Sequence[Order] = ()
    storms: Sequence[Storm] = ()

    def at(self, region: str, moment: datetime) -> Mode:
        """That of a region at a time."""
        ended = [_LONG_AGO]
        said = [one for one in self.orders if one.region == region and one.at <= moment]
        if said and said[-1].mode != AUTO:
            why = f"Asked for by {said[-1].by or 'somebody'}."
            return Mode(region, said[-1].mode, said[-1].at, why)
        ended += [one.at for one in said]
        for one in self.modes.schedule:
            if one.region in (region, EVERYWHERE) and one.begins <= moment:
                if moment < one.ends:
                    until = f"By schedule until {one.ends.isoformat()}."
                    return Mode(region, one.mode, one.begins, until)
                ended.append(one.ends)
        for storm in self.storms:
            if storm.region == region and storm.began <= moment:
                over = None if storm.high_at is None else storm.high_at + self._calm
                if over is None or moment < over:
                    return Mode(region, STORM, storm.began, storm.why)
                ended.append(over)
        since = max(ended)
        quiet = None if since == _LONG_AGO else since
        return Mode(region, NORMAL, quiet, "Nothing out of the ordinary.")

    @property
    def _calm(self) -> timedelta:
        return timedelta(seconds=self.modes.calm)


def order(connection: sa.Connection, region: str, mode: str, by: str, now: datetime) -> None:
    """Somebody wants a mode from now on."""
    same = order_table.c.region == region, order_table.c.at == now
    connection.execute(sa.delete(order_table).where(*same))
    row = {"region": region, "at": now, "mode": mode, "by": by}
    connection.execute(sa.insert(order_table).values(row))


def timeline(connection: sa.Connection, modes: Modes, feeder: Mapping[str, str]) -> Timeline:
    """What is known of modes by now.

    feeder: usage point -> its feeder.
    """
    orders = sa.select(*(order_table.c[name] for name in Order._fields)).order_by(order_table.c.at)
    known = _storms(connection)
    outages = _of_outages(connection, modes, feeder, known)
    calm = timedelta(seconds=modes.calm)
    return Timeline(
        modes,
        [Order(*row) for row in connection.execute(orders)],
        [
            storm._replace(high_at=None)
            if (some := outages.get(storm.region)) and some[-1].share >= 0.5
            and some[-1].is_in(storm, calm) else storm
            for storm in _with(known, outages, modes)
        ],
    )  # fmt: skip


def note_storms(connection: sa.Connection, modes: Modes, feeder: Mapping[str, str]) -> bool:
    """Find the storms that follow from what is new.  Returns whether there is another than before.

    A late call counts at its own time: what came after it is gone through again.
    """
    known = _storms(connection)
    busy: dict[str, list[_Busy]] = defaultdict(list)
    for of in (_of_calls(connection, modes, feeder), _of_outages(connection, modes, feeder, known)):
        for region, some in of.items():
            busy[region] += some
    found = _with(known, busy, modes)
    if found != known:
        connection.execute(sa.delete(storm_table))
        connection.execute(sa.insert(storm_table), [storm._asdict() for storm in found])
    return [storm[:2] for storm in found] != [storm[:2] for storm in known]


def region_of(modes: Modes, feeder: Mapping[str, str], points: Iterable[str]) -> str:
    """The region of the first of these usage points that is on a feeder."""
    if not modes.regions:
        return EVERYWHERE
    on = (feeder[point] for point in points if point in feeder)
    return modes.regions.get(next(on, ""), EVERYWHERE)


class _Busy(NamedTuple):
    """How much was going on from a time until another, of what makes a storm."""

    at: datetime
    until: datetime
    share: float
    why: str

    def is_in(self, storm: Storm, calm: timedelta) -> bool:
        """Whether there is a storm when it begins."""
        high_at = storm.high_at or self.at
        return storm.began <= self.at < high_at + calm


def _with(known: Sequence[Storm], busy: Mapping[str, Sequence[_Busy]], modes: Modes) -> list[Storm]:
    """The storms there are by what is known by now, by region and time."""
    found = [storm for storm in known if storm.region not in busy]
    for region, some in busy.items():
        before = [storm for storm in known if storm.region == region]
        found += _extended(before, sorted(some, key=lambda one: one.at), region, modes)
    return sorted(found)


def _extended(
    known: Sequence[Storm], busy: Iterable[_Busy], region: str, modes: Modes
) -> list[Storm]:
    """The storms of a region; half of what begins one makes it last."""
    calm = timedelta(seconds=modes.calm)
    found = [*known]
    for one in busy:
        of = next((n for n, storm in enumerate(found) if one.is_in(storm, calm)), None)
        if of is None and one.share >= 1:
            found.append(Storm(region, one.at, one.until, one.why))
        elif of is not None and one.share >= 0.5 and one.until > (found[of].high_at or one.until):
            found[of] = found[of]._replace(high_at=one.until)
        else:
            continue
        found = _joined(sorted(found), calm)
    return found


def _joined(storms: Sequence[Storm], calm: timedelta) -> list[Storm]:
    """Of storms that meet the first goes on."""
    found: list[Storm] = []
    for storm in storms:
        high_at = found[-1].high_at if found else None
        if high_at is not None and storm.began < high_at + calm:
            found[-1] = found[-1]._replace(high_at=max(high_at, storm.high_at or high_at))
        else:
            found.append(storm)
    return found


def _of_calls(
    connection: sa.Connection, modes: Modes, feeder: Mapping[str, str]
) -> dict[str, list[_Busy]]:
    """By region, for each call from the first new one on: how many there were in ten minutes."""
    first = sa.select(sa.func.min(ticket.c.reported_at)).where(ticket.c.fresh)
    since = connection.scalar(first) if modes.calls else None
    if since is None:
        return {}
    query = sa.select(ticket.c.point, ticket.c.reported_at).order_by(ticket.c.reported_at)
    times: dict[str, list[datetime]] = defaultdict(list)
    for point, at in connection.execute(query.where(ticket.c.reported_at > since - _LOOK_BACK)):
        times[region_of(modes, feeder, [point])].append(at)
    return {region: list(_rates(some, since, modes)) for region, some in times.items()}


def _rates(times: Sequence[datetime], since: datetime, modes: Modes) -> Iterator[_Busy]:
    first = 0
    for number, at in enumerate(times, 1):
        while times[first] <= at - _LOOK_BACK:
            first += 1
        a_minute = (number - first) / (_LOOK_BACK.total_seconds() / 60)
        if at >= since:
            yield _Busy(at, at, a_minute / modes.calls, f"{a_minute:,.1f} calls a minute.")


def _of_outages(
    connection: sa.Connection, modes: Modes, feeder: Mapping[str, str], storms: Iterable[Storm]
) -> dict[str, list[_Busy]]:
    """By region, from each beginning or end of an outage to the next: how many there are."""
    if not modes.outages:
        return {}
    query = sa.select(outage.c.anchor, outage.c.started_at, outage.c.ended_at)
    query = query.where(~outage.c.planned, _matters(connection, modes, storms))
    steps: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for anchor, start, end in connection.execute(query):
        of = steps[region_of(modes, feeder, [anchor])]
        of += [(start, 1)] if end is None else [(start, 1), (end, -1)]
    return {region: list(_counts(sorted(some), modes)) for region, some in steps.items()}


def _matters(
    connection: sa.Connection, modes: Modes, storms: Iterable[Storm]
) -> sa.ColumnElement[bool]:
    """The outages that are not over, those that were beside them, and those of the last storm."""
    is_open = outage.c.closed_at.is_(None)
    first = connection.scalar(sa.select(sa.func.min(outage.c.started_at)).where(is_open))
    found = [is_open] if first is None else [is_open, outage.c.ended_at >= first]
    high_at = max((s.high_at for s in storms if s.high_at is not None), default=None)
    if high_at is not None:
        calm = timedelta(seconds=modes.calm)
        found.append(sa.and_(outage.c.ended_at >= high_at, outage.c.started_at < high_at + calm))
    return sa.or_(*found)


def _counts(steps: Sequence[tuple[datetime, int]], modes: Modes) -> Iterator[_Busy]:
    count = 0
    for number, (at, step) in enumerate(steps):
        count += step
        until = steps[number + 1][0] if number + 1 < len(steps) else at
        yield _Busy(at, until, count / modes.outages, f"{count:,} open outages.")


def _storms(connection: sa.Connection) -> list[Storm]:
    query = sa.select(*(storm_table.c[name] for name in Storm._fields))
    order = storm_table.c.region, storm_table.c.began
    return [Storm(*row) for row in connection.execute(query.order_by(*order))]
