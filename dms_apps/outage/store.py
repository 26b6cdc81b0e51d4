"""The outages in their table."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from dms_apps.outage.outages import CLOSED, Outage
from dms_apps.outage.tables import outage as table

_SETS = ("dark", "points", "concerned")


def open_outages(connection: sa.Connection) -> list[Outage]:
    """The outages that are not over, the oldest first."""
    query = sa.select(table).where(table.c.state != CLOSED)
    return _read(connection, query.order_by(table.c.started_at, table.c.mrid))


def named_outages(connection: sa.Connection, mrids: Collection[str]) -> list[Outage]:
    """Those of the given mRIDs, over or not."""
    query = sa.select(table).where(table.c.mrid.in_(mrids))
    return _read(connection, query.order_by(table.c.started_at, table.c.mrid))


def save(connection: sa.Connection, outages: Iterable[Outage]) -> None:
    """Write what changed; an outage not yet there is added."""
    for outage in outages:
        row = asdict(outage) | {name: sorted(getattr(outage, name)) for name in _SETS}
        update = sa.update(table).where(table.c.mrid == outage.mrid).values(row)
        if not connection.execute(update).rowcount:
            connection.execute(sa.insert(table).values(row))


def _read(connection: sa.Connection, query: sa.Select[Any]) -> list[Outage]:
    return [
        Outage(**row | {name: frozenset(row[name]) for name in _SETS})
        for row in (dict(r) for r in connection.execute(query).mappings())
    ]
