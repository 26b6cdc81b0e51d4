"""The tables of the app, as values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cim.network import Network
from cim.network.critical import critical_points as named_critical
from cim.profiles.network_models import NetworkModels
from dms_apps.planned_outages.plan import AHEAD, OPEN, Deed, DeedKind, Plan, State
from dms_apps.planned_outages.tables import (
    critical,
    customer,
    decision,
    device,
    name,
    outage,
    point,
    told,
)

MANY = 500  # values in one statement
_COLUMNS = [field.name for field in fields(Plan)]
_OTHER = (outage.c.mrid, outage.c.begins_at, outage.c.ends_at)


# -- outages


def plan_of(connection: sa.Connection, mrid: str) -> Plan | None:
    row = connection.execute(sa.select(outage).where(outage.c.mrid == mrid)).first()
    return _plan(row) if row else None


def plan_called(connection: sa.Connection, mrid: str | None, names: Collection[str]) -> Plan | None:
    """The outage of that mRID, or else of one of the names; of several the latest."""
    if mrid and (found := plan_of(connection, mrid)):
        return found
    if mrid or not names:
        return None
    mine = sa.select(name.c.outage).where(name.c.name.in_(names))
    order = (outage.c.state.in_(OPEN).desc(), outage.c.created_at.desc(), outage.c.mrid)
    query = sa.select(outage).where(outage.c.mrid.in_(mine)).order_by(*order)
    row = connection.execute(query.limit(1)).first()
    return _plan(row) if row else None


def names_of(connection: sa.Connection, mrid: str) -> list[str]:
    query = sa.select(name.c.name).where(name.c.outage == mrid).order_by(name.c.name)
    return list(connection.scalars(query))


def plans(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[Plan]:
    """The first to begin first."""
    query = sa.select(outage).where(*conditions).order_by(outage.c.begins_at, outage.c.mrid)
    return [_plan(row) for row in connection.execute(query)]


def open_plans(connection: sa.Connection) -> list[Plan]:
    return plans(connection, outage.c.state.in_(OPEN))


def to_be_called_off(connection: sa.Connection) -> list[Plan]:
    """What was cancelled while somebody may have been told of it."""
    cancelled = (outage.c.state == State.CANCELLED, outage.c.notify_at.is_not(None))
    return plans(connection, *cancelled)


def has_work(connection: sa.Connection) -> bool:
    """Whether any outage is not over, or to be called off."""
    busy = sa.or_(outage.c.state.in_(OPEN), outage.c.notify_at.is_not(None))
    return connection.execute(sa.select(outage.c.mrid).where(busy).limit(1)).first() is not None


def sharing_device(connection: sa.Connection, plan: Plan) -> list[sa.Row[Any]]:
    """Other open outages of the same time that switch a device of this one: mrid, begins_at,
    ends_at, device."""
    mine = sorted({deed.device for deed in plan.deeds})
    query = (
        sa.select(*_OTHER, sa.func.min(device.c.device).label("device"))
        .join(device, device.c.outage == outage.c.mrid)
        .where(device.c.device.in_(mine), *_meanwhile(plan))
        .group_by(*_OTHER)
    )
    return list(connection.execute(query.order_by(*_OTHER)))


def in_common(connection: sa.Connection, plan: Plan) -> list[sa.Row[Any]]:
    """The same with usage points in common: mrid, begins_at, ends_at, points (how many)."""
    mine = point.alias()
    query = (
        sa.select(*_OTHER, sa.func.count().label("points"))
        .join(point, point.c.outage == outage.c.mrid)
        .join(mine, sa.and_(mine.c.point == point.c.point, mine.c.outage == plan.mrid))
        .where(*_meanwhile(plan))
        .group_by(*_OTHER)
    )
    return list(connection.execute(query.order_by(*_OTHER)))


def meanwhile(connection: sa.Connection, plan: Plan, most: int) -> list[Plan]:
    """The same which may take away what still supplies customers of this one, or the reverse:
    neither can happen where all below what is opened are without supply."""
    condition = sa.true() if plan.served > plan.count else outage.c.served > outage.c.count
    query = sa.select(outage).where(condition, *_meanwhile(plan)).order_by(*_OTHER).limit(most)
    return [_plan(row) for row in connection.execute(query)]


def _meanwhile(plan: Plan) -> tuple[sa.ColumnElement[bool], ...]:
    """Other open outages some of whose period is in that of a plan."""
    is_other = sa.and_(outage.c.mrid != plan.mrid, outage.c.state.in_(OPEN))
    return is_other, outage.c.begins_at < plan.ends_at, outage.c.ends_at > plan.begins_at


def make_stale(connection: sa.Connection, plan: Plan) -> None:
    """Have the others of the same time looked at anew: this one has changed."""
    others = (*_meanwhile(plan), outage.c.state.in_(AHEAD))
    connection.execute(sa.update(outage).where(*others).values(is_stale=True))


def make_stale_at(connection: sa.Connection, called: Collection[str]) -> None:
    """Have those looked at anew that concern usage points of these mRIDs or names: who is there
    has changed."""
    there = sa.or_(point.c.point.in_(called), point.c.name.in_(called))
    mine = outage.c.mrid.in_(sa.select(point.c.outage).where(there))
    others = (outage.c.state.in_(AHEAD), mine)
    connection.execute(sa.update(outage).where(*others).values(is_stale=True))


def keep(connection: sa.Connection, plan: Plan, *, new: bool) -> None:
    values = {column: getattr(plan, column) for column in _COLUMNS}
    values |= {
        "deeds": [list(deed) for deed in plan.deeds],
        "equipment": list(plan.equipment),
        "remarks": list(plan.remarks),
    }
    if new:
        connection.execute(sa.insert(outage), values)
    else:
        connection.execute(sa.update(outage).where(outage.c.mrid == plan.mrid).values(values))


def keep_names(connection: sa.Connection, mrid: str, names: Iterable[str]) -> None:
    new = sorted(set(names) - set(names_of(connection, mrid)))
    if new:
        connection.execute(sa.insert(name), [{"name": one, "outage": mrid} for one in new])


def prune(connection: sa.Connection, before: datetime) -> None:
    """Forget what was over, and to be over, by then."""
    old = (outage.c.state.not_in(OPEN), outage.c.as_of < before, outage.c.ends_at < before)
    gone = sa.select(outage.c.mrid).where(*old)
    for table in (name, device, point, told, decision):
        connection.execute(sa.delete(table).where(table.c.outage.in_(gone)))
    connection.execute(sa.delete(outage).where(*old))
    of_none = decision.c.outage.not_in(sa.select(outage.c.mrid))  # refused, of what nobody knows
    connection.execute(sa.delete(decision).where(decision.c.at < before, of_none))


def oldest_over(connection: sa.Connection) -> datetime | None:
    """When what is over longest was over."""
    late = sa.case((outage.c.as_of > outage.c.ends_at, outage.c.as_of), else_=outage.c.ends_at)
    query = sa.select(outage.c.as_of, outage.c.ends_at).where(outage.c.state.not_in(OPEN))
    row = connection.execute(query.order_by(late).limit(1)).first()
    return max(row) if row else None


def _plan(row: sa.Row[Any]) -> Plan:
    values = dict(row._mapping)
    deeds = tuple(Deed(one, DeedKind(kind), *rest) for one, kind, *rest in values["deeds"])
    return Plan(
        **values
        | {
            "state": State(values["state"]),
            "deeds": deeds,
            "equipment": tuple(values["equipment"]),
            "remarks": tuple(values["remarks"]),
        }
    )


# -- devices


def keep_devices(connection: sa.Connection, plan: Plan, network: Network) -> None:
    """What is switched for an outage; of what stays, when it was is kept."""
    mine = device.c.outage == plan.mrid
    known = set(connection.scalars(sa.select(device.c.device).where(mine)))
    now = {deed.device for deed in plan.deeds}
    connection.execute(sa.delete(device).where(mine, device.c.device.not_in(now)))
    if new := sorted(now - known):
        rows = [{"outage": plan.mrid, "device": d, "name": network.name(d)} for d in new]
        connection.execute(sa.insert(device), rows)


def moved(
    connection: sa.Connection, called: Collection[str], at: datetime, *, opened: bool
) -> bool:
    """A device was opened or closed; whether that is of any concern."""
    found = sa.or_(device.c.device.in_(called), device.c.name.in_([c for c in called if c]))
    column = device.c.opened_at if opened else device.c.closed_at
    news = sa.or_(column.is_(None), column < at)
    query = sa.select(device.c.outage).where(found).limit(1)
    if connection.execute(query).first() is None:
        return False
    connection.execute(sa.update(device).where(found, news).values({column.name: at}))
    return True


def moved_during(connection: sa.Connection, at: datetime) -> None:
    """A switch has moved, which may bring supply back in outages that have begun."""
    news = sa.or_(outage.c.moved_at.is_(None), outage.c.moved_at < at)
    active = (outage.c.state == State.ACTIVE, news)
    connection.execute(sa.update(outage).where(*active).values(moved_at=at))


def switched(
    connection: sa.Connection, mrid: str
) -> dict[str, tuple[datetime | None, datetime | None]]:
    """By device when it was last opened, and closed."""
    query = sa.select(device.c.device, device.c.opened_at, device.c.closed_at)
    rows = connection.execute(query.where(device.c.outage == mrid))
    return {row.device: (row.opened_at, row.closed_at) for row in rows}


def keep_switched(connection: sa.Connection, mrid: str, opened: str, at: datetime) -> None:
    """Nobody has said when this device was opened: since when it is seen to be."""
    this = (device.c.outage == mrid, device.c.device == opened)
    connection.execute(sa.update(device).where(*this).values(opened_at=at))


# -- whom they concern


def points(connection: sa.Connection, mrid: str) -> dict[str, datetime]:
    """Usage points without supply during an outage, and from when on they may be told."""
    query = sa.select(point.c.point, point.c.tell_from).where(point.c.outage == mrid)
    return {row.point: row.tell_from for row in connection.execute(query)}


def keep_points(
    connection: sa.Connection,
    network: Network,
    mrid: str,
    now: Collection[str],
    tell_from: datetime,
) -> bool:
    """Whom an outage concerns from now on; whether that is news."""
    before = points(connection, mrid).keys()
    new, gone = set(now) - before, sorted(before - set(now))
    for some in parts(gone):
        connection.execute(sa.delete(point).where(point.c.outage == mrid, point.c.point.in_(some)))
    add_points(connection, network, mrid, new, tell_from)
    return bool(new or gone)


def add_points(
    connection: sa.Connection,
    network: Network,
    mrid: str,
    new: Collection[str],
    tell_from: datetime,
) -> None:
    alike = {"outage": mrid, "tell_from": tell_from, "was_dark": False}
    names = {one: _name(network, one) for one in sorted(new)}
    if names:
        rows = [{"point": one, "name": called, **alike} for one, called in names.items()]
        connection.execute(sa.insert(point), rows)


def names_at(
    connection: sa.Connection, network: Network, mrid: str, wanted: Collection[str]
) -> dict[str, str | None]:
    """Usage points that an outage concerns or concerned, by mRID, and their names, "" without one;
    those that no model has are called by their name, and have None."""
    query = sa.select(point.c.point, point.c.name).where(point.c.outage == mrid)
    known = {row.point: row.name for row in connection.execute(query)}
    return {one: known[one] if one in known else _name(network, one) for one in wanted}


def _name(network: Network, one: str) -> str | None:
    return network.name(one) if network.knows(one) else None


def keep_dark(connection: sa.Connection, mrid: str, dark: Collection[str]) -> None:
    """These have been without supply during an outage."""
    mine = sa.and_(point.c.outage == mrid, point.c.was_dark.is_(False))
    for some in parts(sorted(dark)):
        now = sa.update(point).where(mine, point.c.point.in_(some)).values(was_dark=True)
        connection.execute(now)


def drop_never_dark(connection: sa.Connection, mrid: str) -> None:
    """Those who kept supply; where nobody is known to have lost it, all stay."""
    mine = sa.select(point.c.point).where(point.c.outage == mrid)
    if connection.execute(mine.where(point.c.was_dark).limit(1)).first() is not None:
        gone = (point.c.outage == mrid, point.c.was_dark.is_(False))
        connection.execute(sa.delete(point).where(*gone))


def count_points(connection: sa.Connection, mrid: str) -> int:
    query = sa.select(sa.func.count()).select_from(point).where(point.c.outage == mrid)
    return int(connection.scalar(query) or 0)


def at_point(connection: sa.Connection, called: str) -> list[str]:
    """The open outages that concern a usage point."""
    query = sa.select(point.c.outage).join(outage, outage.c.mrid == point.c.outage)
    return list(connection.scalars(query.where(point.c.point == called, outage.c.state.in_(OPEN))))


# -- what was told


def told_of(connection: sa.Connection, mrid: str) -> dict[str, sa.Row[Any]]:
    """By usage point what was told last."""
    rows = connection.execute(sa.select(told).where(told.c.outage == mrid))
    return {row.point: row for row in rows}


def keep_told(connection: sa.Connection, mrid: str, rows: Sequence[Mapping[str, Any]]) -> None:
    for some in parts([row["point"] for row in rows]):
        connection.execute(sa.delete(told).where(told.c.outage == mrid, told.c.point.in_(some)))
    if rows:
        connection.execute(sa.insert(told), [{"outage": mrid, **row} for row in rows])


def told_counts(connection: sa.Connection) -> dict[str, int]:
    """By outage how many of those that it concerns were told."""
    both = sa.and_(told.c.outage == point.c.outage, told.c.point == point.c.point)
    query = sa.select(point.c.outage, sa.func.count()).join(told, both).group_by(point.c.outage)
    return {row[0]: row[1] for row in connection.execute(query)}


# -- customers


def keep_customer(
    connection: sa.Connection, agreement: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """What an agreement says of who is where, in place of what it said before."""
    connection.execute(sa.delete(customer).where(customer.c.agreement == agreement))
    if rows:
        connection.execute(sa.insert(customer), [{"agreement": agreement, **r} for r in rows])


def customers(connection: sa.Connection, called: Collection[str]) -> Iterator[sa.Row[Any]]:
    """Who is at usage points, by mRID or name; each once for each of them."""
    for some in parts(sorted(called)):
        query = sa.select(customer).where(customer.c.point.in_(some))
        yield from connection.execute(query.order_by(customer.c.agreement, customer.c.point))


def record_critical(connection: sa.Connection, models: NetworkModels) -> None:
    """Keep which usage points the models call critical, in place of what they said before."""
    for model in models.network_model:
        if (found := named_critical(model)) is not None:
            connection.execute(sa.delete(critical).where(critical.c.model == model.mrid))
            if found:
                rows = [{"model": model.mrid, "point": one} for one in sorted(found)]
                connection.execute(sa.insert(critical), rows)


def critical_of(connection: sa.Connection, mrid: str) -> int:
    """How many of whom an outage concerns must not be without supply: by the models, or because a
    customer there has a special need."""
    named = sa.select(critical.c.point)
    needing = sa.select(customer.c.point).where(customer.c.special_need != "")
    query = sa.select(sa.func.count()).where(
        point.c.outage == mrid,
        sa.or_(point.c.point.in_(named), point.c.point.in_(needing), point.c.name.in_(needing)),
    )
    return int(connection.scalar(query.select_from(point)) or 0)


# -- decisions


def decide(
    connection: sa.Connection, at: datetime, mrid: str, who: str, what: str, why: str = ""
) -> None:
    values = {"at": at, "outage": mrid, "who": who, "what": what, "why": why}
    connection.execute(sa.insert(decision), values)


def decisions(connection: sa.Connection, mrid: str = "") -> list[sa.Row[Any]]:
    query = sa.select(decision).order_by(decision.c.number)
    return list(connection.execute(query.where(decision.c.outage == mrid) if mrid else query))


def parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many at a time as a statement may name."""
    return (values[start : start + MANY] for start in range(0, len(values), MANY))
