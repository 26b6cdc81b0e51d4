"""Which crews and orders there are, for who asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa

from cim.message import Message, ObjectId, Outgoing, Reply, Request, Verb
from cim.profiles.trouble_orders import TroubleOrder, TroubleOrders
from cim.replies import done, failed, in_part
from cim.violation import Violation
from dms_apps.crews import notices, requests, store
from dms_apps.crews.life import standing
from dms_apps.crews.queue import Day
from dms_apps.crews.store import Order
from dms_apps.crews.trouble import ORDERS

CREWS = "Crews"


def reply(ids: Sequence[ObjectId], refused: Sequence[Violation]) -> Reply:
    """Done, done in part, or refused."""
    if not refused:
        return replace(done(), ids=tuple(ids))
    return replace(in_part(refused), ids=tuple(ids)) if ids else failed(refused)


def crews(message: Message, today: Day) -> Outgoing:
    """All crews, or those asked for by mRID or name."""
    ids = _ids(message)
    found = [c for c in today.crews.values() if not ids or {c.mrid, c.name} & {*ids}]
    names = {name for crew in found for name in (crew.mrid, crew.name)}
    missing = [_missing("Crew", one) for one in ids if one not in names]
    said = reply([ObjectId(value=crew.mrid) for crew in found], missing)
    payload = notices.crews(found, today) if found else None
    return Outgoing(Verb.REPLY, payload, reply=replace(said, ids=()), noun=CREWS)


def orders(message: Message, connection: sa.Connection, today: Day) -> Outgoing:
    """The open orders, the most urgent first, or those asked for by mRID or number, over or not;
    those that were created in the period asked for."""
    ids = _ids(message)
    if not ids:
        found = [q.order for q in today.queue]
        missing: list[Violation] = []
    else:
        known = {one: store.order_called(connection, one, [one]) for one in ids}
        found = list({order.id: order for order in known.values() if order}.values())
        missing = [_missing("TroubleOrder", one) for one, order in known.items() if order is None]
    request = message.request or Request()
    found = [order for order in found if request.within(order.created_at)]
    told = tuple(one for order in found for one in _told(order, connection, today))
    said = reply([ObjectId(value=order.id) for order in found], missing)
    payload = TroubleOrders(trouble_order=told) if told else None
    return Outgoing(Verb.REPLY, payload, reply=replace(said, ids=()), noun=ORDERS)


def _told(order: Order, connection: sa.Connection, today: Day) -> Iterator[TroubleOrder]:
    """An order as its events tell it."""
    queued = next((q for q in today.queue if q.order.id == order.id), None)
    if queued is not None:
        said = notices.order(Verb.CHANGED, queued, today)
    else:
        crews = standing(store.steps_of_order(connection, order.id)).get(order.id, {})
        trouble = store.trouble(connection, order.noun, order.of)
        at = order.ended_at or today.now
        said = notices.ended(Verb(order.over), order, trouble, crews, at, today.crews)
    if isinstance(said.payload, TroubleOrders):
        yield from said.payload.trouble_order


def _ids(message: Message) -> list[str]:
    return [one.value for one in message.request.ids] if message.request else []


def _missing(what: str, called: str) -> Violation:
    return Violation(code=requests.UNKNOWN, rule=f"{what} {called!r}: there is none", value=called)
