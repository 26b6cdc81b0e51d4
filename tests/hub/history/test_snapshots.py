"""Snapshots: found, passed over when they cannot be read, thinned."""

from __future__ import annotations

import sqlite3
import zlib
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cim.network.snapshot import FORMAT
from hub.dispatch import Hub
from hub.history import pieces, snapshots, versions
from hub.history.past import Past
from hub.history.snapshots import Keep
from hub.history.tables import piece, snapshot
from hub.journal import Journal
from tests import fakes
from tests.hub.history import story
from tests.hub.history.story import answers, folded, happen


def newest_seq(journal: Journal, until: int | None = None) -> int | None:
    with journal.reading() as connection:
        found = snapshots.newest(connection, until)
    return found.seq if found else None


def keep(journal: Journal, *seqs: int) -> None:
    for seq in seqs:
        snapshots.write(journal, story.at(journal, seq))


def count(journal: Journal, table: sa.Table) -> int:
    with journal.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_the_nearest_earlier_one_is_found(journal: Journal) -> None:
    happen(journal, story.grid(), story.switched("open", "x"), story.switched("close", "x"))
    assert newest_seq(journal) is None
    keep(journal, 1, 2)
    keep(journal, 2)  # again, which changes nothing
    assert [newest_seq(journal, until) for until in (None, 3, 2, 1, 0)] == [2, 2, 2, 1, None]
    with journal.reading() as connection:
        found = snapshots.newest(connection)
        assert found
        assert answers(found.network) == answers(folded(journal, 2))
        assert [(t.seq, t.at) for t in snapshots.taken(connection)] == [
            (1, fakes.START),
            (2, fakes.START),
        ]
        assert (snapshots.last_seq(connection), snapshots.last_seq(connection, 1)) == (2, 1)


