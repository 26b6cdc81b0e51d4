"""Ends of planned outages that are told before the outages, as out of the dead letters."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dms_apps.planned_outages.tables import early
from hub.inserts import put_all


def keep(
    connection: sa.Connection, called: Collection[str], verb: str, at: datetime, why: str
) -> None:
    """What is called so is over, as of `at`; the latest end of it counts."""
    mine = early.c.called.in_(called)
    known = {row.called: row.at for row in connection.execute(sa.select(early).where(mine))}
    said = {"verb": verb, "at": at, "why": why}
    new = [one for one in sorted(set(called)) if one not in known or known[one] <= at]
    put_all(connection, early, [{"called": one, **said} for one in new])


def found(
    connection: sa.Connection, called: Collection[str], since: datetime
) -> sa.Row[Any] | None:
    """The end (verb, at, why) of what is called one of these, that was no earlier than `since`."""
    mine = sa.select(early).where(early.c.called.in_(called), early.c.at >= since)
    return connection.execute(mine.order_by(early.c.at.desc(), early.c.called).limit(1)).first()


def prune(connection: sa.Connection, before: datetime) -> None:
    """Forget what was over by then."""
    connection.execute(sa.delete(early).where(early.c.at < before))
