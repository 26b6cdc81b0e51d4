"""A database of the app."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dms_apps.crews import CrewsApp
from dms_apps.crews.tables import metadata
from hub.journal.database import connect
from hub.settings import build, read
from tests.dms_apps.crews.grid import network
from tests.dms_apps.crews.playing import Run

SETTINGS = Path(__file__).parents[3] / "config" / "apps" / "crews.toml"


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Run]]:
    """begun(devices, **settings) -> a run in which nothing has happened yet."""
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('crews') / 'crews.db'}")
    with engine.connect() as connection:

        def begin(devices: Iterable[Mapping[str, Any]] = (), **changed: Any) -> Run:
            metadata.drop_all(connection)
            metadata.create_all(connection)
            app = build(CrewsApp, read(SETTINGS, {}) | changed, SETTINGS)
            run = Run(app, connection)
            if devices:
                run.network = network(devices)
            return run

        yield begin
    engine.dispose()
