from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from sqlalchemy import Connection, select

from hub.security import systems, tables
from hub.security.people import AccountError
from hub.security.roles import Role, RoleConflictError, Roles

Begin = Callable[[], AbstractContextManager[Connection]]
SUBJECT = "CN=head-end,O=Example"
HEAD_END = systems.named(
    "head-end", certificate=SUBJECT, sources=["AMI-1", "AMI-2"], nouns=["EndDeviceEvents"]
)


@pytest.fixture
def token(begin: Begin, roles: Roles, now: datetime) -> str:
    with begin() as connection:
        return systems.add(connection, "admin", HEAD_END, roles, now)


def test_it_is_known_by_token_and_by_certificate(begin: Begin, token: str) -> None:
    with begin() as connection:
        assert systems.authenticate(connection, f"Bearer {token}", None) == HEAD_END
        assert systems.authenticate(connection, None, SUBJECT) == HEAD_END
        assert systems.everyone(connection) == [HEAD_END]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer \udfff"])
def test_a_wrong_token_is_nobody_even_with_a_certificate(
    begin: Begin, token: str, header: str
) -> None:
    with begin() as connection:
        assert systems.authenticate(connection, header, SUBJECT) is None


def test_without_anything_it_is_nobody(begin: Begin, token: str) -> None:
    with begin() as connection:
        assert systems.authenticate(connection, None, None) is None
        assert systems.authenticate(connection, None, "CN=other") is None


def test_only_the_digest_is_kept(begin: Begin, token: str) -> None:
    with begin() as connection:
        assert connection.scalar(select(tables.system.c.token)) != token


def test_it_speaks_for_its_sources_and_nouns_only() -> None:
    assert HEAD_END.may_speak_for("AMI-1")
    assert not HEAD_END.may_speak_for("head-end")
    assert HEAD_END.may_use("EndDeviceEvents")
    assert not HEAD_END.may_use("UnplannedOutages")


def test_unbound_it_speaks_for_itself_of_everything() -> None:
    free = systems.named("erp")
    assert free.may_speak_for("erp")
    assert not free.may_speak_for("AMI-1")
    assert free.may_use("UnplannedOutages")


def test_a_renewed_token_voids_the_old_one(begin: Begin, token: str, now: datetime) -> None:
    with begin() as connection:
        fresh = systems.renew(connection, "admin", "head-end", now)
        assert systems.by_token(connection, token) is None
        assert systems.by_token(connection, fresh) == HEAD_END
        with pytest.raises(AccountError, match='no system "x"'):
            systems.renew(connection, "admin", "x", now)


def test_a_removed_system_is_nobody(begin: Begin, token: str, now: datetime) -> None:
    with begin() as connection:
        systems.remove(connection, "admin", "head-end", now)
        assert systems.by_token(connection, token) is None
        with pytest.raises(AccountError, match="no system"):
            systems.remove(connection, "admin", "head-end", now)


@pytest.mark.parametrize(
    ("system", "sentence"),
    [
        (systems.named("head-end"), "already a system"),
        (systems.named("twin", certificate=SUBJECT), "belongs to another"),
        (systems.named("a b"), "a name has"),
    ],
)
def test_names_and_certificates_are_unique(
    begin: Begin, token: str, roles: Roles, now: datetime, system: systems.System, sentence: str
) -> None:
    with begin() as connection, pytest.raises(AccountError, match=sentence):
        systems.add(connection, "admin", system, roles, now)


def test_conflicting_roles_are_refused(begin: Begin, roles: Roles, now: datetime) -> None:
    both = systems.named("x", roles=[Role.OPERATOR, Role.SECADM])
    with begin() as connection, pytest.raises(RoleConflictError):
        systems.add(connection, "admin", both, roles, now)
