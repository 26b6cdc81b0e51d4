"""The outages and who was without power, in their tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dms_apps.outage.episodes import RESTORED
from dms_apps.outage.facts import HOLD, RELEASE, Statement
from dms_apps.outage.outages import Outage
from dms_apps.outage.tables import interruption, look, ping, statement, supply
from dms_apps.outage.tables import outage as table
from hub.inserts import put_all

_SAID = tuple(
    statement.c[name]
    for name in ("kind", "device", "points", "at", "arrived_at", "outage", "members", "id")
)
_ANEW = sa.select(look.c.number).where(look.c.id == 2)
_PAIRS = ("hazards", "crews", "incidents")
Key = tuple[str, datetime]
Value = tuple[datetime | None, str | None]


def open_outages(connection: sa.Connection) -> list[Outage]:
    """The outages nobody planned that are not over, the oldest first."""
    query = sa.select(table).where(table.c.closed_at.is_(None), ~table.c.planned)
    return _read(connection, query.order_by(table.c.started_at, table.c.mrid))


def open_places(connection: sa.Connection) -> list[tuple[str | None, str]]:
    """Device and anchor of all that are not over; planned ones too."""
    query = sa.select(table.c.device, table.c.anchor).where(table.c.closed_at.is_(None))
    return [(device, anchor) for device, anchor in connection.execute(query)]


def tell_anew(connection: sa.Connection) -> None:
    """What is open now is to be told, for nobody has heard of it; nor was any meter asked."""
    connection.execute(sa.delete(ping))
    if open_outages(connection) and not connection.scalar(_ANEW):
        connection.execute(sa.insert(look).values(id=2, number=1))


def untold(connection: sa.Connection) -> list[Outage]:
    """Those that are to be told anew; from now on they are told."""
    anew = sa.delete(look).where(look.c.id == 2)
    return open_outages(connection) if connection.execute(anew).rowcount else []


def restored_outages(connection: sa.Connection) -> list[Outage]:
    """Those that a person calls restored, and that are not over."""
    query = sa.select(table).where(table.c.closed_at.is_(None), table.c.state == RESTORED)
    return _read(connection, query.order_by(table.c.started_at, table.c.mrid))


def named_outages(connection: sa.Connection, mrids: Collection[str]) -> list[Outage]:
    """Those of the given mRIDs, over or not."""
    found: list[Outage] = []
    for some in _some(mrids):
        query = sa.select(table).where(table.c.mrid.in_(some))
        found += _read(connection, query.order_by(table.c.started_at, table.c.mrid))
    return found


def outages_since(connection: sa.Connection, since: datetime) -> list[Outage]:
    """Those that are not over, or ended at `since` or later; planned ones too."""
    query = sa.select(table).where(sa.or_(table.c.closed_at.is_(None), table.c.ended_at >= since))
    return _read(connection, query.order_by(table.c.started_at, table.c.mrid))


def save(connection: sa.Connection, outages: Iterable[Outage]) -> None:
    """Write outages; what is there of the same mRID is replaced."""
    rows = [asdict(one) | {n: [list(pair) for pair in getattr(one, n)] for n in _PAIRS}
            for one in outages]  # fmt: skip
    put_all(connection, table, rows)


def _read(connection: sa.Connection, query: sa.Select[Any]) -> list[Outage]:
    return [
        Outage(**row | {name: tuple((a, b) for a, b in row[name]) for name in _PAIRS})
        for row in (dict(r) for r in connection.execute(query).mappings())
    ]


# -- who was without power


def without(connection: sa.Connection, mrids: Collection[str]) -> dict[str, frozenset[str]]:
    """mRID of an outage -> who is without power for it now."""
    found: dict[str, set[str]] = defaultdict(set)
    for some in _some(mrids):
        query = sa.select(interruption.c.outage, interruption.c.point).where(
            interruption.c.outage.in_(some), interruption.c.ended_at.is_(None)
        )
        for mrid, point in connection.execute(query):
            found[mrid].add(point)
    return {mrid: frozenset(found[mrid]) for mrid in mrids}


def were_without(connection: sa.Connection, mrid: str) -> frozenset[str]:
    """All who were without power for an outage at some time."""
    query = sa.select(interruption.c.point).where(interruption.c.outage == mrid)
    return frozenset(connection.scalars(query))


def since(connection: sa.Connection, mrid: str) -> dict[str, datetime]:
    """Who is without power for an outage now -> since when."""
    query = sa.select(interruption.c.point, interruption.c.started_at).where(
        interruption.c.outage == mrid, interruption.c.ended_at.is_(None)
    )
    return {row.point: row.started_at for row in connection.execute(query)}


def switched_off(connection: sa.Connection) -> set[str]:
    """The usage points that are without supply by switches that are known to be open."""
    return set(connection.scalars(sa.select(supply.c.point).where(supply.c.back_at.is_(None))))


def is_switched(connection: sa.Connection, device: str) -> bool:
    """Whether somebody is without supply because a device is known to be open."""
    lost = sa.select(supply.c.point).where(supply.c.device == device, supply.c.back_at.is_(None))
    return connection.execute(lost.limit(1)).first() is not None


def ledger(
    connection: sa.Connection, mrids: Collection[str], points: Collection[str], since: datetime
) -> dict[Key, Value]:
    """The interruptions of outages, and those of usage points from `since` on."""
    columns = (interruption.c.point, interruption.c.started_at, interruption.c.ended_at,
               interruption.c.outage)  # fmt: skip
    found: dict[Key, Value] = {}
    for some in _some(mrids):
        query = sa.select(*columns).where(interruption.c.outage.in_(some))
        found |= {(p, s): (e, o) for p, s, e, o in connection.execute(query)}
    for some in _some(points):
        query = sa.select(*columns).where(
            interruption.c.point.in_(some), interruption.c.started_at >= since
        )
        found |= {(p, s): (e, o) for p, s, e, o in connection.execute(query)}
    return found


def correct(
    connection: sa.Connection, before: Mapping[Key, Value], after: Mapping[Key, Value]
) -> None:
    """Make the interruptions those of `after`."""
    gone = [{"of_point": p, "of_at": at} for p, at in before if (p, at) not in after]
    if gone:
        delete = sa.delete(interruption).where(
            interruption.c.point == sa.bindparam("of_point"),
            interruption.c.started_at == sa.bindparam("of_at"),
        )
        connection.execute(delete, gone)
    rows = [
        {"point": key[0], "started_at": key[1], "ended_at": value[0], "outage": value[1]}
        for key, value in after.items()
        if before.get(key) != value
    ]
    put_all(connection, interruption, rows)


def first_without(
    connection: sa.Connection, points: Collection[str], moment: datetime
) -> datetime | None:
    """Since when somebody was without power for an outage in which one of these was at a moment or
    later, if that was before; None when nobody was."""
    starts: list[datetime] = []
    outages: set[str] = set()
    for some in _some(points):
        query = sa.select(interruption.c.started_at, interruption.c.outage).where(
            interruption.c.point.in_(some),
            sa.or_(interruption.c.ended_at.is_(None), interruption.c.ended_at >= moment),
        )
        for at, outage in connection.execute(query):
            starts.append(at)
            outages |= {outage} - {None}
    for some in _some(outages):
        first = sa.func.min(interruption.c.started_at)
        of = sa.select(first).where(interruption.c.outage.in_(some))
        starts += [at for at in connection.scalars(of) if at is not None]
    return min((at for at in starts if at < moment), default=None)


# -- what people said


def statements(connection: sa.Connection) -> list[tuple[Statement, bool]]:
    """What may still change what is believed; with each whether it is news."""
    query = sa.select(*_SAID, statement.c.fresh).where(statement.c.live)
    rows = connection.execute(query.order_by(statement.c.at, statement.c.id))
    return [(_statement(*said), fresh) for *said, fresh in rows]


def hold_of(connection: sa.Connection, outage: str, new: str) -> Statement | None:
    """The last that was said of where an outage is and of whom it consists, if it still holds.

    new: what stands before the mRID of an outage that is made by what is said.
    """
    query = sa.select(*_SAID).where(
        statement.c.outage.in_([outage, f"{new}{outage}"]),
        statement.c.kind.in_([HOLD, RELEASE]),
    )
    last = statement.c.at.desc(), statement.c.arrived_at.desc(), statement.c.id.desc()
    row = connection.execute(query.order_by(*last)).first()
    return None if row is None or row.kind == RELEASE else _statement(*row)


def regroupings(connection: sa.Connection) -> list[Statement]:
    """What was said of whom outages consist, and has not been looked at."""
    query = sa.select(*_SAID).where(
        statement.c.live, statement.c.fresh, statement.c.kind.in_([HOLD, RELEASE])
    )
    return [_statement(*row) for row in connection.execute(query)]


def _statement(*row: Any) -> Statement:
    kind, device, points, at, arrived_at, outage, members, identity = row
    since = tuple((name, datetime.fromisoformat(text)) for name, text in members)
    return Statement(kind, device, tuple(points), at, arrived_at, outage, since, identity)


def say(connection: sa.Connection, said: Statement, who: str) -> None:
    """Keep what a person says; the same only once."""
    row = {
        **said._asdict(),
        "points": list(said.points),
        "members": [[name, since.isoformat()] for name, since in said.members],
        "by": who,
        "fresh": True,
        "live": True,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(statement).on_conflict_do_nothing(), row)


def put_away_statements(connection: sa.Connection, some: Iterable[Statement]) -> None:
    """These matter no more, unless something late is heard."""
    for ids in _some([said.id for said in some]):
        old = sa.update(statement).where(statement.c.id.in_(ids))
        connection.execute(old.values(live=False))


def put_away_since(connection: sa.Connection, since: datetime) -> list[Statement]:
    """What was said from `since` on and put away."""
    query = sa.select(*_SAID).where(~statement.c.live, statement.c.at >= since)
    return [_statement(*row) for row in connection.execute(query)]


def take_up_statements(connection: sa.Connection, some: Iterable[Statement]) -> None:
    """These matter again."""
    for ids in _some([said.id for said in some]):
        again = sa.update(statement).where(statement.c.id.in_(ids))
        connection.execute(again.values(live=True))


def assessed(connection: sa.Connection) -> None:
    """No statement is news any more."""
    connection.execute(sa.update(statement).where(statement.c.fresh).values(fresh=False))


def _some(values: Collection[str]) -> Iterator[list[str]]:
    every = sorted(values)
    for start in range(0, len(every), 1000):
        yield every[start : start + 1000]
