"""The machine on which the figures were taken."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import psutil
from lxml import etree

from benchmarks import figure, rate
from tests import services

_SYNCS = 200
_PAGE = b"\0" * 4096


def facts() -> dict[str, str]:
    """What a reader needs to compare, by name."""
    gigabytes = psutil.virtual_memory().total / 2**30
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {gigabytes:.1f} GB",
        "load before": f"{os.getloadavg()[0]:.1f} of {os.cpu_count()}",
        "disk": f"{figure(_syncs())} fsync/s of a page",
        "Python": platform.python_version(),
        "libxml2": ".".join(map(str, etree.LIBXML_VERSION)),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": _postgresql(),
        "RabbitMQ": _rabbitmq(),
    }


def _syncs() -> float:
    with tempfile.TemporaryFile() as file:

        def write() -> None:
            for _ in range(_SYNCS):
                file.write(_PAGE)
                file.flush()
                os.fsync(file.fileno())

        return rate(_SYNCS, write)


def _postgresql() -> str:
    if services.DATABASE_URL in os.environ:
        return f"as given by {services.DATABASE_URL}"
    folder = services.postgresql_bin()
    return _version([str(folder / "postgres"), "--version"]) if folder else "none"


def _rabbitmq() -> str:
    if services.AMQP_URL in os.environ:
        return f"as given by {services.AMQP_URL}"
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*"))
    return found[-1].name.rpartition("-")[2] if found else "none"


def _version(command: list[str]) -> str:
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d[\d.]*", said)
    return found[0] if found else said.strip()
