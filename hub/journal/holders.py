"""Who holds a right that one process at a time has, by the sessions of PostgreSQL.

A right is an advisory lock of a session.  On SQLite it is a lock on a file, of which nothing is
told: all that use the database are on one machine, and one of them is a hub.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from zlib import crc32

from sqlalchemy import Connection, text

_HOLDING = """
FROM pg_locks AS held JOIN pg_stat_activity AS session USING (pid)
WHERE held.locktype = 'advisory' AND held.granted
AND held.classid = 0 AND held.objid = CAST(CAST(:key AS bigint) AS oid) AND held.objsubid = 1
AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_NAMED = 63  # characters that PostgreSQL keeps of an application's name


def key(name: str) -> int:
    """Of the advisory lock that stands for a right."""
    return crc32(name.encode())


def win(connection: Connection, name: str) -> bool:
    """Try to win a right for this session, which says from now on whose it is."""
    won = text("SELECT pg_try_advisory_lock(:key)")
    if not connection.execute(won, {"key": key(name)}).scalar_one():
        return False
    said = f"gridbus {os.getpid()} at {socket.gethostname()}"[:_NAMED]
    connection.execute(text("SELECT set_config('application_name', :said, false)"), {"said": said})
    return True


def end_silent(connection: Connection, name: str, seconds: float) -> int:
    """End the session that holds a right and has asked nothing for so long; how many there were."""
    ended = text(
        f"SELECT pg_terminate_backend(pid) {_HOLDING}"
        "AND session.query_start < clock_timestamp() - make_interval(secs => :seconds)"
    )
    return len(connection.execute(ended, {"key": key(name), "seconds": seconds}).all())


def sending(adapter: str) -> str:
    """The right to write to the system of an adapter, and to poll it where it has a front end."""
    return f"sending-{adapter}"


def holders(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """Right -> the process that has it, e.g. "gridbus 4711 at host"; none that nobody has."""
    if connection.dialect.name != "postgresql":
        return {}
    asked = text(f"SELECT session.application_name {_HOLDING}")
    found = {name: connection.scalar(asked, {"key": key(name)}) for name in names}
    return {name: who for name, who in found.items() if who is not None}
