"""Sessions of people in the console: a random token in a cookie, its digest in the table."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from hub.security import people
from hub.security.people import Person
from hub.security.tables import session as table


@dataclass(frozen=True)
class Timeouts:
    """When a session ends: `idle` after the last request, `absolute` after the login."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)


NOTED = timedelta(minutes=1)
"""How exactly the last request is kept; not every request shall write."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """One logged-in browser."""

    digest: str
    person: Person
    csrf: str
    seen_at: datetime

    def vouches(self, token: str) -> bool:
        """Whether a form carries the token of its session, so that no other site sent it."""
        return hmac.compare_digest(self.csrf.encode(), token.encode(errors="replace"))

    def stale(self, now: datetime) -> bool:
        """Whether `touch` is due."""
        return now - self.seen_at >= NOTED


def start(connection: Connection, name: str, now: datetime, timeouts: Timeouts) -> str:
    """Begin a session of `name` and return the token for its cookie; sweeps out the ended ones."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        delete(table).where(
            or_(table.c.seen_at < now - timeouts.idle, table.c.created_at < now - timeouts.absolute)
        )
    )
    connection.execute(
        insert(table).values(
            digest=_digest(token),
            person=name,
            csrf=secrets.token_urlsafe(32),
            created_at=now,
            seen_at=now,
        )
    )
    return token


def find(connection: Connection, token: str, now: datetime, timeouts: Timeouts) -> Session | None:
    """The session of that cookie, unless it has ended or its person is gone."""
    row = connection.execute(select(table).where(table.c.digest == _digest(token))).first()
    if row is None or now - row.seen_at > timeouts.idle or now - row.created_at > timeouts.absolute:
        return None
    person = people.find(connection, row.person)
    if person is None:
        return None
    return Session(digest=row.digest, person=person, csrf=row.csrf, seen_at=row.seen_at)


def touch(connection: Connection, session: Session, now: datetime) -> None:
    """Note that the session was used."""
    connection.execute(update(table).where(table.c.digest == session.digest).values(seen_at=now))


def end(connection: Connection, session: Session) -> None:
    """Log out."""
    connection.execute(delete(table).where(table.c.digest == session.digest))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
