"""The endpoint at the level of bytes: envelope, rights, answers, and what it survives."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

import httpx
import pytest
from lxml import etree

from cim.violation import Refusal
from hub.channels.soap.intake import SoapDelivery
from tests.soap_clients import ENVELOPE, MESSAGE, PUBLISH, REQUEST, event, request, soap
from tests.soap_served import NOW, Served

WSA = "http://www.w3.org/2005/08/addressing"


def parsed(answer: httpx.Response) -> etree._Element:
    assert answer.headers["content-type"].startswith("text/xml")
    return etree.fromstring(answer.content)  # noqa: TID251


def text(root: etree._Element, tag: str) -> str | None:
    return root.findtext(f".//{{{MESSAGE}}}{tag}")


def fault(answer: httpx.Response) -> tuple[str, str]:
    """Fault code without its prefix, and text."""
    found = parsed(answer).find(f"{{{ENVELOPE}}}Body/{{{ENVELOPE}}}Fault")
    assert found is not None
    return found.findtext("faultcode", "").rpartition(":")[2], found.findtext("faultstring", "")


def test_an_event_is_answered_ok(served: Served) -> None:
    root = parsed(served.post(soap(event("M-1", message_id="id-1")), PUBLISH))
    expected = {
        "Verb": "reply",
        "Noun": "EndDeviceEvents",
        "Source": "HUB",
        "CorrelationID": "id-1",
        "Result": "OK",
        "code": "0.0",
        "Timestamp": NOW.isoformat().replace("+00:00", "Z"),
    }
    assert {tag: text(root, tag) for tag in expected} == expected
    assert text(root, "MessageID") not in (None, "id-1")


def test_the_body_handed_over_is_the_message(served: Served) -> None:
    served.post(soap(event("M-1")), PUBLISH)
    assert etree.fromstring(served.hub.taken[0].body).tag == f"{{{MESSAGE}}}EventMessage"  # noqa: TID251


def test_without_an_id_of_its_own_a_message_gets_one(served: Served) -> None:
    body = event("M-1", message_id="id-1").replace(b"<MessageID>id-1</MessageID>", b"")
    root = parsed(served.post(soap(body), PUBLISH))
    assert text(root, "CorrelationID") == served.hub.messages[0].header.message_id


def test_an_older_namespace_is_understood(served: Served) -> None:
    older = event("M-1").replace(
        b"http://iec.ch/TC57/2011/schema", b"http://www.iec.ch/TC57/2010/schema"
    )
    assert text(parsed(served.post(soap(older), PUBLISH)), "Result") == "OK"


def test_utf_16(served: Served) -> None:
    body = soap(event("M-1")).decode().encode("utf-16")
    answer = served.post(body, PUBLISH, content_type="text/xml; charset=utf-16")
    assert text(parsed(answer), "Result") == "OK"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (soap(event("M-1", verb="CREATED")), "2.9"),
        (soap(event("M-1").replace(b"EndDeviceEvents</Noun>", b"Frogs</Noun>")), "2.5"),
    ],
    ids=["upper-case verb", "unknown noun"],
)
def test_a_refusal_is_a_reply(served: Served, body: bytes, code: str) -> None:
    answer = served.post(body, PUBLISH)
    root = parsed(answer)
    assert answer.status_code == 200
    assert (text(root, "Result"), text(root, "code")) == ("FAILED", code)
    assert text(root, "CorrelationID")


def test_a_refusal_names_the_place_in_the_message(served: Served) -> None:
    root = parsed(served.post(soap(event("M-1", verb="CREATED")), PUBLISH))
    assert "/EventMessage/Header/Verb: " in (text(root, "details") or "")
    assert len(served.hub.refusals) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<not xml",
        b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        soap(f'<EventMessage xmlns="{MESSAGE}"/>'.encode()),
        soap(b"<a/>"),
        event("M-1"),
        b"",
    ],
    ids=["not well-formed", "DTD", "no header", "no message", "no envelope", "empty"],
)
def test_what_cannot_be_read_is_a_fault_with_a_fault_message(served: Served, body: bytes) -> None:
    answer = served.post(body, PUBLISH)
    root = parsed(answer)
    assert (answer.status_code, fault(answer)[0]) == (500, "Client")
    assert root.find(f".//detail/{{{MESSAGE}}}FaultMessage") is not None
    assert (text(root, "Result"), text(root, "code")) in [("FAILED", "1.8"), ("FAILED", "1.5")]
    assert len(served.hub.refusals) == 1


def block(name: str, attributes: str) -> bytes:
    return f'<w:{name} xmlns:w="{WSA}" {attributes}>x</w:{name}>'.encode()


@pytest.mark.parametrize(
    ("body", "action", "code", "words"),
    [
        (soap(event("M")), "", "Client", "SOAPAction"),
        (soap(event("M")), REQUEST, "Client", "SOAPAction"),
        (soap(event("M") * 2), PUBLISH, "Client", "it has 2"),
        (soap(b""), PUBLISH, "Client", "it has 0"),
        (soap(request("get", "MeterReadings", "1")), PUBLISH, "Client", "SOAPAction"),
        (
            soap(event("M")).replace(b"EventMessage", b"Message"),
            PUBLISH,
            "Client",
            "No operation here takes Message",
        ),
        (soap(b'<a href="#b"/>'), PUBLISH, "Client", "no references by href"),
        (
            soap(b'<a xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" e:arrayType="x[9]"/>'),
            PUBLISH,
            "Client",
            "SOAP encoding",
        ),
        (soap(event("M"), block("To", 's:mustUnderstand="1"')), PUBLISH, "MustUnderstand", "To of"),
        (
            soap(event("M")).replace(b"</s:Body>", b"</s:Body><s:Body/>"),
            PUBLISH,
            "Client",
            "exactly one Body",
        ),
        (
            soap(event("M")).replace(ENVELOPE.encode(), b"http://www.w3.org/2003/05/soap-envelope"),
            PUBLISH,
            "VersionMismatch",
            "SOAP 1.1",
        ),
    ],
)  # fmt: skip
def test_an_envelope_that_is_not_ours(
    served: Served, body: bytes, action: str, code: str, words: str
) -> None:
    answer = served.post(body, action)
    assert answer.status_code == 500
    assert fault(answer)[0] == code
    assert words in fault(answer)[1]
    assert served.hub.taken == []


@pytest.mark.parametrize("attributes", ["", 's:mustUnderstand="1" s:actor="urn:other"'])
def test_a_header_that_need_not_be_understood(served: Served, attributes: str) -> None:
    body = soap(event("M-1"), block("To", attributes))
    assert text(parsed(served.post(body, PUBLISH)), "Result") == "OK"


def test_the_journal_says_no(served: Served) -> None:
    served.hub.take = lambda delivery: delivery.reject("the disk is full")
    root = parsed(served.post(soap(event("M-1")), PUBLISH))
    assert (text(root, "Result"), text(root, "code")) == ("FAILED", "5.1")
    assert text(root, "details") == "the disk is full"


def test_the_hub_refuses_what_the_schema_allows(served: Served) -> None:
    refusal = Refusal.of("2.15", "MessageID id-1 was used before.")
    served.hub.take = lambda delivery: delivery.refuse(refusal)
    root = parsed(served.post(soap(event("M-1")), PUBLISH))
    assert (text(root, "Result"), text(root, "code")) == ("FAILED", "2.15")


def test_a_get_that_nobody_answers(served: Served) -> None:
    root = parsed(served.post(soap(request("get", "MeterReadings", "id-1")), REQUEST))
    assert (text(root, "Result"), text(root, "code")) == ("FAILED", "4.1")


@pytest.mark.parametrize("shown", ["", "Bearer wrong", "Basic YW1pOng="])
def test_a_stranger_is_401_with_a_fault(served: Served, shown: str) -> None:
    answer = served.post(soap(event("M-1")), PUBLISH, authorization=shown)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert text(parsed(answer), "code") == ("7.4" if shown else "7.2")
    assert served.hub.taken == []


def test_a_strangers_rubbish_is_not_kept(served: Served) -> None:
    assert served.post(b"<not xml", PUBLISH, authorization="").status_code == 401
    assert served.hub.taken == []


def test_a_programming_error_is_a_fault_without_its_secrets(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("hub.channels.soap.conversation.read_element", fail)
    answer = served.post(soap(event("M-1")), PUBLISH)
    assert (answer.status_code, fault(answer)[0]) == (500, "Server")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/soap?wsdl", 200),
        ("GET", "/soap/Generic.wsdl", 200),
        ("GET", "/soap/ReceiveEndDeviceEvents?WSDL", 200),
        ("GET", "/soap/Message.xsd", 200),
        ("GET", "/soap/../hub.toml", 404),
        ("GET", "/soap/Nothing?wsdl", 404),
        ("GET", "/soap", 404),
        ("PUT", "/soap", 405),
        ("POST", "/soap/Nothing", 404),
    ],
)
def test_documents_and_methods(served: Served, method: str, path: str, status: int) -> None:
    headers = {"content-type": "text/xml"}
    assert httpx.request(method, served.url + path, headers=headers).status_code == status


def test_documents_are_served_as_they_lie_but_for_the_address(served: Served) -> None:
    client = httpx.Client(trust_env=False)
    for name, content in served.channel.contract.files.items():
        there = client.get(f"{served.url}/soap/{name}").content
        place = b"/soap" if name == "Generic.wsdl" else f"/soap/{name[:-5]}".encode()
        here = f'location="{served.url}'.encode() + place + b'"'
        assert there == content.replace(b'location="http://localhost/soap"', here)
    client.close()


@pytest.mark.parametrize("host", ['x" evil="', "a b", "x/y"])
def test_a_host_that_is_no_name_is_not_written_into_the_contract(served: Served, host: str) -> None:
    answer = httpx.get(f"{served.url}/soap?wsdl", headers={"host": host})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b" " * 100_000_000, "text/xml", 413, "3.1"),
        (b"<a/>", "application/json", 415, "1.8"),
        (b"--x", 'multipart/related; type="text/xml"', 415, "1.8"),
        (b"<a/>", "text/xml; charset=utf-7", 415, "1.8"),
    ],
    ids=["100 MB", "json", "multipart", "utf-7"],
)
def test_what_the_door_refuses_is_a_fault_too(
    served: Served, body: bytes, content_type: str, status: int, code: str
) -> None:
    answer = served.post(body, PUBLISH, content_type=content_type)
    assert (answer.status_code, text(parsed(answer), "code")) == (status, code)


def raw(served: Served, data: bytes) -> bytes:
    """What comes back for bytes on a connection, until it is closed."""
    address = ("127.0.0.1", int(served.url.rpartition(":")[2]))
    received = bytearray()
    with closing(socket.create_connection(address, timeout=20)) as connection:
        connection.sendall(data)
        while chunk := connection.recv(65536):
            received += chunk
    return bytes(received)


def http(body: bytes, length: int | None = None, last: bool = False) -> bytes:
    lines = [
        "POST /soap HTTP/1.1",
        "Host: localhost",
        "Authorization: Bearer token-of-ami",
        "Content-Type: text/xml",
        f'SOAPAction: "{PUBLISH}"',
        f"Content-Length: {len(body) if length is None else length}",
        *(["Connection: close"] if last else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def test_slow_headers_and_slow_bodies(served: Served) -> None:
    assert raw(served, http(b"")[:60]).startswith(b"HTTP/1.1 408 ")
    assert raw(served, http(b"<s", length=1000)).startswith(b"HTTP/1.1 408 ")


def test_a_client_that_hangs_up_while_the_journal_works(served: Served) -> None:
    taken = threading.Event()

    def hang_up_first(delivery: SoapDelivery) -> None:
        connection.close()
        delivery.ack()
        taken.set()

    served.hub.take = hang_up_first
    connection = socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])))
    connection.sendall(http(soap(event("M-1"))))
    assert taken.wait(10)


def test_pipelined_calls_are_answered_in_order(served: Served) -> None:
    ids = [f"id-{n}" for n in range(5)]
    calls = [soap(event("M-1", message_id=message_id)) for message_id in ids]
    answer = raw(served, b"".join(http(c, last=c is calls[-1]) for c in calls))
    places = [answer.find(f"CorrelationID>{message_id}<".encode()) for message_id in ids]
    assert -1 not in places
    assert places == sorted(places)
