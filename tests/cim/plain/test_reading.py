"""A message says the same, whether its document was proved plain or passed the gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from cim import envelope
from cim.gate import MESSAGE
from cim.message import Message
from cim.parse import parse, parsed
from cim.plain import LOADED, elements_of
from cim.schema.names import MESSAGE as NAMESPACE
from cim.violation import Refusal
from tests import bad_input

Read = Callable[[bytes], Any]


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Callable[[Read, bytes], Any]:
    """What is read of bytes, or why not; the same in both ways."""
    elements_of(b"<a/>", MESSAGE)

    def read(by: Read, data: bytes) -> Any:
        said = []
        for there in (True, False):
            monkeypatch.setattr(LOADED, "done", lambda there=there: there)
            try:
                said.append(by(data))
            except Refusal as refusal:
                said.append(refusal.violations)
        assert said[0] == said[1]
        return said[0]

    return read


def event(reason: str = "supply lost", *, header: str = "", inside: str = "") -> bytes:
    """An event, indented."""
    return (
        f'<EventMessage xmlns="{NAMESPACE}">\n  <Header>\n    <Verb>created</Verb>\n'
        f"    <Noun>EndDeviceEvents</Noun>{header}\n  </Header>\n  <Payload>\n"
        f'    <EndDeviceEvents xmlns="{bad_input.EVENTS}">\n      <EndDeviceEvent>\n'
        "        <createdDateTime>2026-01-15T08:03:10Z</createdDateTime>\n"
        f"        <reason>{reason}</reason>\n        {inside}"
        '<EndDeviceEventType ref="3.26.0.85"/>\n      </EndDeviceEvent>\n'
        "    </EndDeviceEvents>\n  </Payload>\n</EventMessage>\n"
    ).encode()


@pytest.mark.parametrize("case", bad_input.load(), ids=lambda case: case.name)
def test_bad_input_is_refused_in_the_same_words(
    case: bad_input.BadInput, both: Callable[[Read, bytes], Any]
) -> None:
    told = both(envelope.read, case.body())
    assert told[0].code == case.expected_code


@pytest.mark.parametrize("reason", ["", " ", "\n  \n", "&#32;", "&#10;", " a ", "a\r\nb", "ä&amp;"])
def test_white_space_in_a_text_is_kept(reason: str, both: Callable[[Read, bytes], Any]) -> None:
    message = both(envelope.read, event(reason))
    assert isinstance(message, Message)
    decoded = reason.replace("&#32;", " ").replace("&#10;", "\n").replace("&amp;", "&")
    payload: Any = message.payload
    assert payload.end_device_event[0].reason == decoded.replace("\r\n", "\n")


@pytest.mark.parametrize(
    "inside",
    ["<x/>", "text", "<createdDateTime>2026-01-15T08:03:10Z</createdDateTime>", "<reason/>"],
)
def test_what_is_not_valid_is_refused_in_the_same_words(
    inside: str, both: Callable[[Read, bytes], Any]
) -> None:
    [violation, *_] = both(envelope.read, event(inside=inside))
    assert violation.line is not None


def test_white_space_in_what_is_foreign_is_kept(both: Callable[[Read, bytes], Any]) -> None:
    foreign = '<n:note xmlns:n="urn:note">\n  <n:a> </n:a> <n:b/>\n</n:note>'
    message = both(envelope.read, event(header=foreign))
    assert message.header.extensions == (foreign.encode(),)


def test_white_space_goes_only_where_it_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    elements_of(b"<a/>", MESSAGE)
    monkeypatch.setattr(LOADED, "done", lambda: True)
    data = b'<a xmlns="u"> <b> </b>\n<c><d/> </c> </a>'
    dense, _ = parsed(data, MESSAGE, {b"u", b"v"})
    assert etree.tostring(dense) == b'<a xmlns="u"><b> </b><c><d/></c></a>'
    for spaced in ((), {b"v"}):
        assert etree.tostring(parsed(data, MESSAGE, spaced)[0]) == data
    assert etree.tostring(parse(data)) == data
    many = "".join(f' xmlns:p{n}="u"' for n in range(20))
    root, elements = parsed(f'<a xmlns="u"{many}> <b/></a>'.encode(), MESSAGE, {b"u"})
    assert elements is not None
    assert (elements.namespaces, root.text) == (None, " ")
