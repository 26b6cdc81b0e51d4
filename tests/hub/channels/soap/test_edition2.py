"""Who speaks edition 2 is answered and called in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from cim.dialect import DEFAULT, Dialect, Dialects, read_element
from cim.envelope import write
from cim.envelope.edition2 import Edition2
from cim.message import Edition, Format, Message, Verb
from cim.schema.edition2 import EDITION_2
from cim.schema.names import MESSAGE
from hub.channels.soap.partner import Partner, PartnerClient
from tests import fakes
from tests.second_edition import second, supplied
from tests.soap_clients import ENVELOPE, PUBLISH, REQUEST, TOKEN, event, request, soap
from tests.soap_served import OUTAGES, SCHEMAS, Served, serve

GET = request("get", "UnplannedOutages", "q-1")


@pytest.fixture
def edition2(tmp_path: Path) -> Edition2:
    return Edition2(supplied(tmp_path))


@pytest.fixture
def speaking(edition2: Edition2) -> Iterator[Served]:
    """A hub that has the envelope of edition 2, and sends RDF where it may choose."""
    with serve(dialects=Dialects(edition2=edition2), payload=Format.RDF) as served:
        yield served


def body(content: bytes) -> etree._Element:
    found = etree.fromstring(content).find(f"{{{ENVELOPE}}}Body")  # noqa: TID251
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("sent", "action", "result"),
    [
        (event("M-1"), PUBLISH, "OK"),
        (request("create", "EndDeviceEvents", "r-1"), REQUEST, "FAILED"),
        (event("M-1", verb="CREATED"), PUBLISH, "FAILED"),
    ],
    ids=["taken", "without a payload", "not valid"],
)
def test_a_reply_is_in_the_edition_of_the_request(
    speaking: Served, sent: bytes, action: str, result: str
) -> None:
    for space, given in ((EDITION_2, second(sent)), (MESSAGE, sent)):
        reply = body(speaking.post(soap(given), action).content)
        assert reply.tag == f"{{{space}}}ResponseMessage"
        assert reply.findtext(f"{{{space}}}Reply/{{{space}}}Result") == result


def test_an_answer_with_a_payload_is_xml_in_edition_2(speaking: Served, edition2: Edition2) -> None:
    reply = body(speaking.post(soap(second(GET)), REQUEST).content)
    message, _ = read_element(reply, Dialect((), edition2=edition2))
    assert isinstance(message, Message)
    assert (message.payload, message.edition) == (OUTAGES, Edition.SECOND)
    rdf = body(speaking.post(soap(GET), REQUEST).content)
    assert rdf.findtext(f"{{{MESSAGE}}}Payload/{{{MESSAGE}}}Format") == "RDF"


def test_a_fault_is_in_it_too(speaking: Served) -> None:
    answer = speaking.post(soap(f'<EventMessage xmlns="{EDITION_2}"/>'.encode()), PUBLISH)
    assert answer.status_code == 500
    detail = body(answer.content).find("detail")
    assert detail is not None
    assert detail[0].tag == f"{{{EDITION_2}}}FaultMessage"


def test_what_is_no_operation_is_a_fault_that_says_so(speaking: Served) -> None:
    other = second(event("M-1")).replace(b"EventMessage", b"Message")
    answer = speaking.post(soap(other), PUBLISH)
    assert b"No operation here takes Message of the namespace" in answer.content
    assert b"/2021/schema/message" in answer.content


def test_a_reply_that_cannot_be_said_in_it_is_a_fault_that_tells_the_result(
    tmp_path: Path,
) -> None:
    path = supplied(tmp_path)
    ok = '<xs:element name="Result" '
    assert ok in path.read_text()
    path.write_text(path.read_text().replace(ok, '<xs:element name="Outcome" '))
    with serve(dialects=Dialects(edition2=Edition2(path))) as served:
        answer = served.post(soap(second(event("M-1"))), PUBLISH)
        assert answer.status_code == 500
        said = body(answer.content).findtext("faultstring") or ""
        assert said.startswith("The reply is OK, but cannot be written: /ResponseMessage/Reply")
        assert len(served.hub.messages) == 1
        assert served.hub.refusals == []


def test_a_partner_of_edition_2_is_called_in_it(speaking: Served, edition2: Edition2) -> None:
    partner = Partner(
        name="oms",
        address=f"{speaking.url}/soap",
        schemas=SCHEMAS,
        token=TOKEN,
        second=edition2,
        dialect=Dialect(DEFAULT.tolerances, edition2=edition2),
    )
    client = PartnerClient(partner)
    sent = [fakes.message(fakes.last_gasp("a"), verb) for verb in (Verb.CREATED, Verb.CREATE)]
    client.send(sent)
    client.close()
    assert speaking.hub.messages == sent
    assert {m.edition for m in speaking.hub.messages} == {Edition.SECOND}


def test_a_contract_of_edition_2_is_a_generic_one(tmp_path: Path, edition2: Edition2) -> None:
    """A partner brings its own WSDL: its operations are known by the envelopes they take."""
    for name in ("Generic.wsdl", "Message.xsd"):
        data = (SCHEMAS / name).read_bytes()
        (tmp_path / name).write_bytes(second(data) if name.endswith("wsdl") else data)
    supplied(tmp_path)
    with serve(dialects=Dialects(edition2=edition2)) as served:
        partner = Partner(
            name="oms",
            address=f"{served.url}/soap",
            schemas=tmp_path,
            token=TOKEN,
            second=edition2,
            dialect=Dialect(edition2=edition2),
        )
        client = PartnerClient(partner)
        client.send([fakes.message(fakes.last_gasp("a"))])
        client.close()
        assert write(served.hub.messages[0])
