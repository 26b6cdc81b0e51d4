"""What the network shows of a plan: whether its switches are open, and who has supply."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from cim.network import Network
from dms_apps.planned_outages import store
from dms_apps.planned_outages.plan import Plan, Seen, State
from dms_apps.planned_outages.switching import below, opened, without
from dms_apps.planned_outages.tables import look


def looked(connection: sa.Connection) -> int:
    """How many looks at the plans were kept; this one is now, when its transaction is."""
    number = connection.scalar(sa.select(look.c.number).where(look.c.id == 1))
    if number is None:
        connection.execute(sa.insert(look).values(id=1, number=1))
    else:
        connection.execute(sa.update(look).where(look.c.id == 1).values(number=number + 1))
    return number or 0


def touched(connection: sa.Connection, moves: Iterable[tuple[list[str], datetime, bool]]) -> None:
    """Keep when devices moved, by the clock of whoever reports it."""
    last: datetime | None = None
    for called, at, is_opened in moves:
        store.moved(connection, called, at, opened=is_opened)
        last = max(last or at, at)
    if last is not None:
        store.moved_during(connection, last)


def seen(connection: sa.Connection, network: Network, plan: Plan, now: datetime) -> Seen:
    """What the network shows of a plan.

    Of a switch that is open, and of which nobody told when it was opened, that is now.  Once it has
    begun it lasts until all have supply again, whatever is opened and closed on the way.
    """
    moved = store.switched(connection, plan.mrid)
    try:
        off = frozenset(opened(network, plan.deeds))
    except KeyError:
        off = frozenset()
    for device in off:
        was_opened, was_closed = moved[device]
        if was_opened is None or (was_closed is not None and was_closed > was_opened):
            store.keep_switched(connection, plan.mrid, device, now)
            moved[device] = now, None
    first = min((at for at, _ in moved.values() if at is not None), default=None)
    is_active = plan.state is State.ACTIVE
    points = store.points(connection, plan.mrid) if off or is_active else ()
    dark = len(without(network, points))
    if (dark and (off or plan.is_seen)) or (off and not plan.count):
        return Seen(is_off=True, opened_at=first, dark=dark)
    if is_active and plan.moved_at is not None:
        return Seen(is_off=False, opened_at=first, closed_at=plan.moved_at)
    ends = [closed for at, closed in moved.values() if at and closed and closed > at]
    return Seen(is_off=False, opened_at=first, closed_at=None if off else max(ends, default=None))


def under_way(connection: sa.Connection, network: Network, plan: Plan, now: datetime) -> Plan:
    """Whom an outage concerns in fact: who is without supply by it, too; when it is over, nobody
    who never was.  What somebody else has worked out stays."""
    points = store.points(connection, plan.mrid)
    if plan.is_fixed:
        return replace(plan, mark=mark(without(network, points))) if plan.is_open else plan
    if plan.is_open:
        try:
            off = frozenset(opened(network, plan.deeds))
            area = below(network, (d for d in plan.deeds if d.device in off)) | points.keys()
        except KeyError:
            area = frozenset(points)
        dark = without(network, area)
        store.add_points(connection, network, plan.mrid, dark - points.keys(), now)
        store.keep_dark(connection, plan.mrid, dark)
        plan = replace(plan, mark=mark(dark))
    else:
        store.drop_never_dark(connection, plan.mrid)
    count = store.count_points(connection, plan.mrid)
    if count == plan.count:
        return plan
    critical = store.critical_of(connection, plan.mrid)
    dark_now = plan.dark + max(count - plan.count, 0) if plan.is_open else 0
    return replace(plan, count=count, critical=critical, dark=dark_now)


def mark(points: Collection[str]) -> str:
    """Other points have another one, also where they are as many."""
    return sha256("\n".join(sorted(points)).encode()).hexdigest()[:32]
