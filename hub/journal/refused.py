"""What was refused is kept once, however often it comes; it is counted, and told where it was last.

A system that sends all it has each night sends what is wrong in it each night, too.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update
from sqlalchemy.dialects import postgresql, sqlite

from cim.violation import Refusal
from hub.journal.entry import violations_as_json
from hub.journal.tables import OPEN
from hub.journal.tables import quarantine as table

_ANEW = ("at", "origin", "reason", "violations", "state", "times", "last_at", "last_origin")
_PLACE = re.compile(r" \S+ \d+$")  # of a record in its file, e.g. " line 17"
_FIGURES = re.compile(r"\d+([.,]\d+)*")


def keep(
    connection: Connection,
    channel: str,
    principal: str,
    origin: str,
    received: bytes,
    refusal: Refusal,
    now: datetime,
) -> int:
    """The number of the item; hold the order, so that two never wait for each other's items.

    The same bytes of the same sender, refused for the same reason, are one item wherever they are.
    When it was closed, by whomever, it is opened again, and counted from there.
    """
    digest = identity(principal, origin, received, refusal)
    again: int | None = connection.scalar(
        update(table)
        .where(table.c.channel == channel, table.c.digest == digest, table.c.state == OPEN)
        .values(times=table.c.times + 1, last_at=now, last_origin=origin)
        .returning(table.c.id)
    )
    if again is not None:
        return again
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = _row(channel, principal, origin, received, refusal, now)
    kept = dialect.insert(table).values(row | {"digest": digest})
    opened = kept.on_conflict_do_update(
        index_elements=[table.c.channel, table.c.digest],
        set_={one: kept.excluded[one] for one in _ANEW},
    )
    number: int = connection.execute(opened.returning(table.c.id)).scalar_one()
    return number


def identity(principal: str, origin: str, received: bytes, refusal: Refusal) -> str:
    """What tells a record that was refused from others, and from itself refused otherwise.

    A reason may name the file, its line, or what time it is: that makes no other reason of it.
    """
    reason = str(refusal).replace(origin, "").replace(_PLACE.sub("", origin), "")
    said = f"{principal}\0{_FIGURES.sub('0', reason)}\0".encode(errors="surrogateescape")
    return hashlib.sha256(said + received).hexdigest()


def _row(
    channel: str, principal: str, origin: str, received: bytes, refusal: Refusal, now: datetime
) -> dict[str, Any]:
    return {
        "at": now,
        "channel": channel,
        "principal": principal,
        "origin": origin,
        "reason": str(refusal),
        "violations": violations_as_json(refusal),
        "received": received,
        "state": OPEN,
        "times": 1,
        "last_at": now,
        "last_origin": origin,
    }
