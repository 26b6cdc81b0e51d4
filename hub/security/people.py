"""People who log in to the console: passwords as argon2id, lockout after wrong ones."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, and_, case, delete, func, insert, or_, select, update

from hub.security import audit
from hub.security.roles import Role, Roles, parse
from hub.security.tables import person as table
from hub.security.tables import session

Begin = Callable[[], AbstractContextManager[Connection]]
"""Opens one transaction; committed on leaving, rolled back when something was raised."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
SHORTEST = 12
LONGEST = 1024
TRIES = 5
LOCKED = timedelta(minutes=15)
AUDITED = 10
"""Refused logins to one account that are audited one by one within a minute."""

_MINUTE = timedelta(minutes=1)
_LOOKED_AT = 500  # newest entries of the audit, so that the look costs the same in a long one
_LOGIN = "login"
_UNKNOWN = "unknown name"

_hasher = PasswordHasher()


class AccountError(ValueError):
    """What may not be done to an account, as a sentence."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who may log in.  `must_change`: only to choose a new password."""

    name: str
    roles: frozenset[Role]
    must_change: bool
    locked_until: datetime | None


def first_start(connection: Connection, roles: Roles, now: datetime) -> str | None:
    """Make the account `admin` where nobody has one yet.

    Returns its one-time password, to be shown once and never again; None when there are people.
    """
    if connection.scalar(select(func.count()).select_from(table)):
        return None
    return add(connection, "gridbus", "admin", roles.first, roles, now)


def add(
    connection: Connection,
    actor: str,
    name: str,
    held: Collection[Role],
    roles: Roles,
    now: datetime,
) -> str:
    """Make an account and return its one-time password.

    Raises: AccountError, RoleConflictError; nothing is written.
    """
    if not NAME.fullmatch(name):
        raise AccountError(
            "a name has 1 to 100 letters, digits and . _ @ - and begins with a letter or digit"
        )
    if find(connection, name):
        raise AccountError(f'there is already an account "{name}"')
    roles.check(held)
    password = secrets.token_urlsafe(12)
    connection.execute(
        insert(table).values(
            name=name,
            password=_hasher.hash(password),
            roles=sorted(held),
            must_change=1,
            failures=0,
            created_at=now,
        )
    )
    detail = {"roles": sorted(held)}
    audit.record(connection, actor, "person.add", name, audit.OK, detail, now)
    return password


def assign(
    connection: Connection,
    actor: str,
    name: str,
    held: Collection[Role],
    roles: Roles,
    now: datetime,
) -> None:
    """Give `name` these roles and no others.

    Raises: AccountError when there is no such account or it is the actor's own, RoleConflictError.
    """
    known = _existing(connection, name)
    if actor == name:
        raise AccountError("nobody changes the roles of their own account")
    roles.check(held)
    connection.execute(update(table).where(table.c.name == name).values(roles=sorted(held)))
    detail = {"before": sorted(known.roles), "after": sorted(held)}
    audit.record(connection, actor, "person.assign", name, audit.OK, detail, now)


def reset(connection: Connection, actor: str, name: str, now: datetime) -> str:
    """Unlock `name`, end its sessions and return a new one-time password.

    Raises: AccountError when there is no such account.
    """
    _existing(connection, name)
    password = secrets.token_urlsafe(12)
    _store(connection, name, password, must_change=True)
    audit.record(connection, actor, "person.reset", name, audit.OK, {}, now)
    return password


def remove(connection: Connection, actor: str, name: str, now: datetime) -> None:
    """Remove an account and its sessions.  Raises: AccountError when it is the actor's own."""
    _existing(connection, name)
    if actor == name:
        raise AccountError("nobody removes their own account")
    connection.execute(delete(session).where(session.c.person == name))
    connection.execute(delete(table).where(table.c.name == name))
    audit.record(connection, actor, "person.remove", name, audit.OK, {}, now)


def find(connection: Connection, name: str) -> Person | None:
    """The account of that name."""
    if not NAME.fullmatch(name):
        return None
    row = connection.execute(select(table).where(table.c.name == name)).first()
    if row is None:
        return None
    return Person(
        name=row.name,
        roles=parse(row.roles),
        must_change=bool(row.must_change),
        locked_until=row.locked_until,
    )


def everybody(connection: Connection) -> list[Person]:
    """All accounts by name."""
    names = connection.scalars(select(table.c.name).order_by(table.c.name)).all()
    return [person for name in names if (person := find(connection, name))]


