from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select

from hub.security import people, sessions, tables
from hub.security.roles import Role, Roles
from hub.security.sessions import NOTED, Timeouts

Begin = Callable[[], AbstractContextManager[Connection]]
LIMITS = Timeouts(idle=timedelta(minutes=30), absolute=timedelta(hours=12))


@pytest.fixture
def token(begin: Begin, roles: Roles, now: datetime) -> str:
    with begin() as connection:
        people.add(connection, "admin", "ann", {Role.OPERATOR}, roles, now)
        return sessions.start(connection, "ann", now, LIMITS)


def alive(begin: Begin, token: str, at: datetime) -> sessions.Session | None:
    with begin() as connection:
        return sessions.find(connection, token, at, LIMITS)


def test_only_the_digest_is_kept(begin: Begin, token: str) -> None:
    with begin() as connection:
        row = connection.execute(select(tables.session)).one()
    assert token not in tuple(row)


def test_a_session_knows_its_person_and_its_csrf_token(
    begin: Begin, token: str, now: datetime
) -> None:
    session = alive(begin, token, now)
    assert session
    assert session.person.name == "ann"
    assert session.vouches(session.csrf)
    assert not session.vouches("")
    assert not session.vouches("ü\udfff")
    assert alive(begin, token + "x", now) is None


def test_it_ends_when_idle(begin: Begin, token: str, now: datetime) -> None:
    assert alive(begin, token, now + LIMITS.idle)
    assert alive(begin, token, now + LIMITS.idle + timedelta(seconds=1)) is None


def test_use_keeps_it_until_the_absolute_end(begin: Begin, token: str, now: datetime) -> None:
    at = now
    while at + LIMITS.idle <= now + LIMITS.absolute:
        at += LIMITS.idle
        session = alive(begin, token, at)
        assert session
        assert session.stale(at)
        with begin() as connection:
            sessions.touch(connection, session, at)
    assert alive(begin, token, now + LIMITS.absolute + timedelta(seconds=1)) is None


def test_not_every_request_is_noted(begin: Begin, token: str, now: datetime) -> None:
    session = alive(begin, token, now)
    assert session
    assert not session.stale(now + NOTED / 2)
    assert session.stale(now + NOTED)


def test_logging_out_ends_it(begin: Begin, token: str, now: datetime) -> None:
    session = alive(begin, token, now)
    assert session
    with begin() as connection:
        sessions.end(connection, session)
    assert alive(begin, token, now) is None


def test_ended_sessions_are_swept_out_at_the_next_login(
    begin: Begin, token: str, now: datetime
) -> None:
    with begin() as connection:
        sessions.start(connection, "ann", now + timedelta(days=1), LIMITS)
        assert connection.scalar(select(func.count()).select_from(tables.session)) == 1
