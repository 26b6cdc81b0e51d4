"""The tables of the app, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dms_apps.planned_outages import PlannedOutagesApp
from dms_apps.planned_outages.tables import metadata
from hub.settings import build, read
from tests.dms_apps.planned_outages.playing import Run

SETTINGS = Path(__file__).parents[3] / "config" / "apps" / "planned_outages.toml"
Begin = Callable[..., Run]


@pytest.fixture
def begun(database_url: str) -> Iterator[Begin]:
    """Begins a run, as the app is shipped but for some settings."""
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:

        def begin(**changed: Any) -> Run:
            metadata.drop_all(connection)
            metadata.create_all(connection)
            app = build(PlannedOutagesApp, read(SETTINGS, {}) | changed, SETTINGS)
            return Run(app, connection)

        yield begin
    engine.dispose()
