"""Sending: another hub's endpoint is the partner, and partners that answer badly."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from cim.envelope import write
from cim.message import (
    Error,
    Format,
    Header,
    Kind,
    Message,
    Operation,
    OperationSet,
    Reply,
    Result,
    Verb,
)
from cim.profile import Reference
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name
from cim.violation import Refusal
from hub.channels.compression import NEVER, Compression
from hub.channels.soap.partner import Partner, PartnerClient, PartnerRefusal
from tests.soap_clients import ENVELOPE, TOKEN, soap
from tests.soap_served import SCHEMAS, Served

Client = Callable[..., PartnerClient]

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EVENT = EndDeviceEvent(
    created_date_time=AT,
    assets=Asset(names=(Name(name="M-1"),)),
    end_device_event_type=Reference("3.26.0.85"),
)


def message(verb: Verb = Verb.CREATED, **header: Any) -> Message:
    values = {"noun": "EndDeviceEvents", "source": "AMI", "message_id": "id-1", "timestamp": AT}
    return Message(
        header=Header(verb=verb, **{**values, **header}),
        kind=Kind.of(verb),
        payload=EndDeviceEvents(end_device_event=(EVENT,)),
    )


@pytest.fixture
def connect(served: Served) -> Iterator[Client]:
    """A client of the served channel, as the system "ami" unless told otherwise."""
    clients: list[PartnerClient] = []

    def make(**settings: Any) -> PartnerClient:
        values = {"name": "other", "schemas": SCHEMAS, "token": TOKEN}
        partner = Partner(**{"address": f"{served.url}/soap", **values, **settings})
        clients.append(PartnerClient(partner))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.mark.parametrize(
    ("typed", "format_"), [(True, Format.XML), (False, Format.XML), (False, Format.RDF)]
)
@pytest.mark.parametrize("verb", [Verb.CREATED, Verb.CREATE])
def test_what_is_sent_arrives(
    served: Served, connect: Client, verb: Verb, typed: bool, format_: Format
) -> None:
    sent = [message(verb, message_id=f"id-{n}") for n in range(3)]
    connect(typed=typed, format=format_).send(sent)
    assert served.hub.messages == sent


@pytest.mark.parametrize(
    ("compression", "compressed"),
    [
        (Compression(always=True), True),
        (Compression(above=500), True),
        (Compression(above=5_000), False),
        (NEVER, False),
    ],
)
def test_payloads_go_compressed_when_told_so(
    served: Served, connect: Client, compression: Compression, compressed: bool
) -> None:
    connect(compression=compression).send([message()])
    [arrived] = served.hub.messages
    assert (arrived.payload, arrived.compressed) == (message().payload, compressed)


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("verb", [Verb.EXECUTED, Verb.EXECUTE])
def test_an_operation_set_arrives(served: Served, connect: Client, verb: Verb, typed: bool) -> None:
    first = Operation(
        operation_id=1,
        noun="EndDeviceEvents",
        verb=Verb.CREATE,
        payload=EndDeviceEvents(end_device_event=(EVENT,)),
    )
    operations = OperationSet(operations=(first,))
    sent = replace(message(verb, noun="OperationSet"), payload=operations)
    connect(typed=typed).send([sent])
    assert served.hub.messages == [sent]


def test_a_username_token(served: Served, connect: Client) -> None:
    connect(token="", username="ami", password=TOKEN).send([message()])
    assert served.hub.taken[0].principal == "ami"


def test_what_the_partner_does_not_want_is_no_connection_error(
    served: Served, connect: Client
) -> None:
    refusal = Refusal.of("2.14", "you may not speak for SCADA")
    served.hub.take = lambda delivery: delivery.refuse(refusal)
    with pytest.raises(PartnerRefusal, match="SCADA") as raised:
        connect().send([message(source="SCADA")])
    assert raised.value.violations[0].code == "2.14"
    assert not isinstance(raised.value, ConnectionError)


def test_what_the_partner_cannot_take_now_is_one(served: Served, connect: Client) -> None:
    served.hub.take = lambda delivery: delivery.reject("the disk is full")
    with pytest.raises(ConnectionError, match="the disk is full"):
        connect().send([message()])


def test_a_token_that_is_not_accepted_is_one(connect: Client) -> None:
    with pytest.raises(ConnectionError, match="other answered 401"):
        connect(token="wrong").send([message()])


def test_nobody_there(connect: Client) -> None:
    with pytest.raises(ConnectionError, match="other at http://127"):
        connect(address="http://127.0.0.1:9/soap").send([message()])


def test_what_is_not_valid_is_not_sent(served: Served, connect: Client) -> None:
    wrong = message()
    wrong = replace(wrong, header=replace(wrong.header, verb="CREATED"))  # type: ignore[arg-type]
    with pytest.raises(Refusal):
        connect().send([wrong])
    assert served.hub.taken == []


def test_a_contract_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    for path in SCHEMAS.iterdir():
        text = path.read_text("utf-8")
        (tmp_path / path.name).write_text(text.replace('"Message.xsd"', '"http://example.org/x"'))
    partner = Partner(name="other", address="http://127.0.0.1:9/soap", schemas=tmp_path)
    with pytest.raises(ValueError, match=r"refers to http://example.org/x, outside"):
        PartnerClient(partner).send([message()])


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A partner that always answers the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/soap"
        server.shutdown()
        thread.join()


def reply(result: Result, *codes: str) -> bytes:
    errors = tuple(Error(code=code) for code in codes)
    header = Header(verb=Verb.REPLY, noun="EndDeviceEvents", message_id="r", correlation_id="id-1")
    answer = Message(header=header, kind=Kind.RESPONSE, reply=Reply(result=result, errors=errors))
    return soap(write(answer).partition(b"?>")[2])


def soap_fault(code: str) -> bytes:
    return soap(
        f'<f:Fault xmlns:f="{ENVELOPE}"><faultcode>f:{code}</faultcode>'
        "<faultstring>no</faultstring></f:Fault>".encode()
    )


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, reply(Result.FAILED, "2.4"), PartnerRefusal),
        (200, reply(Result.FAILED), PartnerRefusal),
        (200, reply(Result.PARTIAL, "0.2"), PartnerRefusal),
        (200, reply(Result.FAILED, "5.1"), ConnectionError),
        (500, soap_fault("Client"), PartnerRefusal),
        (500, soap_fault("Server"), ConnectionError),
        (403, soap_fault("Client"), ConnectionError),
        (502, b"<html>Bad Gateway</html>", ConnectionError),
        (200, b"", ConnectionError),
        (302, b"", ConnectionError),
        (200, b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', ConnectionError),
        (200, soap(b"<a/>"), ConnectionError),
        (200, b" " * 40_000_000, ConnectionError),
    ],
)
def test_bad_answers(connect: Client, status: int, body: bytes, error: type[Exception]) -> None:
    with answering(status, body) as address, pytest.raises(error) as raised:
        connect(address=address).send([message()])
    assert isinstance(raised.value, ConnectionError) == (error is ConnectionError)


@contextmanager
def promising(length: int, pieces: int) -> Iterator[tuple[str, list[int]]]:
    """A partner that promises `length` bytes, sends single ones and hangs up after `pieces`; the
    list says how many it could send."""
    sent: list[int] = []

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(100_000)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % length)
            try:
                while len(sent) < pieces:
                    connection.sendall(b" ")
                    sent.append(len(sent))
                    pause.wait(0.01)
            except OSError:
                return

    pause = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/soap", sent
        pause.set()
        thread.join()


def test_an_answer_that_trickles_is_given_up(connect: Client) -> None:
    slow = pytest.raises(ConnectionError, match="too slow")
    with promising(1_000, 1_000) as (address, sent), slow:
        connect(address=address, seconds=0.2).send([message()])
    assert len(sent) < 1_000


def test_an_answer_that_breaks_off_is_a_connection_error(connect: Client) -> None:
    with promising(1_000, 1) as (address, _), pytest.raises(ConnectionError, match="other at"):
        connect(address=address).send([message()])
