"""`gridbus contracts` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree
from zeep import Client

from cim import override
from cim.parse import Documents, parse, pinned
from cim.profiles import NOUNS
from cim.profiles.unplanned_outages import UnplannedOutages
from cim.schema import files, noun_xsd
from hub.cli import main
from tests.hub.cli.conftest import Run

IEC = b"http://iec.ch/TC57/2099/UnplannedOutages#"
OURS = UnplannedOutages.namespace.encode()
SHORT = (
    b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:common">'
    b'<xs:simpleType name="Short"><xs:restriction base="xs:string"><xs:maxLength value="4"/>'
    b"</xs:restriction></xs:simpleType></xs:schema>"
)


def test_every_noun_is_listed_with_its_ends(run: Run) -> None:
    code, out, err = run("contracts", "list", "--json")
    rows = {row["noun"]: row for row in json.loads(out)}
    assert (code, err) == (0, "")
    assert list(rows) == sorted(NOUNS)
    assert rows["EndDeviceEvents"]["standard"] == "IEC 61968-9"
    assert "NO.FLT" in rows["EndDeviceEvents"]["subscribers"]
    lines = run("contracts", "list")[1].splitlines()
    assert len(lines) == len(NOUNS) + 1
    assert lines[0].split() == ["noun", "standard", "publishers", "subscribers"]


def test_the_export_is_complete_and_stands_by_itself(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "contracts"
    code, out, _ = run("contracts", "export", folder)
    lying = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert (code, out) == (
        0,
        f"{len(lying)} files in {folder}; begin with {folder / 'README.md'}\n",
    )
    assert {name: lying[name] for name in files()} == files()
    index = lying["README.md"].decode()
    for noun in NOUNS:
        assert f"[{noun}]({noun}.md)" in index
        page = lying[f"{noun}.md"].decode()
        assert page.startswith(f"# {noun}\n")
        assert all(name.encode() in page.encode() for name in (f"{noun}.xsd", "Generic.wsdl"))
        if (example := lying.get(f"{noun}.example.xml")) is not None:
            schema = etree.XMLSchema(pinned(Documents(f"{noun}.xsd", lying)))
            schema.assertValid(parse(example))
    code, out, _ = run("contracts", "export", folder, "--json")
    assert (code, json.loads(out)) == (0, {"folder": str(folder), "files": len(lying)})


def test_the_services_have_the_address_of_the_hub(run: Run, tmp_path: Path) -> None:
    address = "https://hub.example:8088"
    assert run("contracts", "export", tmp_path, "--address", f"{address}/")[0] == 0
    for service, path in {"Generic": "", "GetMeterReadings": "/GetMeterReadings"}.items():
        client = Client(str(tmp_path / f"{service}.wsdl"))
        assert client.service._binding_options["address"] == f"{address}/soap{path}"
    code, _, err = run("contracts", "export", tmp_path, "--address", "hub.example")
    assert (code, "'hub.example' is no address of a hub" in err) == (2, True)


def _override(folder: Path) -> None:
    """Outages in a namespace of the IEC, with a required comment of a type that lies elsewhere."""
    short = b'name="comment" type="c:Short" xmlns:c="urn:common"'
    data = noun_xsd(UnplannedOutages).replace(OURS, IEC)
    data = data.replace(b'name="comment" minOccurs="0" type="xs:string"', short, 1)
    assert short in data
    link = b"<xs:import namespace='urn:common' schemaLocation='http://iec.ch/xsd/Message.xsd'/>"
    data = data.replace(b"<xs:element name=", link + b"<xs:element name=", 1)
    (folder / "sub").mkdir(parents=True)
    (folder / "outages.xsd").write_bytes(data)
    (folder / "sub" / "Message.xsd").write_bytes(SHORT)


def test_where_a_utilitys_xsd_holds_the_export_refers_to_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _override(tmp_path / "iec")
    (tmp_path / "hub.toml").write_text(
        f"[schemas]\noverride = '{tmp_path / 'iec'}'\n[schemas.namespaces]\n"
        "SwitchingPlans = 'http://iec.ch/TC57/2016/SwitchingPlans#'\n"
    )
    folder = tmp_path / "contracts"
    assert main(["--config", str(tmp_path), "contracts", "export", str(folder)]) == 0
    capsys.readouterr()
    assert override.theirs("UnplannedOutages") is None  # not in force beyond the command
    page = (folder / "UnplannedOutages.md").read_text()
    assert f"Namespace: `{IEC.decode()}`" in page
    assert "Held against outages.xsd of the utility" in page
    assert (folder / "theirs" / "UnplannedOutages" / "sub" / "Message.xsd").read_bytes() == SHORT
    assert not (folder / "UnplannedOutages.example.xml").exists()  # ours has no comment
    plans = (folder / "SwitchingPlans.example.xml").read_bytes()
    assert b"http://iec.ch/TC57/2016/SwitchingPlans#" in plans
    required = {"ExecuteUnplannedOutages": True, "ReceiveUnplannedOutagesChange": False}
    for service, is_required in required.items():
        client = Client(str(folder / f"{service}.wsdl"))
        outage = client.get_type(f"{{{IEC.decode()}}}UnplannedOutage")
        [comment] = (element for name, element in outage.elements if name == "comment")
        assert comment.is_optional is not is_required
        assert comment.type.name == "Short"
    client = Client(str(folder / "ExecuteSwitchingPlans.wsdl"))
    assert client.get_type("{http://iec.ch/TC57/2016/SwitchingPlans#}SwitchingPlan")
