"""What lies in schemas/ is what the profiles say, and others can read it."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from lxml import etree
from zeep import Client

from cim.parse import parse
from cim.profile import VERBS
from cim.profiles import NOUNS
from cim.schema import files, services, services_of
from cim.schema.__main__ import main

FOLDER = Path(__file__).parents[1] / "schemas"
WSDLS = sorted(p.name for p in FOLDER.glob("*.wsdl"))
SCHEMAS = sorted(p.name for p in FOLDER.glob("*.xsd"))


def test_the_files_are_the_generated_ones() -> None:
    lying = {p.name: p.read_bytes() for p in FOLDER.iterdir()}
    made = files()

    assert sorted(lying) == sorted(made), "run `python -m cim.schema`"
    changed = [name for name in made if lying[name] != made[name]]
    assert changed == [], "run `python -m cim.schema`"


def test_writing_removes_what_is_generated_no_longer(tmp_path: Path) -> None:
    (tmp_path / "OldNoun.xsd").write_text("<old/>")
    (tmp_path / "notes.txt").write_text("kept")

    main(tmp_path)

    assert {p.name for p in tmp_path.iterdir()} == {*files(), "notes.txt"}


def test_every_noun_has_its_files() -> None:
    for name, noun in NOUNS.items():
        has = {verb: verb in noun.verbs for verb in VERBS}
        changes = {
            "Receive": "changed canceled closed deleted",
            "Execute": "change cancel close delete",
        }
        expected = {
            f"Receive{name}": has["created"],
            f"Execute{name}": has["create"],
            f"Get{name}": has["get"],
            f"Receive{name}OperationSet": has["executed"],
            f"Execute{name}OperationSet": has["execute"],
            **{f"{d}{name}Change": any(has[v] for v in vs.split()) for d, vs in changes.items()},
        }
        assert {s.name for s in services_of(noun)} == {s for s, there in expected.items() if there}
        assert f"{name}.xsd" in SCHEMAS
    assert {f"{s.name}.wsdl" for s in services()} | {"Generic.wsdl"} == set(WSDLS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_lxml_compiles_it(name: str) -> None:
    document = parse((FOLDER / name).read_bytes())
    etree.XMLSchema(etree=_located(document, name))


# Those of messages are alike for all nouns, and compiling one takes a tenth of a second or more.
SECOND = sorted({f"{noun}.xsd" for noun in NOUNS} | {s for s in SCHEMAS if "EndDeviceEvents" in s})


@pytest.mark.parametrize("name", SECOND)
def test_a_second_validator_compiles_it(name: str) -> None:
    xmlschema.XMLSchema(str(FOLDER / name), allow="sandbox", defuse="always")


def _located(root: etree._Element, name: str) -> etree._ElementTree:
    tree = root.getroottree()
    tree.docinfo.URL = str(FOLDER / name)
    return tree


@pytest.mark.parametrize("name", WSDLS)
def test_zeep_reads_the_description_without_the_network(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a description reaches for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    client: Any = Client(str(FOLDER / name))

    [service] = client.wsdl.services.values()
    [port] = service.ports.values()
    operations = port.binding._operations
    assert service.name == name.removesuffix(".wsdl")
    assert all(o.style == "document" and o.faults for o in operations.values())


def test_a_strongly_typed_service_lists_its_verbs() -> None:
    client: Any = Client(str(FOLDER / "ReceiveEndDeviceEvents.wsdl"))
    [service] = client.wsdl.services.values()
    [port] = service.ports.values()

    assert list(port.binding._operations) == ["CreatedEndDeviceEvents"]
    created = port.binding._operations["CreatedEndDeviceEvents"]
    assert created.soapaction == "http://iec.ch/TC57/2011/EndDeviceEvents/CreatedEndDeviceEvents"
    namespaces = client.wsdl.types.namespaces
    assert "http://iec.ch/TC57/2011/EndDeviceEventsMessage" in namespaces


def test_what_changes_a_known_object_needs_no_more_than_its_identity() -> None:
    client: Any = Client(str(FOLDER / "ReceiveEndDeviceEventsChange.wsdl"))
    [service] = client.wsdl.services.values()
    [port] = service.ports.values()

    assert sorted(port.binding._operations) == [
        "CanceledEndDeviceEvents",
        "ChangedEndDeviceEvents",
        "ClosedEndDeviceEvents",
        "DeletedEndDeviceEvents",
    ]
    event = client.get_type("{http://iec.ch/TC57/2011/EndDeviceEvents#}EndDeviceEvent")
    assert event(mRID="e-1").mRID == "e-1"
    assert all(element.is_optional for _, element in event.elements)
