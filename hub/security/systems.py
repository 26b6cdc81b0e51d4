"""Systems that speak to the hub: an API token or a client certificate, and what each may say."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from hub.security import audit
from hub.security.people import NAME, AccountError
from hub.security.roles import Role, Roles, parse
from hub.security.tables import system as table


@dataclass(frozen=True, kw_only=True)
class System:
    """One authenticated system.

    certificate: subject of its client certificate (RFC 4514); None when it has none.
    sources:     Header.Source values it may use; empty: its own name only.
    nouns:       nouns it may send and read; empty: all.
    roles:       what it may read and do over REST.
    """

    name: str
    certificate: str | None
    sources: frozenset[str]
    nouns: frozenset[str]
    roles: frozenset[Role]

    def may_use(self, noun: str) -> bool:
        """Whether messages of that noun are its business."""
        return not self.nouns or noun in self.nouns

    def may_speak_for(self, source: str) -> bool:
        """Whether it may put that into Header.Source."""
        return source in (self.sources or {self.name})


def add(
    connection: Connection,
    actor: str,
    system: System,
    roles: Roles,
    now: datetime,
) -> str:
    """Register a system and return its API token, to be shown once and never again.

    Raises: AccountError when the name or the certificate is taken, RoleConflictError.
    """
    if not NAME.fullmatch(system.name):
        raise AccountError("a name has 1 to 100 letters, digits and . _ @ -")
    if find(connection, system.name):
        raise AccountError(f'there is already a system "{system.name}"')
    if system.certificate and by_certificate(connection, system.certificate):
        raise AccountError(f'the certificate "{system.certificate}" belongs to another system')
    roles.check(system.roles)
    token = _new_token()
    connection.execute(
        insert(table).values(
            name=system.name,
            token=_digest(token),
            certificate=system.certificate,
            sources=sorted(system.sources),
            nouns=sorted(system.nouns),
            roles=sorted(system.roles),
            created_at=now,
        )
    )
    detail = {
        "certificate": system.certificate,
        "sources": sorted(system.sources),
        "nouns": sorted(system.nouns),
        "roles": sorted(system.roles),
    }
    audit.record(connection, actor, "system.add", system.name, audit.OK, detail, now)
    return token


def renew(connection: Connection, actor: str, name: str, now: datetime) -> str:
    """Replace a system's API token; the old one is void at once.

    Raises: AccountError when there is no such system.
    """
    token = _new_token()
    known = connection.execute(
        update(table).where(table.c.name == name).values(token=_digest(token))
    )
    if not known.rowcount:
        raise AccountError(f'there is no system "{name}"')
    audit.record(connection, actor, "system.renew", name, audit.OK, {}, now)
    return token


def remove(connection: Connection, actor: str, name: str, now: datetime) -> None:
    """Forget a system.  Raises: AccountError when there is no such system."""
    if not connection.execute(delete(table).where(table.c.name == name)).rowcount:
        raise AccountError(f'there is no system "{name}"')
    audit.record(connection, actor, "system.remove", name, audit.OK, {}, now)


def find(connection: Connection, name: str) -> System | None:
    """The system of that name."""
    return _one(connection, table.c.name == name)


def by_token(connection: Connection, token: str) -> System | None:
    """The system that holds this API token."""
    return _one(connection, table.c.token == _digest(token))


def by_certificate(connection: Connection, subject: str) -> System | None:
    """The system whose client certificate has this subject (RFC 4514)."""
    return _one(connection, table.c.certificate == subject)


def authenticate(
    connection: Connection, authorization: str | None, certificate: str | None
) -> System | None:
    """The system behind a request; None when it cannot say who it is.

    authorization: the HTTP header, "Bearer <token>"; when it is there it must be right.
    certificate:   subject of the client certificate that the TLS layer has verified.
    """
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        return by_token(connection, token.strip()) if scheme.lower() == "bearer" else None
    return by_certificate(connection, certificate) if certificate else None


def everyone(connection: Connection) -> list[System]:
    """All systems by name."""
    return [_system(row) for row in connection.execute(select(table).order_by(table.c.name))]


def named(
    name: str,
    *,
    certificate: str | None = None,
    sources: Collection[str] = (),
    nouns: Collection[str] = (),
    roles: Collection[Role] = (Role.VIEWER,),
) -> System:
    """A system to be added; without more it speaks for itself and may look."""
    return System(
        name=name,
        certificate=certificate,
        sources=frozenset(sources),
        nouns=frozenset(nouns),
        roles=frozenset(roles),
    )


def _one(connection: Connection, condition: ColumnElement[bool]) -> System | None:
    row = connection.execute(select(table).where(condition)).first()
    return _system(row) if row else None


def _system(row: Row[Any]) -> System:
    return System(
        name=row.name,
        certificate=row.certificate,
        sources=frozenset(row.sources),
        nouns=frozenset(row.nouns),
        roles=parse(row.roles),
    )


def _new_token() -> str:
    # 256 random bits: a plain digest is enough, there is nothing to guess.
    return f"gridbus_{secrets.token_urlsafe(32)}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
