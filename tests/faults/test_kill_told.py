"""kill -9 of the hub that tells the IVR, between and in its deeds: another one, with a folder of
its own, tells the rest; nobody is called twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from cim.message import Message, Verb
from cim.profiles.customer_notifications import (
    CustomerNotification,
    CustomerNotifications,
)
from cim.profiles.kinds import NotificationTriggerKind
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from hub.dispatch import Hub
from hub.journal.tables import DEAD, DELIVERED, delivery
from hub.journal.tables import message as table
from tests import fakes
from tests.adapters.rtus import REPOSITORY
from tests.faults.test_kill_embedded import wait_for
from tests.faults.told_process import opened
from tests.head_end import listening

COUNT = 30


def told(number: int) -> list[Message]:
    """An outage, and whom to call for it."""
    called = CustomerNotification(
        contact_type="phone",
        contact_value="555-0100",
        trigger=NotificationTriggerKind.POWER_RESTORED,
    )
    calls = CustomerNotifications(customer_notification=(called,))
    outage = UnplannedOutage(mrid=f"o-{number}", original_customers_served=1)
    news = UnplannedOutages(unplanned_outage=(outage,))
    return [
        fakes.message(payload, Verb.CREATED, message_id=f"{kind}{number}", noun=noun, source="x")
        for kind, payload, noun in (
            ("news", news, "UnplannedOutages"),
            ("calls", calls, "CustomerNotifications"),
        )
    ]


@contextmanager
def process(folder: Path, database: str, url: str) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir()
    module = "tests.faults.told_process"
    child = subprocess.Popen(
        [sys.executable, "-m", module, str(folder), database, url],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    )
    try:
        assert child.stdout
        assert child.stdout.readline() == b"runs\n"
        yield child
    finally:
        child.kill()
        child.communicate()


@contextmanager
def asking(folder: Path, database: str, url: str) -> Iterator[Hub]:
    """A hub that only takes what is told."""
    hub = opened(folder, database, url)
    with closing(hub.journal):
        yield hub


@pytest.mark.fault
@pytest.mark.parametrize("in_flight", [False, True])
def test_the_other_hub_tells_the_rest(tmp_path: Path, postgres_url: str, in_flight: bool) -> None:
    with listening() as ivr, asking(tmp_path, postgres_url, ivr.url) as asker:
        with process(tmp_path / "a", postgres_url, ivr.url) as first:
            for number in range(COUNT // 2):
                asker.accept([fakes.Handed.of(one) for one in told(number)], "test")
            if in_flight:
                wait_for(lambda: len(ivr.got) == COUNT, "all of the first half")
                ivr.says = -1  # it takes the next one, and the hub waits for the answer
            for number in range(COUNT // 2, COUNT):
                asker.accept([fakes.Handed.of(one) for one in reversed(told(number))], "test")
            least = COUNT + 1 if in_flight else COUNT // 2
            wait_for(lambda: len(ivr.got) >= least, f"{least} requests")
            first.send_signal(signal.SIGKILL)
            first.wait()
        ivr.says = 204
        ended = sa.select(table.c.message_id, delivery.c.state, delivery.c.error).join(
            delivery, delivery.c.seq == table.c.seq
        )

        def rows() -> list[sa.Row[tuple[str, str, str]]]:
            with asker.journal.reading() as connection:
                return list(connection.execute(ended))

        with process(tmp_path / "b", postgres_url, ivr.url):
            wait_for(lambda: all(row.state in (DELIVERED, DEAD) for row in rows()), "all")
        dead = {row.message_id: row.error for row in rows() if row.state == DEAD}
    times = Counter(ivr.identities)
    lists = {f"calls{number}" for number in range(COUNT)}
    # Whether the one in flight has arrived nobody knows: it is told so, and not sent again.
    assert len(dead) == 1 if in_flight else len(dead) <= 1
    assert all(one in lists and "UNKNOWN whether" in why for one, why in dead.items())
    assert {one: times[one] for one in lists - dead.keys()} == dict.fromkeys(lists - dead.keys(), 1)
    assert all(times[one] <= 1 for one in dead)
    news = [times[f"news{number}-1"] for number in range(COUNT)]
    assert min(news) == 1
    assert sum(news) <= COUNT + 1  # the one in flight comes again, which is harmless
