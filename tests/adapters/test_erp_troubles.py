"""Trouble orders between the hub and the ERP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.erp import ErpAdapter, native
from cim.message import Message, Outgoing, Verb
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.field_locations import Premises
from cim.profiles.identification import Name
from cim.profiles.operations_staff import Crew
from cim.profiles.trouble_orders import Priority, TroubleOrder, TroubleOrders, WorkTask
from hub.dispatch.stamp import stamp
from hub.settings import ConfigError, build, read

SETTINGS = Path(__file__).parents[2] / "config" / "adapters" / "erp.toml"
NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
TYPES = {"TO": {"noun": "TroubleOrders", "kind": "repair", "task": "investigate"}}
OWN = {"DISP": "dispatched", "ENRT": "enroute", "SITE": "onSite"}


def adapter(types: dict[str, Any] = TYPES, **out: Any) -> ErpAdapter:
    given = read(SETTINGS, {})
    given["statuses"] |= OWN
    given["verbs"] |= dict.fromkeys(OWN, "changed")
    given["work_types"] |= types
    way = {"ways": ["files"], "site": "SOUTH", "format": "csv", "nouns": ["TroubleOrders"]}
    return build(ErpAdapter, {**given, "out": way | out}, SETTINGS)


def order(status: str | None, *crews: str, **more: Any) -> TroubleOrder:
    task = WorkTask(crews=tuple(Crew(mrid=f"mrid of {c}", names=(Name(name=c),)) for c in crews))
    return TroubleOrder(
        mrid="o-1",
        comment="Fuse F1 is open.",
        names=(Name(name="T0000000001"),),
        status=Status(value=status) if status else None,
        work_task=(task,),
        **more,
    )


def said(one: TroubleOrder, verb: Verb = Verb.CREATED) -> Message:
    return stamp(Outgoing(verb, TroubleOrders(trouble_order=(one,))), "crews", NOW)


def row(of: Message, erp: ErpAdapter) -> dict[str, str]:
    """What a message becomes, by our names."""
    [parcel] = erp.from_cim(of)
    [record] = erp.records(parcel.name, parcel.raw)
    return {column: record[column] for column in native.ORDERS if record[column]}


def test_an_order_goes_out_with_its_crew_and_place() -> None:
    one = order(
        "assigned",
        "Line 1",
        "Line 2",
        created_date_time=NOW,
        location=Premises(names=(Name(name="F1"),)),
        planned_execution_interval=DateTimeInterval(start=NOW),
    )
    assert row(said(one), adapter()) == {
        "action": "Add",
        "siteid": "SOUTH",
        "wonum": "T0000000001",
        "worktype": "TO",
        "description": "Fuse F1 is open.",
        "status": "DISP",
        "crew": "Line 1",
        "location": "F1",
        "reportdate": "2026-07-01T12:30:00Z",
        "changedate": "2026-07-01T12:30:00Z",
        "schedstart": "2026-07-01T12:30:00Z",
    }


@pytest.mark.parametrize(
    ("status", "verb", "theirs", "read_back"),
    [
        ("awaitingCrewAssignment", Verb.CREATED, "APPR", "approved"),
        ("assigned", Verb.CHANGED, "DISP", "assigned"),
        ("enroute", Verb.CHANGED, "ENRT", "enroute"),
        ("arrived", Verb.CHANGED, "SITE", "arrived"),
        ("suspended", Verb.CHANGED, "WMATL", "suspended"),
        ("fieldComplete", Verb.CHANGED, "COMP", "fieldComplete"),
        ("closed", Verb.CLOSED, "CLOSE", "closed"),
        ("canceled", Verb.CANCELED, "CAN", "cancelled"),
    ],
)
def test_a_status_goes_out_and_comes_back_the_same(
    status: str, verb: Verb, theirs: str, read_back: str
) -> None:
    erp = adapter()
    [parcel] = erp.from_cim(said(order(status, "Line 1"), verb))
    [record] = erp.records(parcel.name, parcel.raw)
    assert record["status"] == theirs
    [back] = erp.to_cim(record)
    assert isinstance(back.payload, TroubleOrders)
    [one] = back.payload.trouble_order
    assert one.status == Status(date_time=NOW, value=read_back)
    assert [name.name for name in one.names] == ["T0000000001"]
    assert [name.name for crew in one.work_task[0].crews for name in crew.names] == ["Line 1"]
    assert back.verb is verb


def test_a_row_in_progress_is_a_crew_that_is_there() -> None:
    given = {
        "siteid": "NORTH", "wonum": "7", "status": "INPRG", "worktype": "TO", "crew": "Line 1",
        "description": "Tree", "changedate": "2026-07-01T12:00:00Z",
        "schedstart": "2026-07-01T13:00:00Z", "reportdate": "2026-07-01T11:00:00Z",
    }  # fmt: skip
    erp = adapter()
    [record] = erp.records("a.xml", native.write([given]))
    [one] = erp.to_cim(record)
    assert isinstance(one.payload, TroubleOrders)
    [told] = one.payload.trouble_order
    assert (told.status and told.status.value, told.comment) == ("arrived", "Tree")
    interval = told.planned_execution_interval
    assert interval == DateTimeInterval(start=datetime(2026, 7, 1, 13, tzinfo=UTC))
    assert told.created_date_time == datetime(2026, 7, 1, 11, tzinfo=UTC)


def test_priorities_go_both_ways_and_deletions_say_which_order_only() -> None:
    erp = replace(adapter(), priorities={"4": 1})
    urgent = order(None)
    urgent = replace(urgent, work_task=(WorkTask(priority=Priority(rank=1)),))
    [parcel] = erp.from_cim(said(urgent))
    [record] = erp.records(parcel.name, parcel.raw)
    assert (record["wopriority"], record["status"]) == ("4", "")
    [parcel] = erp.from_cim(said(urgent, Verb.DELETED))
    [gone] = erp.records(parcel.name, parcel.raw)
    assert gone["action"] == "Delete"
    given = {"siteid": "S", "wonum": "7", "worktype": "TO", "action": "Delete"}
    given |= {"changedate": "2026-07-01T12:00:00Z", "status": "CAN"}
    [record] = erp.records("a.xml", native.write([given]))
    [back] = erp.to_cim(record)
    assert back.verb is Verb.DELETED


def test_without_a_worktype_there_is_no_word_for_it() -> None:
    with pytest.raises(ValueError, match="work_types has no WORKTYPE for TroubleOrders"):
        list(adapter({}).from_cim(said(order("assigned"))))
    with pytest.raises(ConfigError, match="nouns"):
        adapter(nouns=["Crews"])


def test_a_status_of_no_kind_is_not_told() -> None:
    assert "status" not in row(said(order("resting")), adapter())
