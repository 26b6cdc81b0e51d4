"""The tables of the app, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cim.message import Verb
from cim.profiles.crews import Crew
from dms_apps.restoration_times.history import Lasted, Step
from dms_apps.restoration_times.tables import assessed, crew, heard, outage, step

Row = sa.Row[Any]
OUTAGES, CREWS = "UnplannedOutages", "Crews"


def outage_of(connection: sa.Connection, mrid: str) -> Row | None:
    return connection.execute(sa.select(outage).where(outage.c.mrid == mrid)).first()


def keep(connection: sa.Connection, mrid: str, values: Mapping[str, Any], *, new: bool) -> None:
    if new:
        connection.execute(sa.insert(outage), {"mrid": mrid, **values})
    else:
        connection.execute(sa.update(outage).where(outage.c.mrid == mrid).values(values))


def remove(connection: sa.Connection, mrid: str, as_of: datetime) -> None:
    """An outage that was none by then, or is part of another."""
    connection.execute(sa.delete(step).where(step.c.outage == mrid))
    connection.execute(sa.delete(outage).where(outage.c.mrid == mrid))
    keep_heard(connection, OUTAGES, mrid, as_of)


def last_heard(connection: sa.Connection, noun: str, mrid: str) -> datetime | None:
    """As of when the newest word was that must not be forgotten."""
    query = sa.select(heard.c.as_of).where(heard.c.noun == noun, heard.c.id == mrid)
    found: datetime | None = connection.scalar(query)
    return found


def keep_heard(connection: sa.Connection, noun: str, mrid: str, as_of: datetime) -> None:
    before = last_heard(connection, noun, mrid)
    if before is None:
        connection.execute(sa.insert(heard), {"noun": noun, "id": mrid, "as_of": as_of})
    elif before < as_of:
        this = sa.and_(heard.c.noun == noun, heard.c.id == mrid)
        connection.execute(sa.update(heard).where(this).values(as_of=as_of))


def open_outages(connection: sa.Connection) -> list[Row]:
    """The most urgent first: critical ones, then those of most customers, then the oldest."""
    order = (outage.c.critical.desc(), outage.c.customers.desc(), outage.c.started_at)
    query = sa.select(outage).where(outage.c.ended_at.is_(None)).order_by(*order, outage.c.mrid)
    return list(connection.execute(query))


def over(connection: sa.Connection, since: datetime) -> list[Row]:
    """Outages that were over since then, of which a time had been told and not taken back."""
    is_told = sa.and_(outage.c.first_ert.is_not(None), outage.c.ert.is_not(None))
    query = sa.select(outage).where(outage.c.ended_at >= since, is_told)
    return list(connection.execute(query.order_by(outage.c.ended_at, outage.c.mrid)))


def keep_steps(connection: sa.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """How long the steps of one outage took, in the place of what was known of it."""
    rows = list(rows)
    if rows:
        connection.execute(sa.delete(step).where(step.c.outage == rows[0]["outage"]))
        connection.execute(sa.insert(step), rows)


def steps_state(connection: sa.Connection) -> tuple[Any, ...]:
    """What changes when steps do."""
    row = connection.execute(
        sa.select(sa.func.count(), sa.func.sum(step.c.seconds), sa.func.max(step.c.begun_at))
    ).one()
    return tuple(row)


def steps(connection: sa.Connection) -> list[Lasted]:
    return [
        Lasted(Step(row.step), row.zone, row.kind, row.begun_at.hour, row.storm, row.seconds)
        for row in connection.execute(sa.select(step))
    ]


def keep_crew(connection: sa.Connection, one: Crew, verb: Verb, as_of: datetime) -> None:
    """When a crew is on duty: from the begin of its first shift to the end of its last.  Of one
    that is changed this stays, unless its shifts are said; newer words count."""
    identity = one.mrid or next((n.name for n in one.names), "")
    if not identity:
        return
    is_there = connection.execute(sa.select(crew).where(crew.c.mrid == identity)).first()
    last = last_heard(connection, CREWS, identity)
    shifts = [s.validity_interval for s in one.shift_patterns if s.validity_interval]
    is_said = bool(shifts) or verb is not Verb.CHANGED
    if last is not None and (last > as_of or (last == as_of and not is_there)):
        return
    if not is_said and (is_there or last):  # it is as it was
        return
    connection.execute(sa.delete(crew).where(crew.c.mrid == identity))
    if is_said:
        keep_heard(connection, CREWS, identity, as_of)
    if verb in (Verb.CREATED, Verb.CHANGED):
        begin = min((s.start for s in shifts if s.start), default=None)
        end = max((s.end for s in shifts if s.end), default=None)
        values = {"mrid": identity, "begins_at": begin, "ends_at": end}
        connection.execute(sa.insert(crew), values)


def keep_assessed(connection: sa.Connection, mrid: str, seconds: float, as_of: datetime) -> None:
    """How long the work at an outage takes, where nothing newer was told."""
    known = sa.select(assessed.c.as_of).where(assessed.c.outage == mrid)
    before = connection.scalar(known)
    if before is None or before <= as_of:
        connection.execute(sa.delete(assessed).where(assessed.c.outage == mrid))
        row = {"outage": mrid, "seconds": seconds, "as_of": as_of}
        connection.execute(sa.insert(assessed), row)


def assessments(connection: sa.Connection) -> dict[str, float]:
    """Open outage -> seconds of work."""
    of = sa.select(assessed).join(outage, outage.c.mrid == assessed.c.outage)
    rows = connection.execute(of.where(outage.c.ended_at.is_(None)))
    return {row.outage: row.seconds for row in rows}


def crews(connection: sa.Connection, now: datetime) -> tuple[int, int]:
    """How many crews are known, and how many of them are on duty."""
    known = connection.execute(sa.select(crew)).all()
    here = [
        one
        for one in known
        if (one.begins_at is None or one.begins_at <= now)
        and (one.ends_at is None or one.ends_at > now)
    ]
    return len(known), len(here)


def prune(connection: sa.Connection, before: datetime) -> None:
    """Forget what was over by then."""
    connection.execute(sa.delete(step).where(step.c.begun_at < before))
    connection.execute(sa.delete(assessed).where(assessed.c.as_of < before))
    connection.execute(sa.delete(heard).where(heard.c.as_of < before))
    connection.execute(sa.delete(outage).where(outage.c.ended_at < before))
