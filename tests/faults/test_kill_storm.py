"""kill -9 of the hub in a storm, again and again: no call is lost, and who was without power from
when until when is known exactly as by a hub that was never killed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from dms_apps.outage.tables import interruption, outage
from dms_apps.outage.tables import ticket as heard
from dms_apps.trouble_calls.tables import ticket
from hub.journal.database import connect
from hub.journal.tables import message as journalled
from tests.faults.storm_process import CALLS, STORM, messages
from tests.faults.test_kill_embedded import wait_for

PATIENCE = 240.0  # seconds
KILLS = 5


class Site:
    """A hub with a storm to come, and what is to be seen of it from outside."""

    def __init__(self, folder: Path, database: str, begin: datetime) -> None:
        folder.mkdir()
        (folder / "begin").write_text(begin.isoformat())
        self.folder, self.database = folder, database
        self.engine = connect(database)
        self.total = len(messages(begin))

    @contextmanager
    def running(self) -> Iterator[None]:
        """The hub's process, killed at the end."""
        command = [sys.executable, "-m", "tests.faults.storm_process", str(self.folder)]
        with (self.folder / "log").open("ab") as out:
            hub = subprocess.Popen([*command, self.database], stdout=out, stderr=out)
        try:
            yield
            assert hub.poll() is None, (self.folder / "log").read_text()[-2000:]
        finally:
            hub.kill()
            hub.wait()

    def acknowledged(self, count: int) -> bool:
        """Whether so many messages have been."""
        ledger = self.folder / "ledger"
        return ledger.exists() and len(ledger.read_text().split()) >= count

    def is_over(self) -> bool:
        """Whether all has come in, everybody has power again, and every call is settled."""
        return self.acknowledged(self.total) and (
            self._count(interruption) >= len(STORM.dark)
            and not self._count(interruption, interruption.c.ended_at.is_(None))
            and not self._count(outage, outage.c.closed_at.is_(None))
            and self._count(ticket, ticket.c.restored_at.is_not(None)) == CALLS
        )

    def _count(self, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        with self.engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(table).where(*conditions)
            return connection.execute(query).scalar_one()

    def rows(self) -> dict[str, tuple[datetime, datetime]]:
        """Usage point -> from when until when it was without power, once each."""
        with self.engine.connect() as connection:
            found = connection.execute(sa.select(interruption)).all()
        assert len({row.point for row in found}) == len(found)
        return {row.point: (row.started_at, row.ended_at) for row in found}

    def devices(self) -> dict[str, set[str]]:
        """Open device -> who was without power for it."""
        found = defaultdict[str, set[str]](set)
        query = sa.select(outage.c.device, interruption.c.point).join(
            outage, outage.c.mrid == interruption.c.outage
        )
        with self.engine.connect() as connection:
            for device, point in connection.execute(query):
                found[device].add(point)
        return found

    def calls(self) -> tuple[set[str], set[str]]:
        """The calls that the outage app has heard, and those that have an outage behind them."""
        with self.engine.connect() as connection:
            tied = sa.select(ticket.c.id).where(ticket.c.outage.is_not(None))
            return (
                set(connection.scalars(sa.select(heard.c.id))),
                set(connection.scalars(tied)),
            )

    def journalled(self) -> list[str]:
        """The ids of what came from outside."""
        with self.engine.connect() as connection:
            query = sa.select(journalled.c.message_id).where(journalled.c.channel == "partner")
            return list(connection.scalars(query))


def weather(site: Site, moments: list[int]) -> None:
    """Let the storm pass, with a kill at each of these counts of messages."""
    for moment in moments:
        with site.running():
            wait_for(partial(site.acknowledged, moment), f"{moment} messages")
    with site.running():
        deadline = time.monotonic() + PATIENCE
        while not site.is_over():
            assert time.monotonic() < deadline, f"the storm is not over after {PATIENCE:.0f} s"
            time.sleep(0.5)  # looking costs more than in the other tests


def check(folder: Path, database: str) -> None:
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=15)
    calm = Site(folder / "calm", f"sqlite:///{folder / 'calm.db'}", begin)
    weather(calm, [])
    site = Site(folder / "killed", database, begin)
    count = random.Random(3).sample(range(1, site.total), KILLS - 1)  # noqa: S311
    weather(site, [*sorted(count), site.total])
    assert sorted(site.journalled()) == sorted(one.header.message_id for one in messages(begin))
    assert site.rows() == calm.rows()
    assert site.rows().keys() == STORM.dark
    assert site.devices() == calm.devices()
    assert site.devices().keys() == STORM.devices
    assert site.calls() == calm.calls()
    assert [len(some) for some in site.calls()] == [CALLS, CALLS]
    calm.engine.dispose()
    site.engine.dispose()


@pytest.mark.fault
def test_sqlite(tmp_path: Path) -> None:
    check(tmp_path, f"sqlite:///{tmp_path / 'killed.db'}")


@pytest.mark.fault
def test_postgresql(tmp_path: Path, postgres_url: str) -> None:
    check(tmp_path, postgres_url)
