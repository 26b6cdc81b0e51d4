"""Many rows at once, alike on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError

from hub.columns import Moment
from hub.inserts import insert_all, insert_new, put_all
from hub.journal import Journal
from hub.journal.tables import mention
from tests import fakes

_metadata = sa.MetaData()
_things = sa.Table(
    "thing",
    _metadata,
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("by", sa.Text),  # a word of SQL, too
    sa.Column("count", sa.BigInteger),
    sa.Column("share", sa.Float),
    sa.Column("flag", sa.Boolean),
    sa.Column("at", Moment),
    sa.Column("data", sa.LargeBinary),
    sa.Column("said", sa.JSON),
)
_NOON = datetime(2026, 7, 14, 12, 0, 0, 1, tzinfo=UTC)
_FULL = {
    "name": "full",
    "by": "ü\\ \n:name %s",
    "count": 2**40,
    "share": 0.1,
    "flag": True,
    "at": _NOON,
    "data": bytes(range(256)),
    "said": ["a", {"b": None}],
}
_EMPTY = {**dict.fromkeys(_FULL), "name": "empty", "by": "", "data": b"", "said": []}


def test_values_of_every_kind_come_back(journal: Journal) -> None:
    journal.create_tables(_metadata)
    nothing = {**dict.fromkeys(_FULL), "name": "nothing", "said": {}}
    rows = [_FULL, _EMPTY, nothing]
    with journal.transaction() as transaction:
        insert_all(transaction.connection, _things, [])
        insert_all(transaction.connection, _things, rows)
        found = transaction.connection.execute(sa.select(_things)).mappings().all()
    assert sorted(map(dict, found), key=lambda row: str(row["name"])) == sorted(
        rows, key=lambda row: str(row["name"])
    )


def test_a_moment_of_another_zone_is_the_same(journal: Journal) -> None:
    journal.create_tables(_metadata)
    east = _NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with journal.transaction() as transaction:
        insert_all(transaction.connection, _things, [{"name": "east", "at": east}])
        assert transaction.connection.scalar(sa.select(_things.c.at)) == _NOON


def test_what_is_there_is_left_and_what_is_new_told(journal: Journal) -> None:
    journal.create_tables(_metadata)
    columns = _things.c.name, _things.c.at, _things.c.said
    with journal.transaction() as transaction:
        connection = transaction.connection
        assert not insert_new(connection, _things, [], *columns)
        [full] = insert_new(connection, _things, [_FULL], *columns)
        assert tuple(full) == ("full", _NOON, _FULL["said"])
        more = [_FULL | {"count": 1}, _EMPTY, _EMPTY | {"count": 2}]
        [empty] = insert_new(connection, _things, more, *columns)
        assert tuple(empty) == ("empty", None, [])
        found = connection.execute(sa.select(_things.c.name, _things.c.count)).all()
    counts = {row[0]: row[1] for row in found}
    assert counts == {"full": 2**40, "empty": None}


def test_what_is_there_is_replaced(journal: Journal) -> None:
    journal.create_tables(_metadata)
    more = {**_EMPTY, "at": _NOON, "said": {"c": 1}}
    with journal.transaction() as transaction:
        connection = transaction.connection
        put_all(connection, _things, [])
        put_all(connection, _things, [_FULL, _EMPTY, _EMPTY | {"count": 2}])
        put_all(connection, _things, [_FULL | {"count": 3, "by": None}, more])
        rows = connection.execute(sa.select(_things).order_by(_things.c.name)).mappings().all()
    assert [*map(dict, rows)] == [more, _FULL | {"count": 3, "by": None}]


def test_what_is_there_cannot_be_added(journal: Journal) -> None:
    journal.create_tables(_metadata)
    with journal.transaction() as transaction:
        insert_all(transaction.connection, _things, [_FULL])
        part = transaction.savepoint()
        with pytest.raises(IntegrityError):
            insert_all(transaction.connection, _things, [_EMPTY, _FULL])
        part.rollback()
        assert transaction.connection.scalars(sa.select(_things.c.name)).all() == ["full"]


def test_rows_of_characters_that_a_list_may_stumble_over(journal: Journal) -> None:
    names = ['"a"', "b,{c}", "NULL", "d\\e", "'", "ü"]
    with journal.transaction() as transaction:
        [seq] = transaction.accept([fakes.entry(fakes.message(None))])
        insert_all(transaction.connection, mention, [{"mrid": n, "seq": seq} for n in names])
        found = transaction.connection.execute(sa.select(mention.c.mrid, mention.c.seq)).all()
    assert sorted(found) == sorted((name, seq) for name in names)


def test_what_is_too_long_is_not_cut(journal: Journal) -> None:
    if journal.has_one_writer:
        return  # SQLite takes texts of any length
    with journal.transaction() as transaction:
        [seq] = transaction.accept([fakes.entry(fakes.message(None))])
        part = transaction.savepoint()
        with pytest.raises(DataError):
            insert_all(transaction.connection, mention, [{"mrid": "m" * 201, "seq": seq}])
        part.rollback()
