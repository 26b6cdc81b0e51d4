"""The audit: who did what to what, append-only, each entry's hash covering the entry before.

Nothing in the hub changes or deletes an entry.  Editing, deleting or reordering entries behind its
back breaks the chain and `verify` says where.  Cutting off the newest entries leaves a whole chain;
only a `Head` kept elsewhere (printed, mailed, exported) shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, insert, select

from hub.security.tables import audit

START = "0" * 64
"""What the first entry takes for the hash before it."""

_LOCK = 6_196_801
"""Key of the PostgreSQL advisory lock that makes appending serial."""

OK = "ok"
REFUSED = "refused"


class Head(NamedTuple):
    """The newest entry, as an anchor to keep elsewhere; its text is `number:hash`."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, written: str) -> Head:
        """Read the text back.  Raises: ValueError when it is no `number:hash`."""
        number, _, digest = written.strip().partition(":")
        if not number.isdecimal() or len(digest) != len(START):
            raise ValueError(f'"{written}" is not the head of an audit: number:hash was expected')
        return cls(int(number), digest)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One audited act.

    actor:   who: a person, a system, or "gridbus" itself.
    action:  noun and verb, e.g. "delivery.replay".
    subject: what it was done to.
    outcome: "ok" or "refused".
    detail:  canonical JSON.
    """

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    outcome: str
    detail: str
    previous: str
    hash: str


def record(
    connection: Connection,
    actor: str,
    action: str,
    subject: str,
    outcome: str,
    detail: Mapping[str, Any],
    at: datetime,
) -> Head:
    """Append one entry in the caller's transaction, so that act and entry commit together.

    Appending is serial: PostgreSQL holds an advisory lock until the transaction ends; on SQLite the
    transaction that writes is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = head(connection)
    values = {
        "number": last.number + 1,
        "at": at.astimezone(UTC),
        "actor": _clipped(actor, 200),
        "action": _clipped(action, 100),
        "subject": _clipped(subject, 400),
        "outcome": _clipped(outcome, 20),
        "detail": _storable(canonical(detail)),
        "previous": last.hash,
    }
    digest = _hash(values)
    connection.execute(insert(audit).values(**values, hash=digest))
    return Head(last.number + 1, digest)


def head(connection: Connection) -> Head:
    """The newest entry; number 0 when there is none."""
    query = select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    row = connection.execute(query).first()
    return Head(row.number, row.hash) if row else Head(0, START)


def newest(connection: Connection, limit: int, before: int | None = None) -> list[Entry]:
    """Up to `limit` entries, the newest first, older than the entry `before`."""
    query = select(audit).order_by(audit.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.number < before)
    return [_entry(row) for row in connection.execute(query)]


def entries(connection: Connection) -> Iterator[Entry]:
    """All entries, the oldest first, without holding them in memory."""
    query = select(audit).order_by(audit.c.number).execution_options(yield_per=1000)
    return (_entry(row) for row in connection.execute(query))


def verify(connection: Connection, anchor: Head | None = None) -> list[str]:
    """What is wrong with the chain, in sentences; empty when it is whole.

    anchor: a head kept elsewhere; the chain must still hold that entry, unchanged.
    """
    found: list[str] = []
    last = Head(0, START)
    anchored = anchor is None or anchor == last
    for entry in entries(connection):
        found += _faults(entry, last)
        last = Head(entry.number, entry.hash)
        anchored = anchored or anchor == last
    if anchor is not None and not anchored:
        found.append(_lost(anchor, last))
    return found


def canonical(value: Mapping[str, Any]) -> str:
    """JSON with one spelling: keys sorted, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _faults(entry: Entry, last: Head) -> Iterator[str]:
    if entry.number != last.number + 1:
        yield f"entry {entry.number} follows entry {last.number}: entries between are missing"
    if entry.previous != last.hash:
        yield f"entry {entry.number} does not continue entry {last.number}"
    if entry.hash != _hash(vars(entry)):
        yield f"entry {entry.number} was changed after it was written"


def _lost(anchor: Head, last: Head) -> str:
    if last.number < anchor.number:
        return (
            f"the audit ends with entry {last.number}, but the anchor is entry {anchor.number}: "
            "the newest entries are missing"
        )
    return f"entry {anchor.number} is not the one of the anchor: the chain was written anew"


def _hash(values: Mapping[str, Any]) -> str:
    covered = ("number", "actor", "action", "subject", "outcome", "detail")
    body = {name: values[name] for name in covered}
    body["at"] = values["at"].isoformat(timespec="microseconds")
    return hashlib.sha256((values["previous"] + canonical(body)).encode()).hexdigest()


def _entry(row: Row[Any]) -> Entry:
    return Entry(**row._mapping)


def _clipped(value: str, length: int) -> str:
    value = _storable(value)
    return value if len(value) <= length else value[: length - 1] + "…"


def _storable(value: str) -> str:
    """The text without what PostgreSQL cannot keep: NUL and lone surrogates."""
    return value.encode(errors="replace").decode().replace("\0", "�")
