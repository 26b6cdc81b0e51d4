"""Work orders for the ERP: a case folder for each kind of news, and the way there and back."""

from __future__ import annotations

import tomllib
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.erp import ErpAdapter, native
from cim import envelope
from cim.message import Kind, Message, Outgoing, Verb
from cim.profile import Profile
from cim.profiles.identification import Name, NameType, NameTypeAuthority
from cim.profiles.maintenance_orders import (
    MaintenanceOrder,
    MaintenanceOrders,
    Priority,
    Work,
    WorkTask,
)
from cim.profiles.works import WorkKind, WorkStatusKind, WorkTaskKind
from hub.dispatch import Hub
from hub.dispatch.stamp import stamp
from hub.journal import Journal
from hub.settings import ConfigError, build, read
from tests import fakes
from tests.head_end import listening
from tests.installed import until

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "cases" / "adapters" / "erp_news").iterdir())
SETTINGS = ROOT / "config" / "adapters" / "erp.toml"
NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
OUT = {"ways": ["files"], "site": "SOUTH"}


def adapter(folder: Path = Path("unused"), **out: Any) -> ErpAdapter:
    made = build(ErpAdapter, {**read(SETTINGS, {}), "out": {**OUT, **out}}, SETTINGS)
    return replace(made, folder=folder)


ERP = adapter(format="csv")


def order(status: WorkStatusKind = WorkStatusKind.APPROVED, **more: Any) -> MaintenanceOrder:
    task = WorkTask(status_kind=status, subject="Replace fuse", task_kind=WorkTaskKind.INVESTIGATE)
    work = Work(kind=WorkKind.REPAIR, status_kind=status, work_tasks=(task,), **more)
    return MaintenanceOrder(mrid="o-1", names=(Name(name="FLISR-7"),), work=(work,))


def message(made: Outgoing | MaintenanceOrder, verb: Verb = Verb.CREATED) -> Message:
    if isinstance(made, MaintenanceOrder):
        made = Outgoing(verb, MaintenanceOrders(maintenance_order=(made,)))
    said = stamp(made, "outage", NOW)
    return replace(said, header=replace(said.header, message_id="W-1"))


def row(of: Message, erp: ErpAdapter = ERP) -> dict[str, str]:
    """What a message becomes, by our names."""
    [parcel] = erp.from_cim(of)
    [record] = erp.records(parcel.name, parcel.raw)
    return {column: record[column] for column in native.ORDERS if record[column]}


def test_as_configured_nothing_is_written() -> None:
    assert build(ErpAdapter, read(SETTINGS, {}), SETTINGS).topics == frozenset()
    assert {topic.noun for topic in adapter(nouns=["WorkRequests"]).topics} == {"WorkRequests"}


def test_an_order_is_the_system_s_that_has_given_its_number() -> None:
    def numbered(authority: str) -> Message:
        kind = NameType(
            name="WorkOrderNumber", name_type_authority=NameTypeAuthority(name=authority)
        )
        return message(replace(order(), names=(Name(name="1001", name_type=kind),)))

    assert ERP.serves(numbered("ERP BEDFORD"))
    assert not ERP.serves(numbered("ERP-2 BEDFORD"))
    assert not ERP.serves(message(order()))


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_a_message_becomes_news(case: Path) -> None:
    params = tomllib.loads((case / "params.toml").read_text())
    read_back = envelope.read((case / "message.xml").read_bytes())
    assert isinstance(read_back, Message)
    erp = adapter(**params["out"])
    made = list(erp.from_cim(read_back))
    expected = sorted(path for path in case.iterdir() if path.stem.startswith("W-"))
    assert [(p.name, p.raw.decode()) for p in made] == [
        (path.name, path.read_bytes().decode()) for path in expected
    ]
    assert list(erp.from_cim(read_back)) == made  # pure


