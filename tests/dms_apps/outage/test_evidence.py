"""What is news, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from cim.network import Network
from cim.profile import Reference
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name
from dms_apps.outage import OutageApp, evidence, facts
from dms_apps.outage.tables import signal
from hub.journal import Journal

NOW = datetime(2025, 11, 20, 10, tzinfo=UTC)
LOST, RESTORED, OTHER = "3.26.0.85", "3.26.0.216", "3.26.0.1"
KINDS = {LOST: facts.DARK, RESTORED: facts.RESTORED}


def said(*events: tuple[str, str, int]) -> EndDeviceEvents:
    """Meter, code and seconds of each event of one message."""
    return EndDeviceEvents(
        end_device_event=tuple(
            EndDeviceEvent(
                created_date_time=NOW + timedelta(seconds=seconds),
                assets=Asset(names=(Name(name=meter),)),
                end_device_event_type=Reference(code),
            )
            for meter, code, seconds in events
        )
    )


def test_a_report_is_news_once(database_url: str) -> None:
    """On news the app sets its timer: without it nothing would ever be assessed."""
    events = said(("M-1", LOST, 0))
    journal = Journal.open(database_url)
    journal.create_tables(OutageApp().tables)
    with journal.transaction() as transaction:
        news = [
            evidence.record_meters(transaction.connection, events, KINDS.get, Network.empty(), NOW)
            for _ in range(2)
        ]
    journal.close()
    assert news == [{facts.DARK}, set()]


def test_of_several_events_in_one_message_those_that_are_news_are_kept(database_url: str) -> None:
    """Each once, the older ones too: a late word may be about the past."""
    first = said(("M-1", LOST, 0), ("M-2", RESTORED, 5), ("M-1", OTHER, 0))
    second = said(
        *(("M-1", LOST, 0), ("M-1", LOST, 0), ("M-1", RESTORED, 9)),
        *(("M-2", RESTORED, 7), ("M-2", RESTORED, 5), ("M-2", RESTORED, 8)),
    )
    journal = Journal.open(database_url)
    journal.create_tables(OutageApp().tables)
    with journal.transaction() as transaction:
        connection = transaction.connection
        news = [
            evidence.record_meters(connection, one, KINDS.get, Network.empty(), NOW)
            for one in (first, second)
        ]
        nothing = evidence.record_meters(
            connection, said(("M-3", OTHER, 0)), KINDS.get, Network.empty(), NOW
        )
        kept = connection.execute(
            sa.select(signal.c.point, signal.c.kind, signal.c.at).order_by(*signal.primary_key)
        ).all()
    journal.close()
    assert news == [{facts.DARK, facts.RESTORED}, {facts.RESTORED}]
    assert nothing == set()
    assert [(meter, kind, (at - NOW).seconds) for meter, kind, at in kept] == [
        ("M-1", facts.DARK, 0),
        ("M-1", facts.RESTORED, 9),
        *(("M-2", facts.RESTORED, seconds) for seconds in (5, 7, 8)),
    ]
