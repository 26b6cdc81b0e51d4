"""The second edition: nouns wired as it wants them, and envelopes by a schema that is supplied.

The envelope here is the first edition's in the second's namespace, with a substitution group for
payload: the standard's own schema is not public.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim import xml
from cim.dialect import STRICT, Dialect, read
from cim.envelope import write
from cim.envelope.edition2 import Edition2
from cim.message import Header, Kind, Message, Verb
from cim.parse import parse, parse_with
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.schema import envelope_xsd, noun_xsd
from cim.schema.__main__ import main
from cim.schema.edition2 import ABSTRACT, EDITION_2, files
from cim.schema.names import MESSAGE
from cim.violation import Refusal
from tests.fakes import last_gasp
from tests.strategies import profiles

ANY = '<xs:any namespace="##other" processContents="skip" minOccurs="0" maxOccurs="unbounded"/>'


@pytest.fixture
def envelope(tmp_path: Path) -> Path:
    """The files that a utility would supply."""
    text = envelope_xsd().decode()
    start = text.index('<xs:complexType name="PayloadType">')
    payload = text[start:].replace(ANY, '<xs:element ref="msg:AbstractPayload" minOccurs="0"/>', 1)
    text = (text[:start] + payload).replace(MESSAGE, EDITION_2)
    first = text.index("<xs:element")
    text = f'{text[:first]}<xs:include schemaLocation="{ABSTRACT}"/>{text[first:]}'
    (tmp_path / ABSTRACT).write_bytes(files()[ABSTRACT])
    (tmp_path / "Message.xsd").write_text(text)
    return tmp_path / "Message.xsd"


def event(content: Message | None = None) -> bytes:
    header = Header(verb=Verb.CREATED, noun="EndDeviceEvents", message_id="m-1")
    message = content or Message(header=header, kind=Kind.EVENT, payload=last_gasp("up-1"))
    return write(message).replace(MESSAGE.encode(), EDITION_2.encode())


@cache
def both(noun: str) -> tuple[etree.XMLSchema, etree.XMLSchema]:
    made = files()
    second = parse_with(made[f"{noun}.xsd"], lambda address: made[Path(address).name])
    return etree.XMLSchema(parse(noun_xsd(NOUNS[noun]))), etree.XMLSchema(second)


@pytest.mark.parametrize("noun", NOUNS)
@settings(deadline=None)
@given(data=st.data())
def test_a_payload_is_valid_in_both_editions(noun: str, data: st.DataObject) -> None:
    payload: Profile = data.draw(profiles(NOUNS[noun]))
    for schema in both(noun):
        schema.assertValid(xml.encode(payload))


@pytest.mark.parametrize("noun", NOUNS)
def test_an_invalid_payload_is_valid_in_neither(noun: str) -> None:
    element = etree.Element(f"{{{NOUNS[noun].namespace}}}{noun}")
    etree.SubElement(element, f"{{{NOUNS[noun].namespace}}}unheardOf")
    assert [schema.validate(element) for schema in both(noun)] == [False, False]


@pytest.mark.parametrize("noun", NOUNS)
def test_a_noun_stands_for_the_abstract_payload(noun: str) -> None:
    root = parse(files()[f"{noun}.xsd"])
    element = root.find("{*}element")
    assert element is not None
    assert element.get("substitutionGroup") == "part100:AbstractPayload"
    extension = root.find(f"{{*}}complexType[@name='{noun}']/{{*}}complexContent/{{*}}extension")
    assert extension is not None
    assert extension.get("base") == "part100:AbstractPayloadType"
    assert root.nsmap["part100"] == EDITION_2


def test_they_are_written_into_a_folder(tmp_path: Path) -> None:
    main(tmp_path, "2")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files()


def test_an_envelope_of_edition_2_is_refused_without_its_schema() -> None:
    with pytest.raises(Refusal) as refusal:
        read(event())
    [broken] = refusal.value.violations
    assert (broken.code, broken.xpath) == ("1.9", "/EventMessage")
    assert broken.rule == (
        "EventMessage is an envelope of IEC 61968-100 ed.2, whose schema is not public: supply it"
        " and name it in schemas.edition2 of hub.toml, or send edition 1."
    )


def test_with_its_schema_it_is_read_as_edition_1(envelope: Path) -> None:
    dialect = Dialect((), edition2=Edition2(envelope))
    found = read(event(), dialect)
    assert found == read(event().replace(EDITION_2.encode(), MESSAGE.encode()), STRICT)
    bare = Message(header=Header(verb=Verb.DELETED, noun="EndDeviceEvents"), kind=Kind.EVENT)
    assert read(event(bare), dialect).message == bare


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (b"<Noun>EndDeviceEvents</Noun>", b"", "MessageID"),
        (b"<createdDateTime>", b"<createdDateTime>x", "createdDateTime"),
        (b"EndDeviceEvents xmlns", b"Unheard xmlns", "Unheard"),
    ],
)
def test_what_its_schema_does_not_allow_is_refused(
    envelope: Path, before: bytes, after: bytes, says: str
) -> None:
    dirty = event().replace(before, after)
    if after.startswith(b"Unheard"):
        dirty = dirty.replace(b"</EndDeviceEvents>", b"</Unheard>")
    assert dirty != event()
    with pytest.raises(Refusal) as refusal:
        read(dirty, Dialect((), edition2=Edition2(envelope)))
    first = refusal.value.violations[0]
    assert first.code == "1.8"
    assert says in first.rule
    assert first.line is not None
    assert str(first.xpath).startswith("/EventMessage/")


def test_nothing_outside_the_folder_is_read(envelope: Path) -> None:
    text = envelope.read_text()
    for address in ("../other.xsd", "http://elsewhere.example/x.xsd", "/etc/hostname"):
        envelope.write_text(text.replace(f'"{ABSTRACT}"', f'"{address}"'))
        with pytest.raises(ValueError, match=r"is no schema of an envelope"):
            Edition2(envelope)


def test_what_is_no_schema_is_refused(envelope: Path) -> None:
    envelope.write_text("<!DOCTYPE x [<!ENTITY a 'b'>]><x/>")
    with pytest.raises(ValueError, match=r"Message.xsd is no schema of an envelope"):
        Edition2(envelope)
