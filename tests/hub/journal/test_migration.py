"""The tables that the migrations make are the tables that the code declares."""

from __future__ import annotations

from threading import Thread

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import hub.historian.tables
import hub.history.tables
import hub.security.tables
from hub.columns import metadata
from hub.journal import Journal, migration

assert hub.historian.tables
assert hub.history.tables
assert hub.security.tables


def test_migrated_tables_are_the_declared_ones(empty_database_url: str) -> None:
    journal = Journal.open(empty_database_url)
    with journal.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    journal.close()


def test_the_newest_migration_is_known_by_the_name_of_its_file(empty_database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migration.SCRIPTS))
    assert migration.newest() == ScriptDirectory.from_config(config).get_current_head()
    journal = Journal.open(empty_database_url)
    with journal.reading() as connection:
        assert migration.revision(connection) == migration.newest()
    journal.close()


def test_several_may_open_a_new_database_at_once(empty_database_url: str) -> None:
    opened: list[Journal] = []
    threads = [
        Thread(target=lambda: opened.append(Journal.open(empty_database_url))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for journal in opened:
        journal.close()


def test_an_app_brings_its_own_tables(empty_database_url: str) -> None:
    own = sa.MetaData()
    sa.Table("own_thing", own, sa.Column("number", sa.Integer, primary_key=True))
    journal = Journal.open(empty_database_url)
    journal.create_tables(own)
    journal.create_tables(own)
    assert "own_thing" in sa.inspect(journal.engine).get_table_names()
    journal.close()


def test_outages_of_before_have_no_fault_told(empty_database_url: str) -> None:
    engine = sa.create_engine(empty_database_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(migration.SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0022")
        connection.execute(sa.text("CREATE TABLE outage_outage (mrid VARCHAR(200) PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO outage_outage VALUES ('one')"))
    engine.dispose()
    journal = Journal.open(empty_database_url)
    with journal.reading() as connection:
        rows = connection.execute(sa.text("SELECT mrid, fault FROM outage_outage")).all()
    journal.close()
    assert [tuple(row) for row in rows] == [("one", "")]


def test_sqlite_commits_reach_the_disk(sqlite_url: str) -> None:
    journal = Journal.open(sqlite_url)
    with journal.reading() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]
    journal.close()
