"""Crews of outages that became part of others go on with the work, in the order of that one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from dms_apps.crews import heirs, store
from dms_apps.crews.life import FARTHEST, Stage, Step, after, latest, standing
from dms_apps.crews.queue import Queued
from dms_apps.crews.store import Order
from dms_apps.crews.trouble import OUTAGES

CAME = "came with order"
"""What a step says of a crew whose order became part of another, before the number of its own."""

_TICK = timedelta(microseconds=1)


def hand_on(connection: sa.Connection, queue: Sequence[Queued], now: datetime, who: str) -> bool:
    """Let crews of outages that are parts of others go on there; whether any does."""
    moved = False
    for one in queue:
        if one.order.noun != OUTAGES or not (one.trouble.over and one.trouble.heir):
            continue
        whole = heirs.heir(connection, one.order.of)
        into = store.order_for(connection, OUTAGES, whole.mrid) if whole else None
        if whole is None or whole.over or into is None:
            continue
        _move(connection, one, into, now, who)
        moved = True
    return moved


def awaits(connection: sa.Connection, one: Queued) -> bool:
    """Whether an order with crews is of an outage that is part of one of which nothing was heard
    yet."""
    is_part = bool(one.crews and one.trouble.over and one.trouble.heir)
    return is_part and heirs.heir(connection, one.order.of) is None


def _move(connection: sa.Connection, one: Queued, into: Order, now: datetime, who: str) -> None:
    """With the stage at which they are; a dispatcher's rank goes along where there is none."""
    why, gone = f"{CAME} {one.order.number}", f"goes on with order {into.number}"
    known = store.steps_of_order(connection, into.id)
    there, last = standing(known).get(into.id, {}), latest(known)
    left = latest(store.steps_of_order(connection, one.order.id))
    come, off = [], []
    for crew, step in one.crews.items():
        if step.stage is Stage.COMPLETE:
            continue
        end = after(left, crew, now)
        off.append(replace(step, at=end, stage=Stage.AWAITING, who=who, why=gone))
        if crew not in there or _is_farther(step, there[crew]):
            # As old as it is, so that what is told of it meanwhile counts.
            at = after(last, crew, step.at + _TICK)
            come.append(replace(step, order=into.id, at=at, who=who, why=why))
    store.add_steps(connection, (*come, *off))
    if into.over and come:
        store.reopen(connection, into.id)
        store.decide(connection, now, into.id, "open again, as crews came", who)
    if one.order.pinned is not None and into.pinned is None:
        store.update_order(connection, into.id, pinned=one.order.pinned)
        store.decide(connection, now, into.id, f"rank {one.order.pinned}, which {why}", who)
    store.decide(connection, now, one.order.id, f"part of order {into.number}", who)


def _is_farther(one: Step, other: Step) -> bool:
    return FARTHEST.index(one.stage) < FARTHEST.index(other.stage)
