"""The canonical form: what it looks like, that it is one, and that nothing is lost in it."""

from __future__ import annotations

import io
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, URIRef

from cim.model import LINK, TEXT, TYPE, Header, write
from cim.model.header import MD, Said
from cim.model.read import read
from cim.violation import Refusal
from tests.cim.model.made import CIM, IDS, RDF, SPELLINGS, Statement, made, said, sets
from tests.cim.model.test_model import document

BASE = "http://example.org/base"


def body(data: bytes) -> list[str]:
    """The lines below the root."""
    return data.decode().splitlines()[3:-1]


def test_looks_like_this() -> None:
    model = read(
        document(
            '<cim:Terminal rdf:about="#_t2"><cim:Terminal.phases rdf:resource="urn:p"/>'
            '<cim:IdentifiedObject.name>a &amp; "b"</cim:IdentifiedObject.name></cim:Terminal>',
            '<cim:Breaker rdf:ID="_q"><cim:Switch.open>true</cim:Switch.open></cim:Breaker>',
            '<rdf:Description rdf:about="#_u"><cim:X.y xml:lang="de">Haus</cim:X.y>'
            '<cim:X.y rdf:datatype="urn:t">5</cim:X.y></rdf:Description>',
            '<cim:Terminal rdf:about="urn:uuid:T1"/>',
            '<cim:Thing rdf:nodeID="b"><cim:X.z rdf:nodeID="c"/><cim:X.z></cim:X.z></cim:Thing>',
        )
    )
    model = read(write.full(model, Header("urn:uuid:m", said=(_said("Model.version", "3"),))))
    assert write.full(model).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<?iec61970-552 version="2.0"?>\n'
        '<rdf:RDF xmlns:cim="http://iec.ch/TC57/CIM100#"'
        ' xmlns:md="http://iec.ch/TC57/61970-552/ModelDescription/1#"'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <md:FullModel rdf:about="urn:uuid:m">\n'
        "    <md:Model.version>3</md:Model.version>\n"
        "  </md:FullModel>\n"
        '  <rdf:Description rdf:about="#_u">\n'
        '    <cim:X.y rdf:datatype="urn:t">5</cim:X.y>\n'
        '    <cim:X.y xml:lang="de">Haus</cim:X.y>\n'
        "  </rdf:Description>\n"
        '  <cim:Breaker rdf:ID="_q">\n'
        "    <cim:Switch.open>true</cim:Switch.open>\n"
        "  </cim:Breaker>\n"
        '  <cim:Terminal rdf:about="urn:uuid:T1"/>\n'
        '  <cim:Terminal rdf:about="#_t2">\n'
        '    <cim:IdentifiedObject.name>a &amp; "b"</cim:IdentifiedObject.name>\n'
        '    <cim:Terminal.phases rdf:resource="urn:p"/>\n'
        "  </cim:Terminal>\n"
        '  <cim:Thing rdf:nodeID="b">\n'
        '    <cim:X.z rdf:nodeID="c"/>\n'
        "    <cim:X.z></cim:X.z>\n"
        "  </cim:Thing>\n"
        "</rdf:RDF>\n"
    )


def _said(name: str, value: str, *, is_link: bool = False) -> Said:
    return Said(f"{MD}{name}", value, is_link)


def test_an_object_of_several_classes_is_an_element_of_the_first() -> None:
    classes = [f"{CIM}Switch", "http://an.own#Breaker", f"{CIM}Breaker"]
    model = made([("#_x", f"{RDF}type", TYPE, name) for name in classes])
    assert body(write.full(model)) == [
        '  <ns1:Breaker rdf:about="#_x">',
        f'    <rdf:type rdf:resource="{CIM}Breaker"/>',
        f'    <rdf:type rdf:resource="{CIM}Switch"/>',
        "  </ns1:Breaker>",
    ]


@pytest.mark.parametrize("name", [f"{MD}FullModel", f"{RDF}Description", "http://own#1"])
def test_a_class_that_cannot_be_an_element_is_a_statement(name: str) -> None:
    model = made([("#_x", f"{RDF}type", TYPE, name)])
    data = write.full(model)
    assert f'    <rdf:type rdf:resource="{name}"/>' in body(data)
    assert said(read(data)) == said(model)


