"""kill -9 of the hub on SQLite while events go in: nothing lost, nothing twice.

Half of the events come as files, half over a channel.  Compared at every kill and at the end: what
was acknowledged (files moved, ledger of the channel), the journal, the app's table, and the
messages that the app has said.  Two hubs that are broken on purpose show that the comparison sees.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.journal.database import connect
from hub.journal.tables import delivery
from hub.journal.tables import message as journalled
from tests.fakes import effects
from tests.faults.embedded_process import BATCH, usage_point

PATIENCE = 120.0  # seconds that one step may take


@dataclass
class Ledger:
    """What must be: `lost` was acknowledged and is not there, `twice` took effect again."""

    lost: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)


class Site:
    """A folder with a hub in it, to be killed and started again."""

    def __init__(self, folder: Path, events: int, fault: str = "") -> None:
        self.folder, self.events, self.fault = folder, events, fault
        self.half = events // 2
        self.engine = connect(f"sqlite:///{folder / 'gridbus.db'}")
        self._write_files()

    def _write_files(self) -> None:
        incoming = self.folder / "in"
        incoming.mkdir()
        for start in range(0, self.half, BATCH):
            numbers = range(start, min(start + BATCH, self.half))
            text = "".join(f"file-{n} {usage_point(n)}\n" for n in numbers)
            (incoming / f"{start:06}.txt").write_text(text)

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The hub's process, killed at the end."""
        arguments = [str(self.folder), str(self.half), self.fault]
        with (self.folder / "log").open("ab") as out:
            hub = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.embedded_process", *arguments],
                stdout=out,
                stderr=out,
            )
        try:
            yield hub
        finally:
            hub.kill()
            hub.wait()

    def acknowledged(self) -> set[str]:
        """Message ids and external ids of all that was acknowledged."""
        ledger, done = self.folder / "ledger", self.folder / "in" / "done"
        ids = set(ledger.read_text().split()) if ledger.exists() else set()
        for file in done.glob("*.txt"):
            ids.update(line.split()[0] for line in file.read_text().splitlines())
        return ids

    def journalled(self) -> set[str]:
        """Message ids and external ids of all events in the journal."""
        columns = journalled.c.external_id, journalled.c.message_id
        with self.engine.connect() as connection:
            query = sa.select(sa.func.coalesce(*columns)).where(journalled.c.verb == "created")
            found = list(connection.execute(query).scalars())
        assert len(found) == len(set(found))
        return set(found)

    def count(self, query: sa.Select[int]) -> int:
        with self.engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def handled(self) -> int:
        """How many effects there are."""
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table(effects.name):
                return 0
        return self.count(sa.select(sa.func.count()).select_from(effects))

    def is_done(self) -> bool:
        """Whether every event is acknowledged and no delivery is open."""
        if len(self.acknowledged()) < 2 * self.half:
            return False
        return not self.count(
            sa.select(sa.func.count()).select_from(delivery).where(delivery.c.state == "accepted")
        )

    def compare(self) -> Ledger:
        """Acknowledged against journal, journal against effects, while the hub is dead."""
        with self.engine.connect() as connection:
            reasons = Counter(connection.execute(sa.select(effects.c.reason)).scalars())
        twice = {str(reason) for reason, times in reasons.items() if times > 1}
        return Ledger(self.acknowledged() - self.journalled(), twice)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Look until the other process has come so far; it offers nothing to wait on."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(0.005)


def kill_and_finish(site: Site, kills: int, seed: int) -> None:
    """Kill the hub at random shares of the work, then let it finish."""
    moments = sorted(random.Random(seed).sample(range(site.events), kills))  # noqa: S311
    for moment in moments:
        with site.running():
            wait_for(lambda moment=moment: site.handled() >= moment, f"{moment} effects")
        if site.handled():
            assert site.compare() == Ledger()
    with site.running():
        wait_for(site.is_done, "the end")
    check(site)


def check(site: Site) -> None:
    """Every event is in the journal once, took effect once, and was followed by one message."""
    expected = {f"{way}-{n}" for way in ("file", "channel") for n in range(site.half)}
    assert site.acknowledged() == site.journalled() == expected
    with site.engine.connect() as connection:
        done = connection.execute(sa.select(effects).order_by(effects.c.number)).all()
        states = Counter(connection.execute(sa.select(delivery.c.state)).scalars())
        causes = Counter(
            connection.execute(
                sa.select(journalled.c.cause).where(journalled.c.verb == "changed")
            ).scalars()
        )
    assert Counter(row.reason for row in done) == dict.fromkeys(expected, 1)
    assert states == {"delivered": site.events}
    assert len(causes) == site.events
    assert set(causes.values()) == {1}
    assert_in_order([(row.usage_point, row.reason) for row in done])


def assert_in_order(done: list[tuple[str, str]]) -> None:
    """What came one way for one usage point took effect in the order in which it came."""
    last: dict[tuple[str, str], int] = {}
    for point, reason in done:
        way, number = reason.split("-")
        assert last.get((point, way), -1) < int(number), f"{reason} out of order"
        last[point, way] = int(number)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def make(events: int, fault: str = "") -> Site:
        sites.append(Site(tmp_path, events, fault))
        return sites[-1]

    yield make
    for one in sites:
        one.engine.dispose()


def test_five_kills(site: Callable[..., Site]) -> None:
    kill_and_finish(site(1_000), kills=5, seed=1)


@pytest.mark.fault
@pytest.mark.parametrize("seed", [2, 3])
def test_fifty_kills(site: Callable[..., Site], seed: int) -> None:
    kill_and_finish(site(10_000), kills=50, seed=seed)


def test_without_the_inbox_effects_are_seen_twice(site: Callable[..., Site]) -> None:
    broken = site(100, "no inbox")
    with broken.running():
        wait_for(lambda: broken.handled() > broken.events, "an effect too many")
    assert broken.compare().twice


def test_acknowledging_early_is_seen_as_loss(site: Callable[..., Site]) -> None:
    broken = site(100, "early ack")
    with broken.running() as hub:
        hub.wait(PATIENCE)
    with broken.engine.connect() as connection:
        assert sa.inspect(connection).has_table(effects.name)
    assert {f"channel-{n}" for n in range(BATCH)} <= broken.compare().lost
