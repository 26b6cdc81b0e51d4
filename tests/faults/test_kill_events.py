"""kill -9 of the hub while events of meters go in, many in a message: each is known once, and the
outage app has each once."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.ami import native
from cim.profiles.end_device_events import EndDeviceEvents
from dms_apps.outage.tables import signal
from hub.journal import feed_files
from hub.journal.canonical import decode
from hub.journal.tables import delivery, fact, quarantine
from hub.journal.tables import message as journalled
from tests.faults.test_kill_customers import Site
from tests.faults.test_kill_embedded import wait_for

AT = datetime(2026, 7, 14, 15, tzinfo=UTC)
WRONG, AGAIN = 700, 500  # one of so many rows has an unknown code, says what the row before said


def row(number: int) -> dict[str, str]:
    told = number - (number % AGAIN == 1)
    return dict.fromkeys(native.COLUMNS, "") | {
        "meter_number": f"M{told}",
        "event_time": (AT + timedelta(milliseconds=told)).isoformat(),
        "event_code": "3.26.0.85" if told % WRONG else "what?",
    }


class Meters(Site):
    """A hub with the outage app."""

    def __init__(self, folder: Path, rows: int) -> None:
        data = native.write(map(row, range(rows)))
        super().__init__(folder, data, "tests.faults.events_process")

    def has_handled(self, number: int) -> bool:
        return self.count(signal) >= number

    def is_through(self) -> bool:
        if not self.is_done():
            return False
        open_ones = sa.select(sa.func.count()).where(delivery.c.state != "delivered")
        with self.engine.connect() as connection:
            return not connection.execute(open_ones).scalar_one()


def kill_and_finish(folder: Path, rows: int, kills: int, seed: int) -> int:
    """Kill the hub at random shares of the work and let it finish; how many kills were in time."""
    site, in_time = Meters(folder, rows), 0
    moments = sorted(random.Random(seed).sample(range(1, rows // 2), kills))  # noqa: S311
    for moment in moments:
        with site.running():
            wait_for(partial(site.has_handled, moment), f"{moment} events")
        in_time += not site.is_through()
    with site.running():
        wait_for(site.is_through, "the end")
    check(site, rows)
    site.engine.dispose()
    return in_time


def check(site: Meters, rows: int) -> None:
    told = [number - (number % AGAIN == 1) for number in range(rows)]
    refused = Counter(number for number in told if not number % WRONG)
    wrong = refused.total()
    right = {f"M{number}" for number in told if number % WRONG}
    again = rows - wrong - len(right)
    with site.engine.connect() as connection:
        [file] = feed_files.listed(connection)
        facts = connection.execute(sa.select(fact.c.external_id)).scalars().all()
        bodies = connection.execute(sa.select(journalled.c.body)).scalars().all()
        reported = connection.execute(sa.select(signal.c.point)).scalars().all()
        times = connection.execute(sa.select(quarantine.c.times)).scalars().all()
    assert (file.accepted, file.duplicate, file.quarantined, file.late) == (
        *(len(right), again, wrong),
        0,
    )
    # What is refused a second time is the same item, counted.
    assert sorted(times) == sorted(refused.values())
    assert len(facts) == len(set(facts)) == len(right)
    meters = Counter(meter for body in bodies for meter in named(body))
    assert meters == dict.fromkeys(right, 1)
    assert Counter(reported) == meters


def named(body: bytes) -> list[str]:
    """The meters in a message."""
    payload = decode(body).payload
    assert isinstance(payload, EndDeviceEvents)
    return [event.assets.names[0].name for event in payload.end_device_event if event.assets]


def test_one_kill(tmp_path: Path) -> None:
    # Who looks from outside may come too late for a short file: then a longer one.
    tries = (kill_and_finish(tmp_path / f"{n}", n, kills=1, seed=1) for n in (2_000, 20_000))
    assert any(tries)


@pytest.mark.fault
def test_a_hundred_thousand_events(tmp_path: Path) -> None:
    assert kill_and_finish(tmp_path / "one", 100_000, kills=8, seed=2) == 8