def test_namespaces_have_their_own_prefixes_and_the_others_numbers() -> None:
    spaces = [
        "http://z.example#",
        "http://iec.ch/TC57/2013/CIM-schema-cim16#",
        "http://a.example/",
        "http://entsoe.eu/CIM/SchemaExtension/3/1#",
        CIM,
    ]
    model = made([("#_x", f"{space}p", TEXT, "1") for space in spaces])
    assert write.full(model).decode().splitlines()[2] == (
        '<rdf:RDF xmlns:cim="http://iec.ch/TC57/2013/CIM-schema-cim16#"'
        ' xmlns:entsoe="http://entsoe.eu/CIM/SchemaExtension/3/1#"'
        ' xmlns:ns1="http://a.example/" xmlns:ns2="http://iec.ch/TC57/CIM100#"'
        f' xmlns:ns3="http://z.example#" xmlns:rdf="{RDF}">'
    )


def test_an_identity_that_can_be_no_xml_id_is_named_by_about() -> None:
    """rdf:ID has to be an XML name; files with others exist and are read."""
    model = made([("#9abc", f"{RDF}type", TYPE, f"{CIM}Breaker")], born=["#9abc"])
    assert body(write.full(model)) == ['  <cim:Breaker rdf:about="#9abc"/>']


def test_headers_are_in_order_too() -> None:
    one = (_said("Model.profile", "p"), _said("Model.DependentOn", "urn:uuid:d", is_link=True))
    assert body(write.full(made([]), Header("urn:uuid:m", said=one))) == [
        '  <md:FullModel rdf:about="urn:uuid:m">',
        '    <md:Model.DependentOn rdf:resource="urn:uuid:d"/>',
        "    <md:Model.profile>p</md:Model.profile>",
        "  </md:FullModel>",
    ]
    assert body(write.full(made([]), Header("#_m"))) == ['  <md:FullModel rdf:about="#_m"/>']


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        (("#_x", "http://own#1", TEXT, "1"), "The property <http://own#1> cannot be written"),
        (("#_x", f"{CIM}X.y", TEXT, "a\x01"), r"XML cannot hold the character b'\x01' in 'a\x01'"),
        (("#_x", f"{CIM}X.y", TEXT, "\ufffe"), "XML cannot hold the character"),
        (("#\x07", f"{CIM}X.y", TEXT, "1"), "XML cannot hold the character"),
        (("#_x", f"{CIM}X.y", LINK, "\x07"), "XML cannot hold the character"),
    ],
)
def test_what_xml_cannot_say_is_refused(statement: Statement, rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        write.full(made([statement]))
    assert rule in str(refused.value)


def test_a_stream_gets_the_same_bytes() -> None:
    model = made([(f"#_{n}", f"{CIM}X.y", TEXT, str(n)) for n in range(50_000)])
    stream = io.BytesIO()
    write.full_to(stream, model)
    assert stream.getvalue() == write.full(model)
    assert len(list(write.full_pieces(model))) > 3


@given(sets(), st.randoms(), st.sets(st.sampled_from(IDS)))
def test_the_order_of_the_input_does_not_matter(
    given_: list[Statement], random: Random, born: set[str]
) -> None:
    data = write.full(made(given_, sorted(born)))
    shuffled = given_.copy()
    random.shuffle(shuffled)
    assert write.full(made(shuffled, sorted(born, reverse=True))) == data


@given(sets(SPELLINGS), st.sets(st.sampled_from(IDS)))
def test_nothing_is_lost_and_the_second_writing_is_the_same(
    given_: list[Statement], born: set[str]
) -> None:
    model = made(given_, sorted(born))
    data = write.full(model)
    again = read(data)
    assert said(again) == said(model)
    assert again.problems == ()
    assert write.full(again) == data


@given(sets(), st.sets(st.sampled_from(IDS)))
def test_rdflib_reads_the_same(given_: list[Statement], born: set[str]) -> None:
    data = write.full(made(given_, sorted(born)))
    graph = Graph().parse(data=data, format="xml", publicID=BASE)
    assert {tuple(map(_plain, triple)) for triple in graph} == {
        (_node(subject), name, _node(value) if kind == LINK else _value(kind, value))
        for subject, name, kind, value in given_
    }


def _plain(term: object) -> str:
    if isinstance(term, BNode):
        return "_:b1"  # there is but one; rdflib gives it another name
    if isinstance(term, Literal):
        suffix = f"\0@{term.language}" if term.language else ""
        suffix = f"\0^^{term.datatype}" if term.datatype else suffix
        return f"{term}{suffix}".lower()
    assert isinstance(term, URIRef)
    return str(term)


def _node(identity: str) -> str:
    return f"{BASE}{identity}" if identity.startswith("#") else identity


def _value(kind: int, value: str) -> str:
    return value.lower() if kind == TEXT else value
