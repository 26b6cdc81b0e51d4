"""Messages of every kind, with every field of the envelope, and the schemas of typed ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from cim.message import (
    Error,
    Fault,
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
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.profiles.get_end_device_events import GetEndDeviceEvents
from cim.profiles.identification import UsagePoint

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
                Operation(operation_id=3, noun="UnplannedOutages", verb=Verb.GET),
                Operation(
                    operation_id=4,
                    noun="EndDeviceEvents",
                    verb=Verb.GET,
                    payload=GetEndDeviceEvents(),
                ),
            ),
        ),
    ),
    "answer to an operation set": Message(
        header=header(Verb.REPLY, "OperationSet"),
        kind=Kind.RESPONSE,
        reply=REPLY,
        payload=OperationSet(
            operations=(
                Operation(operation_id=4, noun="EndDeviceEvents", verb=Verb.REPLY, payload=EVENTS),
            )
        ),
    ),
    "operation set under the noun": of(
        Verb.EXECUTED, OperationSet(operations=(Operation(operation_id=1, payload=EVENTS),))
    ),
}


def typed_schema(name: str) -> etree.XMLSchema:
    """The schema of a strongly typed service, as it lies on disk."""
    tree = parse((SCHEMAS / f"{name}.xsd").read_bytes()).getroottree()
    tree.docinfo.URL = str(SCHEMAS / f"{name}.xsd")
    return etree.XMLSchema(etree=tree)
