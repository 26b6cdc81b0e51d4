"""Models put together: what they contradict each other in, and what they refer to in vain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.model import Model
from cim.model.identity import header_of
from cim.model.merging import dangling, merged
from cim.model.read import read
from tests.cim.model.made import IDS, Statement, made, said, said_of, sets
from tests.cim.model.shapes import CIM, HEAD


def model(body: str) -> Model:
    return read(f"{HEAD}>{body}</rdf:RDF>".encode())


EQ = '<cim:Breaker rdf:ID="_q"><cim:Switch.open>false</cim:Switch.open>{}</cim:Breaker>'
SSH = '<cim:Switch rdf:about="#_q"><cim:Switch.open>{}</cim:Switch.open></cim:Switch>'


def test_files_come_in_any_order() -> None:
    eq, ssh = model(EQ.format("")), model(SSH.format("false"))
    one, other = merged([eq, ssh]), merged([ssh, eq])
    assert set(one.statements()) == set(other.statements())
    assert one.problems == other.problems == ()
    assert one.born.tolist() == other.born.tolist() == [True]


def test_another_value_of_what_has_one_is_told_and_kept() -> None:
    eq, ssh = model(EQ.format("")), model(SSH.format("true"))
    whole = merged([eq, ssh], ["EQ.xml", "SSH.xml"])
    assert whole.problems == (
        "Switch.open of Breaker #_q is 'false' in EQ.xml and 'true' in SSH.xml; both are kept.",
    )
    assert len(whole) == len(eq) + len(ssh)


def test_another_target_is_told() -> None:
    link = '<cim:X rdf:about="#_x"><cim:X.y rdf:resource="{}"/></cim:X>'
    whole = merged([model(link.format("#_1")), model(link.format("urn:uuid:2"))])
    assert whole.problems == (
        "X.y of X #_x is '#_1' in document 1 and 'urn:uuid:2' in document 2; both are kept.",
    )


@pytest.mark.parametrize("values", [("1", "1.0"), ("5E3", "5000")])
def test_one_number_in_two_spellings_is_no_contradiction(values: tuple[str, str]) -> None:
    text = '<cim:X rdf:about="#_x"><cim:X.a>{}</cim:X.a></cim:X>'
    assert merged([model(text.format(value)) for value in values]).problems == ()


def test_a_property_with_several_values_somewhere_may_have_them_anywhere() -> None:
    many = '<cim:Y rdf:about="#_y"><cim:X.a>1</cim:X.a><cim:X.a>2</cim:X.a></cim:Y>'
    text = '<cim:X rdf:about="#_x"><cim:X.a>{}</cim:X.a></cim:X>'
    assert merged([model(text.format(1)), model(text.format(2) + many)]).problems == ()


def test_two_that_create_an_object() -> None:
    one, other = model(EQ.format("")), model('<cim:Fuse rdf:ID="_q"/>')
    assert merged([one, other], ["a", "b"]).problems == (
        "#_q is created by an rdf:ID in a and in b.",
        f"#_q is of class '{CIM}Breaker' in a and '{CIM}Fuse' in b; both are kept.",
    )


def test_another_class_where_nobody_creates_the_object() -> None:
    one, other = model('<cim:A rdf:about="#_q"/>'), model('<cim:B rdf:about="#_q"/>')
    assert merged([one, other], ["a", "b"]).problems == (
        f"#_q is of class '{CIM}A' in a and '{CIM}B' in b; both are kept.",
    )


def test_blank_nodes_of_two_documents_are_two() -> None:
    blank = '<cim:X rdf:nodeID="b"><cim:X.a>{}</cim:X.a></cim:X>'
    odd = '<cim:X rdf:nodeID="b.3"/>'
    whole = merged([model(blank.format(n) + odd * (n == 3)) for n in (1, 2, 3)])
    assert list(whole.ids) == ["_:b", "_:b.2", "_:b.3.3", "_:b.3"]
    assert whole.problems == ()


def test_sentences_are_not_without_number() -> None:
    both = [
        "".join(f'<cim:X rdf:about="#_{n}"><cim:X.a>{v}{n}</cim:X.a></cim:X>' for n in range(250))
        for v in "ab"
    ]
    problems = merged(list(map(model, both))).problems
    assert len(problems) == 101
    assert problems[-1] == "150 more values contradict each other."


NAMED = [identity for identity in IDS if not identity.startswith("_:")]


@given(st.lists(sets(NAMED), max_size=4))
def test_nothing_is_lost_and_nothing_invented(parts: list[list[Statement]]) -> None:
    whole = merged([made(part) for part in parts])
    wanted = {said_of(one) for part in parts for one in part}
    assert said(whole) == wanted
    assert len(whole) == len(wanted)


def test_merging_nothing_and_one() -> None:
    assert len(merged([])) == 0
    one = model(EQ.format(""))
    assert set(merged([one]).statements()) == set(one.statements())


# -- dangling references


def test_what_is_described_nowhere() -> None:
    whole = model(
        '<cim:X rdf:about="#_x"><cim:X.a rdf:resource="#_none"/><cim:X.b rdf:resource="#_x"/>'
        f'<cim:X.c rdf:resource="{CIM}PhaseCode.A"/><cim:X.d rdf:resource="urn:uuid:n"/>'
        '<cim:X.e rdf:resource="http://example.org#_e"/></cim:X>'
        '<rdf:Description rdf:about="#_y"><cim:X.a rdf:resource="#_none"/></rdf:Description>'
    )
    assert dangling(whole) == (
        "#_none is described nowhere; X.a of X #_x and 1 more refers to it.",
        "urn:uuid:n is described nowhere; X.d of X #_x refers to it.",
        "http://example.org#_e is described nowhere; X.e of X #_x refers to it.",
    )
    assert dangling(Model.empty()) == ()


def test_many_that_are_described_nowhere() -> None:
    links = "".join(f'<cim:X.a rdf:resource="#_{n}"/>' for n in range(120))
    found = dangling(model(f'<cim:X rdf:about="#_x">{links}</cim:X>'))
    assert len(found) == 101
    assert found[-1] == "20 more identities are referred to and described nowhere."


# -- headers for models without


def test_the_same_statements_have_the_same_header() -> None:
    one = model(EQ.format("") + SSH.format("true"))
    other = model(SSH.format("true") + EQ.format("").replace('rdf:ID="_q"', 'rdf:about="#_q"'))
    assert header_of(one) == header_of(other)
    assert header_of(one).identity.startswith("urn:uuid:")
    assert header_of(one) != header_of(model(EQ.format("")))
    assert header_of(model(SSH.format("1"))) != header_of(model(SSH.format("2")))
    assert header_of(Model.empty()) == header_of(Model.empty())


def test_a_header_that_is_there_stays() -> None:
    with_header = model('<md:FullModel rdf:about="urn:uuid:h"/>')
    assert header_of(with_header) == with_header.header
