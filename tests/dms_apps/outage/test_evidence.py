"""What is news, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from cim.network import Network
from cim.profile import Reference
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name
from dms_apps.outage import OutageApp, calls, evidence, facts, store, switches
from dms_apps.outage.tables import signal
from hub.journal import Journal, migration

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


def test_no_look_reads_all_that_was_ever_heard(sqlite_url: str) -> None:
    """SQLite takes an index of some rows only for a query in the words of the index."""
    journal = Journal.open(sqlite_url)
    journal.create_tables(OutageApp().tables)
    with journal.transaction() as transaction:
        connection, plans = transaction.connection, list[str]()

        def explain(_c: object, cursor: Any, said: str, values: Any, *_: object) -> None:
            if not said.startswith("EXPLAIN"):
                plan = cursor.execute(f"EXPLAIN QUERY PLAN {said}", values).fetchall()
                plans.extend(step[-1] for step in plan)

        sa.event.listen(connection, "before_cursor_execute", explain)
        evidence.take_news(connection)
        assert not [*evidence.live_words(connection), *switches.losses(connection)]
        assert not store.statements(connection)
        assert not evidence.place_again(connection, Network.empty())
        assert not calls.take_news(connection)
        evidence.forget(connection, NOW)
    journal.close()
    assert len(plans) >= 7
    assert not [step for step in plans if step.startswith("SCAN")]


def test_indexes_that_sqlite_did_not_take_are_made_again(sqlite_url: str) -> None:
    journal = Journal.open(sqlite_url)
    journal.create_tables(OutageApp().tables)
    kept = _indexes(journal)
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX outage_signal_put_away")
        for name, table, flag in (
            ("outage_signal_fresh", "outage_signal", "fresh"),
            ("outage_signal_placed", "outage_signal", "NOT placed"),
            ("outage_ticket_is_open", "outage_ticket", "is_open"),
        ):
            column = flag.removeprefix("NOT ")
            connection.exec_driver_sql(f"DROP INDEX {name}")
            connection.exec_driver_sql(f"CREATE INDEX {name} ON {table} ({column}) WHERE {flag}")
        [script] = migration.SCRIPTS.glob("versions/*_outage_indexes.py")
        made_again = import_module(f"hub.journal.migrations.versions.{script.stem}")
        with Operations.context(MigrationContext.configure(connection)):
            made_again.upgrade()
    assert _indexes(journal) == kept
    journal.close()


def _indexes(journal: Journal) -> set[str]:
    """How the indexes of some rows were made."""
    with journal.engine.connect() as connection:
        query = "SELECT sql FROM sqlite_master WHERE name LIKE 'outage_%' AND sql LIKE '%WHERE%'"
        return set(connection.exec_driver_sql(query).scalars())
