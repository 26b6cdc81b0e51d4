"""Bring the tables up to date; several processes may try at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text

SCRIPTS = Path(__file__).parent / "migrations"
_SCHEMA_LOCK = 0x67726965


def upgrade(engine: Engine) -> None:
    """Run the migrations that the database has not seen."""
    with _alone(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        head = ScriptDirectory.from_config(config).get_current_head()
        if MigrationContext.configure(connection).get_current_revision() != head:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def create_tables(engine: Engine, metadata: MetaData) -> None:
    """Create the tables of `metadata` that are not there yet."""
    with _alone(engine) as connection:
        metadata.create_all(connection)


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    # SQLite: the transaction begins with the write lock, and its DDL is part of it.
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))
        yield connection