def log_in(begin: Begin, name: str, password: str, now: datetime) -> Person | None:
    """The person, when the password is right and the account not locked.

    Audited either way, many refusals in a minute together.

    A try is counted before the slow comparison and forgiven afterwards, so that guesses made at the
    same time count too; no transaction is open while comparing.  An unknown name costs the same
    time as a known one.
    """
    with begin() as connection:
        digest = _count(connection, name, now)
    right = _matches(digest or _decoy(), password) and digest is not None
    with begin() as connection:
        known = find(connection, name) if right else None
        if known:
            _forgive(connection, name, digest, password)
            audit.record(connection, name, _LOGIN, name, audit.OK, {}, now)
        else:
            _audit_refused(connection, name, _reason(connection, name, digest), now)
    return known


def change_password(begin: Begin, name: str, old: str, new: str, now: datetime) -> None:
    """Replace the password and end every session of `name`.

    Raises: AccountError with the broken rule; a wrong old password counts as a failed login.
    """
    if broken := _weak(name, old, new):
        raise AccountError(broken)
    if log_in(begin, name, old, now) is None:
        raise AccountError("the present password is wrong, or the account is locked")
    with begin() as connection:
        _store(connection, name, new, must_change=False)
        audit.record(connection, name, "person.password", name, audit.OK, {}, now)


def _existing(connection: Connection, name: str) -> Person:
    if known := find(connection, name):
        return known
    raise AccountError(f'there is no account "{name}"')


def _count(connection: Connection, name: str, now: datetime) -> str | None:
    """Count one try; the hash to compare with, None when unknown or locked."""
    if not NAME.fullmatch(name):
        return None
    failed = table.c.failures + 1
    counted = connection.execute(
        update(table)
        .where(
            and_(
                table.c.name == name,
                or_(table.c.locked_until.is_(None), table.c.locked_until <= now),
            )
        )
        .values(
            failures=case((failed >= TRIES, 0), else_=failed),
            locked_until=case((failed >= TRIES, now + LOCKED), else_=None),
        )
    )
    if not counted.rowcount:
        return None
    return connection.scalar(select(table.c.password).where(table.c.name == name))


def _forgive(connection: Connection, name: str, digest: str | None, password: str) -> None:
    values: dict[str, object] = {"failures": 0, "locked_until": None}
    if digest and _hasher.check_needs_rehash(digest):
        values["password"] = _hasher.hash(password)
    connection.execute(update(table).where(table.c.name == name).values(**values))


def _reason(connection: Connection, name: str, digest: str | None) -> str:
    if digest is not None:
        return "wrong password"
    return "locked" if find(connection, name) else _UNKNOWN


def _audit_refused(connection: Connection, name: str, reason: str, now: datetime) -> None:
    """One entry each, but no flood: after `AUDITED` in a minute one that says so, then none.

    Counted by account; all names without an account count as one.
    """
    unknown = reason == _UNKNOWN
    earlier = sum(
        entry.action == _LOGIN
        and entry.outcome == audit.REFUSED
        and entry.at > now - _MINUTE
        and (_UNKNOWN in entry.detail if unknown else entry.subject == name)
        for entry in audit.newest(connection, _LOOKED_AT)
    )
    if earlier > AUDITED:
        return
    detail = {"reason": reason}
    if earlier == AUDITED:
        detail["more"] = "not audited one by one until a minute has passed"
    audit.record(connection, "anonymous", _LOGIN, name, audit.REFUSED, detail, now)


def _store(connection: Connection, name: str, password: str, *, must_change: bool) -> None:
    connection.execute(delete(session).where(session.c.person == name))
    connection.execute(
        update(table)
        .where(table.c.name == name)
        .values(
            password=_hasher.hash(password),
            must_change=int(must_change),
            failures=0,
            locked_until=None,
        )
    )


def _weak(name: str, old: str, new: str) -> str | None:
    if not SHORTEST <= len(new) <= LONGEST:
        return f"a password has at least {SHORTEST} and at most {LONGEST} characters"
    if new == old:
        return "the new password is the old one"
    if name.lower() in new.lower() or len(set(new)) < 5:
        return "the new password is too easy to guess"
    return None


def _matches(digest: str, password: str) -> bool:
    try:
        return len(password) <= LONGEST and _hasher.verify(digest, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    """A hash that nobody's password has."""
    return _hasher.hash(secrets.token_urlsafe(32))
