"""The strict path: what it takes, and how it says what is wrong."""

from __future__ import annotations

import pytest

from cim.model import LINK, TEXT, TYPE, strict
from cim.model.read import read
from cim.violation import Refusal
from tests.cim.model.test_model import CIM, HEAD, RDF, document

DM = "http://iec.ch/TC57/61970-552/DifferenceModel/1#"


def difference(body: str, prefix: str = DM) -> bytes:
    head = HEAD.replace("<rdf:RDF", f'<rdf:RDF xmlns:dm="{prefix}"')
    model = f'<dm:DifferenceModel rdf:about="urn:uuid:d">{body}</dm:DifferenceModel>'
    return f"{head}{model}</rdf:RDF>".encode()


def test_text_is_kept_as_written() -> None:
    model = read(
        document(
            '<cim:X rdf:ID="_x"><cim:X.a> 5E9\n</cim:X.a>'
            "<cim:X.b>&lt;&#65;</cim:X.b><cim:X.c/></cim:X>"
        )
    )
    assert [t for _, _, kind, t in model.statements() if kind == TEXT] == [" 5E9\n", "<A", ""]


def test_data_types_languages_and_blank_nodes_are_kept() -> None:
    model = read(
        document(
            '<cim:X rdf:nodeID="b"><cim:X.a rdf:datatype="urn:t">5</cim:X.a>'
            '<cim:X.b xml:lang="de">Haus</cim:X.b><cim:X.c rdf:nodeID="c"/></cim:X>'
        )
    )
    assert [(s, kind, o) for s, _, kind, o in model.statements()] == [
        ("_:b", TYPE, f"{CIM}X"),
        ("_:b", TEXT, "5\0^^urn:t"),
        ("_:b", TEXT, "Haus\0@de"),
        ("_:b", LINK, "_:c"),
    ]
    assert model.text(0) == "5"


def test_a_stated_type_is_a_type() -> None:
    model = read(
        document(
            f'<rdf:Description rdf:about="#_x"><rdf:type rdf:resource="{CIM}X"/></rdf:Description>'
        )
    )
    assert list(model.statements()) == [("#_x", f"{RDF}type", TYPE, f"{CIM}X")]


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("<cim:X/>", 1, "A X has neither rdf:ID nor rdf:about"),
        ('\n<cim:X rdf:ID="_x"><cim:X.a>1</cim:X.b></cim:X>', 2, "mismatched tag"),
        ('<cim:X rdf:ID="_x">loose</cim:X>', 1, "Text stands between"),
        ('<cim:X rdf:ID="_x"><cim:X.a rdf:resource="#_y">t</cim:X.a></cim:X>', 1, "Text stands"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(body: str, line: int, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refusal:
        read(document(body))
    assert refusal.value.violations[0].line == line


@pytest.mark.parametrize(
    "body",
    [
        '<cim:X rdf:ID="_x"><cim:X.y><cim:Y rdf:ID="_y"/></cim:X.y></cim:X>',
        '<cim:X rdf:ID="_x" cim:X.a="1"/>',
        '<cim:X rdf:ID="_x"><cim:X.a rdf:parseType="Resource"/></cim:X>',
        '<cim:X rdf:ID="_x"><rdf:li>1</rdf:li></cim:X>',
    ],
)
def test_what_is_not_flat_is_left_to_the_general_path(body: str) -> None:
    with pytest.raises(strict.NotFlat):
        strict.read(document(body))


def test_an_rdf_id_that_comes_twice_is_reported() -> None:
    one = '<cim:X rdf:ID="_x"><cim:X.a>{}</cim:X.a></cim:X>'
    model = read(document(one.format(1), one.format(2)))
    assert model.problems == (
        "#_x is created by two rdf:ID; they were put together.",
        *model.problems[1:],
    )
    assert sum(kind == TEXT for _, _, kind, _ in model.statements()) == 2


@pytest.mark.parametrize("how", ['rdf:parseType="Statements"', 'parseType="Statements"'])
@pytest.mark.parametrize("prefix", [DM, "http://iec.ch/2002/schema/CIM_difference_model#"])
def test_the_parts_of_a_difference_are_read(how: str, prefix: str) -> None:
    change = '<rdf:Description rdf:about="#_x"><cim:X.a>{}</cim:X.a></rdf:Description>'
    content = strict.read(
        difference(
            '<md:Model.Supersedes rdf:resource="urn:uuid:a"/>'
            f"<dm:preconditions {how}> </dm:preconditions>"
            f"<dm:reverseDifferences {how}>{change.format(1)}</dm:reverseDifferences>"
            f"<dm:forwardDifferences {how}>{change.format(2)}</dm:forwardDifferences>",
            prefix,
        )
    )
    assert content.header is not None
    assert content.header.is_difference
    assert content.header.supersedes == ("a",)
    parts = {name: list(part.model().statements()) for name, part in content.parts.items()}
    assert parts == {
        "preconditions": [],
        "reverseDifferences": [("#_x", f"{CIM}X.a", TEXT, "1")],
        "forwardDifferences": [("#_x", f"{CIM}X.a", TEXT, "2")],
    }
