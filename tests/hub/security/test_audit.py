"""Whatever is done to the table behind the hub's back, the chain shows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine, delete, select, update
from sqlalchemy.pool import StaticPool

from hub.columns import metadata
from hub.security import audit, tables

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TABLE = tables.audit
words = st.text(st.characters(), max_size=30)
acts = st.lists(
    st.tuples(words, words, words, st.dictionaries(words, words, max_size=3)),
    min_size=2,
    max_size=12,
)


@contextmanager
def written(said: list[tuple[str, str, str, dict[str, str]]]) -> Iterator[Connection]:
    """A database whose audit says that."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine, tables=[TABLE])
    with engine.begin() as connection:
        for n, (actor, action, subject, detail) in enumerate(said):
            at = START + timedelta(microseconds=n)
            audit.record(connection, actor, action, subject, audit.OK, detail, at)
        yield connection
    engine.dispose()


def numbered(connection: Connection, number: int) -> audit.Entry:
    return next(e for e in audit.entries(connection) if e.number == number)


@given(acts)
@settings(deadline=None, max_examples=30)
def test_what_was_written_verifies(said: list[tuple[str, str, str, dict[str, str]]]) -> None:
    with written(said) as connection:
        assert audit.verify(connection) == []
        assert audit.verify(connection, audit.head(connection)) == []
        assert audit.head(connection).number == len(said)


@given(acts, st.data())
@settings(deadline=None, max_examples=60)
def test_an_edited_entry_shows(
    said: list[tuple[str, str, str, dict[str, str]]], data: st.DataObject
) -> None:
    number = data.draw(st.integers(1, len(said)))
    column = data.draw(st.sampled_from(["actor", "action", "subject", "outcome", "detail", "at"]))
    with written(said) as connection:
        before = getattr(numbered(connection, number), column)
        after = before + timedelta(seconds=1) if column == "at" else before + "x"
        connection.execute(update(TABLE).where(TABLE.c.number == number).values({column: after}))
        assert audit.verify(connection) == [f"entry {number} was changed after it was written"]


@given(acts, st.data())
@settings(deadline=None, max_examples=30)
def test_a_deleted_entry_shows(
    said: list[tuple[str, str, str, dict[str, str]]], data: st.DataObject
) -> None:
    number = data.draw(st.integers(1, len(said) - 1))
    with written(said) as connection:
        connection.execute(delete(TABLE).where(TABLE.c.number == number))
        assert any("missing" in fault for fault in audit.verify(connection))


@given(acts, st.data())
@settings(deadline=None, max_examples=30)
def test_reordered_entries_show(
    said: list[tuple[str, str, str, dict[str, str]]], data: st.DataObject
) -> None:
    one = data.draw(st.integers(1, len(said) - 1))
    other = data.draw(st.integers(one + 1, len(said)))
    with written(said) as connection:
        for now, then in ((one, 0), (other, one), (0, other)):
            connection.execute(update(TABLE).where(TABLE.c.number == now).values(number=then))
        assert audit.verify(connection)


@given(acts, st.data())
@settings(deadline=None, max_examples=30)
def test_a_cut_tail_shows_only_against_an_anchor(
    said: list[tuple[str, str, str, dict[str, str]]], data: st.DataObject
) -> None:
    kept = data.draw(st.integers(0, len(said) - 1))
    with written(said) as connection:
        anchor = audit.Head.parse(str(audit.head(connection)))
        connection.execute(delete(TABLE).where(TABLE.c.number > kept))
        assert audit.verify(connection) == []
        assert audit.verify(connection, anchor) == [
            f"the audit ends with entry {kept}, but the anchor is entry {len(said)}: "
            "the newest entries are missing"
        ]


def test_a_chain_written_anew_shows_against_an_anchor() -> None:
    with written([("a", "login", "a", {})] * 3) as connection:
        anchor = audit.head(connection)
    with written([("b", "login", "b", {})] * 3) as connection:
        assert audit.verify(connection) == []
        assert audit.verify(connection, anchor) == [
            "entry 3 is not the one of the anchor: the chain was written anew"
        ]


def test_long_texts_are_clipped_and_still_verify() -> None:
    with written([("a" * 900, "b" * 900, "c" * 900, {"d": "e" * 9000})] * 2) as connection:
        assert audit.verify(connection) == []
        assert numbered(connection, 1).subject == "c" * 399 + "…"


@pytest.mark.parametrize("text", ["", "7", "seven:" + "0" * 64, "7:00"])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not the head of an audit"):
        audit.Head.parse(text)


def test_entries_are_paged_newest_first() -> None:
    with written([("a", "b", str(n), {}) for n in range(5)]) as connection:
        page = audit.newest(connection, 2)
        assert [e.number for e in page] == [5, 4]
        assert [e.number for e in audit.newest(connection, 2, before=4)] == [3, 2]


def test_appending_from_many_threads_keeps_one_chain(engine: Engine) -> None:
    threads = [threading.Thread(target=_append_ten, args=(engine, name)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert audit.verify(connection) == []
        assert connection.execute(select(TABLE.c.number)).scalars().all() == list(range(1, 41))


def _append_ten(engine: Engine, name: str) -> None:
    for n in range(10):
        with engine.begin() as connection:
            audit.record(connection, name, "test", str(n), audit.OK, {}, START)
