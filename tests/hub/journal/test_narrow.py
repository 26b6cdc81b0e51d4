"""Many rows at once, alike on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DataError

from hub.journal import Journal
from hub.journal.narrow import insert_all
from hub.journal.tables import mention
from tests import fakes


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
