"""The gate lets through what is XML of ours, and nothing that only looks so."""

from __future__ import annotations

import gzip
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.parse import MESSAGE, Limits, gate, inflate, parse
from cim.violation import Refusal

SMALL = Limits(
    bytes=10_000,
    depth=3,
    elements=5,
    attributes=2,
    namespaces=2,
    name=20,
    value=10,
    text=10,
    comment=10,
)


@pytest.mark.parametrize(
    "body",
    [
        "<a/>",
        "<a><b><c/></b></a>",
        "<a><b/><b/><b/><b/></a>",
        "<a b='1' c='2'/>",
        "<a xmlns='u' xmlns:b='v'/>",
        "<a>0123456789<b/>0123456789</a>",
        "<a><!--0123456789--></a>",
        "<a><![CDATA[01234]]>56789</a>",
        "<a><b xmlns='u'/><b xmlns='v'/><b xmlns='w'/></a>",
    ],
)
def test_up_to_the_limit_is_accepted(body: str) -> None:
    gate(body.encode(), SMALL)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<a><b><c><d/></c></b></a>", "inside one another"),
        ("<a><b/><b/><b/><b/><b/></a>", "Elements"),
        ("<a b='1' c='2' d='3'/>", "Attributes"),
        ("<a xmlns='u' xmlns:b='v' xmlns:c='w'/>", "Namespaces"),
        ("<a>01234567890</a>", "one text"),
        ("<a><![CDATA[01234]]>567890</a>", "one text"),
        ("<a>" + "&#65;" * 11 + "</a>", "one text"),
        ("<a><!--01234567890--></a>", "comment"),
        ("<a b='01234567890'/>", "attribute value"),
        (f"<{'a' * 21}/>", "name"),
        (f"<a {'b' * 21}='1'/>", "name"),
        (f"<a>{' ' * 10_000}</a>", "bytes"),
    ],
)
def test_beyond_the_limit_is_refused_and_named(body: str, what: str) -> None:
    with pytest.raises(Refusal) as refusal:
        gate(body.encode(), SMALL)

    [violation] = refusal.value.violations
    assert violation.code == "3.1"
    assert what in violation.rule


def test_comments_are_dropped_and_text_around_them_joined() -> None:
    root = parse("<a>x<!-- -->y</a>".encode("utf-16"))
    assert (root.text, len(root)) == ("xy", 0)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    with suppress(Refusal):
        assert parse(data).tag


def test_no_text_may_be_longer_than_a_document() -> None:
    assert MESSAGE.text <= MESSAGE.bytes


@settings(deadline=None)
@given(data=st.binary(max_size=5_000))
def test_inflate_gives_back_what_was_packed(data: bytes) -> None:
    assert inflate(gzip.compress(data), 5_000) == data


@pytest.mark.parametrize(
    ("data", "code", "what"),
    [
        (gzip.compress(b"a" * 101), "3.1", "more than 100 bytes"),
        (gzip.compress(b"abc")[:-1], "1.8", "cut short"),
        (gzip.compress(b"abc") + b"x", "1.8", "followed by other bytes"),
        (gzip.compress(b"abc") + gzip.compress(b"def"), "1.8", "followed by other bytes"),
        (b"<a/>", "1.8", "no gzip"),
        (b"", "1.8", "cut short"),
    ],
)
def test_inflate_refuses(data: bytes, code: str, what: str) -> None:
    with pytest.raises(Refusal) as refusal:
        inflate(data, 100)

    [violation] = refusal.value.violations
    assert violation.code == code
    assert what in violation.rule


def test_a_bomb_is_refused_long_before_the_limit() -> None:
    with pytest.raises(Refusal, match="holds more than 1048576 bytes"):
        inflate(gzip.compress(bytes(5 << 20)), 512 << 20)


def test_limits_can_be_narrowed() -> None:
    with pytest.raises(Refusal, match="at most 3 are accepted"):
        parse(b"<a/>", replace(MESSAGE, bytes=3))
