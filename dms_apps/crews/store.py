"""Crews, troubles, orders and steps in their tables."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cim.bounds import short
from cim.profiles.trouble_orders import TroubleOrders
from dms_apps.crews.life import ACTIVE, Stage, Step
from dms_apps.crews.parts import Parts, merged, text
from dms_apps.crews.roster import Crew
from dms_apps.crews.tables import crew, decision, ended, order, step, told
from dms_apps.crews.trouble import Trouble

_ORDERS = uuid.UUID("5c0d4a52-5f0a-5a3e-8c11-7d5a4f3f8e20")  # namespace of version 5 UUIDs
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MANY = 500  # values in one statement
_ADD_STEP = {
    "sqlite": sqlite.insert(step).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(step).on_conflict_do_nothing(),
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order: a crew is to look after one trouble.

    theirs: another system gave it, and knows that it is; pinned: a dispatcher's rank; held: no crew
    is assigned by itself; said: what was told last; saying: what is being told (`keep_saying`).
    """

    id: str
    number: str
    noun: str
    of: str
    created_at: datetime
    author: str = ""
    theirs: bool = False
    pinned: int | None = None
    held: bool = False
    over: str = ""
    ended_at: datetime | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    saying: Mapping[str, Any] = field(default_factory=dict)


def identity(noun: str, of: str) -> str:
    """mRID of the order that looks after a trouble: always the same."""
    return str(uuid.uuid5(_ORDERS, f"{noun} {of}"))


def number(mrid: str) -> str:
    """Its number: T and eleven digits or letters, so that systems of old have room for it."""
    left, digits = uuid.uuid5(_ORDERS, mrid).int, ""
    for _ in range(11):
        left, digit = divmod(left, len(_DIGITS))
        digits += _DIGITS[digit]
    return f"T{digits}"


# -- crews


def keep_crew(
    connection: sa.Connection, mrid: str, said: Iterable[tuple[datetime, Mapping[str, Any]]]
) -> None:
    """Add what was told of a crew, each word as of its time; `gone` is a part as others are."""
    row = connection.execute(sa.select(crew.c.parts).where(crew.c.id == mrid)).first()
    parts: Parts = row.parts if row else {}
    for at, one in said:
        parts = merged(parts, one, at)
    gone, name = parts.get("gone", ("", False))[1], parts.get("name", ("", ""))[1]
    values = {"parts": parts, "name": short(name), "gone": gone}
    if row:
        connection.execute(sa.update(crew).where(crew.c.id == mrid).values(values))
    else:
        connection.execute(sa.insert(crew).values(id=mrid, **values))


def crews(connection: sa.Connection) -> list[Crew]:
    """All that there are, by name."""
    rows = connection.execute(sa.select(crew).where(~crew.c.gone).order_by(crew.c.name, crew.c.id))
    return [Crew.of(row.id, row.parts) for row in rows]


def crew_called(connection: sa.Connection, mrid: str | None, names: Collection[str]) -> Crew | None:
    """By mRID, else by name."""
    by = [crew.c.id == mrid] if mrid else []
    by += [crew.c.name.in_(names), crew.c.id.in_(names)] if names else []
    for condition in by:
        query = sa.select(crew).where(condition, ~crew.c.gone).order_by(crew.c.id)
        if row := connection.execute(query).first():
            return Crew.of(row.id, row.parts)
    return None


# -- what others tell


def keep_told(
    connection: sa.Connection, noun: str, mrid: str, said: Mapping[str, Any], at: datetime
) -> None:
    """Add what was told of a trouble, or of work, as of a time."""
    this = sa.and_(told.c.noun == noun, told.c.id == mrid)
    row = connection.execute(sa.select(told).where(this)).first()
    parts = merged(row.parts if row else {}, said, at)
    over = parts.get("over", ("", ""))[1]
    values = {"parts": parts, "over": over, "as_of": max(at, row.as_of) if row else at}
    if row:
        connection.execute(sa.update(told).where(this).values(values))
    else:
        connection.execute(sa.insert(told).values(noun=noun, id=mrid, **values))


