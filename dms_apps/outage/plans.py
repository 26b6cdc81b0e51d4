"""Planned outages: who goes dark by one was told so, and is no unplanned outage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cim.message import Verb
from cim.network import Network
from cim.profiles.identification import UsagePoint
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages, supplied
from cim.times import time_of
from dms_apps.outage.facts import Loss, Window
from dms_apps.outage.forest import Forest
from dms_apps.outage.tables import planned as table

_OFF = frozenset({Verb.CANCELED, Verb.DELETED})
_WITHDRAWN = frozenset({"cancelled", "canceled", "rejected", "withdrawn"})


def record_planned(
    connection: sa.Connection, outages: PlannedOutages, verb: Verb, network: Network, now: datetime
) -> bool:
    """Keep what is planned.  Returns whether anything was news."""
    news = False
    for one in outages.planned_outage:
        identity = one.mrid or next((name.name for name in one.names), "")
        if identity:
            news |= _one(connection, one, identity, verb, network, now)
    return news


def _one(
    connection: sa.Connection,
    one: PlannedOutage,
    identity: str,
    verb: Verb,
    network: Network,
    now: datetime,
) -> bool:
    known = connection.execute(sa.select(table).where(table.c.mrid == identity)).mappings().first()
    as_of = one.last_modified_date_time or now
    if known and known["as_of"] > as_of:
        return False
    row = dict(known or _EMPTY)
    row |= _said(one, verb, network, {*row["points"]}) | {"mrid": identity, "as_of": as_of}
    if known and dict(known) == row:
        return False
    row["fresh"] = True
    if known:
        connection.execute(sa.update(table).where(table.c.mrid == identity).values(row))
    else:
        connection.execute(sa.insert(table).values(row))
    return True


_EMPTY: dict[str, Any] = {
    "device": "", "points": [], "begins": None, "ends": None, "is_actual": False, "is_off": False,
    "reason": "",
}  # fmt: skip


def _said(one: PlannedOutage, verb: Verb, network: Network, kept: Set[str]) -> dict[str, Any]:
    """What a message says; what it leaves out stays as it was.

    kept: whom it concerns as is known; of those who have supply others have had it all the time.
    """
    said: dict[str, Any] = {}
    if one.outage_isolation_equipment:
        said["device"] = _device(one, network)
    again = _points(supplied(one), network)
    concerned = _points(one.de_energized_usage_point, network) | (again & kept if kept else again)
    if concerned:
        said["points"] = sorted(concerned)
    actual = one.actual_period if one.actual_period and time_of(one.actual_period.start) else None
    if period := actual or one.estimated_period:
        begins, ends = time_of(period.start), time_of(period.end)
        said |= {"begins": begins, "ends": ends, "is_actual": actual is not None}
    if one.reason:
        said["reason"] = one.reason
    status = ((one.status and one.status.value) or "").lower()
    if verb in _OFF or status in _WITHDRAWN:
        said["is_off"] = True
    return said


def _points(some: Iterable[UsagePoint], network: Network) -> set[str]:
    """Those that the network has."""
    points = (
        network.usage_point_of(name)
        for point in some
        for name in (point.mrid, *(n.name for n in point.names))
        if name
    )
    return {point for point in points if point}


def _device(one: PlannedOutage, network: Network) -> str:
    for device in one.outage_isolation_equipment:
        for name in (device.mrid, *(n.name for n in device.names)):
            if name and network.knows(name):
                return network.equipment(name).mrid
            try:
                return network.equipment_named(name or "").mrid
            except KeyError:
                continue
    return ""


@dataclass(frozen=True)
class Plan:
    """A planned outage: whom it concerns and when.

    is_of_all: of all below the device, as nobody has named them.
    """

    window: Window
    device: str
    as_of: datetime
    is_of_all: bool

    def concerns(self, loss: Loss) -> bool:
        """Whether a loss of supply is by its switching; also of who is below the device no more."""
        by_it = self.is_of_all and loss.device == self.device
        return (by_it or loss.point in self.window.points) and self.window.covers(loss.lost)

    def losses(self) -> Iterator[Loss]:
        """Who lost supply, where it is known how it went."""
        window = self.window
        if window.is_actual:
            for point in window.points:
                yield Loss(
                    point, window.begins, window.ends, self.device, window.begins, self.as_of,
                    window.mrid, is_seen=False,
                )  # fmt: skip


def plans(
    connection: sa.Connection, network: Network, forest: Forest, since: datetime, until: datetime
) -> list[Plan]:
    """The planned outages that are not over at `since` and have begun by `until`."""
    query = sa.select(table).where(
        ~table.c.is_off,
        table.c.begins <= until,
        sa.or_(table.c.ends.is_(None), table.c.ends >= since),
    )
    found = connection.execute(query.order_by(table.c.begins, table.c.mrid))
    return [_plan(row, network, forest) for row in found]


def _plan(row: sa.Row[Any], network: Network, forest: Forest) -> Plan:
    points = frozenset(row.points) or frozenset(forest.through(row.device, network))
    window = Window(row.mrid, points, row.begins, row.ends, row.is_actual)
    return Plan(window, row.device, row.as_of, not row.points)


def switched(loss: Loss, known: Iterable[Plan]) -> Loss:
    """A loss of supply by the switching of a planned outage is of that outage."""
    of = next((plan.window.mrid for plan in known if plan.concerns(loss)), "")
    return loss._replace(planned=of) if of else loss


def news(connection: sa.Connection, network: Network, forest: Forest) -> list[Plan]:
    """What of all that is or was planned has changed since it was last asked."""
    changed = sa.update(table).where(table.c.fresh).values(fresh=False).returning(*table.c)
    return [
        _plan(row, network, forest) for row in connection.execute(changed) if row.begins is not None
    ]
