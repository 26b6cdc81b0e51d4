"""kill -9 of the hub while outages are planned, begin, end and are closed: whom they concern is
told once, and nobody is left out; each begins once, ends once and is closed once."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from cim.message import Message
from cim.profiles.planned_outage_notifications import PlannedOutageNotifications
from cim.profiles.planned_outages import PlannedOutages
from hub.journal.canonical import decode
from hub.journal.tables import message as journalled
from tests.faults.outages_process import Site
from tests.faults.planned_story import PLANS, points
from tests.faults.test_kill_embedded import wait_for

KILLS = 8


def is_over(site: Site) -> bool:
    """Whether every plan is closed, and all has been said of it."""
    with site.engine.connect() as connection:
        return site.has(len(site.sent)) and site.parts[-1].has_come_about(connection)


def said(site: Site) -> list[Message]:
    """By the app, oldest first."""
    query = sa.select(journalled.c.body).where(journalled.c.source == "planned_outages")
    with site.engine.connect() as connection:
        bodies = connection.scalars(query.order_by(journalled.c.seq)).all()
    return [decode(body) for body in bodies]


def check(folder: Path, database: str) -> None:
    begin = datetime.now(UTC).replace(microsecond=0)
    site = Site("planned_story", folder, database, begin)
    moments = random.Random(5).sample(range(2, len(site.sent)), KILLS)  # noqa: S311
    for moment in sorted(moments):
        with site.running():
            wait_for(partial(site.has, moment), f"{moment} messages")
    with site.running():
        wait_for(partial(is_over, site), "all are closed")

    told: Counter[str] = Counter()
    steps: Counter[tuple[str | None, str]] = Counter()
    replies: Counter[str | None] = Counter()
    for one in said(site):
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
    assert replies == Counter(f"{what}-{n}" for what in ("plan", "over") for n in range(PLANS))
    once = {step for _, step in steps}
    assert {"changed confirmed", "changed restored", "closed closed"} <= once
    assert steps == Counter((f"P-{n}", step) for n in range(PLANS) for step in once)
    site.engine.dispose()


@pytest.mark.fault
def test_sqlite(tmp_path: Path) -> None:
    check(tmp_path, f"sqlite:///{tmp_path / 'killed.db'}")


@pytest.mark.fault
def test_postgresql(tmp_path: Path, postgres_url: str) -> None:
    check(tmp_path, postgres_url)
