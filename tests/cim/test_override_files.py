"""Schemas of others in several files, broken ones, and ones that contradict the settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cim import override
from cim.profiles import NOUNS
from cim.schema.library import Library, SchemaError
from cim.schema.names import MESSAGE
from tests.cim.test_override import (
    IEC,
    REASON,
    changed,
    event,
    holds,
    ours,
    read,
    refused,
    reordered,
)


@pytest.fixture(autouse=True)
def _ours_again() -> Iterator[None]:
    yield
    override.clear()


@pytest.mark.parametrize("location", [b"common.xsd", b"http://www.iec.ch/xsd/common.xsd"])
def test_what_they_import_lies_beside_it(location: bytes) -> None:
    """A type of a file of another namespace, named as a neighbour or by an address on the web."""
    common = (
        b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:common">'
        b'<xs:simpleType name="Short"><xs:restriction base="xs:string"><xs:maxLength value="4"/>'
        b"</xs:restriction></xs:simpleType></xs:schema>"
    )
    data = changed(
        "EndDeviceEvents",
        (
            b"  <xs:element name=",
            b"  <xs:import namespace='urn:common' schemaLocation='%s'/><xs:element name="
            % location,
        ),
        (REASON, REASON.replace(b'"xs:string"', b'"c:Short" xmlns:c="urn:common"')),
    )
    holds("EndDeviceEvents", data, common=common)
    assert read(event("<reason>wind</reason>")).payload
    said = refused(event("<reason>storm</reason>"))
    assert "/EventMessage/Payload/EndDeviceEvents/EndDeviceEvent/reason" in said
    assert "4" in said


def test_nothing_is_put_in_force_when_a_file_is_broken() -> None:
    holds("EndDeviceEvents", reordered())
    with pytest.raises(SchemaError, match=r"EndDeviceEvents\.xsd, line \d+: .*xs:strin"):
        holds("EndDeviceEvents", changed("EndDeviceEvents", (REASON, REASON[:-2] + b'"')))
    assert override.theirs("EndDeviceEvents") is not None


@pytest.mark.parametrize(
    ("namespaces", "why"),
    [
        ({"Weather": IEC}, "Weather is no noun of this hub"),
        ({"NetworkModels": IEC}, "NetworkModels cannot be in the namespace"),
        ({"UnplannedOutages": ""}, "cannot be in the namespace ''"),
        ({"UnplannedOutages": MESSAGE}, "cannot be in the namespace"),
    ],
)
def test_a_wrong_setting_says_so(namespaces: dict[str, str], why: str) -> None:
    with pytest.raises(SchemaError, match=why):
        override.install(namespaces=namespaces)


def test_setting_and_file_must_agree() -> None:
    library = Library.of({"u.xsd": ours("UnplannedOutages")})
    with pytest.raises(SchemaError, match=r"schemas\.namespaces says"):
        override.install(library, {"UnplannedOutages": IEC})
    with pytest.raises(SchemaError, match="holds models in RDF"):
        override.install(Library.of({"n.xsd": ours("NetworkModels")}))


@pytest.mark.parametrize("noun", sorted(NOUNS.keys() - {"NetworkModels"}))
def test_our_own_files_change_nothing(noun: str) -> None:
    holds(noun, ours(noun))
    theirs = override.theirs(noun)
    assert theirs is not None
    assert theirs.order.places == theirs.ours.places