def test_the_live_network_folds_only_what_came_later(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(journal, story.grid(), story.switched("open", "x"))
    keep(journal, 2)
    happen(journal, story.switched("close", "x"), story.switched("open", "y"))
    hub = Hub(journal, {})
    read: list[int] = []
    get = hub.decoded.get

    def counted(seq: int, body: bytes) -> Any:
        read.append(seq)
        return get(seq, body)

    monkeypatch.setattr(hub.decoded, "get", counted)
    hub.live.catch_up()
    assert read == [3, 4]
    assert answers(hub.network) == answers(folded(journal, 4))


def test_one_of_another_format_is_as_if_it_were_not_there(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(journal, story.grid(), story.switched("open", "x"))
    keep(journal, 1)
    monkeypatch.setattr(snapshots, "FORMAT", FORMAT + 1)
    assert newest_seq(journal) is None
    keep(journal, 2)
    assert newest_seq(journal) == 2
    assert newest_seq(journal, 1) is None
    assert snapshots.thin(journal, Keep(), fakes.START) == [1]
    assert answers(Past(journal).as_of(1)) == answers(folded(journal, 1))


DAMAGED: dict[str, sa.Update | sa.Delete] = {
    "cut": sa.update(piece).values(content=b"cut"),
    "other": sa.update(piece).values(content=b"\0" + zlib.compress(b"something else")),
    "gone": sa.delete(piece),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_one_is_passed_over(
    journal: Journal, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    happen(journal, story.grid(), story.switched("open", "x"))
    keep(journal, 1, 2)
    with journal.transaction() as transaction:
        known = sa.select(snapshot.c.pieces).order_by(snapshot.c.seq)
        one, two = transaction.connection.execute(known).scalars()
        own = piece.c.digest.in_(set(two) - set(one))
        transaction.connection.execute(DAMAGED[damage].where(own))
    assert newest_seq(journal) == 1
    assert "cannot be read and is passed over" in caplog.text
    assert answers(Hub(journal, {}).live.catch_up()) == answers(folded(journal, 2))


def test_a_difference_waits_for_a_database_that_fails(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model that it changes is not in the snapshot: it is fetched."""

    def fail(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("select", {}, sqlite3.OperationalError("disk I/O error"))

    happen(journal, story.grid())
    keep(journal, 1)
    happen(journal, story.changed("next", "grid", opened="y"))
    live = Hub(journal, {}).live
    with monkeypatch.context() as patched:
        patched.setattr(versions, "listed", fail)
        with pytest.raises(sa.exc.OperationalError):
            live.catch_up()
    assert answers(live.catch_up()) == answers(folded(journal, 2))
    assert live.current.version == ("next",)


def test_bytes_that_are_no_network_are_passed_over(journal: Journal) -> None:
    happen(journal, story.grid())
    with journal.transaction() as transaction:
        row = {"seq": 1, "at": fakes.START, "format": FORMAT, "pieces": []}
        transaction.connection.execute(sa.insert(snapshot).values(row))
    assert newest_seq(journal) is None


def test_what_snapshots_have_in_common_is_kept_once(journal: Journal) -> None:
    data = bytes(range(256)) * 4096 * 3  # three equal pieces
    first = pieces.keep(journal, data + b"one")
    second = pieces.keep(journal, b"longer" + data + b"two", 6)
    assert (len(first), len(set(first)), len({*first, *second})) == (4, 2, 4)
    with journal.reading() as connection:
        assert pieces.fetch(connection, first) == data + b"one"
        assert pieces.fetch(connection, second) == b"longer" + data + b"two"
        assert pieces.fetch(connection, []) == b""
    assert pieces.keep(journal, b"") == []
    assert count(journal, piece) == 4
    assert pieces.sweep(journal) == 4
    assert count(journal, piece) == 0


def test_old_ones_are_thinned(journal: Journal, clock: fakes.Clock) -> None:
    """Twice a day for 120 days."""
    moments: list[datetime] = []
    for n in range(240):
        clock.now = fakes.START + timedelta(hours=12 * n)
        happen(journal, story.junk())
        moments.append(clock.now)
    rows = [
        {"seq": seq, "at": at, "format": FORMAT, "pieces": []} for seq, at in enumerate(moments, 1)
    ]
    with journal.transaction() as transaction:
        transaction.connection.execute(sa.insert(snapshot), rows)
    now = moments[-1]
    dropped = snapshots.thin(journal, Keep(hours=24, days=90), now)
    with journal.reading() as connection:
        left = [taken.at for taken in snapshots.taken(connection)]
    assert len(left) + len(dropped) == 240
    assert left[-3:] == [now - timedelta(hours=24), now - timedelta(hours=12), now]
    days = [at for at in left if timedelta(hours=24) < now - at <= timedelta(days=90)]
    assert days == [at for at in moments if at.hour == 15 and at in days]
    assert len(days) == 89
    assert [at.month for at in left[: -3 - len(days)]] == [7, 8]
    assert snapshots.thin(journal, Keep(hours=0, days=0), now + timedelta(days=999)) != []
    assert newest_seq_is(journal, 240)


def newest_seq_is(journal: Journal, seq: int) -> bool:
    with journal.reading() as connection:
        return snapshots.last_seq(connection) == seq


def test_a_snapshot_adds_little_while_the_models_stay(journal: Journal) -> None:
    happen(journal, story.grid(), *(story.switched("open", s) for s in ("x", "stray", "other")))
    keep(journal, 1)
    before = count(journal, piece)
    keep(journal, 2, 3, 4)
    with journal.reading() as connection:
        columns = [row[1:] for row in connection.execute(sa.select(snapshot.c.pieces)).scalars()]
    assert columns[2] == columns[3]
    assert count(journal, piece) - before <= 6


@given(st.binary(max_size=40))
def test_a_piece_comes_back_as_it_was(data: bytes) -> None:
    digest = pieces._digest(memoryview(data))
    assert pieces._unpacked(digest, pieces._packed(memoryview(data))) == data
    repeated = data * 100
    digest = pieces._digest(memoryview(repeated))
    assert pieces._unpacked(digest, pieces._packed(memoryview(repeated))) == repeated
