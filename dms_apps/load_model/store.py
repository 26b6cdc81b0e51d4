"""The tables of the load model, as values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from dms_apps.load_model import tables
from dms_apps.load_model.days import Day
from dms_apps.load_model.estimates import Bill
from dms_apps.load_model.profiles import Floats, Moments
from dms_apps.solver.sensors import Sensor

_CHUNK = 2_000
_ARRAYS = ("count", "mean", "squares")


def moments(connection: sa.Connection, slots: int) -> dict[tuple[str, Day], Moments]:
    """By class and day; those of other slots than there are now are left out."""
    found = {}
    for row in connection.execute(sa.select(tables.profile)).mappings():
        count, mean, squares = (np.frombuffer(row[name], np.float64) for name in _ARRAYS)
        if len(count) == slots:
            day = Day(row["season"], row["day"])
            found[row["kind"], day] = Moments(count, mean, squares, row["days"], row["peaks"])
    return found


def keep_moments(connection: sa.Connection, kind: str, day: Day, one: Moments) -> None:
    """In the place of what there is."""
    key = {"kind": kind, "season": day.season, "day": day.kind}
    arrays = {name: getattr(one, name).astype(np.float64).tobytes() for name in _ARRAYS}
    _replace(connection, tables.profile, key, {**arrays, "days": one.days, "peaks": one.peaks})


def learned_days(connection: sa.Connection, since: date) -> set[date]:
    """Days from which was learned."""
    table = tables.learned
    wanted = sa.select(table.c.date).where(table.c.kind == "", table.c.date >= since)
    return set(connection.execute(wanted).scalars())


def keep_day(connection: sa.Connection, day: date, watts: Mapping[str, tuple[int, float]]) -> None:
    """That was learned from a day: by class customers, and mean watts of each."""
    for kind, (customers, mean) in {"": (0, None), **watts}.items():
        values = {"customers": customers, "watts": mean}
        _replace(connection, tables.learned, {"date": day, "kind": kind}, values)


def daily(connection: sa.Connection, kind: str) -> list[tuple[date, float]]:
    """Mean watts of a customer of a class, day by day."""
    table = tables.learned
    wanted = sa.select(table.c.date, table.c.watts).where(table.c.kind == kind).order_by("date")
    return [(row.date, row.watts) for row in connection.execute(wanted)]


def keep_recent(connection: sa.Connection, energies: Mapping[str, Bill]) -> None:
    """Energy of a day by usage point, in the place of that of a day before."""
    table, points = tables.recent, list(energies)
    for first in range(0, len(points), _CHUNK):
        some = points[first : first + _CHUNK]
        connection.execute(sa.delete(table).where(table.c.point.in_(some)))
        rows = [{"point": point, **asdict(energies[point])} for point in some]
        connection.execute(sa.insert(table), rows)


def recent(connection: sa.Connection, since: datetime) -> dict[str, Bill]:
    """Energy of a day that ended since then, by usage point."""
    rows = connection.execute(sa.select(tables.recent).where(tables.recent.c.end >= since))
    return {row.point: Bill(row.energy, row.start, row.end) for row in rows}


def keep_customer(connection: sa.Connection, agreement: str, points: Mapping[str, str]) -> None:
    """The class of usage points that an agreement is of, in the place of what it said before."""
    table = tables.customer
    connection.execute(sa.delete(table).where(table.c.agreement == agreement))
    if points:
        rows = [{"agreement": agreement, "point": p, "kind": k} for p, k in points.items()]
        connection.execute(sa.insert(table), rows)


def classes(connection: sa.Connection) -> dict[str, str]:
    """Class by mRID or name of a usage point."""
    table = tables.customer
    wanted = sa.select(table.c.point, table.c.kind).order_by(table.c.agreement)
    return {row.point: row.kind for row in connection.execute(wanted)}


def keep_days(connection: sa.Connection, kinds: Mapping[date, str]) -> None:
    """Kinds of days."""
    for day, kind in kinds.items():
        _replace(connection, tables.day, {"date": day}, {"kind": kind})


def days(connection: sa.Connection) -> dict[date, str]:
    """Kinds of days that are told."""
    return {row.date: row.kind for row in connection.execute(sa.select(tables.day))}


def keep_temperatures(
    connection: sa.Connection,
    station: str,
    seen: Iterable[tuple[datetime, float]],
    *,
    foreseen: bool,
) -> None:
    """Temperatures; what was seen counts more than what was foreseen."""
    table = tables.temperature
    for at, celsius in seen:
        key = {"station": station, "at": at}
        known = connection.execute(sa.select(table.c.foreseen).filter_by(**key)).scalar()
        if known is None or not foreseen or known:
            _replace(connection, table, key, {"celsius": celsius, "foreseen": int(foreseen)})


def temperatures(
    connection: sa.Connection, station: str, start: datetime, end: datetime
) -> tuple[list[datetime], Floats]:
    """Times and degrees Celsius; of the station, or of the first one when it is ""."""
    table = tables.temperature
    if not station:
        station = connection.execute(sa.select(sa.func.min(table.c.station))).scalar() or ""
    wanted = (
        sa.select(table.c.at, table.c.celsius)
        .where(table.c.station == station, table.c.at >= start, table.c.at <= end)
        .order_by(table.c.at)
    )
    rows = connection.execute(wanted).all()
    return [row.at for row in rows], np.array([row.celsius for row in rows], np.float64)


def keep_sensors(connection: sa.Connection, told: Iterable[Sensor]) -> None:
    """Sensors, in the place of what was known of them."""
    table, now = tables.sensor, {one.mrid: _said(one) for one in told}
    known = sa.select(table).where(table.c.mrid.in_(list(now)))
    before = {row.mrid: row.said for row in connection.execute(known)}
    for mrid, said in now.items():
        if before.get(mrid) != said:
            _replace(connection, table, {"mrid": mrid}, {"said": said})


def _said(one: Sensor) -> dict[str, Any]:
    """What is known to be no number is null; codes have only positions, which are not asked for."""
    factor = one.factor if math.isfinite(one.factor) else None
    said = {**asdict(one), "at": list(one.at), "phases": list(one.phases), "factor": factor}
    del said["codes"]
    return said


def sensors(connection: sa.Connection) -> dict[str, Sensor]:
    """By mRID or name."""
    return {
        row.mrid: Sensor(
            **{
                **row.said,
                "at": tuple(row.said["at"]),
                "phases": tuple(row.said["phases"]),
                "factor": math.nan if row.said["factor"] is None else row.said["factor"],
            }
        )
        for row in connection.execute(sa.select(tables.sensor).order_by(tables.sensor.c.mrid))
    }


def forget(connection: sa.Connection, before: datetime) -> None:
    """Temperatures that are too old to be asked for."""
    connection.execute(sa.delete(tables.temperature).where(tables.temperature.c.at < before))


def _replace(
    connection: sa.Connection, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    connection.execute(sa.delete(table).filter_by(**key))
    connection.execute(sa.insert(table), [{**key, **values}])
