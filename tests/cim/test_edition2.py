"""The second edition: nouns wired as it wants them, and envelopes by a schema that is supplied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim import override, xml
from cim.dialect import STRICT, Dialect, read
from cim.envelope import write
from cim.envelope.edition2 import Edition2
from cim.message import (
    Edition,
    Fault,
    Format,
    Header,
    Kind,
    Message,
    Operation,
    OperationSet,
    Request,
    Verb,
)
from cim.parse import parse, parse_with
from cim.profile import Profile, RdfXml
from cim.profiles import NOUNS
from cim.profiles.get_end_device_events import EndDeviceEvent, GetEndDeviceEvents
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from cim.replies import done, failed
from cim.schema import noun_xsd
from cim.schema.__main__ import main
from cim.schema.edition2 import ABSTRACT, EDITION_2, files
from cim.schema.library import Library
from cim.schema.names import MESSAGE
from cim.violation import Refusal
from tests.fakes import last_gasp
from tests.second_edition import ANY, second, supplied
from tests.strategies import FEW, profiles

IEC = "http://iec.ch/TC57/2099/UnplannedOutages#"


@pytest.fixture(autouse=True)
def _ours_again() -> Iterator[None]:
    yield
    override.clear()


@pytest.fixture
def envelope(tmp_path: Path) -> Path:
    """The files that a utility would supply."""
    return supplied(tmp_path)


def event(content: Message | None = None) -> bytes:
    header = Header(verb=Verb.CREATED, noun="EndDeviceEvents", message_id="m-1")
    message = content or Message(header=header, kind=Kind.EVENT, payload=last_gasp("up-1"))
    return second(write(message))


@cache
def both(noun: str) -> tuple[etree.XMLSchema, etree.XMLSchema]:
    made = files()
    second = parse_with(made[f"{noun}.xsd"], lambda address: made[Path(address).name])
    return etree.XMLSchema(parse(noun_xsd(NOUNS[noun]))), etree.XMLSchema(second)


@pytest.mark.parametrize("noun", NOUNS)
@settings(max_examples=FEW)
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
    first = read(event().replace(EDITION_2.encode(), MESSAGE.encode()), STRICT)
    assert found == first
    assert isinstance(found.message, Message)
    assert isinstance(first.message, Message)
    assert (found.message.edition, first.message.edition) == (Edition.SECOND, Edition.FIRST)
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


OUTAGES = UnplannedOutages(
    unplanned_outage=(UnplannedOutage(mrid="o-1", original_customers_served=3),)
)
HEADER = Header(verb=Verb.REPLY, noun="UnplannedOutages", correlation_id="q-1")
REPLY = Message(header=HEADER, kind=Kind.RESPONSE, reply=done())
OPERATIONS = OperationSet(
    operations=(
        Operation(operation_id=1, noun="UnplannedOutages", verb=Verb.CREATE, payload=OUTAGES),
        Operation(
            operation_id=2,
            noun="EndDeviceEvents",
            verb=Verb.CREATE,
            payload=last_gasp("up-1"),
        ),
    )
)
SAID = {
    "event": Message(
        header=Header(verb=Verb.CREATED, noun="EndDeviceEvents", message_id="m-1"),
        kind=Kind.EVENT,
        payload=last_gasp("up-1"),
    ),
    "partial": Message(
        header=Header(verb=Verb.CHANGED, noun="UnplannedOutages"),
        kind=Kind.EVENT,
        payload=UnplannedOutages(
            unplanned_outage=(
                UnplannedOutage(mrid="o-1", cause="wind", original_customers_served=None),  # type: ignore[arg-type]
            )
        ),
    ),
    "reply": REPLY,
    "answer": replace(REPLY, payload=OUTAGES),
    "query": Message(
        header=Header(verb=Verb.GET, noun="EndDeviceEvents"),
        kind=Kind.REQUEST,
        request=Request(
            query=GetEndDeviceEvents(end_device_event=(EndDeviceEvent(mrid="e-1"),)),
        ),
    ),
    "operation set": Message(
        header=Header(verb=Verb.EXECUTE, noun="OperationSet"),
        kind=Kind.REQUEST,
        payload=OPERATIONS,
    ),
}


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("name", SAID)
def test_what_is_said_in_edition_2_is_read_again(envelope: Path, name: str, compress: bool) -> None:
    edition2 = Edition2(envelope)
    said = write(SAID[name], compress=compress, second=edition2)
    assert MESSAGE.encode() not in said
    assert b"ns0" not in said
    found = read(said, Dialect((), edition2=edition2))
    assert found == (SAID[name], ())
    [message, _] = found
    assert isinstance(message, Message)
    assert message.edition is Edition.SECOND


def test_a_fault_is_said_in_it(envelope: Path) -> None:
    edition2 = Edition2(envelope)
    fault = Fault(reply=failed(()))
    said = write(fault, second=edition2)
    assert f'<FaultMessage xmlns="{EDITION_2}">'.encode() in said
    assert read(said, Dialect((), edition2=edition2)).message == fault


def test_what_its_schema_does_not_allow_is_not_said(envelope: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        write(replace(REPLY, payload=OUTAGES), format=Format.RDF, second=Edition2(envelope))
    [broken] = refusal.value.violations
    assert broken.xpath == "/ResponseMessage/Payload/RDF"
    assert broken.line is None
    assert "Message.xsd, the envelope of edition 2, does not let the hub say it." in broken.rule


def test_a_noun_may_say_only_what_is_new(envelope: Path) -> None:
    """As in edition 1: what changes names the object and what is new."""
    dialect = Dialect((), edition2=Edition2(envelope))
    assert read(second(write(SAID["partial"])), dialect).message == SAID["partial"]


def test_tolerances_hold_in_it(envelope: Path) -> None:
    dirty = event().replace(b"<createdDateTime>", b"<createdDateTime> ")
    assert dirty != event()
    message, [correction] = read(dirty, replace(Dialect(), edition2=Edition2(envelope)))
    assert correction.tolerance == "padded-time"
    assert isinstance(message, Message)
    assert message.payload == last_gasp("up-1")
    older = event().replace(b"/2011/EndDeviceEvents#", b"/2009/EndDeviceEvents#")
    _, [correction] = read(older, replace(Dialect(), edition2=Edition2(envelope)))
    assert correction.tolerance == "older-namespace"


def test_a_utilitys_own_namespace_and_xsd_hold_in_it(envelope: Path) -> None:
    override.install(namespaces={"UnplannedOutages": IEC})
    edition2 = Edition2(envelope)
    said = write(SAID["answer"], second=edition2)
    assert IEC.encode() in said
    assert read(said, Dialect((), edition2=edition2)).message == SAID["answer"]
    wired = files()["UnplannedOutages.xsd"]
    must = b'<xs:element name="comment" minOccurs="0"', b'<xs:element name="comment"'
    assert must[0] in wired
    made = {"UnplannedOutages.xsd": wired.replace(*must), ABSTRACT: files()[ABSTRACT]}
    override.install(Library.of(made))
    with pytest.raises(Refusal, match="UnplannedOutage lacks comment"):
        read(second(write(SAID["answer"])), Dialect((), edition2=edition2))


def test_two_nouns_may_share_a_namespace_of_the_utility(envelope: Path) -> None:
    override.install(namespaces={"UnplannedOutages": IEC, "EndDeviceEvents": IEC})
    edition2 = Edition2(envelope)
    said = write(SAID["operation set"], second=edition2)
    assert read(said, Dialect((), edition2=edition2)).message == SAID["operation set"]


def test_an_envelope_without_the_abstract_payload_is_none(envelope: Path) -> None:
    text = envelope.read_text()
    other = text.replace('<xs:element ref="msg:AbstractPayload" minOccurs="0"/>', ANY)
    envelope.write_text(other.replace(f'<xs:include schemaLocation="{ABSTRACT}"/>', ""))
    with pytest.raises(ValueError, match=r"Message.xsd is no schema of an envelope: .*Abstract"):
        Edition2(envelope)


def test_models_go_compressed_in_it(envelope: Path) -> None:
    edition2 = Edition2(envelope)
    rdf = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    models = NetworkModels(network_model=(NetworkModel(mrid="m-1", document=RdfXml(rdf)),))
    message = replace(
        SAID["event"], header=replace(HEADER, noun="NetworkModels", verb=Verb.CREATED)
    )
    said = write(replace(message, payload=models), compress=True, second=edition2)
    found = read(said, Dialect((), edition2=edition2)).message
    assert isinstance(found, Message)
    assert (found.payload, found.compressed) == (models, True)
