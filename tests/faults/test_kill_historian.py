"""kill -9 of the hub while interval readings go into the historian: each is there, once."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.historian.tables import earlier, sample, series
from hub.journal import Journal
from hub.journal.tables import delivery, message
from tests import fakes
from tests.faults.historian_process import METERS, meter, values
from tests.faults.test_kill_embedded import wait_for
from tests.hub.historian.values import QUARTER


class Site:
    """A database and a ledger with a hub on them, to be killed and started again."""

    def __init__(self, journal: Journal, url: str, folder: Path, messages: int) -> None:
        self._journal, self._url, self._folder = journal, url, folder
        self.messages = messages

    @contextmanager
    def running(self) -> Iterator[None]:
        """The hub's process, killed at the end."""
        arguments = [self._url, str(self._folder / "ledger"), str(self.messages)]
        with (self._folder / "log").open("ab") as out:
            hub = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.historian_process", *arguments],
                stdout=out,
                stderr=out,
            )
        try:
            yield
        finally:
            hub.kill()
            hub.wait()

    def acknowledged(self) -> set[str]:
        ledger = self._folder / "ledger"
        return set(ledger.read_text().split()) if ledger.exists() else set()

    def rows(self, query: sa.Select[tuple[str]]) -> list[str]:
        with self._journal.reading() as connection:
            return list(connection.execute(query).scalars())  # type: ignore[arg-type]

    def handled(self) -> int:
        """How many messages the historian has done."""
        return Counter(self.rows(sa.select(delivery.c.state)))["delivered"]

    def check(self) -> None:
        """Every message is in the journal once, and every reading in the historian, with its value;
        none has replaced another."""
        journalled = Counter(self.rows(sa.select(message.c.message_id)))
        assert journalled == {f"m-{n}": 1 for n in range(self.messages)}
        with self._journal.reading() as connection:
            columns = series.c.object, sample.c.at, sample.c.value, sample.c.revision
            joined = sa.select(*columns).join(series, series.c.id == sample.c.series)
            found = Counter(map(tuple, connection.execute(joined)))
            assert not connection.execute(sa.select(earlier)).all()
        assert found == {
            (meter(number), fakes.START + n * QUARTER, value, 0): 1
            for number in range(self.messages)
            for n, value in values(number)
        }


def kill_and_finish(site: Site, kills: int, seed: int) -> None:
    """Kill the hub at random moments of the work, then let it finish."""
    moments = sorted(random.Random(seed).sample(range(1, site.messages), kills))  # noqa: S311
    for moment in moments:
        with site.running():
            wait_for(lambda moment=moment: site.handled() >= moment, f"{moment} messages")
        journalled = site.rows(sa.select(message.c.message_id))
        assert site.acknowledged() <= set(journalled)
    with site.running():
        wait_for(lambda: site.handled() >= site.messages, "the end")
    site.check()


@pytest.mark.fault
@pytest.mark.parametrize("seed", [1, 2])
def test_ten_kills(database_url: str, tmp_path: Path, seed: int) -> None:
    journal = Journal.open(database_url)
    kill_and_finish(Site(journal, database_url, tmp_path, 40 * METERS), kills=10, seed=seed)
    journal.close()
