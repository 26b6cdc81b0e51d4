"""Bring the tables up to date; several processes may try at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, inspect, text

SCRIPTS = Path(__file__).parent / "migrations"
_SCHEMA_LOCK = 0x67726965


def upgrade(engine: Engine) -> None:
    """Run the migrations that the database has not seen."""
    with engine.connect() as connection:  # who finds it up to date waits for nobody
        if revision(connection) == newest():
            return
    with _alone(engine) as connection:
        if revision(connection) != newest():
            _upgrade(connection)


def newest() -> str:
    """The revision of the last migration: each file's name begins with its own."""
    return max(path.name for path in SCRIPTS.glob("versions/[0-9]*.py")).partition("_")[0]


def revision(connection: Connection) -> str | None:
    """That of the database; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command  # loaded where there is something to do
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
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
