"""An installation to run the command in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installed import Site

STREET = Path(__file__).parents[1] / "cases" / "end_to_end" / "street"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the processes of the run keep compiled modules."""
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture
def site(tmp_path: Path, compiled: Path) -> Iterator[Site]:
    """A new installation; what was started in it ends with the test."""
    site = Site(tmp_path, compiled)
    yield site
    site.end()


@pytest.fixture
def street() -> Path:
    """A small feeder of our own: network.xml, service-points.csv, last-gasp.xml."""
    return STREET