def keep_end(connection: sa.Connection, mrid: str, over: str, at: datetime) -> None:
    """A call is over of which nothing is known; the newest word counts."""
    before = connection.scalar(sa.select(ended.c.as_of).where(ended.c.id == mrid))
    if before is None or before < at:
        connection.execute(sa.delete(ended).where(ended.c.id == mrid))
        connection.execute(sa.insert(ended).values(id=mrid, over=over, as_of=at))


def end_of(connection: sa.Connection, mrid: str) -> tuple[str, datetime] | None:
    """How and when a call was over before it was known; that is forgotten with this."""
    row = connection.execute(sa.select(ended).where(ended.c.id == mrid)).first()
    connection.execute(sa.delete(ended).where(ended.c.id == mrid))
    return (row.over, row.as_of) if row else None


def troubles(connection: sa.Connection, nouns: Collection[str]) -> list[Trouble]:
    """Those that are not over."""
    query = sa.select(told).where(told.c.over == "", told.c.noun.in_(nouns))
    rows = connection.execute(query.order_by(told.c.noun, told.c.id))
    return [Trouble.of(row.noun, row.id, row.parts) for row in rows]


def without_order(connection: sa.Connection, nouns: Collection[str]) -> list[Trouble]:
    """Those that are not over and never had an order."""
    of = sa.and_(order.c.noun == told.c.noun, order.c.of == told.c.id)
    query = sa.select(told).outerjoin(order, of).where(order.c.id.is_(None))
    query = query.where(told.c.over == "", told.c.noun.in_(nouns))
    rows = connection.execute(query.order_by(told.c.noun, told.c.id))
    return [Trouble.of(row.noun, row.id, row.parts) for row in rows]


def still(connection: sa.Connection, noun: str, mrids: Collection[str]) -> set[str]:
    """Those of them that are told and not over."""
    found: set[str] = set()
    for some in _parts(mrids):
        query = sa.select(told.c.id).where(told.c.noun == noun, told.c.over == "")
        found.update(connection.scalars(query.where(told.c.id.in_(some))))
    return found


def troubles_of(connection: sa.Connection, orders: Iterable[Order]) -> dict[str, Trouble]:
    """What orders look after, over or not, by the mRID of the order."""
    by_noun: dict[str, dict[str, str]] = defaultdict(dict)
    for one in orders:
        by_noun[one.noun][one.of] = one.id
    found = {}
    for noun, wanted in by_noun.items():
        for some in _parts(wanted):
            query = sa.select(told).where(told.c.noun == noun, told.c.id.in_(some))
            for row in connection.execute(query):
                found[wanted[row.id]] = Trouble.of(noun, row.id, row.parts)
    return found


def trouble(connection: sa.Connection, noun: str, mrid: str) -> Trouble | None:
    """One, over or not."""
    query = sa.select(told).where(told.c.noun == noun, told.c.id == mrid)
    row = connection.execute(query).first()
    return Trouble.of(row.noun, row.id, row.parts) if row else None


def works(connection: sa.Connection, noun: str) -> dict[str, Parts]:
    """Parts of what is told under a noun and is not over, by identity."""
    query = sa.select(told.c.id, told.c.parts).where(told.c.noun == noun, told.c.over == "")
    return {row.id: row.parts for row in connection.execute(query)}


# -- orders


def open_orders(connection: sa.Connection) -> list[Order]:
    """The oldest first."""
    query = sa.select(order).where(order.c.over == "").order_by(order.c.created_at, order.c.id)
    return [Order(**row) for row in connection.execute(query).mappings()]


def order_called(
    connection: sa.Connection, mrid: str | None, names: Collection[str]
) -> Order | None:
    """By mRID, else by number; over or not."""
    by = [order.c.id == mrid] if mrid else []
    by += [order.c.number.in_(names), order.c.id.in_(names)] if names else []
    for condition in by:
        query = sa.select(order).where(condition).order_by(order.c.id)
        if row := connection.execute(query).mappings().first():
            return Order(**row)
    return None


