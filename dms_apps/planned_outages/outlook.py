"""What a planned outage will mean: whom it concerns, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from cim.network import Network
from cim.violation import Refusal
from dms_apps.planned_outages import store, switching
from dms_apps.planned_outages.documents import said
from dms_apps.planned_outages.plan import Plan
from dms_apps.planned_outages.switching import Effect, called, effect

_COMPARED = 20  # overlapping outages whose common effect is worked out


def placed(
    connection: sa.Connection,
    network: Network,
    plan: Plan,
    tell_from: datetime,
    *,
    quickly: bool = False,
) -> Plan:
    """The plan with whom it concerns by the network as operated; they are kept.

    Of one that somebody else has worked out only the counts are new.
    tell_from: when those may be told for whom this is news.
    quickly:   the network alone may be another: where that is of no concern, nothing more is done.
    """
    remarks: list[str] = []
    if not plan.deeds and not plan.is_fixed:
        plan, problem = _found(connection, network, plan)
        remarks += problem
    try:
        found = effect(network, plan.deeds, plan.equipment)
    except KeyError as error:
        remarks.append(f"The network does not have {error.args[0]} any more.")
    else:
        if quickly and _is_same(connection, plan, found):
            return plan
        plan = replace(plan, served=found.served)
        remarks += (f"{called(network, one)} would still be supplied." for one in found.still_fed)
        if not plan.is_fixed and store.keep_points(
            connection, network, plan.mrid, found.lost, tell_from
        ):
            plan = replace(plan, tell_from=tell_from, notify_at=plan.created_at)
    count = store.count_points(connection, plan.mrid)
    critical = store.critical_of(connection, plan.mrid)
    plan = replace(plan, count=count, critical=critical, served=max(plan.served, count))
    if not count:
        remarks.append("No usage point loses supply by it.")
    store.keep(connection, plan, new=False)
    remarks += _conflicts(connection, network, plan)
    return replace(plan, remarks=tuple(remarks), is_stale=False)


def _is_same(connection: sa.Connection, plan: Plan, found: Effect) -> bool:
    """Whether it concerns the same, all of whom have no other supply; so nothing else about it is
    new either."""
    if plan.equipment or plan.is_stale or found.served != plan.served:
        return False
    is_radial = len(found.lost) == found.served == plan.count > 0
    return is_radial and store.points(connection, plan.mrid).keys() == found.lost


def span(begins_at: datetime, ends_at: datetime) -> str:
    """A period for people."""
    return f"from {_time(begins_at)} to {_time(ends_at)} UTC"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _found(connection: sa.Connection, network: Network, plan: Plan) -> tuple[Plan, tuple[str, ...]]:
    """One of which the network did not know what is switched, with what it knows now."""
    one = said(plan)
    try:
        deeds = switching.deeds(network, one, plan.mrid)
        plan = replace(plan, deeds=deeds, equipment=switching.equipment(network, one, plan.mrid))
    except Refusal as refusal:
        return plan, (f"{refusal.violations[0].rule}.",)
    store.keep_devices(connection, plan, network)
    return plan, ()


def _conflicts(connection: sa.Connection, network: Network, plan: Plan) -> Iterator[str]:
    """What other planned outages mean for this one."""
    for one in store.sharing_device(connection, plan):
        yield f"{called(network, one.device)} is switched for {_which(one)}, too."
    for one in store.in_common(connection, plan):
        yield f"{counted(one.points, 'customer')} of it are without supply in {_which(one)}, too."
    for other in store.meanwhile(connection, plan, _COMPARED):
        if more := _more(connection, network, plan, other):
            which = _which(other)
            yield f"Together with {which} it takes supply from {counted(more, 'customer')} more."


def _which(one: Plan | sa.Row[Any]) -> str:
    return f"planned outage {one.mrid} ({span(one.begins_at, one.ends_at)})"


def _more(connection: sa.Connection, network: Network, one: Plan, other: Plan) -> int:
    """How many have supply in each of two outages and not in both together."""
    known = {p for plan in (one, other) for p in store.points(connection, plan.mrid)}
    try:
        both = effect(network, (*one.deeds, *other.deeds))
    except KeyError:
        return 0
    return len(both.lost - known)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
