"""Roles after IEC 62351-8 and the rights each carries; the table is data, `config/roles.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar


class Role(StrEnum):
    """The roles of IEC 62351-8."""

    VIEWER = "VIEWER"
    OPERATOR = "OPERATOR"
    ENGINEER = "ENGINEER"
    INSTALLER = "INSTALLER"
    SECADM = "SECADM"
    SECAUD = "SECAUD"
    RBACMNT = "RBACMNT"


class Right(StrEnum):
    """What the hub asks for before it does something."""

    SEE = "see"
    BODIES = "bodies"
    PERSONAL = "personal"
    REPLAY = "replay"
    QUARANTINE = "quarantine"
    MODELS = "models"
    FEEDS = "feeds"
    CONTROL = "control"
    OUTAGES = "outages"
    ACCOUNTS = "accounts"
    ROLES = "roles"
    AUDIT = "audit"


class RoleConflictError(ValueError):
    """Two roles that nobody may hold together."""


@dataclass(frozen=True)
class Roles:
    """The rights table.

    rights:    what each role may do.
    conflicts: pairs of roles that exclude one another.
    first:     the roles of the account made at the first start.
    """

    rights: Mapping[Role, frozenset[Right]]
    conflicts: tuple[frozenset[Role], ...]
    first: frozenset[Role]

    @classmethod
    def read(cls, path: Path) -> Roles:
        """Read the table.  Raises: ValueError naming the file and the unknown or missing key."""
        document = tomllib.loads(path.read_text("utf-8"))
        try:
            roles = cls(
                rights={
                    _member(Role, role): frozenset(_member(Right, r) for r in rights)
                    for role, rights in document["rights"].items()
                },
                conflicts=tuple(
                    frozenset(_member(Role, role) for role in pair)
                    for pair in document["assignment"]["conflicts"]
                ),
                first=frozenset(_member(Role, r) for r in document["assignment"]["first"]),
            )
            roles.check(roles.first)
        except KeyError as missing:
            raise ValueError(f"{path}: the key {missing} is missing") from None
        except ValueError as wrong:
            raise ValueError(f"{path}: {wrong}") from None
        return roles

    def allowed(self, roles: Collection[Role]) -> frozenset[Right]:
        """The rights of whoever holds `roles`."""
        return frozenset().union(*(self.rights.get(role, frozenset()) for role in roles))

    def check(self, roles: Collection[Role]) -> None:
        """Raises: RoleConflictError when two of `roles` exclude one another."""
        for pair in self.conflicts:
            if pair <= set(roles):
                one, other = sorted(pair)
                raise RoleConflictError(f"{one} and {other} may not be held by the same account")


Member = TypeVar("Member", bound=StrEnum)


def _member(kind: type[Member], name: str) -> Member:
    try:
        return kind(name)
    except ValueError:
        known = ", ".join(kind)
        raise ValueError(f'no {kind.__name__.lower()} is called "{name}"; known: {known}') from None


def parse(names: Collection[str]) -> frozenset[Role]:
    """Roles by name.  Raises: ValueError naming the unknown one and the known ones."""
    return frozenset(_member(Role, name) for name in names)
