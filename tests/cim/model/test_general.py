"""The general path: what RDF/XML may look like beside the flat form."""

from __future__ import annotations

import pytest

from cim.model import LINK, TEXT, TYPE, general
from cim.model.read import content, read
from cim.violation import Refusal
from tests.cim.model.shapes import CIM, HEAD, MD, OTHER, RDF

DM = "http://iec.ch/TC57/61970-552/DifferenceModel/1#"


def document(body: str, attributes: str = "") -> bytes:
    return f'{HEAD} xmlns:dm="{DM}"{attributes}>{body}</rdf:RDF>'.encode()


def said(body: str, attributes: str = "") -> list[tuple[str, str, int, str]]:
    return list(read(document(body, attributes)).statements())


def test_an_object_in_an_object() -> None:
    body = (
        '<cim:X rdf:ID="_x"><cim:X.y><cim:Y rdf:about="#_y"><cim:Y.a>1</cim:Y.a></cim:Y></cim:X.y>'
        "<cim:X.z><cim:Z/></cim:X.z></cim:X>"
    )
    assert said(body) == [
        ("#_x", f"{RDF}type", TYPE, f"{CIM}X"),
        ("#_y", f"{RDF}type", TYPE, f"{CIM}Y"),
        ("#_y", f"{CIM}Y.a", TEXT, "1"),
        ("#_x", f"{CIM}X.y", LINK, "#_y"),
        ("_:b1", f"{RDF}type", TYPE, f"{CIM}Z"),
        ("#_x", f"{CIM}X.z", LINK, "_:b1"),
    ]


def test_literals_stay_as_written_beside_their_types() -> None:
    xsd = "http://www.w3.org/2001/XMLSchema#integer"
    body = (
        f'<cim:X rdf:about="#_x" cim:X.c="5E9"><cim:X.a rdf:datatype="{xsd}">007</cim:X.a>'
        '<cim:X.b xml:lang="DE-at">x</cim:X.b><cim:X.d rdf:parseType="Literal">'
        "a &lt; <cim:b>&gt;</cim:b></cim:X.d></cim:X>"
    )
    assert [value for _, _, kind, value in said(body) if kind == TEXT] == [
        "5E9",
        f"007\0^^{xsd}",
        "x\0@DE-at",
        f'a &lt; <cim:b xmlns:cim="{CIM}">&gt;</cim:b>\0^^{RDF}XMLLiteral',
    ]


def test_identities_are_the_same_whatever_the_base() -> None:
    body = (
        '<cim:X rdf:ID="_x" cim:X.z=""><cim:X.y rdf:resource="#_y"/>'
        f'<cim:X.y rdf:resource="{OTHER}#_y"/><cim:X.y rdf:resource="z"/></cim:X>'
    )
    links = [(s, o) for s, _, kind, o in said(body, f' xml:base="{OTHER}"') if kind == LINK]
    assert links == [("#_x", "#_y"), ("#_x", "http://example.org/z")]


def test_an_rdf_id_may_begin_with_a_digit_and_come_twice() -> None:
    model = read(document('<cim:X rdf:ID="1" cim:a="1"/><cim:X rdf:ID="1" cim:b="2"/>'))
    assert model.problems == (
        "#1 is created by two rdf:ID; they were put together.",
        "1 statement is made more than once; once is kept.",
    )
    assert model.born.tolist() == [True]


def test_labels_of_blank_nodes_are_kept_and_not_given_twice() -> None:
    body = (
        '<cim:X rdf:nodeID="b1"><cim:X.y><cim:Y/></cim:X.y></cim:X>'
        '<md:FullModel rdf:about="urn:uuid:1"><md:Model.x><cim:Z cim:a=""/></md:Model.x>'
        "</md:FullModel>"
    )
    subjects = {(s, o.rpartition("#")[2]) for s, _, kind, o in said(body) if kind == TYPE}
    assert subjects == {("_:b1", "X"), ("_:b2", "Z"), ("_:b3", "Y")}


def test_a_header_is_no_object() -> None:
    held = content(
        document(
            '<md:FullModel rdf:about="urn:uuid:1" md:Model.created="2024" xml:lang="en">'
            '<md:Model.DependentOn rdf:resource="urn:uuid:2"/>'
            '<md:Model.part><cim:X rdf:ID="_x"/></md:Model.part></md:FullModel>'
        )
    )
    assert held.header is not None
    assert held.header.kind == f"{MD}FullModel"
    assert held.header.value("Model.created") == "2024\0@en"
    assert held.header.dependent_on == ("2",)
    assert [s for s, *_ in held.model().statements()] == ["#_x"]
    assert held.model().born.tolist() == [True]


