"""What the compiled pass lets through, the gate would; and it reads it as lxml does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from cim.gate import MESSAGE, Gate, Limits, gate
from cim.parse import parse, parsed, parsed_own
from cim.plain import LOADED, Elements, elements_of
from cim.plain import elements as compiled_pass
from cim.plain.elements import Loading
from cim.violation import Refusal
from tests import bad_input

SMALL = Limits(
    bytes=300,
    depth=3,
    elements=5,
    attributes=2,
    namespaces=2,
    name=50,
    value=10,
    text=10,
    comment=10,
)


def refusal(data: bytes, limits: Limits) -> str | None:
    """Why the gate refuses `data`; None when it does not."""
    try:
        Gate(limits).read(data)
    except Refusal as error:
        return str(error)
    return None


def tree(data: bytes) -> etree._Element | None:
    return parsed_own(data)


def leave_rubbish() -> None:
    """Where the pass works, as if others had used the memory: places far out of every table."""
    room = compiled_pass._room
    for table in (room.stack, room.spaces, *room.kept):
        table.fill(np.iinfo(table.dtype).max)


def check(data: bytes, limits: Limits) -> Elements | None:
    """Look at `data` in both ways; what the compiled pass has read."""
    leave_rubbish()
    elements = elements_of(data, limits)
    if elements is None:
        return None
    said = refusal(data, limits)
    assert said is None or "not well-formed" in said, said
    root = tree(data)
    assert (root is None) == (said is not None), said
    if root is not None:
        same(elements, root)
    return elements


def same(elements: Elements, root: etree._Element) -> None:
    """Names, nesting and values are those of the tree."""
    every = list(root.iter())
    place = {element: n for n, element in enumerate(every)}
    assert [elements.names[row] for row in elements.rows] == [
        etree.QName(element).localname for element in every
    ]
    assert elements.stops == [place[element] + len(list(element.iter())) for element in every]
    assert [elements.size(n) for n in range(len(every))] == [len(list(e.iter())) for e in every]
    *values, nothing = elements.values
    assert nothing == ""
    assert values == [_value(element) for element in every]
    by_shape = {elements.shapes[4 * n : 4 * elements.stops[n]] for n in range(len(every))}
    assert len(by_shape) == len({_shape(element) for element in every})


def _value(element: etree._Element) -> str:
    return element.get("ref", "" if len(element) else element.text or "")


def _shape(element: etree._Element) -> str:
    inner = "".join(map(_shape, element))
    depth = len(list(element.iterancestors()))
    prefix = "" if element.prefix is None else f"{element.prefix}:"
    return f"<{depth} {prefix}{etree.QName(element).localname}>{inner}</>"


# -- documents made of what is and what is not XML

PIECES = (
    *(
        "<a>",
        "</a>",
        "<a/>",
        "<b>",
        "</b>",
        "<a b='1'>",
        "<a b='1' c='2' d='3'/>",
        "<ab>",
        "</ab >",
    ),
    *("<a xmlns='u'>", "<p:a xmlns:p='u'/>", "<p:a>", "</p:a>", "<a xmlns:p='u' xmlns:q='v'>"),
    *("<a ref='x&amp;y'/>", '<a ref="&#65;&#x42;">', "<a p:ref='1'/>", "<a ref='1'>text</a>"),
    *("<!DOCTYPE a>", "<!DOCTYPE a [<!ENTITY e 'f'>]>", "<!-- c -->", "<![CDATA[x]]>", "<?pi x?>"),
    *("<?xml version='1.0'?>", "<?xml version='1.1'?>", "<?xml version='1.0' encoding='UTF-16'?>"),
    *("&amp;", "&lt;", "&#0;", "&#x41;", "&e;", "&", "]]>", ">", "<", "text", " ", "\t", "\r\n"),
    *(
        "\x00",
        "\x01",
        "\ufeff",
        "\ufffe",
        "ä",
        "漢",
        "😀",
        "<ä/>",
        "<a ä='1'/>",
        "<a b=1/>",
        "<a b/>",
    ),
    *("<a b='<'/>", "<a b='\n'/>", '<a b="\'"/>', "<a b='1'c='2'/>", "<a b='1' b='2'/>", "< a/>"),
    *("<a:/>", "<:a/>", "<a:b:c/>", "<1/>", "<-/>", "<a-.1/>", "<xml:a/>", "<a xml:b='1'/>"),
    *("<a xmlns:xml='u'/>", "<a xmlns:xmlns='u'/>", "<a xmlns:p=''/>", "<a xmlns=''>", "<a/ >"),
    *("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "<a xmlns='u&#10;v'/>", "<a xmlnsx='1'/>"),
    *("<" + "a" * 30 + "/>", "<a b='12345678901'/>", "12345678901", "<a xmlns='uuuuuuuuuuuuuuu'/>"),
    *("<a\n>", "</a\n>", "<a b = '1' />", "<a b='1' >", "</ a>", "<a></b>", "<a b='&lt;'/>"),
)
wild = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
headed = st.tuples(st.sampled_from(["", *PIECES, '<?xml version="1.0" encoding="utf-8"?>\n']), wild)
documents = headed.map("".join) | wild.map(lambda inside: f"<a>{inside}</a>")


@pytest.mark.parametrize("data", [b"</a>", b"</>", b"</", b"<", b"", b" </a><a/>", b"<a/></a>"])
def test_an_end_tag_without_a_start_is_left_to_others(data: bytes) -> None:
    assert check(data, SMALL) is None


@settings(max_examples=700, deadline=None)
@given(data=documents.map(lambda text: text.encode("utf-8")))
def test_what_it_lets_through_the_gate_does_and_lxml_reads_so(data: bytes) -> None:
    check(data, SMALL)


@settings(max_examples=200, deadline=None)
@given(data=documents, bad=st.binary(max_size=3), at=st.integers(0, 400))
def test_with_any_bytes_anywhere(data: str, bad: bytes, at: int) -> None:
    document = data.encode("utf-8")
    check(document[:at] + bad + document[at:], SMALL)
    check(document[:at], SMALL)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=100))
@example(data=b"")
@example(data=b" ")
@example(data=b"<")
@example(data=b"<a b='")
@example(data=b"<a>&")
@example(data="<a>\u00e4".encode()[:-1])
def test_of_any_bytes(data: bytes) -> None:
    check(data, SMALL)


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("around", ["{}", "<a>{}</a>", "<b>{}<a/></b>", "<a xmlns:p='u'>{}</a>"])
def test_each_piece(piece: str, around: str) -> None:
    check(around.format(piece).encode(), SMALL)
    check(around.format(piece).encode(), MESSAGE)


@pytest.mark.parametrize("case", bad_input.load(), ids=lambda case: case.name)
def test_bad_input_that_the_gate_refuses_is_not_let_through(case: bad_input.BadInput) -> None:
    data = case.body()
    said = refusal(data, MESSAGE) if len(data) <= MESSAGE.bytes else "too long"
    if said is not None and "not well-formed" not in said:
        assert elements_of(data, MESSAGE) is None


# -- each limit, and what is beyond

PLAIN = [
    "<a/>",
    "<a><b><c/></b></a>",
    "<a><b/><b/><b/><b/></a>",
    "<a b='1' c='2'/>",
    "<a xmlns='u' xmlns:b='v'/>",
    "<a>0123456789<b/>0123456789</a>",
    "<a><b xmlns='u'/><b xmlns='v'/><b xmlns='w'/></a>",
    "<a><b xmlns='u'><c xmlns='v'/></b><b xmlns='w'></b></a>",
    "<a b='0123456789'/>",
    f"<{'a' * 13}/>",
    "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\r\n<a/>\n",
    "\n<a/>",
    "<a b = '1'\n c\t=\n\"2\" />",
]


@pytest.mark.parametrize("body", PLAIN)
def test_up_to_the_limit_it_is_plain(body: str) -> None:
    assert check(body.encode(), SMALL) is not None


@pytest.mark.parametrize(
    "body",
    [
        "<a><b><c><d/></c></b></a>",
        "<a><b/><b/><b/><b/><b/></a>",
        "<a b='1' c='2' d='3'/>",
        "<a xmlns='u' xmlns:b='v' xmlns:c='w'/>",
        "<a xmlns='u' xmlns:b='v'><b xmlns='w'/></a>",
        "<a>01234567890</a>",
        "<a><b/>01234567890</a>",
        "<a><b></b>01234567890</a>",
        "<a b='01234567890'/>",
        f"<{'a' * 51}/>",
        f"<a {'b' * 51}='1'/>",
        f"<a xmlns='{'u' * 50}'/>",
        f"<a>{'<b></b>' * 3}{' ' * 300}</a>",
    ],
)
def test_beyond_the_limit_it_is_not(body: str) -> None:
    assert refusal(body.encode(), SMALL) is not None or "uuuu" in body or len(body) > SMALL.bytes
    assert elements_of(body.encode(), SMALL) is None


@pytest.mark.parametrize("depth", [64, 65, 255, 256, 300])
def test_no_limit_makes_it_count_deeper_than_a_byte(depth: int) -> None:
    data = b"<a>" * depth + b"</a>" * depth
    deep = replace(MESSAGE, depth=1_000)
    assert (check(data, deep) is not None) == (depth <= 255)
    assert (check(data, MESSAGE) is not None) == (depth <= 64)


def test_more_names_than_there_is_room_for_are_left_to_the_gate() -> None:
    def document(count: int) -> bytes:
        return f"<a>{''.join(f'<n{n}/>' for n in range(count))}</a>".encode()

    assert check(document(1_000), MESSAGE) is not None
    assert check(document(1_100), MESSAGE) is None
    long = [f"<{letter * 470}/>" for letter in "abcdefghij"] * 20
    assert check(f"<a>{''.join(long)}</a>".encode(), MESSAGE) is not None
    many = "".join(f"<{'a' * 470}{n}/>" for n in range(200))
    assert check(f"<a>{many}</a>".encode(), MESSAGE) is None


def test_references_and_line_ends_are_decoded() -> None:
    data = "<a><b>1&lt;2&#x41;&#228;\r\n\r3&quot;</b><c ref='&gt;&#9;&apos;'/><d>ä</d></a>".encode()
    elements = check(data, MESSAGE)
    assert elements is not None
    assert elements.values == ["", '1<2Aä\n\n3"', ">\t'", "ä", ""]


# -- where it is used


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pass is there."""
    elements_of(b"<a/>", MESSAGE)
    monkeypatch.setattr(LOADED, "done", lambda: True)


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What has gone through expat."""
    seen: list[bytes] = []
    read = Gate.read
    with monkeypatch.context() as patch:

        def reading(self: Gate, data: bytes) -> None:
            seen.append(data)
            read(self, data)

        patch.setattr(Gate, "read", reading)
        yield seen


@pytest.mark.usefixtures("loaded")
def test_expat_need_not_read_what_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    with counting(monkeypatch) as seen:
        _, elements = parsed(b"<a/>")
        assert elements is not None
        _, elements = parsed(b"<a><!-- --></a>")
        assert elements is None
    assert seen == [b"<a><!-- --></a>"]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("body", ["<p:a/>", "<a b='1' b='2'/>", "<a>&e;</a>", "<a><b/>&#0;</a>"])
def test_what_is_not_well_formed_is_refused_in_the_words_of_the_gate(body: str) -> None:
    with pytest.raises(Refusal) as told:
        gate(body.encode())
    with pytest.raises(Refusal) as said:
        parse(body.encode())
    assert said.value.violations == told.value.violations


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("case", bad_input.load(), ids=lambda case: case.name)
def test_bad_input_is_refused_in_the_same_words(case: bad_input.BadInput) -> None:
    data = case.body()
    said = told = None
    try:
        gate(data)
    except Refusal as error:
        told = error.violations
    try:
        parse(data)
    except Refusal as error:
        said = error.violations
    assert said == told


def test_it_is_loaded_by_who_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()
    loading = Loading()
    monkeypatch.setattr("cim.plain.elements.elements_of", lambda *_: begun.set())
    assert not loading.done()
    loading.begin()
    assert begun.wait(10)
    while not loading.done():
        pass
