"""Files from an SFTP server and rows of another database, through a whole hub; trouble is seen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from adapters.ami import native
from hub.config import Config, ConfigError, Http
from hub.feed_settings import Database, Feed
from hub.journal import feed_files
from hub.main import Running, components
from tests.hub.entry.sftp_server import serving
from tests.installed import until

FOLDER = Path(__file__).parents[3] / "config"
ROW = {"event_time": "2026-03-01T11:00:00Z", "event_code": "3.26.0.85", "event_name": ""}
TABLE = "CREATE TABLE event (event_id INTEGER, meter_number, event_time, event_code)"


def test_they_are_taken_and_trouble_is_seen(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "other.db")
    base.execute(TABLE)
    base.execute("INSERT INTO event VALUES (1, 'm2', '2026-03-01T11:00:00Z', '3.26.0.85')")
    base.commit()
    rows = Database(
        url=f"sqlite:///{tmp_path / 'other.db'}",
        query="SELECT * FROM event WHERE event_id > :since ORDER BY event_id",
        key="event_id",
        interval=0.05,
    )
    with serving(tmp_path / "there") as server:
        server.put("events.csv", native.write([{**ROW, "meter_number": "m1"}]))
        feed = Feed(sftp=server.settings(interval=0.05), database=rows)
        config = Config(
            data=tmp_path / "var",
            adapters=("ami",),
            apps=(),
            http=Http(port=0),
            feeds={"ami": feed},
            folder=FOLDER,
        )
        quick = {"ami": {"settle": 0.0, "interval": 0.05}}
        with Running(config, {}, quick) as hub:

            def files() -> list[str]:
                with hub.journal.reading() as connection:
                    return sorted(file.name for file in feed_files.listed(connection))

            def noted() -> str:
                return " ".join(one.note for one in hub._seen() if one.name == "ami")

            until(lambda: files() == ["events.csv", "rows-1.csv"], "both files are taken")
            assert noted() == ""
            base.execute("DROP TABLE event")
            base.commit()
            until(lambda: "ConnectionError: database" in noted(), "the trouble is seen")
    base.close()


def test_a_feed_of_an_adapter_that_there_is_not_stops_the_start() -> None:
    config = Config(adapters=("ami",), feeds={"ami": Feed(), "amy": Feed()}, folder=FOLDER)
    with pytest.raises(
        ConfigError, match=r"feeds\.amy: there is no adapter 'amy'; known are ami, "
    ):
        components.adapters(config, {})