@pytest.mark.parametrize("how", ['rdf:parseType="Statements"', 'parseType="Statements"', ""])
def test_parts_of_a_difference_may_be_of_any_shape(how: str) -> None:
    held = content(
        document(
            '<dm:DifferenceModel rdf:about="urn:uuid:1"><md:Model.created>2024</md:Model.created>'
            f"<dm:reverseDifferences {how}/><dm:forwardDifferences {how}>"
            '<cim:X rdf:about="#_x"><cim:X.y><cim:Y rdf:about="#_y"/></cim:X.y></cim:X>'
            "</dm:forwardDifferences></dm:DifferenceModel>"
        )
    )
    assert held.header is not None
    assert held.header.is_difference
    assert held.header.value("Model.created") == "2024"
    assert not len(held.model())
    parts = {name: len(part.model()) for name, part in held.parts.items()}
    assert parts == {"reverseDifferences": 0, "forwardDifferences": 3}


NESTED = '<cim:N rdf:about="#_n"><cim:N.m><cim:M/></cim:N.m></cim:N>\n'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<cim:X/>", "X has neither rdf:ID nor rdf:about"),
        ('<cim:X rdf:about="#_x">t</cim:X>', "text stands in X"),
        ('<cim:X rdf:about="#_x"><cim:X.a>t<cim:Y/></cim:X.a></cim:X>', "text stands in X.a"),
        (
            '<cim:X rdf:about="#_x"><cim:X.a rdf:parseType="Resource">t</cim:X.a></cim:X>',
            "text stands in X.a",
        ),
        ('<cim:X rdf:about="#_x"><cim:X.a cim:b="">t</cim:X.a></cim:X>', "text stands in X.a"),
        (
            '<cim:X rdf:about="#_x"><cim:X.a rdf:datatype="urn:t" cim:b="">t</cim:X.a></cim:X>',
            "X.a has b beside rdf:datatype",
        ),
        (
            '<cim:X rdf:about="#_x"><cim:X.a rdf:datatype="urn:t"><cim:Y/></cim:X.a></cim:X>',
            "X.a has a data type and holds elements",
        ),
        (
            '<cim:X rdf:about="#_x"><cim:X.a rdf:parseType="Literal" cim:b="">t</cim:X.a></cim:X>',
            "X.a has b beside rdf:parseType",
        ),
        ('<cim:X rdf:about="#_x" a="1"/>', "a of X has no namespace"),
        ('<cim:X rdf:about="#_x" rdf:ID="_y"/>', "at most one of rdf:ID, rdf:about"),
        ('<cim:X rdf:about="#_x" rdf:datatype="urn:t"/>', "Invalid property attribute"),
        ('<rdf:li rdf:about="#_x"/>', "Invalid node element"),
        ('<cim:X rdf:about="#_x"><rdf:Description/></cim:X>', "Invalid property element"),
        (
            '<cim:X rdf:about="#_x"><cim:X.a rdf:resource="#_y" rdf:nodeID="b"/></cim:X>',
            "both rdf:nodeID and rdf:resource",
        ),
        (
            '<cim:X rdf:about="#_x"><cim:X.a><cim:Y/><cim:Y/></cim:X.a></cim:X>',
            "Repeat node-elements",
        ),
    ],
)
def test_what_is_no_rdf_xml_is_refused_with_its_line(body: str, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refusal:
        general.read(document(NESTED + body))
    assert refusal.value.violations[0].line == 2
    assert refusal.value.violations[0].code == "1.8"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<a/>", "The root is a, not rdf:RDF"),
        (document("", ' cim:a="1"'), "The root has an attribute a"),
        (document("text"), "Text stands between objects"),
    ],
)
def test_the_root_says_nothing_itself(data: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        general.read(data)


def test_what_is_not_flat_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(general, "ELEMENTS", 3)
    with pytest.raises(Refusal, match="may have 3 elements") as refusal:
        read(document(NESTED))
    assert refusal.value.violations[0].code == "3.1"
