"""`gridbus doctor`: what a start would meet, one line a check."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa

from hub.config import Config

FREE_BYTES = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One check: `ok`, and a sentence that says what was found and, if not ok, what to do."""

    check: str
    ok: bool
    says: str


def findings(config: Config) -> Iterator[Finding]:
    """Every check, in the order in which a start would meet it."""
    yield _try("python", _python)
    yield _try("configuration", lambda: _configuration(config))
    yield _try("data folder", lambda: _folder(config))
    yield _try("database", lambda: _database(config.database_url))
    if config.rabbitmq.url:
        yield _try("broker", lambda: _broker(config.rabbitmq.url))
    yield _try("http port", lambda: _port(config.http.host, config.http.port))


def _try(check: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(check, ok=True, says=look())
    except (OSError, RuntimeError, ValueError, sa.exc.SQLAlchemyError) as error:
        return Finding(check, ok=False, says=str(error).splitlines()[0])


def _configuration(config: Config) -> str:
    # Only here: it brings the whole hub with it.
    from hub.main import check

    count = len(check(config, os.environ))
    return f"{count} files of {config.folder} read"


def _python() -> str:
    return f"{sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"


def _folder(config: Config) -> str:
    config.data.mkdir(parents=True, exist_ok=True)
    if not os.access(config.data, os.W_OK):
        raise RuntimeError(f"{config.data} cannot be written by this user")
    free = shutil.disk_usage(config.data).free
    if free < FREE_BYTES:
        raise RuntimeError(f"{config.data} has only {free >> 20} MB free: at least 1,024 MB wanted")
    return f"{config.data}, {free >> 30} GB free"


def _database(url: str) -> str:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        connection.execute(sa.text("select 1"))
        tables = sa.inspect(connection).get_table_names()
    engine.dispose()
    shown = sa.make_url(url).render_as_string(hide_password=True)
    return f"{shown}, {len(tables)} tables" if tables else f"{shown}, empty: the start fills it"


def _broker(url: str) -> str:
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 5672
    with socket.create_connection((host, port), timeout=5):
        return f"{host}:{port} answers"


def _port(host: str, port: int) -> str:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, port))
        except OSError as error:
            raise RuntimeError(
                f"{host}:{port} is taken ({error.strerror}): a hub runs already, or set http.port"
            ) from error
    return f"{host}:{port} is free"
