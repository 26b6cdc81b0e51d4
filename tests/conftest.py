"""Fixtures that every test may use: databases, a broker, the reference data."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings

from hub.journal import Journal
from tests import services

# The same commit gets the same verdict; `HYPOTHESIS_PROFILE=explore` looks for new examples.
# No deadlines: no test asserts wall time, and a first call may compile.
settings.register_profile("steady", derandomize=True, deadline=None, max_examples=30)
settings.register_profile("explore", derandomize=False, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

SHARED = Path(os.environ.get("GRIDBUS_SHARED", Path(__file__).parents[2] / "shared"))
left_out = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", action="store_true", help="run the slow fault and soak tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot run here, and say so at the end."""
    faults = config.getoption("--faults")
    wanted = [i for i in items if (i.get_closest_marker("fault") is not None) == faults]
    here = [i for i in wanted if SHARED.is_dir() or i.get_closest_marker("reference") is None]
    config.stash[left_out] = len(wanted) - len(here)
    config.hook.pytest_deselected(items=[i for i in items if i not in set(here)])
    items[:] = here


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if count := config.stash.get(left_out, 0):
        terminalreporter.write_line(
            f"{count} reference tests left out: their data folder {SHARED} is not here."
        )


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data; take it only in tests marked `reference`."""
    return SHARED


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a database on the server of the run, in which databases may be made."""
    if given := os.environ.get(services.DATABASE_URL):
        yield given
        return
    with services.postgresql(durable=False) as url:
        yield url


@contextmanager
def _database(server: str, template: str = "template1") -> Iterator[str]:
    """A PostgreSQL database of its own, as `template` is, dropped afterwards."""
    name = f"gridbus_{uuid.uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"create database {name} template {template}"))
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture(scope="session")
def _postgres_tables(postgres_server: str) -> Iterator[str]:
    """The name of a database that has all tables: a copy is made sooner than they are."""
    with _database(postgres_server) as url:
        Journal.open(url).close()
        yield str(sa.make_url(url).database)


@pytest.fixture(scope="session")
def _sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tables") / "gridbus.db"
    Journal.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def postgres_url(postgres_server: str, _postgres_tables: str) -> Iterator[str]:
    """A fresh PostgreSQL database with the hub's tables, dropped afterwards."""
    with _database(postgres_server, _postgres_tables) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_tables: Path) -> str:
    """A fresh SQLite file with the hub's tables."""
    file = tmp_path / "gridbus.db"
    shutil.copy(_sqlite_tables, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Both databases, as they are before a hub has ever used them."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with _database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture(scope="session")
def amqp_url() -> Iterator[str]:
    """URL of the broker of the run; tests name their own exchanges and queues."""
    if given := os.environ.get(services.AMQP_URL):
        yield given
        return
    with services.rabbitmq() as broker:
        yield broker.url


@pytest.fixture
def broker() -> Iterator[services.Broker]:
    """A broker of the test's own, to be killed and restarted."""
    with services.rabbitmq() as broker:
        yield broker
