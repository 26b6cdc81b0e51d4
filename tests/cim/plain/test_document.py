"""A message knows the bytes it was read from where they are in our own form, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from lxml import etree

from cim import envelope, override
from cim.dialect import read
from cim.gate import MESSAGE
from cim.message import Format, Message
from cim.plain import LOADED, elements_of
from hub.journal import canonical
from tests import fakes


@pytest.fixture(autouse=True)
def _loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    elements_of(b"<a/>", MESSAGE)
    monkeypatch.setattr(LOADED, "done", lambda: True)
    yield
    override.clear()


SAID = fakes.message(fakes.last_gasp("up-1", "cut"))
INDENTED = etree.tostring(
    envelope.write_element(SAID), pretty_print=True, encoding="UTF-8", xml_declaration=True
)
PREFIXED = (
    INDENTED.replace(b"<", b"<m:").replace(b"<m:/", b"</m:").replace(b"<m:?", b"<?")
).replace(b"xmlns=", b"xmlns:m=")


@pytest.mark.parametrize("data", [envelope.write(SAID), INDENTED, PREFIXED])
def test_what_comes_in_our_form_is_kept_as_it_came(data: bytes) -> None:
    message = envelope.read(data)
    assert isinstance(message, Message)
    assert message.document is data
    assert canonical.encode(message) is data
    assert canonical.decode(data) == message


@pytest.mark.parametrize(
    "data",
    [
        INDENTED.replace(b"cut", b"&#99;ut"),
        INDENTED.replace(b"cut", b"<!-- -->cut"),
        INDENTED.replace(b"iec.ch/TC57/2011/EndDevice", b"iec.ch/TC57/2010/EndDevice"),
        INDENTED.replace(b"</Header>", b'<n:a xmlns:n="urn:n"/></Header>'),
        INDENTED.decode().replace("UTF-8", "iso-8859-1").encode("iso-8859-1"),
        envelope.write(SAID, format=Format.RDF),
        envelope.write(SAID, compress=True),
        etree.tostring(envelope.typed(SAID)),
    ],
    ids=["reference", "comment", "older", "foreign", "latin", "rdf", "compressed", "typed"],
)
def test_what_comes_in_another_form_is_written_anew(data: bytes) -> None:
    message = envelope.read(data)
    assert isinstance(message, Message)
    assert message.payload == SAID.payload
    assert message.document is None
    assert canonical.encode(message) != data


def test_what_was_corrected_is_written_anew() -> None:
    data = INDENTED.replace(b"<Timestamp>", b"<Timestamp> ")
    message, corrections = read(data)
    assert corrections
    assert isinstance(message, Message)
    assert message.document is None


def test_a_message_that_is_made_anew_has_none() -> None:
    message = envelope.read(INDENTED)
    assert isinstance(message, Message)
    other = replace(message, header=replace(message.header, message_id="other"))
    assert other.document is None
    assert canonical.decode(canonical.encode(other)) == other
