"""Hostile RDF: stopped by the gate, by a count, or by a sentence; never by luck."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim import rdf, rdfxml
from cim.parse import parse
from cim.profile import Profile, attribute
from cim.profiles.end_device_events import EndDeviceEvents
from cim.rdf import general
from cim.rdf.names import CIM, RDF
from cim.violation import Refusal

NOUN = EndDeviceEvents.namespace
NAMESPACES = f'xmlns:rdf="{RDF}" xmlns:cim="{CIM}" xmlns:n="{NOUN}"'
OPEN, CLOSE = f"<rdf:RDF {NAMESPACES}>", "</rdf:RDF>"


class Box(Profile):
    inside: tuple[Box, ...] = attribute("Box.inside", "Boxes inside it.", default=())
    texts: tuple[str, ...] = attribute("Box.texts", "Texts in it.", default=())


class Boxes(Profile, namespace="urn:boxes#"):
    box: tuple[Box, ...] = attribute("Boxes.box", "Boxes.", default=())


class Untouched:
    """Stands in for rdflib where it must not be reached."""

    def __init__(self, *_: object) -> None:
        raise AssertionError("rdflib was reached")


@pytest.mark.parametrize(
    ("code", "document"),
    [
        ("3.1", OPEN + "<cim:a><cim:b>" * 5_000 + "</cim:b></cim:a>" * 5_000 + CLOSE),
        (
            "1.8",
            '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
            + OPEN
            + "<cim:a>&b;</cim:a>"
            + CLOSE,
        ),
        (
            "3.1",
            OPEN + "<cim:a " + "".join(f'xmlns:p{i}="urn:{i}" ' for i in range(500)) + "/></r>",
        ),
        ("3.1", OPEN + "<cim:a " + "".join(f'cim:p{i}="" ' for i in range(500)) + "/>" + CLOSE),
        ("1.8", "<?xml-stylesheet href='x'?>" + OPEN + CLOSE),
        ("1.8", ""),
    ],
    ids=["depth", "entities", "namespaces", "attributes", "instruction", "empty"],
)
def test_the_gate_stands_before_rdflib(
    code: str, document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdfxml, "_Handler", Untouched)
    with pytest.raises(Refusal) as refusal:
        rdf.decode_general(document.encode(), EndDeviceEvents)
    assert refusal.value.violations[0].code == code


def test_a_flood_of_character_references_is_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[int] = []

    class Counting(rdfxml._Handler):
        def characters(self, content: str) -> None:
            texts.append(len(content))
            super().characters(content)

    monkeypatch.setattr(rdfxml, "_Handler", Counting)
    flood = f"<n:EndDeviceEvents><cim:a>{'&#65;' * 100_000}</cim:a></n:EndDeviceEvents>"
    with pytest.raises(Refusal, match="has no property cim:a"):
        rdf.decode_general(f"{OPEN}{flood}{CLOSE}".encode(), EndDeviceEvents)
    assert texts == [100_000]


def test_what_is_not_flat_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(general, "ELEMENTS", 4)
    nested = "<n:EndDeviceEvents><cim:a><cim:b><cim:c/></cim:b></cim:a></n:EndDeviceEvents>"
    with pytest.raises(Refusal, match="may have 4 elements"):
        rdf.decode(parse(f"{OPEN}{nested}{CLOSE}".encode()), EndDeviceEvents)


def test_few_objects_shared_by_many_are_no_huge_message() -> None:
    """Each of 20 levels holds the next one twice: a million boxes out of 61 statements."""
    levels = "".join(
        f'<cim:Box rdf:nodeID="a{i}">{_inside(f"b{i}")}{_inside(f"a{i + 1}")}</cim:Box>'
        f'<cim:Box rdf:nodeID="b{i}">{_inside(f"a{i + 1}")}</cim:Box>'
        for i in range(20)
    )
    with pytest.raises(Refusal) as refusal:
        rdf.decode(_boxes("a0", levels + '<cim:Box rdf:nodeID="a20"/>'), Boxes)
    assert refusal.value.violations[0].code == "3.1"


def test_an_object_may_stand_in_several_others() -> None:
    inside = '<cim:Box rdf:nodeID="c"><cim:Box.texts>t</cim:Box.texts></cim:Box>'
    both = "".join(f'<cim:Box rdf:nodeID="{i}">{_inside("c")}</cim:Box>' for i in "ab")
    root = f'<cim:Box rdf:nodeID="r">{_inside("a")}{_inside("b")}</cim:Box>'
    shared = Box(inside=(Box(texts=("t",)),))
    expected = Boxes(box=(Box(inside=(shared, shared)),))
    assert rdf.decode(_boxes("r", root + both + inside), Boxes) == expected


def test_an_object_inside_itself_is_refused() -> None:
    ring = f'<cim:Box rdf:nodeID="a">{_inside("b")}</cim:Box>'
    ring += f'<cim:Box rdf:nodeID="b">{_inside("a")}</cim:Box>'
    with pytest.raises(Refusal, match="contains itself"):
        rdf.decode(_boxes("a", ring), Boxes)


def test_a_position_that_is_no_number_is_none() -> None:
    members = "".join(
        f'<cim:Box rdf:nodeID="b{i}"><cim:Box.texts>{i}</cim:Box.texts>'
        f'<g:position xmlns:g="urn:gridbus:rdf#">{position}</g:position></cim:Box>'
        for i, position in enumerate(["9" * 99, "1", "two", "\u00b2"])
    )
    root = '<cim:Box rdf:nodeID="r">' + "".join(_inside(f"b{i}") for i in range(4)) + "</cim:Box>"
    payload: Any = rdf.decode(_boxes("r", root + members), Boxes)
    assert [b.texts for b in payload.box[0].inside] == [("0",), ("2",), ("3",), ("1",)]


_names = st.sampled_from(
    [
        *(f"{{{RDF}}}{n}" for n in ("RDF", "Description", "li", "type", "value", "_1", "Bag")),
        *(f"{{{CIM}}}{n}" for n in ("EndDeviceEvent", "ActivityRecord.reason", "Name.name")),
        *(f"{{{CIM}}}{n}" for n in ("IdentifiedObject.mRID", "IdentifiedObject.Names", "Name")),
        *(f"{{{NOUN}}}{n}" for n in ("EndDeviceEvents", "EndDeviceEvents.EndDeviceEvent")),
        "{urn:gridbus:rdf#}Member",
        "plain",
    ]
)
_attributes = st.dictionaries(
    st.sampled_from(
        [
            *(f"{{{RDF}}}{n}" for n in ("about", "ID", "nodeID", "resource", "parseType")),
            *(f"{{{RDF}}}{n}" for n in ("datatype", "type", "bagID", "aboutEach", "li")),
            "{http://www.w3.org/XML/1998/namespace}base",
            "{http://www.w3.org/XML/1998/namespace}lang",
            f"{{{CIM}}}ActivityRecord.reason",
            "about",
            "xmlish",
        ]
    ),
    st.sampled_from(["a", "_:a", "#a", "Resource", "Collection", "Literal", "", "http://[", "a b"]),
    max_size=2,
)


@st.composite
def _elements(draw: st.DrawFn, depth: int = 5) -> etree._Element:
    element = etree.Element(draw(_names), draw(_attributes))
    element.text = draw(st.sampled_from([None, "", "x", " "]))
    for _ in range(draw(st.integers(0, 3)) if depth else 0):
        element.append(draw(_elements(depth - 1)))
        element[-1].tail = draw(st.sampled_from([None, "y"]))
    return element


@settings(deadline=None, max_examples=80)
@given(element=_elements())
def test_any_tree_is_a_payload_or_a_refusal(element: etree._Element) -> None:
    root = etree.Element(f"{{{RDF}}}RDF")
    root.append(element)
    for document in (root, element):
        with suppress(Refusal):
            assert isinstance(rdf.decode(document, EndDeviceEvents), EndDeviceEvents)


def _inside(name: str) -> str:
    return f'<cim:Box.inside rdf:nodeID="{name}"/>'


def _boxes(first: str, boxes: str) -> etree._Element:
    return parse(
        f'<rdf:RDF {NAMESPACES} xmlns:b="urn:boxes#"><b:Boxes rdf:nodeID="boxes">'
        f'<b:Boxes.box rdf:nodeID="{first}"/></b:Boxes>{boxes}</rdf:RDF>'.encode()
    )
