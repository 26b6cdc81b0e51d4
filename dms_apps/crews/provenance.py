"""What TroubleOrders has no word for: how far each of several crews is, who has decided what, and
what holds against what is worked out.  It is told beside an order in Header.Property, from which an
app that learns anew knows it; requests are not told again.

`order` is what it looks after and what a dispatcher has decided of it, `step` and `decision` are
rows of the tables of these names, as JSON.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cim.message import Header, Property
from cim.profiles.trouble_orders import TroubleOrder, TroubleOrders
from dms_apps.crews import store
from dms_apps.crews.life import Stage, Step
from dms_apps.crews.parts import text, time
from dms_apps.crews.store import Order
from dms_apps.crews.trouble import ORDERS, of_order

_ORDER, _STEP, _DECISION = "order", "step", "decision"
_OF, _DECIDED = ("noun", "of", "theirs"), ("pinned", "held", "over", "ended_at")
_NEWEST = 50  # steps and decisions; those before are in what was told before


def properties(
    connection: sa.Connection, orders: Collection[Order]
) -> Mapping[str, tuple[Property, ...]]:
    """By the mRID of the order."""
    rows: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    ids = [one.id for one in orders]
    for step in store.steps_of(connection, ids):
        rows[step.order].append((_STEP, asdict(step)))
    for row in store.decisions_of(connection, ids):
        rows[row["order"]].append((_DECISION, row))
    found = {}
    for one in orders:
        mine = sorted(rows[one.id], key=lambda row: row[1]["at"])[-_NEWEST:]
        known = {name: getattr(one, name) for name in (*_OF, *_DECIDED)}
        words = ((name, {k: v for k, v in row.items() if k != "order"}) for name, row in mine)
        found[one.id] = tuple(_word(*word) for word in ((_ORDER, known), *words))
    return found


def keep(connection: sa.Connection, header: Header, orders: TroubleOrders) -> None:
    """What an event of ours tells beside its order, once however often and late it comes: where all
    steps and decisions are known, the order is as it was decided last."""
    said: dict[str, list[Any]] = defaultdict(list)
    for word in header.properties:
        if word.name in (_ORDER, _STEP, _DECISION):
            said[word.name].append(json.loads(word.value or "{}"))
    if len(said[_ORDER]) != 1 or len(orders.trouble_order) != 1:
        return
    [one], [known] = orders.trouble_order, said[_ORDER]
    mrid, is_news = one.mrid or "", False
    if store.order_called(connection, mrid, ()) is None:
        _add(connection, one, known)
        is_news = True
    if steps := [_step(mrid, row) for row in said[_STEP]]:
        before = {(s.crew, s.at, s.stage) for s in store.steps_of(connection, [mrid])}
        is_news |= any((s.crew, s.at, s.stage) not in before for s in steps)
        store.add_steps(connection, steps)
    for row in said[_DECISION]:
        at = datetime.fromisoformat(row["at"])
        is_news |= store.decide(connection, at, mrid, row["what"], row["who"])
    if is_news:
        _decided(connection, one, known)


def _add(connection: sa.Connection, one: TroubleOrder, known: Mapping[str, Any]) -> None:
    """An order that a dispatcher gave, or of which the trouble was not heard yet."""
    since = one.created_date_time or one.last_modified_date_time
    assert one.mrid and since  # noqa: S101, PT018 - as it is told
    order = Order(
        id=one.mrid, number=one.names[0].name, created_at=since, author=one.author_name or "",
        **{name: known[name] for name in _OF},
    )  # fmt: skip
    store.add_orders(connection, [order])
    if order.noun == ORDERS:
        store.keep_told(connection, ORDERS, order.of, of_order(one) | {"over": ""}, since)


def _decided(connection: sa.Connection, one: TroubleOrder, known: Mapping[str, Any]) -> None:
    values = {name: known[name] for name in _DECIDED} | {"ended_at": time(known["ended_at"])}
    store.update_order(connection, one.mrid or "", **values)
    if known["noun"] == ORDERS and one.last_modified_date_time:
        over = {"over": known["over"]}
        store.keep_told(connection, ORDERS, known["of"], over, one.last_modified_date_time)


def _step(order: str, row: Mapping[str, str]) -> Step:
    at, stage = datetime.fromisoformat(row["at"]), Stage(row["stage"])
    return Step(order=order, crew=row["crew"], at=at, stage=stage, who=row["who"], why=row["why"])


def _word(name: str, said: Mapping[str, Any]) -> Property:
    plain = {k: text(v) if isinstance(v, datetime) else v for k, v in said.items()}
    return Property(name, json.dumps(plain, ensure_ascii=False))
