"""A utility's own XSD over SOAP: what is served, taken and said refers to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from lxml import etree

from cim import override
from cim.envelope import typed
from cim.message import Format, Header, Kind, Message, Operation, OperationSet, Verb
from cim.profiles.unplanned_outages import UnplannedOutages
from cim.schema import noun_xsd
from cim.schema.library import Library
from cim.schema.names import MESSAGE
from cim.violation import Refusal
from hub.channels.soap.partner import Partner, PartnerClient
from tests.soap_clients import ENVELOPE, REQUEST, TOKEN, header, request, soap, zeep_client
from tests.soap_served import OUTAGES, SCHEMAS, Served, serve

IEC = "http://iec.ch/TC57/2099/UnplannedOutages#"
OURS = noun_xsd(UnplannedOutages).replace(UnplannedOutages.namespace.encode(), IEC.encode())
OPTIONAL, MUST = b'name="comment" minOccurs="0"', b'name="comment"'
SAYS_SO = "outages.xsd says so, which holds for UnplannedOutages here."


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A hub in which outages are in a namespace of the IEC; with the parameter "must" a comment
    is required."""
    must = getattr(request, "param", "") == "must"
    data = OURS.replace(OPTIONAL, MUST, 1) if must else OURS
    override.install(Library.of({"outages.xsd": data}))
    with serve() as running:
        yield running
    override.clear()


def test_a_client_made_from_the_served_contract_speaks_as_the_utility(served: Served) -> None:
    client = zeep_client(served.url, "ExecuteUnplannedOutages", TOKEN)
    outage = {"mRID": "o-1", "originalCustomersServed": 3, "comment": "wind"}
    with closing(client.transport.session):
        answer = client.service.CreateUnplannedOutages(
            Header=header("create", "UnplannedOutages", "AMI"),
            Payload={"UnplannedOutages": {"UnplannedOutage": [outage]}},
        )
    assert answer.Reply.Result == "OK"
    [delivery] = served.hub.taken
    assert IEC.encode() in delivery.body
    [message] = served.hub.messages
    assert isinstance(message.payload, UnplannedOutages)
    assert message.payload.unplanned_outage[0].comment == "wind"


@pytest.mark.parametrize("served", ["must"], indirect=True)
def test_a_strongly_typed_request_is_held_against_it(served: Served) -> None:
    message = Message(
        header=Header(verb=Verb.CREATE, noun="UnplannedOutages", source="AMI", message_id="m-1"),
        kind=Kind.REQUEST,
        payload=OUTAGES,
    )
    action = served.channel.contract.services["ExecuteUnplannedOutages"].operations[0].action
    body = soap(etree.tostring(typed(message)))
    answer = served.post(body, action, "/soap/ExecuteUnplannedOutages")
    assert b"FAILED" in answer.content
    [refusal] = served.hub.refusals
    [broken] = refusal.violations
    at = "/CreateUnplannedOutages/Payload/UnplannedOutages/UnplannedOutage"
    assert (broken.code, broken.xpath) == ("1.7", at)
    assert broken.rule.startswith("UnplannedOutage lacks comment")
    assert broken.rule.endswith(SAYS_SO)
    assert SAYS_SO.encode() in answer.content


def test_the_files_of_the_contract_are_those_that_hold(served: Served) -> None:
    got = httpx.get(f"{served.url}/soap/UnplannedOutages.xsd", timeout=60).content
    assert got == OURS
    change = httpx.get(f"{served.url}/soap/UnplannedOutagesChange.xsd", timeout=60).text
    assert f'targetNamespace="{IEC}"' in change
    for form in ("", "Change", "OperationSet"):
        path = f"/soap/UnplannedOutages{form}Message.xsd"
        assert f'namespace="{IEC}"' in httpx.get(served.url + path, timeout=60).text
    other = httpx.get(f"{served.url}/soap/EndDeviceEvents.xsd", timeout=60).content
    assert other == (SCHEMAS / "EndDeviceEvents.xsd").read_bytes()


def test_what_they_import_is_served_beside_it() -> None:
    common = b"<s:schema xmlns:s='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:c'/>"
    link = b"<xs:import namespace='urn:c' schemaLocation='http://iec.ch/xsd/common.xsd'/>"
    data = OURS.replace(b"<xs:element name=", link + b"<xs:element name=", 1)
    override.install(Library.of({"outages.xsd": data, "sub/common.xsd": common}))
    with serve() as served:
        main = httpx.get(f"{served.url}/soap/UnplannedOutages.xsd", timeout=60).content
        place = "theirs/UnplannedOutages/sub/common.xsd"
        assert f"schemaLocation='{place}'".encode() in main
        assert httpx.get(f"{served.url}/soap/{place}", timeout=60).content == common
        wsdl = zeep_client(served.url, "ExecuteUnplannedOutages", TOKEN)
        wsdl.transport.session.close()
    override.clear()


def reply(content: bytes) -> etree._Element:
    body = etree.fromstring(content).find(f"{{{ENVELOPE}}}Body")  # noqa: TID251
    assert body is not None
    return body[0]


def test_a_strongly_typed_answer_is_in_its_namespace(served: Served) -> None:
    get = Message(
        header=Header(verb=Verb.GET, noun="UnplannedOutages", source="AMI", message_id="q-1"),
        kind=Kind.REQUEST,
    )
    [operation] = served.channel.contract.services["GetUnplannedOutages"].operations
    body = soap(etree.tostring(typed(get)))
    answer = reply(served.post(body, operation.action, "/soap/GetUnplannedOutages").content)
    assert answer.find(f"{{*}}Payload/{{{IEC}}}UnplannedOutages") is not None


@pytest.mark.parametrize("served", ["must"], indirect=True)
def test_an_answer_that_breaks_it_is_not_given(served: Served) -> None:
    sent = soap(request("get", "UnplannedOutages", "q-1"))
    answer = reply(served.post(sent, REQUEST).content)
    said = answer.find(f"{{{MESSAGE}}}Reply")
    assert said is not None
    assert answer.find(f"{{{MESSAGE}}}Payload") is None
    assert answer.findtext(f"{{{MESSAGE}}}Header/{{{MESSAGE}}}CorrelationID") == "q-1"
    assert said.findtext("{*}Result") == "FAILED"
    assert said.findtext("{*}Error/{*}code") == "5.3"
    details = said.findtext("{*}Error/{*}details") or ""
    assert details.endswith(f"{SAYS_SO} It is not sent to ami.")


@pytest.mark.parametrize("served", ["must"], indirect=True)
@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("in_a_set", [False, True])
def test_what_breaks_it_is_sent_to_no_partner(
    served: Served, format_: Format, in_a_set: bool
) -> None:
    one = Operation(operation_id=1, noun="UnplannedOutages", verb=Verb.CREATE, payload=OUTAGES)
    message = Message(
        header=Header(verb=Verb.CREATED, noun="UnplannedOutages", message_id="m-1"),
        kind=Kind.EVENT,
        payload=OUTAGES,
    )
    if in_a_set:
        message = Message(
            header=Header(verb=Verb.EXECUTED, noun="OperationSet", message_id="m-1"),
            kind=Kind.EVENT,
            payload=OperationSet(operations=(one,)),
        )
    address = f"{served.url}/soap"
    client = PartnerClient(
        Partner(name="oms", address=address, schemas=SCHEMAS, token=TOKEN, format=format_)
    )
    with pytest.raises(Refusal, match="UnplannedOutage lacks comment") as refusal:
        client.send([message])
    client.close()
    assert str(refusal.value).endswith(f"{SAYS_SO} It is not sent to oms.")
    assert served.hub.taken == []
