"""The ERP adapter: one case folder for each kind of file, its messages beside it as XML."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.erp import ErpAdapter, native
from adapters.erp.terms import kind_of, status_of
from cim import parse, xml
from cim.message import Outgoing, Verb
from cim.profile import Profile
from cim.profiles.asset_catalogue import AssetCatalogue
from cim.profiles.asset_list import AssetList
from cim.profiles.crews import Crews
from cim.profiles.maintenance_orders import MaintenanceOrders
from cim.profiles.works import WorkStatusKind
from cim.violation import Refusal
from hub.dispatch.translated import Translation
from hub.interfaces import Record
from hub.settings import ConfigError, build, read

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "config" / "adapters" / "erp.toml"
CASES = sorted((ROOT / "tests" / "cases" / "adapters" / "erp").iterdir())
NOW = datetime(2026, 7, 1, tzinfo=UTC)
ORDER = {
    "siteid": "NORTH",
    "wonum": "WO-1",
    "status": "WAPPR",
    "worktype": "EM",
    "description": "Replace fuse",
}


def adapter(**overruled: Any) -> ErpAdapter:
    """With the settings that come with the hub, but for these."""
    return build(ErpAdapter, {**read(SETTINGS, {}), **overruled}, SETTINGS)


def order_file(*changes: Mapping[str, str]) -> bytes:
    return native.write({**ORDER, **change} for change in changes)


def messages(erp: ErpAdapter, data: bytes, name: str = "a.xml") -> list[Outgoing]:
    return [one for record in erp.records(name, data) for one in erp.to_cim(record)]


def said(erp: ErpAdapter, record: Record, element: etree._Element) -> None:
    """What a record becomes, as `expected.xml` writes it."""
    try:
        for one in Translation("erp", erp, NOW).messages(record):
            message = etree.SubElement(element, "message", verb=one.message.header.verb)
            if one.exact:
                message.set("exact", "true")
            assert isinstance(one.message.payload, Profile)
            message.append(xml.encode(one.message.payload))
    except Refusal as refusal:
        etree.SubElement(element, "refused").text = str(refusal)


def results(erp: ErpAdapter, name: str, data: bytes) -> bytes:
    root = etree.Element("expected")
    try:
        for record in erp.records(name, data):
            assert record.raw
            said(erp, record, etree.SubElement(root, "record", origin=record.origin))
    except ValueError as error:
        etree.SubElement(root, "refused").text = str(error)
    return pretty(root)


def pretty(root: etree._Element) -> bytes:
    etree.indent(root)
    written: bytes = etree.tostring(root, encoding="utf-8")
    return written + b"\n"


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_file(case: Path) -> None:
    erp = adapter(**tomllib.loads((case / "params.toml").read_text(encoding="utf-8")))
    [path] = (p for p in case.iterdir() if p.name not in ("params.toml", "expected.xml"))
    expected = pretty(parse.parse((case / "expected.xml").read_bytes()))
    assert results(erp, path.name, path.read_bytes()).decode() == expected.decode()


@pytest.mark.reference
def test_the_sample_of_maximo(shared: Path) -> None:
    path = shared / "data" / "samples" / "synthetic" / "maximo_mxwo.xml"
    [record] = adapter().records(path.name, path.read_bytes())
    [outgoing] = adapter().to_cim(record)
    assert outgoing.verb is Verb.CREATED
    assert isinstance(outgoing.payload, MaintenanceOrders)
    [order] = outgoing.payload.maintenance_order
    [task] = order.work[0].work_tasks
    assert (order.names[0].name, task.subject) == ("WO-7001", "Replace blown fuse F1")
    assert order.work[0].request_date_time == datetime(2025, 11, 20, 16, 30, tzinfo=UTC)
    assert (task.assets[0].utc_number, task.crews[0].names[0].name) == ("FUSE-F1", "CREW-A")


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ({"idoc_types": {"ZORDER": "task"}}, "idoc_types.ZORDER: 'task' is none of order, not"),
        ({"idoc_fields": {"orders": {}}}, "fields of orders: 'orders' is none of order, notif"),
    ],
)
def test_a_kind_of_idoc_that_is_none_stops_the_start(setting: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        adapter(**setting)


# -- statuses, both ways


def test_every_status_of_the_settings_goes_both_ways() -> None:
    statuses = adapter().terms.statuses
    assert len(statuses) == 8
    for status in statuses:
        assert status_of(kind_of(status, statuses), statuses) == status


def test_a_status_without_counterpart_is_refused_with_those_known() -> None:
    statuses = {"A": WorkStatusKind.APPROVED, "B": WorkStatusKind.APPROVED}
    assert status_of(WorkStatusKind.APPROVED, statuses) == "A"
    with pytest.raises(ValueError, match="has no counterpart in the CIM; known are A, B"):
        kind_of("C", statuses)
    with pytest.raises(ValueError, match="enroute has no counterpart; known are approved"):
        status_of(WorkStatusKind.ENROUTE, statuses)


@pytest.mark.parametrize(
    ("overruled", "why"),
    [
        ({"statuses": {"A": "agreed"}}, "statuses.A 'agreed' is none of approved, cancelled"),
        ({"verbs": {"A": "get"}}, "verbs.A get is none of created, changed, closed, canceled"),
        ({"verbs": {}}, "statuses and verbs must name the same; APPR"),
        ({"work_types": {"A": {"noun": "WorkRequests"}}}, "work_types.A must have the keys noun"),
        (
            {"work_types": {"A": {"noun": "Orders", "kind": "repair", "task": "remove"}}},
            "work_types.A.noun 'Orders' is none of MaintenanceOrders, WorkRequests, ServiceOrders",
        ),
        (
            {"work_types": {"A": {"noun": "WorkRequests", "kind": "mend", "task": "remove"}}},
            "work_types.A.kind 'mend' is none of connect",
        ),
        ({"created_again": "ignore"}, "created_again 'ignore' is neither refuse nor change"),
        ({"asset_statuses": {"A": "used"}}, "asset_statuses.A 'used' is none of inUse, notReady"),
        ({"asset_kinds": {"A": "pole"}}, "asset_kinds.A 'pole' is none of breakerAirBlast"),
        ({"changes": {"A": "get"}}, "changes.A get is none of created, changed, deleted"),
        ({"weight_unit": "stone"}, "weight_unit 'stone' is none of kg, t, lb"),
        ({"zone": "Mars/Olympus"}, "zone 'Mars/Olympus' is no time zone"),
    ],
)
def test_a_term_nobody_knows_stops_the_start(overruled: Mapping[str, Any], why: str) -> None:
    with pytest.raises(ConfigError) as refused:
        adapter(**overruled)
    assert why in str(refused.value)


def test_an_asset_has_the_product_of_the_catalogue() -> None:
    erp, made = adapter(), {"manufacturer": "Acme", "modelnum": "PT-50"}
    asset = native.write_assets([{"siteid": "N", "assetnum": "1", **made}])
    [owned] = messages(erp, asset, "assets.csv")
    [offered] = messages(erp, native.write_catalogue([made]), "catalogue.csv")
    assert isinstance(owned.payload, AssetList)
    assert isinstance(offered.payload, AssetCatalogue)
    [one] = owned.payload.asset
    assert (one.product_asset_model,) == offered.payload.product_asset_model


def test_a_file_whose_name_says_two_things_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"order_files .* and asset_files .* fit the name; it must"
    ):
        adapter().records("assets_orders.csv", b"siteid\n")


def test_a_file_travels_from_the_folder_to_done(tmp_path: Path) -> None:
    erp = adapter(folder=tmp_path, settle=0.0, interval=0.0)
    (tmp_path / "a.xml").write_bytes(order_file({}))
    (tmp_path / "b.xml").write_text("<half")
    batches = erp.read()
    [record] = next(batches)
    assert record.origin == "a.xml WORKORDER 1"
    assert list(next(batches)) == []  # of the refused file
    assert next(batches) == ()
    assert (tmp_path / "done" / "a.xml").exists()
    assert (tmp_path / "quarantine" / "b.xml.reason").exists()
    erp.stop()
    assert list(batches) == []


def test_who_works_in_a_crew_or_reports_work_is_told_to_nobody() -> None:
    data = order_file({}).replace(b"</STATUS>", b"</STATUS><REPORTEDBY>MILLER</REPORTEDBY>")
    [order] = messages(adapter(), data)
    [crew] = messages(adapter(), b"crew,foreman\nA,MILLER\n", "crews.csv")
    for one in (order, crew):
        assert isinstance(one.payload, Profile)
        assert b"MILLER" not in etree.tostring(xml.encode(one.payload))


# -- the writers write what the reader reads

words = st.text(
    st.characters(categories=("L", "N", "P", "S"), include_characters=" "), min_size=1, max_size=9
).filter(lambda text: text == text.strip() != "")
times = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(
    lambda when: when.isoformat()
)
settings = read(SETTINGS, {})


order_rows = st.fixed_dictionaries(
    {
        "siteid": words,
        "wonum": words,
        "description": words,
        "status": st.sampled_from(sorted(settings["statuses"])),
        "worktype": st.sampled_from(sorted(settings["work_types"])),
        "statusdate": times,
    },
    optional={
        "action": st.sampled_from(["Add", "Change", "Replace", "AddChange"]),
        "assetnum": words,
        "location": words,
        "crew": words,
        "reportdate": times,
        "changedate": times,
        "schedstart": times,
        "actfinish": times,
    },
)


@given(st.lists(order_rows, max_size=3))
def test_an_order_is_the_same_in_xml_and_in_csv(rows: list[dict[str, str]]) -> None:
    erp = adapter()
    from_xml = messages(erp, native.write(rows))
    assert messages(erp, native.write_orders(rows), "orders.csv") == from_xml
    assert len(from_xml) == len(rows)
    for row, one in zip(rows, from_xml, strict=True):
        shown = etree.tostring(xml.encode(one.payload), encoding="unicode")  # type: ignore[arg-type]
        leaves = {leaf.text for leaf in parse.parse(shown.encode()).iter() if leaf.text}
        named = {row.get(c, row["wonum"]) for c in ("assetnum", "location", "crew", "description")}
        assert named <= leaves
        assert kind_of(row["status"], erp.terms.statuses) in leaves


@given(words, st.lists(st.tuples(words, times), min_size=1, max_size=3))
def test_a_crew_keeps_its_shifts(crew: str, shifts: list[tuple[str, str]]) -> None:
    rows = [
        {
            "crew": crew,
            "shift": shift,
            "shift_start": start,
            "shift_end": "2099-06-01T00:00:00Z",
        }
        for shift, start in shifts
    ]
    [one] = messages(adapter(), native.write_crews(rows), "crews.csv")
    assert isinstance(one.payload, Crews)
    [told] = one.payload.crew
    assert told.names[0].name == crew
    assert [
        (s.names[0].name, s.validity_interval and s.validity_interval.start)
        for s in told.shift_patterns
    ] == [(shift, datetime.fromisoformat(start)) for shift, start in shifts]


def test_half_a_character_refuses_its_order_alone() -> None:
    erp = adapter(properties={"description": "Text"})
    told = [{**ORDER, "Text": "Fuse"}, {**ORDER, "wonum": "WO-2", "Text": "Oil \ud800"}]
    page = json.dumps({"value": told}).encode()
    good, bad = erp.records("orders.json", page)
    assert list(erp.to_cim(good))
    rule = "orders.json order 2: Text has half a character: a surrogate by itself"
    with pytest.raises(ValueError, match=rule):
        list(erp.to_cim(bad))
    assert b'"Oil \\ud800"' in bad.raw
    [mended] = erp.again(bad.origin, bad.raw.replace(b"\\ud800", b"leak"))
    assert list(erp.to_cim(mended))


def test_half_a_character_that_is_passed_over_refuses_nothing() -> None:
    page = json.dumps({"value": [{**ORDER, "Note": "\udfff"}]}).encode()
    [record] = adapter().records("orders.json", page)
    assert list(adapter().to_cim(record))


def test_an_error_of_the_service_is_told_in_writing() -> None:
    with pytest.raises(ValueError, match="an error of the service") as caught:
        adapter().records("orders.json", b'{"error": "\\ud800"}')
    assert str(caught.value).encode()
