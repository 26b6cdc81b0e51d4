"""kill -9 of the hub while outages are planned, begin and end: whom they concern is told once, and
nobody is left out; each begins once and ends once."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from cim.message import Message
from cim.profiles.planned_outage_notifications import PlannedOutageNotifications
from cim.profiles.planned_outages import PlannedOutages
from dms_apps.planned_outages.tables import outage
from hub.journal.canonical import decode
from hub.journal.database import connect
from hub.journal.tables import message as journalled
from tests.faults.planned_process import PLANS, messages, points
from tests.faults.test_kill_embedded import wait_for

KILLS = 5


class Site:
    """A hub with outages to come, and what is to be seen of it from outside."""

    def __init__(self, folder: Path, database: str) -> None:
        begin = datetime.now(UTC).replace(microsecond=0)
        (folder / "begin").write_text(begin.isoformat())
        self.folder, self.database = folder, database
        self.engine = connect(database)
        self.sent = [one.header.message_id for part in messages(begin) for one in part]

    @contextmanager
    def running(self) -> Iterator[None]:
        """The hub's process, killed at the end."""
        command = [sys.executable, "-m", "tests.faults.planned_process", str(self.folder)]
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
        return ledger.exists() and len(set(ledger.read_text().split())) >= count

    def is_over(self) -> bool:
        """Whether supply is back for every plan, and it is told."""
        if not self.acknowledged(len(self.sent)):
            return False
        back = sa.select(sa.func.count()).where(outage.c.back_at.is_not(None))
        with self.engine.connect() as connection:
            return connection.execute(back).scalar_one() == PLANS

    def said(self) -> list[Message]:
        """By the app, oldest first."""
        query = sa.select(journalled.c.body).where(journalled.c.source == "planned_outages")
        with self.engine.connect() as connection:
            bodies = connection.scalars(query.order_by(journalled.c.seq)).all()
        return [decode(body) for body in bodies]


def check(folder: Path, database: str) -> None:
    site = Site(folder, database)
    moments = random.Random(5).sample(range(2, len(site.sent)), KILLS)  # noqa: S311
    for moment in sorted(moments):
        with site.running():
            wait_for(partial(site.acknowledged, moment), f"{moment} messages")
    with site.running():
        wait_for(site.is_over, "all have supply again")

    told: Counter[str] = Counter()
    steps: Counter[tuple[str | None, str]] = Counter()
    replies: Counter[str | None] = Counter()
    for one in site.said():
        if isinstance(one.payload, PlannedOutageNotifications):
            every = one.payload.planned_outage_notification
            told.update(p.mrid or "" for each in every for p in each.usage_point)
        elif isinstance(one.payload, PlannedOutages):
            [plan] = one.payload.planned_outage
            kind = plan.outage_kind or (plan.status.value if plan.status else "")
            steps[plan.mrid, f"{one.header.verb} {kind}"] += 1
        elif one.reply is not None:
            replies[one.header.correlation_id] += 1
    assert told == Counter(point for n in range(PLANS) for point in points(n))
    assert replies == Counter(f"plan-{n}" for n in range(PLANS))
    once = {step for _, step in steps}
    assert {"changed confirmed", "changed restored"} <= once
    assert steps == Counter((f"P-{n}", step) for n in range(PLANS) for step in once)
    site.engine.dispose()


@pytest.mark.fault
def test_sqlite(tmp_path: Path) -> None:
    check(tmp_path, f"sqlite:///{tmp_path / 'killed.db'}")


@pytest.mark.fault
def test_postgresql(tmp_path: Path, postgres_url: str) -> None:
    check(tmp_path, postgres_url)
