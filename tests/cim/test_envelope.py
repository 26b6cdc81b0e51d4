"""The envelope: every field, both shapes, older names, and back again."""

from __future__ import annotations

import binascii
import gzip
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim.envelope import read, read_element, typed, write, write_element
from cim.message import (
    Error,
    Fault,
    Format,
    Header,
    IdKind,
    Kind,
    Level,
    Location,
    Message,
    ObjectId,
    Operation,
    OperationSet,
    Property,
    ReplayDetection,
    Reply,
    Request,
    Result,
    User,
    Verb,
)
from cim.parse import parse
from cim.profile import Reference
from cim.profiles import NOUNS
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.profiles.get_end_device_events import GetEndDeviceEvents
from cim.profiles.identification import UsagePoint
from cim.schema import envelope_xsd
from cim.schema.names import Form
from cim.violation import Refusal
from tests.strategies import profiles

MESSAGE = "http://iec.ch/TC57/2011/schema/message"
SCHEMAS = Path(__file__).parents[2] / "schemas"
NOW = datetime(2026, 1, 15, 8, 3, 12, tzinfo=UTC)

EVENTS = EndDeviceEvents(
    end_device_event=(
        EndDeviceEvent(
            created_date_time=NOW,
            end_device_event_type=Reference("3.26.0.85"),
            usage_point=UsagePoint(mrid="up-1"),
        ),
    )
)
OBJECT_ID = ObjectId(
    value="MTR-1",
    id_type="MeterBadgeNumber",
    id_authority="Utility",
    kind=IdKind.NAME,
    object_type="Meter",
)
FULL_HEADER = Header(
    verb=Verb.CREATED,
    noun="EndDeviceEvents",
    revision="1.0",
    replay_detection=ReplayDetection(nonce="n", created=NOW),
    context="TESTING",
    timestamp=NOW,
    source="AMI",
    async_reply_flag=True,
    reply_address="queue",
    ack_required=False,
    user=User(user_id="u", organization="o"),
    message_id="m",
    correlation_id="c",
    comment="",
    properties=(Property("feeder", "F1"), Property("empty", ""), Property("none")),
    extensions=(b'<x:hop xmlns:x="urn:example" n="1">a<x:b/></x:hop>',),
)
REPLY = Reply(
    result=Result.PARTIAL,
    errors=(
        Error(
            code="1.8",
            level=Level.FATAL,
            reason="r",
            details="/EventMessage/Header",
            xpath="{urn:example}reason",
            stack_trace="s",
            location=Location(node="n", pipeline="p", stage="s"),
            id=OBJECT_ID,
            related_id=ObjectId(value="x"),
            object=f'<object xmlns="{MESSAGE}"><mRID>o</mRID></object>'.encode(),
            operation_id=2,
        ),
        Error(code="0.2", xpath="reason"),
    ),
    ids=(ObjectId(value="t", kind=IdKind.TRANSACTION),),
    extensions=(b'<y xmlns="urn:example"/>',),
    operation_id=-1,
)


def header(verb: Verb, noun: str = "EndDeviceEvents") -> Header:
    return Header(verb=verb, noun=noun, message_id="m", timestamp=NOW)


def of(verb: Verb, payload: Any = None, **more: Any) -> Message:
    return Message(header=header(verb), kind=Kind.of(verb), payload=payload, **more)


MESSAGES: dict[str, Message | Fault] = {
    "event": Message(header=FULL_HEADER, kind=Kind.EVENT, payload=EVENTS),
    "request": of(Verb.CREATE, EVENTS),
    "query": of(
        Verb.GET,
        request=Request(
            start_time=NOW,
            end_time=NOW,
            options=(Property("maxItems", "3"), Property("all")),
            ids=(OBJECT_ID, ObjectId(value="y")),
            query=GetEndDeviceEvents(),
            extensions=(b'<g xmlns="urn:example">?</g>',),
        ),
    ),
    "response": of(Verb.REPLY, EVENTS, reply=REPLY),
    "response without payload": of(Verb.REPLY, reply=Reply(result=Result.OK)),
    "ids": of(Verb.DELETE, (OBJECT_ID, ObjectId(value="z"))),
    "any": replace(of(Verb.DELETED), kind=Kind.MESSAGE),
    "any reply": replace(of(Verb.REPLY, reply=REPLY), kind=Kind.MESSAGE),
    "fault": Fault(reply=REPLY),
    "operation set": Message(
        header=header(Verb.EXECUTE, "OperationSet"),
        kind=Kind.REQUEST,
        payload=OperationSet(
            enforce_msg_sequence=True,
            enforce_transactional_integrity=False,
            operations=(
                Operation(operation_id=1, noun="EndDeviceEvents", verb=Verb.CREATE, payload=EVENTS),
                Operation(operation_id=2, noun="MeterReadings", element_operation=True),
            ),
        ),
    ),
    "operation set under the noun": of(
        Verb.EXECUTED, OperationSet(operations=(Operation(operation_id=1, payload=EVENTS),))
    ),
}


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
    verb = Verb.CREATED if Verb.CREATED in NOUNS[noun].verbs else Verb.GET
    message = Message(header=header(verb, noun), kind=Kind.of(verb), payload=payload)

    assert read(write(message, compress=compress)) == message


