from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from hub.security import audit, people, sessions, tables
from hub.security.people import AUDITED, LOCKED, TRIES, AccountError
from hub.security.roles import Role, RoleConflictError, Roles
from hub.security.sessions import Timeouts

Begin = Callable[[], AbstractContextManager[Connection]]
LIMITS = Timeouts(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
NEW = "correct horse battery"


@pytest.fixture
def password(begin: Begin, roles: Roles, now: datetime) -> str:
    """One-time password of the account `ann`."""
    with begin() as connection:
        return people.add(connection, "admin", "ann", {Role.OPERATOR}, roles, now)


def last(begin: Begin) -> audit.Entry:
    with begin() as connection:
        assert audit.verify(connection) == []
        return audit.newest(connection, 1)[0]


def test_the_first_start_makes_admin_once(begin: Begin, roles: Roles, now: datetime) -> None:
    with begin() as connection:
        password = people.first_start(connection, roles, now)
        assert people.first_start(connection, roles, now) is None
    assert password
    admin = people.log_in(begin, "admin", password, now)
    assert admin
    assert admin.must_change
    assert admin.roles == roles.first


def test_passwords_are_kept_as_argon2id(begin: Begin, password: str) -> None:
    with begin() as connection:
        stored = connection.scalar(select(tables.person.c.password))
    assert str(stored).startswith("$argon2id$")
    assert password not in str(stored)


def test_login_is_audited_either_way(begin: Begin, password: str, now: datetime) -> None:
    assert people.log_in(begin, "ann", password, now)
    assert (last(begin).actor, last(begin).outcome) == ("ann", "ok")
    assert people.log_in(begin, "ann", "wrong", now) is None
    assert (last(begin).actor, last(begin).outcome) == ("anonymous", "refused")
    assert last(begin).detail == '{"reason":"wrong password"}'
    assert people.log_in(begin, "bob\0", "wrong", now) is None
    assert last(begin).detail == '{"reason":"unknown name"}'


def test_wrong_passwords_lock_the_account_for_a_while(
    begin: Begin, password: str, now: datetime
) -> None:
    for _ in range(TRIES):
        assert people.log_in(begin, "ann", "wrong", now) is None
    assert people.log_in(begin, "ann", password, now) is None
    assert last(begin).detail == '{"reason":"locked"}'
    assert people.log_in(begin, "ann", password, now + LOCKED)


@pytest.mark.parametrize("names", [["ann"] * 15, [f"nobody-{n}" for n in range(15)]])
def test_many_refused_logins_do_not_flood_the_audit(
    begin: Begin, password: str, now: datetime, names: list[str]
) -> None:
    with begin() as connection:
        before = audit.head(connection).number
    for name in names:
        assert people.log_in(begin, name, "wrong", now) is None
    assert last(begin).number == before + AUDITED + 1
    assert "not audited one by one until a minute has passed" in last(begin).detail
    assert people.log_in(begin, names[0], "wrong", now + timedelta(minutes=1)) is None
    assert last(begin).number == before + AUDITED + 2
    assert "more" not in last(begin).detail


def test_a_right_password_forgives_the_wrong_ones(
    begin: Begin, password: str, now: datetime
) -> None:
    for _ in range(2 * TRIES):
        people.log_in(begin, "ann", "wrong", now)
        assert people.log_in(begin, "ann", password, now)


def test_a_reset_unlocks_and_ends_sessions(begin: Begin, password: str, now: datetime) -> None:
    for _ in range(TRIES):
        people.log_in(begin, "ann", "wrong", now)
    with begin() as connection:
        token = sessions.start(connection, "ann", now, LIMITS)
        fresh = people.reset(connection, "admin", "ann", now)
        assert sessions.find(connection, token, now, LIMITS) is None
    assert people.log_in(begin, "ann", password, now) is None
    person = people.log_in(begin, "ann", fresh, now)
    assert person
    assert person.must_change


def test_a_changed_password_replaces_the_old_one_and_ends_sessions(
    begin: Begin, password: str, now: datetime
) -> None:
    with begin() as connection:
        token = sessions.start(connection, "ann", now, LIMITS)
    people.change_password(begin, "ann", password, NEW, now)
    with begin() as connection:
        assert sessions.find(connection, token, now, LIMITS) is None
    assert people.log_in(begin, "ann", password, now) is None
    person = people.log_in(begin, "ann", NEW, now)
    assert person
    assert not person.must_change


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("short", "at least 12"),
        ("x" * 2000, "at most 1024"),
        ("aaaaaaaaaaaaaaa", "too easy"),
        ("ann-is-my-name", "too easy"),
    ],
)
def test_a_weak_password_is_refused(
    begin: Begin, password: str, now: datetime, new: str, sentence: str
) -> None:
    with pytest.raises(AccountError, match=sentence):
        people.change_password(begin, "ann", password, new, now)


def test_the_old_password_must_be_right_and_differ(
    begin: Begin, password: str, now: datetime
) -> None:
    with pytest.raises(AccountError, match="is wrong"):
        people.change_password(begin, "ann", "wrong", NEW, now)
    with pytest.raises(AccountError, match="is the old one"):
        people.change_password(begin, "ann", password, password, now)


def test_conflicting_roles_are_refused(
    begin: Begin, password: str, roles: Roles, now: datetime
) -> None:
    with begin() as connection:
        with pytest.raises(RoleConflictError):
            people.add(connection, "admin", "bob", {Role.OPERATOR, Role.SECADM}, roles, now)
        with pytest.raises(RoleConflictError):
            people.assign(connection, "admin", "ann", {Role.SECADM, Role.SECAUD}, roles, now)
        assert people.find(connection, "bob") is None


def test_roles_are_assigned_by_somebody_else(
    begin: Begin, password: str, roles: Roles, now: datetime
) -> None:
    with begin() as connection:
        with pytest.raises(AccountError, match="their own"):
            people.assign(connection, "ann", "ann", {Role.ENGINEER}, roles, now)
        people.assign(connection, "admin", "ann", {Role.ENGINEER}, roles, now)
        [ann] = people.everybody(connection)
        assert ann.roles == {Role.ENGINEER}
    assert last(begin).detail == '{"after":["ENGINEER"],"before":["OPERATOR"]}'


def test_accounts_are_removed_by_somebody_else(begin: Begin, password: str, now: datetime) -> None:
    with begin() as connection:
        with pytest.raises(AccountError, match="their own"):
            people.remove(connection, "ann", "ann", now)
        people.remove(connection, "admin", "ann", now)
        with pytest.raises(AccountError, match='no account "ann"'):
            people.reset(connection, "admin", "ann", now)


@pytest.mark.parametrize("name", ["", " ", "a b", "../x", "<b>", "ä", "a" * 101])
def test_odd_names_are_refused(begin: Begin, roles: Roles, now: datetime, name: str) -> None:
    with begin() as connection, pytest.raises(AccountError, match="a name has"):
        people.add(connection, "admin", name, {Role.VIEWER}, roles, now)


def test_a_name_is_taken_once(begin: Begin, password: str, roles: Roles, now: datetime) -> None:
    with begin() as connection, pytest.raises(AccountError, match="already"):
        people.add(connection, "admin", "ann", {Role.VIEWER}, roles, now)
