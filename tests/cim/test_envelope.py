"""The envelope: every field, both shapes, older names, and back again."""

from __future__ import annotations

import binascii
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim.envelope import read, read_element, write, write_element
from cim.message import Format, Kind, Message, Verb
from cim.parse import parse
from cim.profiles import NOUNS
from cim.profiles.end_device_events import EndDeviceEvents
from cim.schema import envelope_xsd
from tests.cim.messages import MESSAGE, MESSAGES, header
from tests.strategies import profiles


@pytest.fixture(scope="module")
def message_schema() -> etree.XMLSchema:
    return etree.XMLSchema(parse(envelope_xsd()))


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_written_is_valid_and_reads_as_the_same(
    name: str, format: Format, compress: bool, message_schema: etree.XMLSchema
) -> None:
    message = MESSAGES[name]

    data = write(message, format=format, compress=compress)

    message_schema.assertValid(parse(data))
    again = read(data)
    assert again == message
    if isinstance(again, Message) and isinstance(again.payload, EndDeviceEvents):
        assert (again.format, again.compressed) == (format, compress)


@pytest.mark.parametrize("noun", NOUNS)
@settings(deadline=None, max_examples=8)
@given(data=st.data(), compress=st.booleans())
def test_any_noun_travels_in_the_envelope(noun: str, compress: bool, data: st.DataObject) -> None:
    payload = data.draw(profiles(NOUNS[noun]))
    verbs = NOUNS[noun].verbs
    verb = Verb.CREATED if Verb.CREATED in verbs else Verb(verbs[0])
    message = Message(header=header(verb, noun), kind=Kind.of(verb), payload=payload)

    assert read(write(message, compress=compress)) == message


def test_the_same_message_is_written_as_the_same_bytes() -> None:
    message = MESSAGES["event"]
    assert write(message, compress=True) == write(message, compress=True)


@pytest.mark.parametrize("year", ["2008", "2010", "2011"])
@pytest.mark.parametrize("host", ["iec.ch", "www.iec.ch"])
@pytest.mark.parametrize("name", ["event", "operation set", "query"])
def test_older_namespaces_are_read_and_never_written(host: str, year: str, name: str) -> None:
    older = f"http://{host}/TC57/{year}/".encode()
    data = write(MESSAGES[name]).replace(b"http://iec.ch/TC57/2011/", older)

    message = read(data)

    assert message == MESSAGES[name]
    assert b"http://iec.ch/TC57/2011/schema/message" in write(message)


def test_an_older_namespace_inside_compressed_is_read() -> None:
    message = MESSAGES["event"]
    inner = etree.tostring(write_element(message)[1][0]).replace(b"//iec.ch", b"//www.iec.ch")
    root = write_element(message, compress=True)
    compressed = root.find(f".//{{{MESSAGE}}}Compressed")
    assert compressed is not None
    compressed.text = binascii.b2a_base64(gzip.compress(inner)).decode()

    assert read_element(root) == message


@pytest.mark.parametrize("framed", [True, False])
def test_uuencode_is_read_too(framed: bool) -> None:
    message = MESSAGES["event"]
    packed = io.BytesIO(gzip.compress(etree.tostring(write_element(message)[1][0])))
    lines = [binascii.b2a_uu(chunk).decode() for chunk in iter(lambda: packed.read(45), b"")]
    root = write_element(message, compress=True)
    compressed = root.find(f".//{{{MESSAGE}}}Compressed")
    assert compressed is not None
    compressed.text = (
        f"begin 644 payload.gz\n{''.join(lines)}`\nend\n" if framed else "".join(lines)
    )

    assert read_element(root) == message


def test_white_space_around_a_time_is_no_reason_to_refuse() -> None:
    text = b"2026-01-15T08:03:12Z"
    data = write(MESSAGES["event"]).replace(text, b"\n  " + text + b" ")

    assert read(data) == MESSAGES["event"]


def test_an_empty_payload_is_none() -> None:
    data = write(MESSAGES["any"]).replace(b"</Message>", b"<Payload/></Message>")

    assert read(data) == MESSAGES["any"]


@pytest.mark.reference
@pytest.mark.parametrize("number", range(1, 8))
def test_messages_of_others_are_read_and_written_again(
    shared: Path, number: int, message_schema: etree.XMLSchema
) -> None:
    [path] = (shared / "data/iec61968/samples").glob(f"{number:02}-*.xml")
    root = parse(path.read_bytes())
    if etree.QName(root).localname == "Envelope":
        root = root[0][0]

    message = read_element(root)

    data = write(message)
    message_schema.assertValid(parse(data))
    assert read(data) == message
