"""What others tell: crews, outages, incidents, dangers, orders and work; kept as they are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cim.bounds import short
from cim.message import Message, Verb
from cim.profiles.crews import Crew, Crews
from cim.profiles.identification import Name
from cim.profiles.incidents import Incidents
from cim.profiles.maintenance_orders import MaintenanceOrders
from cim.profiles.service_orders import ServiceOrders
from cim.profiles.trouble_orders import TroubleOrder, TroubleOrders
from cim.profiles.trouble_tickets import TroubleTickets
from cim.profiles.unplanned_outages import OutageStatusKind, UnplannedOutages
from cim.profiles.work_requests import WorkRequests
from dms_apps.crews import heirs, roster, store, trouble, work
from dms_apps.crews.life import Stage, Step
from dms_apps.crews.parts import called
from dms_apps.crews.store import Order

_OVER = frozenset({Verb.CLOSED, Verb.CANCELED, Verb.DELETED})
_STAGES = {stage.value.lower(): stage for stage in Stage}


@dataclass(frozen=True)
class Heard:
    """What came of an event.

    is_news: whether anything of it is kept.
    over:    orders of ours that it says are over.
    """

    is_news: bool = True
    over: Sequence[tuple[Order, Verb]] = ()


def take(connection: sa.Connection, message: Message, at: datetime) -> Heard:
    """Keep what an event tells."""
    verb, who = message.header.verb, short(message.header.source or "")
    match message.payload:
        case Crews() as some:
            crews(connection, some, verb, at, who)
        case UnplannedOutages() as some:
            outages(connection, some, verb, at)
        case Incidents() as some:
            incidents(connection, some, verb, at)
        case TroubleTickets() as some:
            return Heard(tickets(connection, some, verb, at))
        case TroubleOrders() as some:
            return Heard(over=[*orders(connection, some, verb, at, who)])
        case MaintenanceOrders() | ServiceOrders() | WorkRequests() as some:
            return Heard(over=[*works(connection, some, verb, at, who)])
    return Heard()


def crews(connection: sa.Connection, some: Crews, verb: Verb, at: datetime, who: str) -> None:
    """A crew that is created is all that is told; one that is changed is what it says."""
    for one in some.crew:
        if not (mrid := called(one.mrid, one.names)):
            continue
        if verb in _OVER:
            store.keep_crew(connection, mrid, [(at, {"gone": True})])
            continue
        said = [(at, {**roster.told(one, whole=verb is Verb.CREATED), "gone": False})]
        for part, found in (("place", roster.told_place(one)), ("status", roster.told_status(one))):
            if found:
                said.append((found[0] or at, {part: found[1]}))
        store.keep_crew(connection, mrid, said)
        for step in _own_steps(one, mrid, at, who):
            order = store.order_called(connection, step.order, ())
            store.add_steps(connection, heirs.redirected(connection, order, [step]))


def outages(connection: sa.Connection, some: UnplannedOutages, verb: Verb, at: datetime) -> None:
    """What outages are, and when they are over."""
    for one in some.unplanned_outage:
        said = trouble.of_outage(one)
        if one.outage_kind is OutageStatusKind.CLOSED:
            said["over"] = str(Verb.CLOSED)
        said |= _ending(verb)
        _keep(connection, trouble.OUTAGES, one, said, one.last_modified_date_time or at)


def incidents(connection: sa.Connection, some: Incidents, verb: Verb, at: datetime) -> None:
    """What was found in the field: dangers, damage, and the work that mends it."""
    for one in some.incident:
        said = trouble.of_incident(one) | _ending(verb)
        _keep(connection, trouble.INCIDENTS, one, said, one.last_modified_date_time or at)


def tickets(connection: sa.Connection, some: TroubleTickets, verb: Verb, at: datetime) -> bool:
    """Calls that tell of a danger; of others, which are many, nothing is kept but that they are
    over.  Whether any is."""
    is_news = False
    for one in some.trouble_ticket:
        mrid, since = called(one.mrid, one.names), one.last_modified_date_time or at
        if not mrid or (not one.hazard and verb is Verb.CREATED):
            continue
        is_known = store.trouble(connection, trouble.TICKETS, mrid) is not None
        if not one.hazard and not is_known:
            if verb in _OVER:
                store.keep_end(connection, mrid, verb, since)
            continue
        said = trouble.of_ticket(one) | _ending(verb)
        _keep(connection, trouble.TICKETS, one, said, since)
        if not is_known and (end := store.end_of(connection, mrid)):
            _keep(connection, trouble.TICKETS, one, {"over": end[0]}, end[1])
        is_news = True
    return is_news


def orders(
    connection: sa.Connection, some: TroubleOrders, verb: Verb, at: datetime, who: str
) -> Iterator[tuple[Order, Verb]]:
    """How far crews have come, and orders that others give; the orders that they say are over."""
    for one in some.trouble_order:
        names = [name.name for name in one.names]
        order = store.order_called(connection, one.mrid, names)
        since = one.last_modified_date_time or at
        mrid = order.id if order else called(one.mrid, one.names)
        if order is None and (outage := one.unplanned_outage):
            # Our own order for it may come yet.
            mrid = store.identity(trouble.OUTAGES, called(outage.mrid, outage.names))
        elif order is None:
            said = trouble.of_order(one) | _ending(verb)
            _keep(connection, trouble.ORDERS, one, said, since)
        steps = _steps(connection, one, mrid, since, who)
        store.add_steps(connection, heirs.redirected(connection, order, steps))
        if order and verb in _OVER:
            yield order, Verb.CLOSED if verb is Verb.CLOSED else Verb.CANCELED


def works(
    connection: sa.Connection,
    some: MaintenanceOrders | ServiceOrders | WorkRequests,
    verb: Verb,
    at: datetime,
    who: str,
) -> Iterator[tuple[Order, Verb]]:
    """Repairs with their estimates; where an order is ours by its number, how far it has come."""
    for one in work.orders(some):
        order = store.order_called(connection, None, [name.name for name in one.names])
        for part in one.work:
            since = part.last_modified_date_time or at
            if (said := work.told(part)) is not None:
                _keep(connection, work.WORK, part, said | _ending(verb), since)
            stage = work.STAGES.get(part.status_kind) if part.status_kind else None
            if order and stage:
                pointers = [crew for task in part.work_tasks for crew in task.crews]
                said_of = _crews_of(connection, pointers)
                steps = _all(order.id, said_of, since, stage, who)
                store.add_steps(connection, heirs.redirected(connection, order, steps))
        if order and verb in _OVER:
            yield order, Verb.CLOSED if verb is Verb.CLOSED else Verb.CANCELED


def _keep(
    connection: sa.Connection, noun: str, one: Any, said: dict[str, Any], at: datetime
) -> None:
    if mrid := called(one.mrid, one.names):
        store.keep_told(connection, noun, mrid, said, at)


def _ending(verb: Verb) -> dict[str, str]:
    return {"over": str(verb)} if verb in _OVER else {}


def _steps(
    connection: sa.Connection, one: TroubleOrder, mrid: str, at: datetime, who: str
) -> list[Step]:
    """Of the crews that are named, else of those that are at it."""
    status = one.status
    stage = _STAGES.get((status.value or "").lower()) if status else None
    pointers = [crew for task in one.work_task for crew in task.crews]
    if stage is None:
        stage = Stage.ASSIGNED if pointers else None
    if stage is None:
        return []
    since = (status.date_time if status else None) or at
    return _all(mrid, _crews_of(connection, pointers), since, stage, who)


def _crews_of(connection: sa.Connection, pointers: list[Any]) -> list[str]:
    """mRIDs of crews; one that is not known goes by what it is called, and "" stands for all."""
    return [_known(connection, one.mrid, one.names) for one in pointers] or [""]


def _known(connection: sa.Connection, mrid: str | None, names: tuple[Name, ...]) -> str:
    found = store.crew_called(connection, mrid, [name.name for name in names])
    return found.mrid if found else called(mrid, names)


def _all(mrid: str, crews_: list[str], at: datetime, stage: Stage, who: str) -> list[Step]:
    return [Step(order=mrid, crew=c, at=at, stage=stage, who=who) for c in crews_ if mrid]


def _own_steps(one: Crew, mrid: str, at: datetime, who: str) -> list[Step]:
    """How far a crew says that it is, with the outages and orders it names."""
    stage = _STAGES.get((one.status.value or "").lower()) if one.status else None
    if one.status is None or stage is None:
        return []
    of = [store.identity(trouble.OUTAGES, called(o.mrid, o.names)) for o in one.outage]
    of += [task.mrid for task in one.work_tasks if task.mrid]
    since = one.status.date_time or at
    return [Step(order=o, crew=mrid, at=since, stage=stage, who=who) for o in of]
