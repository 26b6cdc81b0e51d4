"""The ERP adapter: which orders are the same, which are news, which are refused and corrected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.erp import native
from cim.message import Verb
from hub.dispatch import Hub
from hub.dispatch.mending import mend
from hub.journal import Journal, queries
from tests import fakes
from tests.adapters.test_erp import ORDER, adapter, messages, order_file


def test_a_create_is_one_of_system_site_and_number() -> None:
    other = ({}, {"siteid": "SOUTH"}, {"wonum": "WO-2"}, {"siteid": "NORTH/WO", "wonum": "1"})
    found = messages(adapter(), order_file(*other))
    found += messages(adapter(system="SAP"), order_file({}))
    assert len({one.external_id for one in found}) == 5
    [again] = messages(adapter(), order_file({"description": "Replace holder"}))
    assert again.external_id == found[0].external_id
    assert again.exact


def test_a_change_is_one_of_its_time_and_content() -> None:
    change = {"action": "Replace", "statusdate": "2026-03-02T08:00:00Z", "status": "INPRG"}
    found = messages(
        adapter(),
        order_file(
            change,
            change | {"statusdate": "2026-03-02T09:00:00+01:00"},
            change | {"changedate": "2026-03-02T08:30:00Z"},
            change | {"description": "Replace holder"},
        ),
    )
    assert {one.verb for one in found} == {Verb.CHANGED}
    assert found[0].external_id == found[1].external_id
    assert len({one.external_id for one in found}) == 3


def test_an_order_that_is_again_as_it_was_is_news() -> None:
    """Waiting for material comes and goes; only the time tells."""
    steps = ("INPRG", "WMATL", "INPRG")
    found = messages(
        adapter(),
        order_file(
            *(
                {"status": s, "statusdate": f"2026-03-0{n}T08:00:00Z"}
                for n, s in enumerate(steps, 1)
            )
        ),
    )
    assert len({one.external_id for one in found}) == 3


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.open(f"sqlite:///{tmp_path / 'gridbus.db'}", clock=fakes.Clock())
    yield journal
    journal.close()


def test_the_same_create_is_a_duplicate_and_another_one_is_quarantined(journal: Journal) -> None:
    hub, erp = Hub(journal, {}), adapter()
    hub.attach_adapter("erp", erp)
    for data in (order_file({}), order_file({}), order_file({"description": "Replace holder"})):
        hub.take("erp", erp, erp.records("a.xml", data))
    with journal.reading() as connection:
        item = fakes.quarantined(connection)
        assert queries.counts(connection).messages == 1
    assert item.origin == "a.xml WORKORDER 1"
    assert item.reason == (
        "erp has said created MaintenanceOrders of WO-1 before, with other content:"
        " created MaintenanceOrders is neither new nor a duplicate"
    )
    mended = item.received.replace(b"<WORKORDER>", b'<WORKORDER action="Change">').replace(
        b"</STATUS>", b"</STATUS><CHANGEDATE>2026-03-02T08:00:00Z</CHANGEDATE>"
    )
    assert mend(hub, item.id, "anna", mended).state == "corrected"
    with journal.reading() as connection:
        assert [row.verb for row in queries.search(connection)] == ["changed", "created"]


def test_a_service_order_is_created_once(journal: Journal) -> None:
    kind = {"noun": "ServiceOrders", "kind": "service", "task": "exchange"}
    hub, erp = Hub(journal, {}), adapter(work_types={"EM": kind})
    start = {"schedstart": "2026-03-02T08:00:00Z"}
    for change in (start, start, start | {"description": "Replace holder"}):
        hub.take("erp", erp, erp.records("a.xml", order_file(change)))
    with journal.reading() as connection:
        item = fakes.quarantined(connection)
        assert queries.counts(connection).messages == 1
    assert "has said created ServiceOrders of WO-1 before, with other content" in item.reason


def test_where_the_settings_say_so_another_create_is_a_change(journal: Journal) -> None:
    hub, erp = Hub(journal, {}), adapter(created_again="change")
    data = [
        order_file({"changedate": "2026-03-02T08:00:00Z"}),
        order_file({"changedate": "2026-03-02T09:00:00Z", "description": "Replace holder"}),
    ]
    for one in (data[0], data[0], data[1], data[1]):
        hub.take("erp", erp, erp.records("a.xml", one))
    with journal.reading() as connection:
        found = queries.search(connection)
        assert queries.counts(connection).quarantined == 0
    assert [row.verb for row in found] == ["changed", "changed", "created"]


def test_a_status_that_goes_back_is_news_and_an_old_file_is_not(journal: Journal) -> None:
    """By the date of the status: what comes late must not open again what is closed."""
    hub, erp = Hub(journal, {}), adapter()
    data = [
        order_file(
            {"action": "Change", "status": status, "statusdate": f"2026-03-0{day}T08:00:00Z"}
        )
        for day, status in enumerate(("INPRG", "APPR", "INPRG", "CLOSE"), 1)
    ]
    for one in (*data, data[1], data[0]):
        hub.take("erp", erp, erp.records("a.xml", one))
    with journal.reading() as connection:
        found = queries.search(connection)
        assert queries.counts(connection).quarantined == 0
    assert [row.verb for row in found] == ["closed", "changed", "changed", "changed"]


# -- kept, and taken again


@pytest.mark.parametrize(
    ("name", "data", "wrong", "right"),
    [
        ("a.xml", native.write([ORDER | {"status": "OPEN"}]), b"OPEN", b"WAPPR"),
        ("orders.csv", native.write_orders([ORDER | {"status": "OPEN"}]), b"OPEN", b"WAPPR"),
        (
            "crews.csv",
            native.write_crews([{"crew": "A", "capability": "c"}, {"crew": "A", "shift": "late"}]),
            b",late,",
            b",,",
        ),
        (
            "assets.csv",
            native.write_assets([{"siteid": "N", "assetnum": "1", "status": "OPEN"}]),
            b"OPEN",
            b"OPERATING",
        ),
        (
            "assets.json",
            b'{"value": [{"siteid": "N", "assetnum": "1", "status": "OPEN"}]}',
            b"OPEN",
            b"OPERATING",
        ),
    ],
)
def test_what_is_corrected_is_taken(
    journal: Journal, name: str, data: bytes, wrong: bytes, right: bytes
) -> None:
    hub, erp = Hub(journal, {}), adapter()
    hub.attach_adapter("erp", erp)
    hub.take("erp", erp, erp.records(name, data))
    with journal.reading() as connection:
        item = fakes.quarantined(connection)
    assert wrong in item.received
    done = mend(hub, item.id, "anna", item.received.replace(wrong, right))
    assert (done.state, done.messages) == ("corrected", (1,))


def test_an_asset_that_is_as_it_was_is_told_once_and_one_left_out_is_not_gone(
    journal: Journal,
) -> None:
    """A snapshot says what there is; nothing follows from what it does not say."""
    hub, erp = Hub(journal, {}), adapter()
    one, other = ({"siteid": "N", "assetnum": number, "status": "OPERATING"} for number in "12")
    changed = one | {"status": "DECOMMISSIONED"}
    for rows in ([one, other], [one, other], [changed], [changed, other]):
        hub.take("erp", erp, erp.records("assets.csv", native.write_assets(rows)))
    again = one | {"changedate": "2026-03-02T08:00:00Z"}
    hub.take("erp", erp, erp.records("assets.csv", native.write_assets([again])))
    with journal.reading() as connection:
        found = queries.search(connection)
        assert queries.counts(connection).quarantined == 0
    assert [(row.verb, row.noun) for row in found] == [("created", "AssetList")] * 4
