"""How payloads travel in replies: XML or RDF, as configured and as the request came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

from cim.envelope import read_element, typed, write_element
from cim.message import Format, Header, Kind, Message, Verb
from tests.soap_clients import ENVELOPE, MESSAGE, REQUEST, soap
from tests.soap_served import OUTAGES, Served, serve

GET = Message(
    header=Header(verb=Verb.GET, noun="UnplannedOutages", source="AMI", message_id="id-1"),
    kind=Kind.REQUEST,
)
GET_BY_EXAMPLE = Message(header=GET.header, kind=Kind.REQUEST, payload=OUTAGES)


@pytest.fixture(params=[Format.XML, Format.RDF], scope="module")
def configured(request: pytest.FixtureRequest) -> Format:
    return Format(request.param)


@pytest.fixture(scope="module")
def channel(configured: Format) -> Iterator[Served]:
    with serve(payload=configured) as served:
        yield served


def asked(channel: Served, element: etree._Element, action: str, path: str) -> etree._Element:
    """The reply's element."""
    answer = channel.post(soap(etree.tostring(element)), action, path)
    assert answer.status_code == 200, answer.text
    body = etree.fromstring(answer.content).find(f"{{{ENVELOPE}}}Body")  # noqa: TID251
    assert body is not None
    return body[0]


def generic(channel: Served, message: Message, format_: Format) -> etree._Element:
    return asked(channel, write_element(message, format=format_), REQUEST, "/soap")


def seen(reply: etree._Element) -> tuple[str, str | None]:
    """Local name of what the payload holds, and its Format."""
    payload = reply.find("{*}Payload")
    assert payload is not None
    return etree.QName(payload[0]).localname, payload.findtext(f"{{{MESSAGE}}}Format")


IN_RDF, IN_XML = ("RDF", "RDF"), ("UnplannedOutages", None)


def test_a_reply_of_the_generic_endpoint_is_as_configured(
    channel: Served, configured: Format
) -> None:
    reply = generic(channel, GET, Format.XML)
    assert seen(reply) == (IN_RDF if configured is Format.RDF else IN_XML)
    message = read_element(reply)
    assert isinstance(message, Message)
    assert message.payload == OUTAGES


def test_who_asks_in_rdf_is_answered_in_rdf(channel: Served) -> None:
    assert seen(generic(channel, GET_BY_EXAMPLE, Format.RDF)) == IN_RDF


def test_a_strongly_typed_endpoint_speaks_xml(channel: Served) -> None:
    service = channel.channel.contract.services["GetUnplannedOutages"]
    [operation] = service.operations
    reply = asked(channel, typed(GET), operation.action, "/soap/GetUnplannedOutages")
    assert seen(reply) == IN_XML
    assert read_element(reply)


def test_a_strongly_typed_request_at_the_generic_address_is_told_where_to_go(
    channel: Served,
) -> None:
    [operation] = channel.channel.contract.services["GetUnplannedOutages"].operations
    answer = channel.post(soap(etree.tostring(typed(GET))), operation.action)
    assert answer.status_code == 500
    assert "No operation here takes GetUnplannedOutagesRequestMessage of" in answer.text
    assert "/soap/&lt;Service&gt;" in answer.text


def test_a_compressed_request_is_answered_compressed(channel: Served, configured: Format) -> None:
    question = write_element(GET_BY_EXAMPLE, compress=True)
    reply = asked(channel, question, REQUEST, "/soap")
    assert seen(reply) == ("Compressed", str(configured))
    message = read_element(reply)
    assert isinstance(message, Message)
    assert (message.payload, message.compressed) == (OUTAGES, True)
