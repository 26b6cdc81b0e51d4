"""Operation sets of one noun, as its strongly typed services carry them."""

from __future__ import annotations

import binascii
import gzip
from typing import Any

import pytest
from lxml import etree

from cim.envelope import read, read_element, typed, write, write_element
from cim.message import Kind, Message, Operation, OperationSet, Verb
from cim.parse import parse
from cim.violation import Refusal
from tests.cim.messages import EVENTS, MESSAGE, MESSAGES, header, typed_schema

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
    typed_schema("EndDeviceEventsOperationSetMessage").assertValid(root)
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

    typed_schema("EndDeviceEventsOperationSetMessage").assertValid(root)
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
