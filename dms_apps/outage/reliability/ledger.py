"""The interruptions that the hub has recorded, as an analysis."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa

from cim.network import Network
from cim.times import zoned
from dms_apps.outage.reliability import recording
from dms_apps.outage.reliability.analysis import Analysis
from dms_apps.outage.reliability.connected import Connected
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.interruption import (
    OPEN,
    Coded,
    Interruption,
    Interruptions,
    micros,
)
from dms_apps.outage.reliability.major_days import Daily
from dms_apps.outage.reliability.served import Served
from dms_apps.outage.tables import interruption as ledger
from dms_apps.outage.tables import outage as outages
from hub.columns import Moment

_DAY = timedelta(days=1)
_AROUND = timedelta(days=31)
"""An interruption of the first day may go on from another outage of the days before, one of the
last day in another of the days after."""
_READ = 50_000


@dataclass(frozen=True)
class _Outage:
    """What is told of an outage; device by name, where it has one."""

    device: str = ""
    cause: str = ""
    planned: bool = False


def analysis(
    connection: sa.Connection,
    network: Network,
    by: Conventions,
    first: date,
    last: date,
    now: datetime,
) -> Analysis:
    """Of the days from `first` to `last`, both included, with the years before that tell which of
    them are major.  Feeders and regions are those in which usage points are now."""
    connected = Connected.of(network)
    known = _outages(connection, network)
    served = _served(connection, connected)
    some = _read(connection, by, first, last, connected, known)
    return Analysis(
        first=first,
        last=last,
        some=some,
        served=served,
        by=by,
        now=micros(now),
        history=_history(connection, by, first, now, served, known),
        since=first,
        notes=_notes(some, connected),
    )


def _notes(some: Interruptions, connected: Connected) -> tuple[str, ...]:
    """Which customers are in no feeder."""
    unknown = sum(point not in connected.number for point in some.point.words if point)
    if not unknown:
        return ()
    return (
        f"{unknown:,} usage points with an interruption are not in the network: they count in the"
        " system, and in no feeder or region.",
    )


def _served(connection: sa.Connection, connected: Connected) -> Served:
    told = recording.told(connection)
    return Served([replace(one, feeder=connected.called(one.feeder)) for one in told])


def _outages(connection: sa.Connection, network: Network) -> Mapping[str, _Outage]:
    table = outages.c
    query = sa.select(table.mrid, table.device, table.cause, table.cause_kind, table.planned)
    return {
        mrid: _Outage(_name(network, device or ""), kind or cause or "", planned)
        for mrid, device, cause, kind, planned in connection.execute(query)
    }


def _name(network: Network, mrid: str) -> str:
    return (network.name(mrid) if network.knows(mrid) else "") or mrid


def _midnight(day: date, by: Conventions) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(by.zone)).astimezone(UTC)


# -- one by one


def _read(
    connection: sa.Connection,
    by: Conventions,
    first: date,
    last: date,
    connected: Connected,
    known: Mapping[str, _Outage],
) -> Interruptions:
    """Those that have begun in the time, or lasted into it, and what follows on them: it may be the
    same interruption in another outage, or the one in which a momentary event ends."""
    column = ledger.c
    begin, end = _midnight(first, by), _midnight(last + _DAY, by)
    still = (column.ended_at.is_(None)) | (column.ended_at >= begin)
    wanted = (column.started_at < end) & ((column.started_at >= begin - _AROUND) | still)
    soon = (column.ended_at >= end) | (column.started_at >= end - timedelta(seconds=by.event))
    at_the_end = sa.select(column.point).where(column.started_at < end, soon)
    later = (column.started_at >= end) & (column.started_at < end + _AROUND)
    wanted |= later & column.point.in_(at_the_end)
    query = sa.select(
        column.point, _raw(column.started_at), _raw(column.ended_at), column.outage
    ).where(wanted)
    points, of = _Words(), _Words()
    started, ended = array("q"), array("q")
    at = _Times()
    for point, start, stop, outage in _rows(connection, query):
        points.add(point)
        of.add(outage or "")
        started.append(at(start))
        ended.append(OPEN if stop is None else at(stop))
    return _columns(points, of, started, ended, connected, known, by)


def _columns(
    points: _Words,
    of: _Words,
    started: array[int],
    ended: array[int],
    connected: Connected,
    known: Mapping[str, _Outage],
    by: Conventions,
) -> Interruptions:
    """With what is known of each usage point and each outage, looked up once for each."""
    places = [connected.number.get(point, -1) for point in points.words]
    feeders = [connected.feeders[at] if at >= 0 else "" for at in places]
    regions = {one: connected.region(one, by.regions) if one else "" for one in {*feeders}}
    point, outage = points.coded(), of.coded()
    told = [known.get(mrid, _Outage()) for mrid in of.words]
    va = np.array([int(connected.va[at]) if at >= 0 else -1 for at in places], np.int64)

    def by_point(words: Sequence[str]) -> Coded:
        return Coded.of(words).taken(point.codes)

    def by_outage(words: Sequence[str]) -> Coded:
        return Coded.of(words).taken(outage.codes)

    return Interruptions(
        started=np.array(started, np.int64),
        ended=np.array(ended, np.int64),
        customers=np.ones(len(started), np.int64),
        va=va[point.codes],
        planned=np.array([one.planned for one in told], np.bool_)[outage.codes],
        point=point,
        outage=outage,
        device=by_outage([one.device for one in told]),
        feeder=by_point([connected.called(one) if one else "" for one in feeders]),
        region=by_point([regions[one] for one in feeders]),
        cause=by_outage([one.cause for one in told]),
    )


class _Words:
    """A column that grows word by word; the first one is ""."""

    def __init__(self) -> None:
        self._place = {"": 0}
        self._codes = array("i")

    def add(self, word: str) -> None:
        self._codes.append(self._place.setdefault(word, len(self._place)))

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self._place)

    def coded(self) -> Coded:
        return Coded(self.words, np.array(self._codes, np.int32))


class _Times:
    """Moments as the driver gives them, in microseconds; few of them differ."""

    def __init__(self) -> None:
        self._known: dict[str | datetime, int] = {}

    def __call__(self, at: str | datetime) -> int:
        found = self._known.get(at)
        if found is None:
            moment = datetime.fromisoformat(at) if isinstance(at, str) else at
            found = micros(zoned(moment))
            self._known[at] = found
        return found


def _raw(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """As the driver has it: SQLite a text, which for millions of rows is not parsed each time."""
    return sa.type_coerce(column, sa.String)


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Any]:
    found = connection.execute(query, execution_options={"yield_per": _READ})
    for part in found.partitions():
        yield from part


# -- the years before


def _history(
    connection: sa.Connection,
    by: Conventions,
    first: date,
    now: datetime,
    served: Served,
    known: Mapping[str, _Outage],
) -> Daily:
    """Daily SAIDI of the days before `first` that make thresholds.

    The database counts customers that are out from the same moment to the same moment; only those
    whose interruption goes on in another outage are read one by one.
    """
    begin = by.begins(by.year_of(first) - by.years)
    if begin >= first:
        return {}
    some = [
        Interruption(
            started=start, ended=stop, point=point or "", customers=count,
            planned=known.get(outage or "", _Outage()).planned,
        )
        for point, start, stop, outage, count in _past(connection, begin, first, by)
    ]  # fmt: skip
    past = Analysis(
        first=begin,
        last=first - _DAY,
        some=Interruptions.of(some),
        served=served,
        by=by,
        now=micros(now),
    )
    return {day: saidi for day, saidi in past.daily.items() if begin <= day < first}


def _past(
    connection: sa.Connection, begin: date, end: date, by: Conventions
) -> Iterator[tuple[str | None, datetime, datetime | None, str | None, int]]:
    column = ledger.c
    window: dict[str, Any] = {"partition_by": column.point, "order_by": column.started_at}
    before = sa.func.lag(column.ended_at).over(**window)
    after = sa.func.lead(column.started_at).over(**window)
    from_, until = _midnight(begin, by), _midnight(end, by)
    inside = (
        sa.select(
            column.point, column.started_at, column.ended_at, column.outage,
            sa.func.coalesce(
                (before == column.started_at) | (after == column.ended_at), sa.false()
            ).label("goes_on"),
        )
        .where(column.started_at >= from_ - _AROUND, column.started_at < until + _AROUND)
        .subquery()
    )  # fmt: skip
    span = (
        sa.type_coerce(inside.c.started_at, Moment),
        sa.type_coerce(inside.c.ended_at, Moment),
        inside.c.outage,
    )
    alone = sa.select(*span, sa.func.count()).where(sa.not_(inside.c.goes_on)).group_by(*span)
    for start, stop, outage, count in connection.execute(alone):
        yield None, start, stop, outage, count
    going = sa.select(inside.c.point, *span).where(inside.c.goes_on)
    for point, start, stop, outage in connection.execute(going):
        yield point, start, stop, outage, 1
