"""Column types give back what was put in, alike on both databases."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from hub.columns import Moment, Packed
from hub.journal import Journal

DIALECT = sqlite.dialect()
LARGE = b"<cim:Terminal/>" * 100_000
MARK, SMALLEST = Packed.MARK, Packed.SMALLEST


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"a",
        LARGE,
        Packed.MARK,
        Packed.MARK + b"no zlib",
        b"\0",
        LARGE[: Packed.SMALLEST],
    ],
    ids=["none", "empty", "small", "large", "mark", "like_packed", "zero", "limit"],
)
def test_packed_bytes_come_back(value: bytes | None, database_url: str) -> None:
    table = sa.Table("packed", sa.MetaData(), sa.Column("value", Packed))
    journal = Journal.open(database_url)
    journal.create_tables(table.metadata)
    with journal.transaction() as transaction:
        transaction.connection.execute(sa.insert(table), {"value": value})
        assert transaction.connection.execute(sa.select(table.c.value)).scalar_one() == value
    journal.close()


def test_only_much_is_packed() -> None:
    column = Packed()
    assert column.process_bind_param(b"a" * SMALLEST, DIALECT) == b"a" * SMALLEST
    packed = column.process_bind_param(LARGE, DIALECT)
    assert packed is not None
    assert len(packed) < len(LARGE) / 50


def test_what_was_kept_as_it_came_is_read_as_it_is() -> None:
    assert Packed().process_result_value(LARGE, DIALECT) == LARGE


def test_a_moment_without_zone_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Chicago")
    time.tzset()
    said = datetime(2026, 3, 1, 12)
    assert Moment().process_bind_param(said, DIALECT) == said.replace(tzinfo=UTC)
    monkeypatch.undo()
    time.tzset()