def test_the_same_message_is_written_as_the_same_bytes() -> None:
    message = MESSAGES["event"]
    assert write(message, compress=True) == write(message, compress=True)


FAULT = "{http://iec.ch/TC57/2011/EndDeviceEventsMessage}EndDeviceEventsFaultMessage"
TYPED = {
    "event": "EndDeviceEventsMessage",
    "request": "EndDeviceEventsMessage",
    "query": "GetEndDeviceEventsMessage",
    "response": "EndDeviceEventsMessage",
    "response without payload": "EndDeviceEventsMessage",
    "fault": "EndDeviceEventsMessage",
}


@pytest.mark.parametrize(("name", "schema"), TYPED.items())
def test_a_strongly_typed_message_is_valid_and_reads_as_the_same(name: str, schema: str) -> None:
    message = MESSAGES[name]
    if name == "query" and isinstance(message, Message) and message.request is not None:
        # beside the query its schema has no room for what is foreign
        message = replace(message, request=replace(message.request, extensions=()))

    tag = FAULT if isinstance(message, Fault) else None

    root = parse(etree.tostring(typed(message, tag)))

    _typed_schema(schema).assertValid(root)
    assert read_element(root) == message


@pytest.mark.parametrize(
    ("name", "root_name"),
    [
        ("response", "GetEndDeviceEventsResponseMessage"),
        ("response without payload", "GetEndDeviceEventsResponseMessage"),
        ("fault", "GetEndDeviceEventsFaultMessage"),
    ],
)
def test_an_answer_to_a_query_is_in_the_namespace_of_the_query(name: str, root_name: str) -> None:
    tag = f"{{http://iec.ch/TC57/2011/GetEndDeviceEventsMessage}}{root_name}"
    root = parse(etree.tostring(typed(MESSAGES[name], tag)))

    assert root.tag == tag
    _typed_schema("GetEndDeviceEventsMessage").assertValid(root)
    assert read_element(root) == MESSAGES[name]


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_has_strongly_typed_messages(noun: str) -> None:
    without_payload = {"get", "delete", "cancel", "close", "deleted", "canceled", "closed"}
    for verb in map(Verb, without_payload & set(NOUNS[noun].verbs)):
        message = Message(header=header(verb, noun), kind=Kind.of(verb))

        root = parse(etree.tostring(typed(message)))

        name = f"Get{noun}RequestMessage" if verb is Verb.GET else f"{verb.capitalize()}{noun}"
        assert etree.QName(root).localname == name
        schema = Form.of(verb).file_of(NOUNS[noun]).removesuffix(".xsd")
        _typed_schema(schema).assertValid(root)
        assert read_element(root) == message


def test_there_is_no_strongly_typed_service_for_an_unknown_noun() -> None:
    with pytest.raises(Refusal, match="no strongly typed service"):
        typed(MESSAGES["fault"])


def _typed_schema(name: str) -> etree.XMLSchema:
    tree = parse((SCHEMAS / f"{name}.xsd").read_bytes()).getroottree()
    tree.docinfo.URL = str(SCHEMAS / f"{name}.xsd")
    return etree.XMLSchema(etree=tree)


def test_the_name_of_the_operation_is_accepted_as_the_root_of_a_query() -> None:
    root = typed(MESSAGES["query"])
    root.tag = root.tag.replace("RequestMessage", "")

    assert read_element(root) == MESSAGES["query"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"verb": Verb.CHANGE}, "2.9"),
        ({"noun": "MeterReadings"}, "2.5"),
    ],
)
def test_the_root_and_the_header_of_a_strongly_typed_message_agree(
    change: dict[str, Any], code: str
) -> None:
    root = typed(MESSAGES["request"])
    for tag, value in change.items():
        found = root.find(f".//{{{MESSAGE}}}{tag.title()}")
        assert found is not None
        found.text = value

    with pytest.raises(Refusal) as refusal:
        read_element(root)

    [violation] = refusal.value.violations
    assert violation.code == code
    assert violation.xpath is not None
    assert violation.xpath.startswith("/CreateEndDeviceEvents/Header/")


