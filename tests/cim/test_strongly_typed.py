"""The envelope of strongly typed services: valid, and read as the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from cim.envelope import read_element, typed
from cim.message import Fault, Kind, Message, Verb
from cim.parse import parse
from cim.profiles import NOUNS
from cim.schema.names import Form
from cim.violation import Refusal
from tests.cim.messages import MESSAGE, MESSAGES, header, typed_schema

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

    typed_schema(schema).assertValid(root)
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
    typed_schema("GetEndDeviceEventsMessage").assertValid(root)
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
        typed_schema(schema).assertValid(root)
        assert read_element(root) == message


def test_there_is_no_strongly_typed_service_for_an_unknown_noun() -> None:
    with pytest.raises(Refusal, match="no strongly typed service"):
        typed(MESSAGES["fault"])


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
