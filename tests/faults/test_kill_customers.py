"""kill -9 of the hub while a file of customers goes in: every row is in the journal once."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.cis import native
from hub.journal.database import connect
from hub.journal.tables import message as journalled
from hub.journal.tables import quarantine
from tests.faults.test_kill_embedded import wait_for

WRONG = 7  # every so many hundred rows one goes to quarantine


def row(number: int) -> dict[str, str]:
    return dict.fromkeys(native.ALL, "") | {
        "change": "I" if number % (WRONG * 100) else "?",
        "service_point_id": f"SP-{number}",
        "customer_id": f"C-{number}",
    }


class Site:
    """A folder with one file, and a hub to be killed: a module that is given the folder."""

    def __init__(
        self, folder: Path, data: bytes, hub: str = "tests.faults.customers_process"
    ) -> None:
        self.folder, self.hub = folder, hub
        (folder / "in").mkdir(parents=True)
        (folder / "in" / "a.csv").write_bytes(data)
        self.engine = connect(f"sqlite:///{folder / 'gridbus.db'}")

    @contextmanager
    def running(self) -> Iterator[None]:
        """The hub's process, killed at the end."""
        with (self.folder / "log").open("ab") as out:
            hub = subprocess.Popen(
                [sys.executable, "-m", self.hub, str(self.folder)],
                stdout=out,
                stderr=out,
            )
        try:
            yield
        finally:
            hub.kill()
            hub.wait()

    def count(self, table: sa.Table) -> int:
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table(table.name):
                return 0
            return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()

    def has(self, number: int) -> bool:
        return self.count(journalled) >= number

    def is_done(self) -> bool:
        return (self.folder / "in" / "done" / "a.csv").exists()


def kill_and_finish(folder: Path, rows: int, kills: int, seed: int) -> int:
    """Kill the hub at random shares of the work and let it finish; how many kills were in time."""
    site = Site(folder, native.write(map(row, range(rows)), native.ALL))
    in_time = 0
    moments = sorted(random.Random(seed).sample(range(1, rows // 2), kills))  # noqa: S311
    for moment in moments:
        with site.running():
            wait_for(partial(site.has, moment), f"{moment} rows")
        in_time += not site.is_done()
    with site.running():
        wait_for(site.is_done, "the end")
    wrong = len(range(0, rows, WRONG * 100))
    assert site.count(journalled) == rows - wrong
    assert site.count(quarantine) == wrong
    with site.engine.connect() as connection:
        query = sa.select(sa.func.count(sa.distinct(journalled.c.external_id)))
        assert connection.execute(query).scalar_one() == rows - wrong
        noun = connection.execute(sa.select(journalled.c.noun).distinct()).scalars().all()
    assert noun == ["CustomerAgreements"]
    site.engine.dispose()
    return in_time


def test_one_kill(tmp_path: Path) -> None:
    # Who looks from outside may come too late for a short file: then a longer one.
    tries = (kill_and_finish(tmp_path / f"{n}", n, kills=1, seed=1) for n in (1_200, 5_000, 20_000))
    assert any(tries)


@pytest.mark.fault
def test_a_hundred_thousand_rows(tmp_path: Path) -> None:
    assert kill_and_finish(tmp_path / "one", 100_000, kills=8, seed=2) == 8
