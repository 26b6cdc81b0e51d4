"""EndDeviceControls beside the schema of others, which is published under BSD-3.

Where the two differ is data here: when one of them changes, so must the table.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim.envelope import typed
from cim.message import Header, Kind, Message, Verb
from cim.parse import parse
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.profiles.end_device_controls import EndDeviceControls
from cim.schema import noun_xsd
from cim.xml import encode
from tests.strategies import profiles

pytestmark = pytest.mark.reference

FOLDER = Path("data/iec61968/dlms-cim/src/xsd")
XS = "{http://www.w3.org/2001/XMLSchema}"
UUID = "6f0c1d51-0a41-4c2c-8f0a-222222222222"
CREATES = (Verb.CREATE, Verb.CHANGE, Verb.CANCEL, Verb.CLOSE, Verb.DELETE)

# Classes of theirs that no element is of.
UNUSED = {"Customer", "EndDeviceAction", "EndDeviceInfo", "ServiceLocation"}

# Named types of theirs that restrict nothing, and what ours says straight away.
NAMES_FOR = {
    "FloatQuantity": "float",
    "Minutes": "float",
    "Money": "decimal",
    "PerCent": "float",
    "Temperature": "float",
}
# Theirs wants a UUID in the mRID of these; ours, like the standard, takes any text.
UUID_IN = {
    *("EndDevice", "EndDeviceControl", "EndDeviceControlType", "EndDeviceGroup"),
    *("UsagePoint", "UsagePointGroup"),
}

Element = tuple[str, str]
Shape = tuple[str, str, str]


def shapes(root: etree._Element) -> dict[Element, Shape]:
    """(class, element) -> least, most, type."""
    return {
        (kind.get("name") or "", one.get("name") or ""): (
            one.get("minOccurs", "1"),
            one.get("maxOccurs", "1"),
            (one.get("type") or "").rpartition(":")[2],
        )
        for kind in root.iterfind(f"{XS}complexType")
        for one in kind.iter(f"{XS}element")
        if one.get("name") is not None
    }


@pytest.fixture
def theirs(shared: Path) -> etree._Element:
    return parse((shared / FOLDER / "EndDeviceControls.xsd").read_bytes())


@pytest.fixture
def ours() -> etree._Element:
    return parse(noun_xsd(EndDeviceControls))


def test_the_classes_differ_as_the_table_says(theirs: etree._Element, ours: etree._Element) -> None:
    names = [{kind.get("name") for kind in r.iterfind(f"{XS}complexType")} for r in (theirs, ours)]
    assert names[0] - names[1] == UNUSED
    assert names[1] <= names[0]
    assert not UNUSED & {kind for _, _, kind in shapes(theirs).values()}


def test_the_elements_differ_as_the_table_says(
    theirs: etree._Element, ours: etree._Element
) -> None:
    a, b = shapes(theirs), shapes(ours)
    assert b.keys() == {element for element in a if element[0] not in UNUSED}
    differing = {element: (a[element], b[element]) for element in b if a[element] != b[element]}
    for (kind, name), (one, other) in differing.items():
        if name == "mRID":
            assert kind in UUID_IN
            assert (one[2], other[2]) == ("UUIDType", "string")
        else:
            assert NAMES_FOR[one[2]] == other[2]
        assert one[:2] == other[:2]
    assert {kind for kind, name in differing if name == "mRID"} == UUID_IN
    assert {a[e][2] for e in differing if e[1] != "mRID"} == set(NAMES_FOR)


def test_the_named_types_of_theirs_restrict_nothing(theirs: etree._Element) -> None:
    for one in theirs.iterfind(f"{XS}simpleType"):
        if one.get("name") in NAMES_FOR:
            restriction = one.find(f"{XS}restriction")
            assert restriction is not None
            assert restriction.get("base") == f"xs:{NAMES_FOR[str(one.get('name'))]}"
            assert not list(restriction)


def test_the_enumerations_are_the_same(theirs: etree._Element, ours: etree._Element) -> None:
    def values(root: etree._Element) -> dict[str | None, list[str | None]]:
        return {
            one.get("name"): [value.get("value") for value in one.iter(f"{XS}enumeration")]
            for one in root.iterfind(f"{XS}simpleType")
        }

    said = values(theirs)
    assert {name: sorted(map(str, v)) for name, v in values(ours).items()} == {
        name: sorted(map(str, said[name])) for name in values(ours)
    }


def with_uuids(root: etree._Element) -> etree._Element:
    for mrid in root.iter("{*}mRID"):
        mrid.text = UUID
    return root


@cache
def compiled(path: Path) -> etree.XMLSchema:
    tree = parse(path.read_bytes()).getroottree()
    tree.docinfo.URL = str(path)  # from where it imports the schemas beside it
    return etree.XMLSchema(etree=tree)


@settings(deadline=None, max_examples=60)
@given(payload=profiles(NOUNS["EndDeviceControls"]))
def test_our_payloads_are_valid_for_theirs(payload: Profile, shared: Path) -> None:
    root = with_uuids(encode(payload))
    compiled(shared / FOLDER / "EndDeviceControls.xsd").assertValid(root)


@settings(deadline=None, max_examples=60)
@given(payload=profiles(NOUNS["EndDeviceControls"]), verb=st.sampled_from(CREATES))
def test_our_strongly_typed_requests_are_valid_for_theirs(
    payload: Profile, verb: Verb, shared: Path
) -> None:
    """Theirs wants Timestamp, MessageID and CorrelationID, and UUIDs in the latter."""
    header = Header(
        verb=verb,
        noun="EndDeviceControls",
        timestamp=datetime(2026, 1, 15, 8, 3, tzinfo=UTC),
        message_id=UUID,
        correlation_id=UUID,
    )
    root = typed(Message(header=header, kind=Kind.REQUEST, payload=payload))
    schema = compiled(shared / FOLDER / "EndDeviceControlsMessage.xsd")
    schema.assertValid(with_uuids(root))
    without = replace(header, message_id=None)
    bare = typed(Message(header=without, kind=Kind.REQUEST, payload=payload))
    assert not schema.validate(with_uuids(bare))