@pytest.mark.parametrize("format", ["xml", "csv"])
def test_what_was_read_of_an_order_is_written_back_the_same(format: str) -> None:
    """Its own orders, changed by somebody else, are read as what was said."""
    given_row = {
        "siteid": "NORTH",
        "wonum": "WO-1",
        "status": "INPRG",
        "worktype": "EM",
        "description": 'Replace fuse, "old"',
        "assetnum": "A-1",
        "location": "Oak Street",
        "crew": "C-1",
        "reportdate": "2026-06-30T08:00:00Z",
        "changedate": "2026-07-01T12:00:00Z",
        "schedstart": "2026-07-02T08:00:00Z",
        "actstart": "2026-07-02T09:00:00Z",
        "actfinish": "2026-07-02T10:00:00Z",
    }
    erp = adapter(format=format)
    said = _said(erp, "a.xml", native.write([given_row]))
    [parcel] = erp.from_cim(message(said))
    again = _said(erp, parcel.name, parcel.raw)
    assert (again.verb, again.payload) == (Verb.CHANGED, said.payload)


@pytest.mark.parametrize("status", ["WAPPR", "INPRG", "CLOSE", "CAN"])
def test_a_service_order_of_theirs_goes_back_by_its_worktype_and_status(status: str) -> None:
    kinds = {"MX": {"noun": "ServiceOrders", "kind": "service", "task": "exchange"}}
    erp = replace(adapter(format="xml"), work_types=kinds)
    given_row = {
        "siteid": "NORTH",
        "wonum": "WO-1",
        "status": status,
        "worktype": "MX",
        "description": "Change meter",
        "assetnum": "M-77",
        "crew": "C-1",
        "changedate": "2026-07-01T12:00:00Z",
        "schedstart": "2026-07-02T08:00:00Z",
    }
    said = _said(erp, "a.xml", native.write([given_row]))
    told = row(message(said), erp)
    told.pop("action")
    assert told == given_row
    with pytest.raises(ValueError, match="no WORKTYPE for ServiceOrders of the kind service, nor"):
        list(adapter().from_cim(message(said)))


def test_an_idoc_tells_times_in_the_zone_of_sap_and_is_read_back() -> None:
    made = build(
        ErpAdapter,
        {**read(SETTINGS, {}), "zone": "Europe/Berlin", "out": {**OUT, "format": "idoc"}},
        SETTINGS,
    )
    given_row = {
        "siteid": "NORTH",
        "wonum": "WO-1",
        "status": "INPRG",
        "worktype": "EM",
        "description": "Replace fuse & post",
        "changedate": "2026-07-01T12:00:00Z",
        "schedstart": "2026-07-02T22:30:00Z",
        "targcompdate": "2026-12-02T08:00:00Z",
    }
    said = _said(made, "a.xml", native.write([given_row]))
    [parcel] = made.from_cim(message(said))
    for field in (b"GSTRS>20260703<", b"GSUZS>003000<", b"GLTRP>20261202<", b"GLUZP>090000<"):
        assert field in parcel.raw
    again = _said(made, parcel.name, parcel.raw)
    assert isinstance(again.payload, MaintenanceOrders)
    assert isinstance(said.payload, MaintenanceOrders)
    [now], [before] = (
        again.payload.maintenance_order[0].work,
        said.payload.maintenance_order[0].work,
    )
    assert again.verb is Verb.CHANGED
    assert replace(now, last_modified_date_time=before.last_modified_date_time) == before


def test_an_idoc_cannot_say_that_an_order_is_deleted_nor_that_it_is_a_notification() -> None:
    erp = adapter(format="idoc")
    with pytest.raises(ValueError, match="order FLISR-7 is deleted, for which an IDoc has no word"):
        list(erp.from_cim(message(replace(order(), work=()), Verb.DELETED)))
    kind = NameType(name="NotificationNumber", name_type_authority=NameTypeAuthority(name="ERP 1"))
    own = replace(order(), names=(Name(name="77", name_type=kind),))
    with pytest.raises(ValueError, match="77 is a notification of ERP, and no order"):
        list(erp.from_cim(message(own)))


def _said(erp: ErpAdapter, name: str, data: bytes) -> Outgoing:
    [record] = erp.records(name, data)
    [said] = erp.to_cim(record)
    assert isinstance(said.payload, Profile)
    return said