EVENTS_SETS = "http://iec.ch/TC57/2011/EndDeviceEventsOperationSetMessage"


def a_set(verb: Verb, said: str = "OperationSet", **operation: Any) -> Message:
    """Two operations on EndDeviceEvents; the second one as told."""
    values = {"noun": "EndDeviceEvents", "verb": Verb.CHANGE, "payload": EVENTS, **operation}
    first = Operation(
        operation_id=1, noun="EndDeviceEvents", verb=Verb.CREATE, element_operation=True
    )
    both = OperationSet(operations=(first, Operation(operation_id=2, **values)))
    return Message(header=header(verb, said), kind=Kind.of(verb), payload=both)


@pytest.mark.parametrize(
    ("verb", "root_name"),
    [
        (Verb.EXECUTE, "ExecuteEndDeviceEventsOperationSet"),
        (Verb.EXECUTED, "ExecutedEndDeviceEventsOperationSet"),
    ],
)
def test_a_strongly_typed_operation_set_is_valid_and_reads_as_the_same(
    verb: Verb, root_name: str
) -> None:
    message = a_set(verb)

    root = parse(etree.tostring(typed(message)))

    assert root.tag == f"{{{EVENTS_SETS}}}{root_name}"
    _typed_schema("EndDeviceEventsOperationSetMessage").assertValid(root)
    again = read_element(root)
    assert again == message
    assert read(write(again)) == message


@pytest.mark.parametrize("noun", ["OperationSet", "EndDeviceEvents"])
def test_the_service_says_the_noun_of_a_set_and_of_its_operations(noun: str) -> None:
    root = typed(a_set(Verb.EXECUTE, "EndDeviceEvents", noun=None))
    said = root.find(f".//{{{MESSAGE}}}Noun")
    assert said is not None
    assert said.text == "OperationSet"
    said.text = noun

    assert read_element(root) == a_set(Verb.EXECUTE)


def test_the_answer_to_a_set_says_operation_set() -> None:
    tag = f"{{{EVENTS_SETS}}}EndDeviceEventsOperationSetResponseMessage"
    root = typed(MESSAGES["response without payload"], tag)

    _typed_schema("EndDeviceEventsOperationSetMessage").assertValid(root)
    answer = read_element(root)
    assert isinstance(answer, Message)
    assert answer.header.noun == "OperationSet"


def test_operations_of_a_strongly_typed_set_are_of_its_noun() -> None:
    data = etree.tostring(typed(a_set(Verb.EXECUTE))).decode()
    head, _, tail = data.rpartition("<noun>EndDeviceEvents<")
    wrong = f"{head}<noun>MeterReadings<{tail}".encode()

    with pytest.raises(Refusal, match="operation 2") as refusal:
        read(wrong)

    [violation] = refusal.value.violations
    assert (violation.code, violation.value) == ("2.5", "MeterReadings")
    path = "/ExecuteEndDeviceEventsOperationSet/Payload/OperationSet/Operation[2]/noun"
    assert violation.xpath == path


@pytest.mark.parametrize("strong", [True, False])
def test_a_compressed_operation_set_is_read(strong: bool) -> None:
    message = a_set(Verb.EXECUTE)
    root = typed(message) if strong else write_element(message)
    [payload] = root.findall("{*}Payload")
    inner = etree.tostring(payload[0])
    compressed = etree.Element(payload[0].tag.replace("}OperationSet", "}Compressed"))
    compressed.text = binascii.b2a_base64(gzip.compress(inner)).decode()
    payload[:] = [compressed]

    assert read_element(root) == message


def test_a_set_of_several_nouns_has_no_strongly_typed_service() -> None:
    with pytest.raises(Refusal, match="'EndDeviceEvents and MeterReadings'"):
        typed(a_set(Verb.EXECUTE, noun="MeterReadings", payload=None))


def test_only_the_services_of_sets_take_a_header_that_says_operation_set() -> None:
    root = typed(MESSAGES["request"])
    said = root.find(f".//{{{MESSAGE}}}Noun")
    assert said is not None
    said.text = "OperationSet"

    with pytest.raises(Refusal, match="the message is one of EndDeviceEvents"):
        read_element(root)


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
