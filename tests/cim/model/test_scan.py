"""The fast path: what it takes it takes as the strict path does, whatever happened to the bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim import gate
from cim.model import Model, general, root, scan, strict
from cim.model import read as reading
from cim.violation import Refusal
from tests.cim.model.shapes import CIM, HEAD, MD, OWN, RDF, flat_documents

SAMPLE = (
    f"""<?xml version="1.0" encoding="UTF-8"?>
<?iec61970-552 version="2.0"?>
<!-- c - d -->
{HEAD}>
 <md:FullModel rdf:about="urn:uuid:1">
  <md:Model.created>2020 &amp; x</md:Model.created>"""
    """<md:Model.DependentOn rdf:resource="urn:uuid:3"/>
 </md:FullModel>
 <cim:Breaker rdf:ID="_6ba7b810-9dad-11d1-80b4-00c04fd430c8">
  <cim:IdentifiedObject.name>a &lt;b&gt; &#233;&#x20AC; é€😀 ]] &gt; "q" 'r'\r\nnext\rline\ttab"""
    """</cim:IdentifiedObject.name>
  <cim:Switch.open>false</cim:Switch.open><!-- x --><cim:Switch.open>false</cim:Switch.open>
  <cim:E.l rdf:resource="#_6BA7B810-9DAD-11D1-80B4-00C04FD430C8"/>"""
    """<cim:E.l rdf:resource = 'urn:uuid:A&amp;"B' ></cim:E.l >
  <own:empty/><own:empty2></own:empty2><own:empty3 />
 </cim:Breaker>
 <rdf:Description rdf:about="#_A"><own:p>1</own:p></rdf:Description>
 <cim:Terminal rdf:about='http://x/#y'/>
 <cim:Terminal rdf:about="#_A"><own:p>1</own:p><own:p>2</own:p></cim:Terminal>
</rdf:RDF>
<!-- end -->
"""
).encode()
OTHER_PREFIXES = (
    SAMPLE.replace(b"rdf:", b"r:")
    .replace(b"xmlns:rdf", b"xmlns:r")
    .replace(b"xmlns:own=", b"xmlns=")
    .replace(b"<own:", b"<")
    .replace(b"</own:", b"</")
)
PIECES = [
    *(c.encode() for c in "<>&\"'/ =\n\r\t\0\x01\x7f-:_1aZ."),
    *(b"--", b"-->", b"<!--", b"]]>", b"<![CDATA[x]]>", b"<?x?>", b"<?iec61970-552 a?>"),
    *(b"<!DOCTYPE a>", b"&#0;", b"&#x10FFFF;", b"&#x110000;", b"&#xD800;", b"&#13;", b"&#xA;"),
    *(b"&lt;", b"&foo;", b"&amp", b"&#;", b"&#x;", b"&#32;", b"\xef\xbb\xbf", b"</rdf:RDF>"),
    *(b"\x80", b"\xc3", b"\xed\xa0\x80", b"\xef\xbf\xbe", b"\xef\xbf\xbd", b"\xf4\x90\x80\x80"),
    *(b"\xc0\xaf", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xc2\x85", b"rdf:", b"rdf:ID", b"rdf:about"),
    *(b"rdf:resource", b"rdf:nodeID", b"rdf:datatype", b' xml:lang="en"', b' xml:base="a"'),
    *(b' xmlns:q="u"', b"own:", b"cim:", b"<own:q>t</own:q>", b'<own:q rdf:resource="#_1"/>'),
    *(b'<cim:X rdf:ID="_1"/>', b"</own:q>", b"<own:q/>", b"<rdf:li>1</rdf:li>"),
    *(b'<rdf:type rdf:resource="http://t"/>', b'<md:FullModel rdf:about="urn:uuid:1"/>'),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A document in which bytes were changed, inserted, removed, doubled, or cut off."""
    data = bytearray(draw(st.sampled_from([SAMPLE, OTHER_PREFIXES]) | flat_documents()))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from([0, 1, 1, 2, 5, 30]))
        how = draw(
            st.sampled_from(["flip", "piece", "piece", "replace", "remove", "double", "cut"])
        )
        if how == "flip" and at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif how in ("piece", "replace"):
            data[at : at + (length if how == "replace" else 0)] = draw(st.sampled_from(PIECES))
        elif how == "double":
            data[at:at] = data[at : at + length]
        elif how == "cut" and draw(st.integers(0, 5)) == 0:
            del data[at:]
        elif how == "remove":
            del data[at : at + length]
    return bytes(data)


def by_strict(document: bytes) -> Model | str:
    try:
        return strict.read(document).model()
    except strict.NotFlat:
        return "not flat"
    except Refusal as refusal:
        return str(refusal)


@given(document=damaged(), piece=st.sampled_from([450, 700, 1 << 20]))
@settings(max_examples=500, deadline=None)
def test_what_the_fast_path_takes_the_strict_path_takes_alike(document: bytes, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_PIECE", piece)
        fast = scan.scan(document)
    if fast is not None:
        slow = by_strict(document)
        assert isinstance(slow, Model), slow
        assert fast.to_bytes() == slow.to_bytes()


@given(document=damaged())
@settings(max_examples=200, deadline=None)
def test_the_verdict_is_the_same_with_and_without_the_fast_path(document: bytes) -> None:
    assert _verdict(document, fast=0) == _verdict(document, fast=1 << 60)


def _verdict(document: bytes, fast: int) -> bytes | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "FAST", fast)
        try:
            return reading.read(document).to_bytes()
        except Refusal as refusal:
            return str(refusal)


@pytest.mark.parametrize("document", [SAMPLE, OTHER_PREFIXES])
@pytest.mark.parametrize("piece", [500, 601, 1 << 20])
def test_it_takes_what_it_is_for(
    document: bytes, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_PIECE", piece)
    model = scan.scan(document)
    assert model is not None
    assert model.header is not None
    assert model.header.dependent_on == ("3",)
    assert model.problems == ("2 statements are made more than once; once is kept.",)
    name = "a <b> é€ é€😀 ]] > \"q\" 'r'\nnext\nline\ttab"
    assert name in list(model.texts)


def document(body: str, declared: str = "", before: str = "", behind: str = "") -> bytes:
    return f"{before}{HEAD}{declared}>{body}</rdf:RDF>{behind}".encode()


X = '<cim:X rdf:about="#_x">{}</cim:X>'
LEFT_TO_OTHERS = {
    "a DTD": document("", before="<!DOCTYPE r>"),
    "an instruction": document("<?iec61970-552 a?>"),
    "a strange instruction": document("", before="<?go?>"),
    "another encoding": document("", before='<?xml version="1.0" encoding="iso-8859-1"?>'),
    "another version": document("", before='<?xml version="1.1"?>'),
    "UTF-16": document("").decode().encode("utf-16"),
    "a section": document(X.format("<cim:X.a><![CDATA[a]]></cim:X.a>")),
    "an object in an object": document(X.format(f"<cim:X.a>{X}</cim:X.a>")),
    "a language": document(X.format('<cim:X.a xml:lang="de">a</cim:X.a>')),
    "a data type": document(X.format('<cim:X.a rdf:datatype="urn:t">a</cim:X.a>')),
    "a stated type": document(X.format('<rdf:type rdf:resource="urn:t"/>')),
    "a container": document(X.format("<rdf:li>a</rdf:li>")),
    "a property attribute": document('<cim:X rdf:about="#_x" cim:X.a="1"/>'),
    "a blank node": document('<cim:X rdf:nodeID="b"/>'),
    "no identity": document("<cim:X/>"),
    "two identities": document('<cim:X rdf:about="#_x" rdf:ID="_y"/>'),
    "a base": document("", ' xml:base="http://example.org"'),
    "another declaration inside": document('<cim:X xmlns:a="urn:a" rdf:about="#_x"/>'),
    "a prefix that is not declared": document('<xyz:X rdf:about="#_x"/>'),
    "a name that is not ASCII": document('<cim:Ä rdf:about="#_x"/>'),
    "two names for RDF": document("", f' xmlns:r="{RDF}"'),
    "a prefix declared twice": document("", ' xmlns:own="urn:a"'),
    "a reserved prefix": document("", ' xmlns:xmlx="urn:a"'),
    "an attribute of the root": document("", ' own:a="1"'),
    "two headers": document('<md:FullModel rdf:about="#_a"/><md:FullModel rdf:about="#_b"/>'),
    "a difference": document('<d:DifferenceModel rdf:about="#_a"/>', " xmlns:d='urn:d#'"),
    "a header with an object": document(
        f'<md:FullModel rdf:about="#_a"><md:Model.x>{X}</md:Model.x></md:FullModel>'
    ),
    "two rdf:ID": document('<cim:X rdf:ID="_x"/><cim:X rdf:ID="_x"/>'),
    "another root": f'<RDF xmlns="{RDF}"/>'.encode(),
    "text behind the root": document("", behind="a"),
    "another root behind": document("", behind="<a/>"),
    "text between objects": document("a"),
    "text between properties": document(X.format("a")),
    "text beside a reference": document(X.format('<cim:X.a rdf:resource="#_y">a</cim:X.a>')),
    "a wrong end tag": document('<cim:X rdf:about="#_x"></cim:Y>'),
    "a colon too many": document('<cim:X:Y rdf:about="#_x"/>'),
    "a colon in front": document('<:X rdf:about="#_x"/>', ' xmlns="urn:d"'),
    "no end": document("")[:-1],
    "two hyphens in a comment": document("<!-- -- -->"),
    "the end of a section": document(X.format("<cim:X.a>]]></cim:X.a>")),
    "an entity": document(X.format("<cim:X.a>&a;</cim:X.a>")),
    "a character that is none": document(X.format("<cim:X.a>&#xFFFE;</cim:X.a>")),
    "a less-than sign in a value": document('<cim:X rdf:about="<"/>'),
    "a line end in a value": document('<cim:X rdf:about="#_x\n"/>'),
    "a name of RDF made of parts": document('<h:g rdf:about="#_x"/>', f' xmlns:h="{RDF}Ba"'),
    "nothing": b"",
}


@pytest.mark.parametrize("what", LEFT_TO_OTHERS)
def test_what_it_leaves_to_others(what: str) -> None:
    assert scan.scan(LEFT_TO_OTHERS[what]) is None


TAKEN = {
    "a header with a section": document(
        '<md:FullModel rdf:about="#_a"><md:Model.x><![CDATA[<]]></md:Model.x></md:FullModel>'
    ),
    "a header with a name made of parts": document(
        '<h:Model rdf:about="#_x"/>', f' xmlns:h="{MD}Full"'
    ),
    "a difference in a namespace without #": document('<own:DifferenceModel rdf:about="#_a"/>'),
    "a header between objects": document(X.format("") + '<md:FullModel rdf:about="#_h"/>'),
    "nothing at all": document(""),
    "a greater-than sign in a value": document('<cim:X rdf:about="a>b"/>'),
}


@pytest.mark.parametrize("what", TAKEN)
def test_what_it_takes_though_it_is_odd(what: str) -> None:
    model = scan.scan(TAKEN[what])
    assert model is not None
    assert model.to_bytes() == strict.read(TAKEN[what]).model().to_bytes()


def test_a_size_that_is_wrong_does_no_harm() -> None:
    for size in (0, 100, len(SAMPLE) - 1, 1 << 30):
        model = scan.scan_stream(io.BytesIO(SAMPLE), size)
        assert model is None or len(model) == len(strict.read(SAMPLE).model())


def test_names_of_one_namespace_under_two_prefixes_are_one() -> None:
    both = X.format("<cim:X.a>1</cim:X.a><c:X.a>1</c:X.a>") + '<c:X rdf:about="#_y"/>'
    data = document(both, f" xmlns:c='{CIM}'")
    model = scan.scan(data)
    assert model is not None
    assert list(model.names) == [f"{CIM}X", f"{RDF}type", f"{CIM}X.a"]
    assert model.to_bytes() == strict.read(data).model().to_bytes()


def test_many_statements_of_one_object_are_made_once() -> None:
    body = "".join(f"<cim:X.a>{n % 70}</cim:X.a>" for n in range(100))
    model = scan.scan(document(X.format(body)))
    assert model is not None
    assert len(model) == 71
    assert model.problems == ("30 statements are made more than once; once is kept.",)


# -- the limits of the gate

LIMITS = replace(gate.MODEL, elements=5, text=5000, name=60, value=40, comment=30, namespaces=6)
AT_THE_LIMITS = {
    "elements": lambda n: document('<cim:X rdf:about="#_x"/>' * n),
    "name": lambda n: document(f'<own:{"n" * n} rdf:about="#_x"/>'),
    "value": lambda n: document(f'<cim:X rdf:about="{"v" * n}"/>'),
    "link": lambda n: document(X.format(f'<cim:X.a rdf:resource="{"v" * n}"/>')),
    "comment": lambda n: document(f"<!--{'c' * n}-->"),
    "text": lambda n: document(X.format(f"<cim:X.a>{'t' * n * 100}</cim:X.a>")),
    "space": lambda n: document(f"{' ' * n * 50}<!-- -->{' ' * n * 50}"),
    "namespaces": lambda n: document("", "".join(f' xmlns:n{i}="urn:{i}"' for i in range(n))),
}


@pytest.mark.parametrize("what", AT_THE_LIMITS)
def test_the_limits_of_the_gate_hold(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What passes here has passed there, at the last size that does, and at the next."""
    from cim.model import kernels

    for module in (scan, root):
        monkeypatch.setattr(module, "MODEL", LIMITS)
    taken = 0
    for n in range(1, 80):
        data = AT_THE_LIMITS[what](n)
        try:
            gate.Gate(LIMITS).read(data)
        except Refusal:
            if what in ("elements", "name", "namespaces"):
                assert scan.scan(data) is None
            continue
        taken += scan.scan(data) is not None
    assert taken
    assert (gate.MODEL.value, gate.MODEL.comment) == (kernels.MOST_VALUE, kernels.MOST_COMMENT)
    assert gate.MODEL.text >= max(kernels.MOST_GAP, scan._PIECE)
    assert gate.MODEL.comment >= root.AROUND


@pytest.mark.parametrize("length", [65_535, 65_536, 65_537])
def test_long_values_and_comments(length: int) -> None:
    for data in (
        document(f'<cim:X rdf:about="{"v" * length}"/>'),
        document(X.format(f'<cim:X.a rdf:resource="{"v" * length}"/>')),
        document(f"<!--{'c' * (length - 7)}-->"),
        document(f"<!--{'c' * length}-->"),
    ):
        fast = scan.scan(data)
        if fast is not None:
            slow = by_strict(data)
            assert isinstance(slow, Model)
            assert fast.to_bytes() == slow.to_bytes()
        else:
            assert length > 65_529


def test_the_gate_takes_note_of_what_it_need_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    big = document("".join(f'<cim:X rdf:about="#_{n}"/>' for n in range(60_000)))
    assert len(big) > reading.FAST
    reading.read(big)
    assert not gate.PASSED.knows(big, gate.MODEL)
    reading.read(big, note=True)
    assert gate.PASSED.knows(big, gate.MODEL)
    monkeypatch.setattr(gate, "Gate", None)
    gate.gate(big, gate.MODEL)


def test_a_document_is_read_piece_by_piece(tmp_path: Path) -> None:
    objects = "".join(
        f'<cim:X rdf:ID="_{n}"><cim:X.a>{n % 1000}</cim:X.a>'
        f'<cim:X.b rdf:resource="#_{n * 7 % 30_000}"/></cim:X>\n'
        for n in range(30_000)
    )
    data = document(objects)
    steps: list[int] = []
    fast = scan.scan(data, steps.append)
    assert fast is not None
    assert len(data) > 2 * scan._PIECE
    assert steps == sorted(steps)
    assert steps[-1] == len(data)
    assert fast.to_bytes() == strict.read(data).model().to_bytes()


def test_own_prefix_is_no_matter() -> None:
    assert OWN.encode() in OTHER_PREFIXES
    assert general.read(OTHER_PREFIXES).model().header is not None