def order_ids(connection: sa.Connection, mrids: Collection[str]) -> set[str]:
    """Those of them that orders have, over or not."""
    found: set[str] = set()
    for some in _parts(mrids):
        found.update(connection.scalars(sa.select(order.c.id).where(order.c.id.in_(some))))
    return found


def order_for(connection: sa.Connection, noun: str, of: str) -> Order | None:
    """The one that looks after a trouble, over or not."""
    query = sa.select(order).where(order.c.noun == noun, order.c.of == of)
    row = connection.execute(query).mappings().first()
    return Order(**row) if row else None


def abandoned(connection: sa.Connection) -> list[tuple[str, str, Order]]:
    """Noun and mRID of troubles that are not over, though their orders are."""
    of = sa.and_(order.c.noun == told.c.noun, order.c.of == told.c.id)
    query = sa.select(order).join(told, of).where(told.c.over == "", order.c.over != "")
    rows = connection.execute(query.order_by(order.c.ended_at, order.c.id)).mappings()
    return [(row["noun"], row["of"], Order(**row)) for row in rows]


def add_orders(connection: sa.Connection, orders: Iterable[Order]) -> None:
    """New ones."""
    if rows := [asdict(one) for one in orders]:
        connection.execute(sa.insert(order), rows)


def update_order(connection: sa.Connection, mrid: str, **values: Any) -> None:
    connection.execute(sa.update(order).where(order.c.id == mrid).values(values))


def reopen(connection: sa.Connection, mrid: str) -> None:
    """An order that was over is not; all of it is told anew."""
    none: dict[str, Any] = {"over": "", "ended_at": None, "said": {}, "saying": {}}
    update_order(connection, mrid, held=False, **none)


def keep_saying(connection: sa.Connection, saying: Mapping[str, Mapping[str, Any]]) -> None:
    """What is being told of orders, by mRID: what, and when."""
    if rows := [{"this": mrid, "now": one} for mrid, one in saying.items()]:
        this = order.c.id == sa.bindparam("this")
        now = sa.bindparam("now", type_=sa.JSON)
        connection.execute(sa.update(order).where(this).values(saying=now), rows)


def confirm(connection: sa.Connection, orders: TroubleOrders) -> None:
    """What was told has come back, so all have it."""
    for one in orders.trouble_order:
        query = sa.select(order.c.saying).where(order.c.id == one.mrid)
        saying = connection.scalar(query) or {}
        at = one.last_modified_date_time
        if at is not None and one.mrid and saying.get("at") == text(at):
            update_order(connection, one.mrid, said=saying["what"])


# -- steps and decisions


def add_steps(connection: sa.Connection, steps: Iterable[Step]) -> None:
    """Those that are not there yet."""
    if rows := [asdict(one) for one in steps]:
        connection.execute(_ADD_STEP[connection.dialect.name], rows)


def steps_of_open_orders(connection: sa.Connection) -> list[Step]:
    """And where crews went last, though that order may be over."""
    of = step.c.order.in_(sa.select(order.c.id).where(order.c.over == ""))
    went = step.c.stage.in_(ACTIVE)
    last = (
        sa.select(step.c.crew, sa.func.max(step.c.at).label("at"))
        .where(went, step.c.crew.in_(sa.select(step.c.crew).where(of)))
        .group_by(step.c.crew)
        .subquery()
    )
    theirs = sa.select(step).join(
        last, sa.and_(step.c.crew == last.c.crew, step.c.at == last.c.at, went)
    )
    return _steps(connection, sa.union(sa.select(step).where(of), theirs))


def steps_of(connection: sa.Connection, orders: Collection[str]) -> list[Step]:
    """As they were told."""
    found: list[Step] = []
    for some in _parts(orders):
        rows = connection.execute(sa.select(step).where(step.c.order.in_(some))).mappings()
        found += (Step(**{**row, "stage": Stage(row["stage"])}) for row in rows)
    return found


