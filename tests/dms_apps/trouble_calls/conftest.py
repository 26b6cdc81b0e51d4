"""The app on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.dms_apps.trouble_calls.playing import Run
from tests.dms_apps.trouble_calls.test_cases import begun


@pytest.fixture
def run(database_url: str) -> Iterator[Run]:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        yield begun(connection)
    engine.dispose()
