"""Planned outages as a planner exports them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.erp import ErpAdapter, native
from adapters.erp.identity import identifier
from cim.message import Outgoing, Verb
from cim.profiles.planned_outages import PlannedOutages
from hub.dispatch.stamp import stamp
from hub.journal.canonical import encode_checked
from hub.settings import build, read

SETTINGS = Path(__file__).parents[2] / "config" / "adapters" / "erp.toml"
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ROW = {
    "outage": "W-17",
    "change": "created",
    "as_of": "2026-03-01T10:00:00Z",
    "reason": "new pole",
    "outage_start": "2026-03-09T08:00:00Z",
    "outage_end": "2026-03-09T12:00:00Z",
    "devices": "S1; S2",
}


def told(**row: str) -> Outgoing:
    erp = build(ErpAdapter, read(SETTINGS, {}), SETTINGS)
    [record] = erp.records("planned.csv", native.write_planned([ROW | row]))
    [found] = erp.to_cim(record)
    return found


def test_a_row_is_a_planned_outage() -> None:
    found = told()
    encode_checked(stamp(found, "ERP", NOW))
    assert found.verb is Verb.CREATED
    assert isinstance(found.payload, PlannedOutages)
    [one] = found.payload.planned_outage
    assert one.mrid == identifier("planned outage", "ERP", "W-17")
    assert (one.names[0].name, one.reason) == ("W-17", "new pole")
    period = one.estimated_period
    assert period is not None
    assert period.start == datetime(2026, 3, 9, 8, tzinfo=UTC)
    assert period.end == datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert [d.names[0].name for d in one.outage_isolation_equipment] == ["S1", "S2"]
    assert told().external_id == found.external_id
    assert told(reason="old pole").external_id != found.external_id


def test_what_is_deleted_is_cancelled() -> None:
    gone = told(change="deleted", outage_start="", outage_end="", devices="")
    assert gone.verb is Verb.CANCELED
    assert isinstance(gone.payload, PlannedOutages)
    assert gone.payload.planned_outage[0].mrid == identifier("planned outage", "ERP", "W-17")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"outage": ""}, "outage"),
        ({"outage_start": "tomorrow"}, "outage_start 'tomorrow'"),
        ({"outage_end": ""}, "outage_end"),
        ({"outage_end": "2026-03-09T07:00:00Z"}, "is not after 2026-03-09T08:00:00Z"),
        ({"devices": " ; "}, "which devices are opened"),
        ({"change": "made"}, "change 'made'"),
    ],
)
def test_a_row_that_cannot_be_says_why(row: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=r"planned\.csv line 2") as caught:
        told(**row)
    assert says in str(caught.value)
