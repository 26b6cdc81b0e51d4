"""Elements cut out as bytes are the elements that a tree shows, or none are cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim.cut import cut, root_of
from cim.parse import MODEL, parse
from cim.violation import Refusal

PATH = ("urn:a\nA", "urn:a\nB", "urn:r\nR")
TAGS = [f"{{{name.replace(chr(10), '}')}" for name in PATH]


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def in_tree(data: bytes) -> list[bytes]:
    """The elements at PATH as a parser sees them."""
    root = parse(data, MODEL)
    return [canonical(e) for e in root.iterfind(f"{TAGS[1]}/{TAGS[2]}")] * (root.tag == TAGS[0])


@pytest.mark.parametrize(
    "inner",
    [
        '<R xmlns="urn:r"/>',
        '<r:R xmlns:r="urn:r"></r:R >',
        '<r:R xmlns:r="urn:r" a=">" b="/>"><r:x y="&lt;R>">&amp;</r:x></r:R>',
        '<r:R xmlns:r="urn:r"><![CDATA[</r:R>]]><!-- </r:R> --></r:R>',
        '<r:R xmlns:r="urn:r">\n<r:R>\n<r:R/></r:R></r:R>',
        '<r:R xmlns:r="urn:r"><n xmlns=""/>é€\U0001f600</r:R>',
        '<r:R xmlns:r="urn:r" xmlns="urn:x"><p:y xmlns:p="urn:p" p:q="1"/></r:R>',
        '<R xmlns="urn:r"/><!-- between --><R xmlns="urn:r">2</R>',
        "",
    ],
)
@pytest.mark.parametrize("start", ["", "\ufeff", '<?xml version="1.0"?>\n<!-- > -->'])
@pytest.mark.parametrize("prefix", ["", "m:"])
def test_what_is_cut_is_what_a_tree_shows(inner: str, start: str, prefix: str) -> None:
    spaces = f'xmlns{":" * bool(prefix)}{prefix[:-1]}="urn:a"'
    text = f"{start}<{prefix}A {spaces}>\n <{prefix}B>{inner}</{prefix}B>\n</{prefix}A>"
    data = text.encode()

    around, pieces = cut(data, MODEL, PATH)

    assert [canonical(parse(piece)) for piece in pieces] == in_tree(data)
    assert len(in_tree(around)) == len(pieces)
    assert not [e for e in parse(around).iterfind(f"*/{TAGS[2]}") if len(e) or e.text or e.attrib]
    assert around.count(b"\n") == data.count(b"\n")


@pytest.mark.parametrize(
    "data",
    [
        b'<A xmlns="urn:a" xmlns:r="urn:r"><B><r:R/></B></A>',
        b'<A xmlns="urn:a" xmlns:q="urn:q"><B><R xmlns="urn:r" q:x="1"/></B></A>',
        b'<A xmlns="urn:a"><B><r:R xmlns:r="urn:r"><x/></r:R></B></A>',
        '<A xmlns="urn:a"><B><R xmlns="urn:r"/></B></A>'.encode("utf-16"),
        '<A xmlns="urn:a"><B><R xmlns="urn:r"/></B></A>'.encode("utf-16le"),
        '<?xml version="1.0" encoding="iso-8859-1"?>'
        '<A xmlns="urn:a"><B><R xmlns="urn:r">é</R></B></A>'.encode("latin1"),
        b'<O xmlns="urn:o"><A xmlns="urn:a"><B><R xmlns="urn:r"/></B></A></O>',
        b'<A xmlns="urn:a"><C><B><R xmlns="urn:r"/></B></C></A>',
        b'<A xmlns="urn:a"><B><c><R xmlns="urn:r"/></c></B></A>',
    ],
)
def test_what_cannot_stand_alone_or_stands_elsewhere_is_left(data: bytes) -> None:
    assert cut(data, MODEL, PATH) == (data, [])


def test_what_is_cut_has_passed_the_gate_with_the_rest() -> None:
    with pytest.raises(Refusal, match="document type definition"):
        cut(b"<!DOCTYPE A []><A/>", MODEL, PATH)
    with pytest.raises(Refusal, match="is empty"):
        cut(b" ", MODEL, PATH)


@pytest.mark.parametrize(
    ("data", "alone"),
    [
        (b"<a/>", b"<a/>"),
        (b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>\n<a>b</a >\n", b"<a>b</a >"),
        (b"<!-- <b> --><a x='>'/> ", b"<a x='>'/>"),
        (b"<a></a><!-- </a> -->", b"<a/>"),
        (b"<a/><?iec61970-552 version='2.0'?>", b"<a/>"),
        (b"<a--></a-->", b"<a--/>"),
        (b"<a><![CDATA[<b>]]></a>", b"<a><![CDATA[<b>]]></a>"),
        (
            "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin1"),
            "<a>é</a>".encode(),
        ),
        ("<a>é</a>".encode("utf-16"), "<a>é</a>".encode()),
    ],
)
def test_the_root_stands_alone_in_utf8(data: bytes, alone: bytes) -> None:
    assert bytes(root_of(data, MODEL).text) == alone


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=9)
comments = texts.map(lambda t: f"<!--{t.replace('-', '')}-->")
parts = st.lists(comments | st.sampled_from(["\n", " ", "\t"]), max_size=3).map("".join)


@settings(deadline=None)
@given(
    before=parts,
    text=texts,
    after=parts,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_the_root_is_that_of_the_tree(before: str, text: str, after: str, encoding: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    data = f'{before}<a xmlns="urn:a" b="/>">{escaped}<c/></a>{after}'.encode(encoding)
    root = root_of(data, MODEL)
    assert root.name == "urn:a\na"
    assert canonical(parse(bytes(root.text))) == canonical(parse(data))