def steps_of_order(connection: sa.Connection, mrid: str) -> list[Step]:
    """From the first to the last."""
    query = sa.select(step).where(step.c.order == mrid).order_by(step.c.at)
    return _steps(connection, query)


def decide(connection: sa.Connection, at: datetime, mrid: str, what: str, who: str) -> bool:
    """Keep what was decided of an order, beside the steps of its crews, and by whom; whether it
    was not known."""
    row = {"at": at, "order": mrid, "what": what, "who": who}
    same = (decision.c[name] == value for name, value in row.items())
    if connection.execute(sa.select(decision.c.id).where(*same)).first() is not None:
        return False
    connection.execute(sa.insert(decision).values(row))
    return True


def decisions_of(connection: sa.Connection, orders: Collection[str]) -> list[dict[str, Any]]:
    """Of these: at, order, what, who."""
    found: list[dict[str, Any]] = []
    for some in _parts(orders):
        columns = (c for c in decision.c if c is not decision.c.id)
        query = sa.select(*columns).where(decision.c.order.in_(some))
        found += map(dict, connection.execute(query).mappings())
    return found


def history(connection: sa.Connection, since: datetime, mrid: str = "") -> list[dict[str, Any]]:
    """Steps and decisions, the newest first; of one order, or of all.

    Columns: at, order, crew, what, who.
    """
    of_steps = sa.and_(step.c.at >= since, step.c.order == mrid if mrid else sa.true())
    of_words = sa.and_(decision.c.at >= since, decision.c.order == mrid if mrid else sa.true())
    said = connection.execute(sa.select(decision).where(of_words)).mappings()
    found = [{"crew": "", **row} for row in said]
    for row in connection.execute(sa.select(step).where(of_steps)):
        what = f"{row.stage}: {row.why}" if row.why else row.stage
        found.append(
            {"at": row.at, "order": row.order, "crew": row.crew, "what": what, "who": row.who}
        )
    return sorted(found, key=lambda one: (text(one["at"]), one["order"], one["what"]), reverse=True)


def numbers(connection: sa.Connection) -> dict[str, str]:
    """Number of every order, by mRID."""
    return {row.id: row.number for row in connection.execute(sa.select(order.c.id, order.c.number))}


def prune(connection: sa.Connection, before: datetime) -> None:
    """Forget orders that were over by then with all of theirs, and troubles that were."""
    old = sa.select(order.c.id).where(order.c.over != "", order.c.ended_at < before)
    gone = list(connection.scalars(old))
    for some in _parts(gone):
        connection.execute(sa.delete(step).where(step.c.order.in_(some)))
        connection.execute(sa.delete(order).where(order.c.id.in_(some)))
    connection.execute(sa.delete(decision).where(decision.c.at < before))
    connection.execute(sa.delete(told).where(told.c.over != "", told.c.as_of < before))
    connection.execute(sa.delete(ended).where(ended.c.as_of < before))


def oldest_ended(connection: sa.Connection) -> datetime | None:
    """When the first of the orders that are over was."""
    found: datetime | None = connection.scalar(
        sa.select(sa.func.min(order.c.ended_at)).where(order.c.over != "")
    )
    return found


def _steps(connection: sa.Connection, query: sa.Executable) -> list[Step]:
    """A crew that was named before it was known is the one of that name now."""
    found = connection.execute(query).all()
    names = connection.execute(sa.select(crew.c.name, crew.c.id).order_by(crew.c.id.desc()))
    known = {name: mrid for name, mrid in names if name}
    return [
        Step(
            order=r.order, crew=known.get(r.crew, r.crew), at=r.at, stage=Stage(r.stage),
            who=r.who, why=r.why,
        )
        for r in found
    ]  # fmt: skip


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    return (ordered[start : start + _MANY] for start in range(0, len(ordered), _MANY))
