"""Whom to tell what of an outage, of those who have called: when supply is back, that it is known,
that a crew is on its way; each only when it is news to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cim.message import Outgoing
from cim.profiles.kinds import NotificationTriggerKind
from cim.profiles.outages import CrewStatusKind
from dms_apps.trouble_calls import store, supply, words
from dms_apps.trouble_calls.store import Callback
from dms_apps.trouble_calls.tables import outage, ticket, wish

_OUT, _DISPATCHED = NotificationTriggerKind.POWER_OUT, NotificationTriggerKind.INFORM_DISPATCHED
_INITIAL, _CHANGED = NotificationTriggerKind.INITIAL_ETR, NotificationTriggerKind.ETR_CHANGE
_TIMES = (_INITIAL, _CHANGED)
_ON_ITS_WAY = frozenset({CrewStatusKind.ENROUTE, CrewStatusKind.ARRIVED})
_WISHES = sa.select(wish).where(wish.c.ticket == sa.bindparam("this")).order_by(wish.c.number)


def of_outage(connection: sa.Connection, identity: str) -> Iterator[Outgoing]:
    """What is news to those who have called of an outage."""
    yield from _restoration_times(connection, identity)
    yield from _dispatched(connection, identity)


def of_call(
    connection: sa.Connection, row: sa.Row[Any], one: supply.Open, plan: str
) -> Iterator[Outgoing]:
    """What is news to a caller whose outage is known now; `plan` is what there is to say of one
    that is planned, which is told with its end, whatever the caller wants to know."""
    wishes = connection.execute(_WISHES, {"this": row.id}).all()
    wanted = {want.trigger for want in wishes}
    if _OUT in wanted:
        since = one.started_at or row.reported_at
        yield from _once(connection, one.outage, _OUT, since, row.id)
    if _DISPATCHED in wanted:
        yield from _dispatched(connection, one.outage, row.id)
    if one.ert is None:
        return
    yield from _restoration_times(connection, one.outage, row.id)
    if plan and wishes and _INITIAL not in wanted:
        of = _outage(connection, one.outage)
        yield from words.callbacks(of, [Callback(row, wishes[0], _INITIAL, one.ert)])


def _restoration_times(
    connection: sa.Connection, identity: str, only: str = ""
) -> Iterator[Outgoing]:
    """When supply is expected back."""
    of = _outage(connection, identity)
    if of.ert is None or of.over:
        return
    wanted = sa.and_(
        wish.c.trigger.in_(_TIMES), sa.or_(wish.c.told_at.is_(None), wish.c.told_at != of.ert)
    )
    found = []
    for row in _tickets(connection, identity, only, wanted):
        wishes = connection.execute(_WISHES, {"this": row.id}).all()
        some = _fulfilled(wishes, of.ert, is_new=bool(only))
        found += [Callback(row, w, NotificationTriggerKind(w.trigger), of.ert) for w in some]
        of_times = sa.and_(wish.c.ticket == row.id, wish.c.trigger.in_(_TIMES))
        connection.execute(sa.update(wish).where(of_times).values(told_at=of.ert))
    yield from words.callbacks(of, found)


def _fulfilled(wishes: Sequence[sa.Row[Any]], ert: datetime, *, is_new: bool) -> list[sa.Row[Any]]:
    """Which wishes a restoration time fulfils.

    is_new: the caller has just called, and was told what was known.
    """
    first = [one for one in wishes if one.trigger == _INITIAL and one.told_at is None]
    changed = [one for one in wishes if one.trigger == _CHANGED and one.told_at != ert]
    return first or [one for one in changed if one.told_at is not None or not is_new]


def _dispatched(connection: sa.Connection, identity: str, only: str = "") -> Iterator[Outgoing]:
    """That a crew is on its way."""
    of = _outage(connection, identity)
    if of.crew in _ON_ITS_WAY and not of.over:
        yield from _once(connection, identity, _DISPATCHED, of.as_of, only)


def _once(
    connection: sa.Connection,
    identity: str,
    trigger: NotificationTriggerKind,
    about: datetime,
    only: str = "",
) -> Iterator[Outgoing]:
    """What is told once, to those who were not told yet."""
    wanted = sa.and_(wish.c.trigger == trigger, wish.c.told_at.is_(None))
    rows = _tickets(connection, identity, only, wanted)
    wishes = store.untold(connection, [row.id for row in rows], trigger)
    found = [Callback(row, want, trigger, about) for row in rows for want in wishes[row.id]]
    store.told(connection, (), [found])
    yield from words.callbacks(_outage(connection, identity), found)


def _tickets(
    connection: sa.Connection, identity: str, only: str, wanted: sa.ColumnElement[bool]
) -> list[sa.Row[Any]]:
    """Of an outage, or one alone, those whose callers have such a wish; who has supply again, as
    far as is known, wants to know nothing more of it."""
    of_outage = sa.and_(ticket.c.outage == identity, ticket.c.restored_at.is_(None))
    some = ticket.c.id == only if only else of_outage
    of = sa.select(wish.c.ticket).where(wanted)
    return store.tickets(connection, sa.and_(some, ticket.c.id.in_(of)))


def _outage(connection: sa.Connection, identity: str) -> sa.Row[Any]:
    return connection.execute(sa.select(outage).where(outage.c.id == identity)).one()