def test_their_own_words_for_what_theirs_has_no_status_for() -> None:
    sent = message(order(WorkStatusKind.DISPATCHED))
    with pytest.raises(ValueError, match="WorkStatusKind dispatched has no counterpart; known"):
        row(sent)
    assert row(sent, adapter(format="csv", statuses={"dispatched": "INPRG"}))["status"] == "INPRG"


@pytest.mark.parametrize(
    ("verb", "action", "status"),
    [
        (Verb.CREATED, "Add", "APPR"),
        (Verb.CHANGED, "Change", "APPR"),
        (Verb.CLOSED, "Change", "CLOSE"),
        (Verb.CANCELED, "Change", "CAN"),
    ],
)
def test_verbs_become_actions_and_the_end_a_status(verb: Verb, action: str, status: str) -> None:
    told = row(message(order(), verb))
    assert (told["action"], told["status"], told["siteid"]) == (action, status, "SOUTH")
    assert (told["wonum"], told["changedate"]) == ("FLISR-7", "2026-07-01T12:30:00Z")


def test_of_what_is_deleted_only_which_it_is() -> None:
    [parcel] = ERP.from_cim(message(replace(order(), work=()), Verb.DELETED))
    assert parcel.raw.splitlines()[1].strip(b",") == b"Delete,FLISR-7,SOUTH"


@pytest.mark.parametrize(
    ("made", "out", "rule"),
    [
        (order(), {"site": ""}, "order FLISR-7 is none of ERP's, and out.site says no site"),
        (replace(order(), mrid=None, names=()), {}, "neither name nor mRID"),
        (replace(order(), work=order().work * 2), {}, "has 2 works; there is a place for one"),
        (
            replace(order(), work=(replace(order().work[0], kind=WorkKind.TEST),)),
            {},
            "work_types has no WORKTYPE for MaintenanceOrders of the kind test",
        ),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(
    made: MaintenanceOrder, out: dict[str, Any], rule: str
) -> None:
    with pytest.raises(ValueError, match=rule):
        list(adapter(**out).from_cim(message(made)))


def test_priorities_go_back_by_their_table() -> None:
    urgent = message(order(priority=Priority(rank=1)))
    assert "wopriority" not in row(urgent)
    erp = replace(ERP, priorities={"4": 1})
    assert row(urgent, erp)["wopriority"] == "4"
    with pytest.raises(ValueError, match="priority 2 has no counterpart; known are 1"):
        row(message(order(priority=Priority(rank=2))), erp)


@pytest.mark.parametrize(
    ("table", "rule"),
    [({"statuses": {"done": "COMP"}}, "out.statuses"), ({"service_types": {"x": "EM"}}, "service")],
)
def test_a_term_nobody_knows_stops_the_start(table: dict[str, Any], rule: str) -> None:
    with pytest.raises(ConfigError, match=rule):
        adapter(**table)


@settings(max_examples=25)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs")), min_size=1))
def test_any_name_comes_through(name: str) -> None:
    made = replace(order(), names=(Name(name=name),))
    assert row(message(made))["wonum"] == name.strip()


def test_orders_reach_the_erp_but_not_its_own(tmp_path: Path) -> None:
    journal = Journal.open(f"sqlite:///{tmp_path / 'gridbus.db'}")
    with closing(journal), listening() as erp:
        hub = Hub(journal, {})
        hub.attach_adapter("erp", adapter(tmp_path, ways=["http"], url=erp.url))
        hub.run()
        sent = message(order())
        own = replace(sent, header=replace(sent.header, source="erp", message_id="W-0"))
        hub.accept([fakes.Handed.of(own), fakes.Handed.of(sent)], "soap")
        until(lambda: erp.got, "an order", pace=0.02)
        hub.stop()
    assert sent.kind is Kind.EVENT
    assert erp.identities == ["W-1-1"]
    assert b"<WONUM>FLISR-7</WONUM>" in erp.got[0][1]
