"""Rows of another database come as files: each once, also after a power cut at any place."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.ivr import IvrAdapter
from hub.config import ConfigError, load
from hub.disk import put
from hub.entry import DatabasePoll, position
from hub.feed_settings import Database
from hub.main import components

QUERY = "SELECT * FROM call WHERE id > :since ORDER BY id"


def rows(path: Path) -> list[dict[str, str]]:
    text = io.StringIO(path.read_bytes().decode("utf-8"), newline="")
    return list(csv.DictReader(text, delimiter=";"))


class Calls:
    """The table of another system."""

    def __init__(self, url: str, inbox: Path) -> None:
        self.url, self.inbox = url, inbox
        self.engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        self.table = sa.Table(
            "call",
            sa.MetaData(),
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("at", sa.DateTime(timezone=True)),
            sa.Column("note", sa.Text),
            sa.Column("factor", sa.Numeric(8, 3)),
        )
        self.table.create(self.engine)

    def add(self, *numbers: int) -> None:
        with self.engine.begin() as connection:
            for number in numbers:
                connection.execute(sa.insert(self.table).values(id=number, note=f"no. {number}"))

    def poll(self, **more: object) -> DatabasePoll:
        url = self.engine.url.render_as_string(hide_password=False)
        given = {"url": url, "query": QUERY, "key": "id", **more}
        return DatabasePoll(Database(**given), self.inbox, ";", "utf-8")  # type: ignore[arg-type]

    def found(self) -> list[list[str]]:
        """The keys in each file, in the order in which they came."""
        files = sorted(self.inbox.glob("*.csv"), key=lambda path: path.stat().st_mtime_ns)
        return [[row["id"] for row in rows(path)] for path in files]


@pytest.fixture
def calls(database_url: str, tmp_path: Path) -> Iterator[Calls]:
    calls = Calls(database_url, tmp_path / "inbox")
    yield calls
    calls.engine.dispose()


def test_rows_come_once(calls: Calls) -> None:
    calls.add(1, 2, 5)
    poll = calls.poll()
    assert not poll.step()
    poll.step()
    assert calls.found() == [["1", "2", "5"]]
    calls.add(6, 9)
    poll.close()
    again = calls.poll()  # a new start
    again.step()
    again.step()
    again.close()
    assert calls.found() == [["1", "2", "5"], ["6", "9"]]
    assert sorted(path.name for path in calls.inbox.glob("*.csv")) == ["rows-5.csv", "rows-9.csv"]


def test_many_rows_are_several_files(calls: Calls) -> None:
    calls.add(*range(1, 8))
    poll = calls.poll(rows=3, most=2, trailer="END")
    assert [poll.step() for _ in range(3)] == [True, True, False]
    assert calls.found() == [["1", "2", "3", "END"], ["4", "5", "6", "END"]]
    assert (calls.inbox / "rows-3.csv").read_text().endswith("END;3\n")
    (calls.inbox / "rows-3.csv").unlink()  # the hub has taken it
    assert not poll.step()
    assert calls.found()[-1] == ["7", "END"]
    poll.close()


def test_a_row_whose_transaction_ended_late(calls: Calls) -> None:
    calls.add(1, 3)
    poll = calls.poll(overlap=2)
    poll.step()
    poll.step()
    assert calls.found() == [["1", "3"], ["3"]]  # told twice, which is harmless
    calls.add(2)
    poll.step()
    poll.step()
    assert calls.found()[2:] == [["2", "3"]]
    poll.close()


def test_one_answer_reaches_beyond_what_is_known(calls: Calls) -> None:
    with pytest.raises(ValueError, match=r"database\.overlap must be less than database\.rows"):
        calls.poll(overlap=3, rows=3)


def test_a_power_cut_before_the_position_is_kept(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls.add(1, 2)
    poll, written = calls.poll(), put

    def cut(path: Path, data: bytes) -> None:
        if path.name.startswith("."):
            raise OSError("no power")
        written(path, data)

    monkeypatch.setattr(position, "put", cut)
    with pytest.raises(OSError, match="no power"):
        poll.step()
    monkeypatch.setattr(position, "put", written)
    poll.step()
    calls.add(3)
    poll.step()
    assert calls.found() == [["1", "2"], ["1", "2"], ["3"]]  # nothing lost; the hub knows twice
    poll.close()


def test_values_are_written_as_other_systems_read_them(calls: Calls) -> None:
    at = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
    row = {"id": 1, "at": at, "note": 'a;"b"\nc', "factor": Decimal("1.500")}
    with calls.engine.begin() as connection:
        connection.execute(sa.insert(calls.table).values(row))
        connection.execute(sa.insert(calls.table).values(id=2))
    poll = calls.poll()
    poll.step()
    poll.close()
    [path] = calls.inbox.glob("*.csv")
    one, two = rows(path)
    assert one["note"] == 'a;"b"\nc'
    assert float(one["factor"]) == 1.5
    assert one["at"].replace(" ", "T").startswith("2026-03-01T12:00:30")
    assert two == {"id": "2", "at": "", "note": "", "factor": ""}


def test_what_cannot_be_asked(calls: Calls) -> None:
    with pytest.raises(ValueError, match="must name :since"):
        calls.poll(query="SELECT 1")
    calls.add(1)
    poll = calls.poll(key="number")
    with pytest.raises(ValueError, match="'number' is no column of the answer; there are id, at"):
        poll.step()
    poll.close()
    gone = calls.poll(query="SELECT id FROM gone WHERE id > :since")
    with pytest.raises(ConnectionError, match="gone"):
        gone.step()
    gone.close()


def test_bytes_are_no_text(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE call (id INTEGER, photo BLOB)")
        connection.execute("INSERT INTO call VALUES (1, x'00')")
    connection.close()
    given = Database(url=f"sqlite:///{tmp_path / 'a.db'}", query=QUERY, key="id")
    poll = DatabasePoll(given, tmp_path / "inbox", ",", "utf-8")
    with pytest.raises(ValueError, match="of type bytes cannot stand in a CSV file"):
        poll.step()
    poll.close()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[feeds.ivr.database]\nurl = 'x'\nquery = ':since'\nkey = 'id'\n", "Could not parse"),
        ("[feeds.ivr.database]\nurl = 'sqlite://'\nquery = 'a'\nkey = 'id'\n", "must name :since"),
        ("[feeds.ivr.database]\nurl = 'sqlite://'\nkey = 'id'\n", "feeds.ivr.database.query"),
        ("[feeds.ivr.sftp]\nhosts = 'x'\n", "unknown feeds.ivr.sftp.hosts; known: done, host"),
        (
            "[feeds.ivr.sftp]\nhost = 'x'\nhost_key = 'abc'\nusername = 'y'\n",
            "feeds.ivr: host_key 'abc' is no public key",
        ),
    ],
)
def test_settings_that_cannot_be_stop_the_start(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "hub.toml").write_text(text)
    with pytest.raises(ConfigError) as refused:
        components.entry_ways(load(tmp_path, {}), "ivr", IvrAdapter(folder=tmp_path))
    assert why in str(refused.value)
