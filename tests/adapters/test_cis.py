"""The CIS adapter: one case folder for each kind of snapshot."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from adapters.cis import CisAdapter, native
from cim import parse
from cim.message import Outgoing, Verb
from cim.profiles.network_models import NetworkModel, NetworkModels
from hub.interfaces import Counted
from hub.parts import Part

CASES = sorted((Path(__file__).parents[1] / "cases" / "adapters" / "cis").iterdir())
EQUIPMENT = "11111111-1111-4111-8111-111111111111"
NS = {
    "cim": "http://iec.ch/TC57/CIM100#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "md": "http://iec.ch/TC57/61970-552/ModelDescription/1#",
}


def model(outgoing: Outgoing) -> NetworkModel:
    assert outgoing.verb is Verb.CREATED
    assert isinstance(outgoing.payload, NetworkModels)
    [found] = outgoing.payload.network_model
    return found


def text(element: etree._Element, path: str) -> str | None:
    """The first match of an XPath that may be an attribute or a text."""
    found = element.xpath(path, namespaces=NS)
    return str(found[0]) if isinstance(found, list) and found else None


def points(document: bytes) -> list[dict[str, Any]]:
    """The usage points as `expected.json` writes them."""
    root = parse.parse(document)
    return [_point(root, usage) for usage in root.findall("cim:UsagePoint", NS)]


def _point(root: etree._Element, usage: etree._Element) -> dict[str, Any]:
    about = text(usage, "@rdf:about")
    home = text(usage, "cim:UsagePoint.ServiceLocation/@rdf:resource")
    name = "cim:IdentifiedObject.name/text()"
    phase = text(usage, "cim:UsagePoint.phaseCode/@rdf:resource")
    equipment = text(usage, "cim:UsagePoint.Equipments/@rdf:resource") or ""
    return {
        "name": text(usage, name),
        "meter": text(root, f"cim:Meter[cim:EndDevice.UsagePoint/@rdf:resource='{about}']/{name}"),
        "equipment": equipment.removeprefix("urn:uuid:"),
        "priority": text(usage, "cim:UsagePoint.servicePriority/text()"),
        "phase": phase and phase.rpartition(".")[2],
        "premise": text(root, f"cim:ServiceLocation[@rdf:about='{home}']/{name}"),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_snapshot(case: Path) -> None:
    adapter = CisAdapter(**tomllib.loads((case / "params.toml").read_text(encoding="utf-8")))
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    data = (case / "input.csv").read_bytes()
    if "refused" in expected:
        with pytest.raises(ValueError, match=r"input\.csv") as refused:
            adapter.records("input.csv", data)
        for sentence in expected["refused"]:
            assert sentence in str(refused.value)
    else:
        [record] = adapter.records("input.csv", data)
        [outgoing] = adapter.to_cim(record)
        assert points(model(outgoing).document) == expected["points"]


def rows(*names: str) -> bytes:
    """A snapshot of service points with these names."""
    empty = dict.fromkeys(native.COLUMNS, "")
    return native.write(
        empty | {"service_point_id": n, "meter_number": f"M-{n}", "equipment_mrid": EQUIPMENT}
        for n in names
    )


def test_a_snapshot_takes_the_place_of_the_one_before() -> None:
    adapter = CisAdapter()
    found: list[Outgoing] = []
    for data in (rows("a"), rows("a", "b"), rows("a")):
        [record] = adapter.records("a.csv", data)
        found += adapter.to_cim(record)
    assert len({model(outgoing).mrid for outgoing in found}) == 1
    assert found[0].external_id == found[2].external_id != found[1].external_id
    assert model(found[0]).document == model(found[2]).document


def test_the_same_bytes_by_a_corrected_mapping_are_news() -> None:
    data = rows("a")
    mended = CisAdapter(columns={"premise_id": "meter_number"})
    said = [
        outgoing.external_id
        for adapter in (CisAdapter(), CisAdapter(), mended)
        for record in adapter.records("a.csv", data)
        for outgoing in adapter.to_cim(record)
    ]
    assert said[0] == said[1] != said[2]


@pytest.mark.parametrize(("trailer", "counted"), [("", False), ("END", True)])
def test_a_trailer_tells_that_a_snapshot_is_whole(trailer: str, counted: bool) -> None:
    data = rows("a") + (f"{trailer};1\r\n".encode() if trailer else b"")
    [record] = CisAdapter(trailer=trailer).records("a.csv", data)
    assert isinstance(record, Counted)
    assert record.is_counted is counted


def test_a_file_is_gone_on_with_by_the_same_settings_only(tmp_path: Path) -> None:
    found = []
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "a.csv").write_bytes(rows("a"))
    columns: dict[str, str]
    for columns in ({}, {}, {"premise_id": "meter_number"}):
        (tmp_path / "done" / "a.csv").rename(tmp_path / "a.csv")  # with its time
        adapter = CisAdapter(folder=tmp_path, settle=0.0, interval=0.0, columns=columns)
        batches = adapter.read()
        part = next(batches)
        assert isinstance(part, Part)
        found.append(part.file.key)
        assert next(batches) == ()
    assert found[0] == found[1] != found[2]


def test_no_customer_data_leaves_the_adapter() -> None:
    row = dict.fromkeys(native.COLUMNS, "") | {
        "service_point_id": "SP",
        "account_number": "ACCOUNT",
        "equipment_mrid": EQUIPMENT,
    }
    [record] = CisAdapter().records("a.csv", native.write([row]))
    [outgoing] = CisAdapter().to_cim(record)
    assert "ACCOUNT" not in model(outgoing).document.decode()


def test_a_snapshot_travels_from_the_folder_to_done(tmp_path: Path) -> None:
    adapter = CisAdapter(folder=tmp_path, settle=0.0, interval=0.0)
    (tmp_path / "a.csv").write_bytes(rows("a"))
    batches = adapter.read()
    [record] = next(batches)
    assert record.origin == "a.csv"
    assert next(batches) == ()
    assert (tmp_path / "done" / "a.csv").exists()
    adapter.stop()
