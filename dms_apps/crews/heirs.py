"""Outages that became part of others: what is told of them, or of their orders, is of those now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa

from dms_apps.crews import store
from dms_apps.crews.life import Stage, Step, standing
from dms_apps.crews.store import Order
from dms_apps.crews.trouble import INCIDENTS, OUTAGES, Trouble


def heir(connection: sa.Connection, mrid: str) -> Trouble | None:
    """The outage of which an outage is a part by now, itself when of none; None while nothing is
    heard of that one."""
    seen: set[str] = set()
    found = store.trouble(connection, OUTAGES, mrid)
    while found is not None and found.over and found.heir and found.mrid not in seen:
        seen.add(found.mrid)
        found = store.trouble(connection, OUTAGES, found.heir)
    return found


def current(connection: sa.Connection, order: Order) -> Order:
    """The order that looks after what an order looked after: another one where its outage became
    part of another."""
    if not order.over or order.noun != OUTAGES:
        return order
    whole = heir(connection, order.of)
    if whole is None or whole.mrid == order.of:
        return order
    return store.order_for(connection, OUTAGES, whole.mrid) or order


def redirected(
    connection: sa.Connection, order: Order | None, steps: Sequence[Step]
) -> Sequence[Step]:
    """What is told of crews with an order that is part of another by now is so with that one; who
    is not named there are those who came from it, and none of them is taken off."""
    if order is None or (now := current(connection, order)).id == order.id:
        return steps
    came = {step.crew for step in store.steps_of_order(connection, order.id)}
    at = standing(store.steps_of_order(connection, now.id)).get(now.id, {})
    return [
        replace(step, order=now.id, crew=crew)
        for step in steps
        if step.stage is not Stage.AWAITING
        for crew in ([step.crew] if step.crew else sorted(came & at.keys()))
    ]


def attached(connection: sa.Connection, troubles: Iterable[Trouble]) -> list[Trouble]:
    """Incidents with the outage that they are of by now."""
    found = []
    for one in troubles:
        if one.noun == INCIDENTS and one.outage:
            whole = heir(connection, one.outage)
            one = replace(one, outage=whole.mrid) if whole else one
        found.append(one)
    return found
