"""What is news, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name
from dms_apps.outage import OutageApp, evidence
from hub.journal import Journal

NOW = datetime(2025, 11, 20, 10, tzinfo=UTC)
LOST = "3.26.0.85"


def test_a_report_is_news_once(database_url: str) -> None:
    """On news the app sets its timer: without it nothing would ever be assessed."""
    meter = Asset(names=(Name(name="M-1"),))
    event = EndDeviceEvent(created_date_time=NOW, assets=meter, end_device_event_type=LOST)
    events = EndDeviceEvents(end_device_event=(event,))
    kinds = {LOST: evidence.DARK}
    journal = Journal.open(database_url)
    journal.create_tables(OutageApp().tables)
    with journal.transaction() as transaction:
        news = [
            evidence.record_meters(transaction.connection, events, kinds.get, NOW) for _ in range(2)
        ]
    journal.close()
    assert news == [{evidence.DARK}, set()]
