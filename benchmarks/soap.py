"""SOAP requests a second: the served endpoint, with and without a journal, beside a bare one.

`python -m benchmarks.soap`
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import uuid4

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks import Figures, Row, by_turns, floor, messages, rate
from benchmarks.children import child
from cim import envelope
from cim.message import Message
from cim.parse import parse
from cim.profiles.end_device_events import EndDeviceEvents
from cim.schema import envelope_xsd, noun_xsd
from hub.channels.soap import SoapChannel
from hub.dispatch import Hub
from hub.front import Door, Limits, Principal, Server
from hub.journal import Journal

SCHEMAS = Path(__file__).parents[1] / "schemas"
CONNECTIONS = 32
REQUESTS = 1_600
WARM_UP = 200
ACTION = "urn:gridbus:61968-100:2013:PublishEvent"
_START = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
_END = b"</s:Body></s:Envelope>"


def rows() -> list[Row]:
    """Medians of five runs by turns, 32 connections, each request an event of its own id."""
    with ExitStack() as stack:
        ports = [stack.enter_context(child(work)).hear() for work in (_journaled, _acked, _bare)]
        for port in ports:
            _requests(port, WARM_UP)
        journaled, acked, bare = by_turns(*(partial(_figures, port) for port in ports))
    is_ = "bare lxml endpoint"
    return [
        Row.of("SOAP event, answered after the SQLite journal", "requests/s", journaled, bare, is_),
        Row.of("SOAP event, answered at once", "requests/s", acked, bare, is_),
    ]


def _figures(port: int) -> Figures:
    return (_requests(port, REQUESTS),)


def _requests(port: int, count: int) -> float:
    requests = [_http(_START + _body(m) + _END) for m in messages.events(count)]
    parts = [requests[n::CONNECTIONS] for n in range(CONNECTIONS)]

    async def call() -> None:
        await asyncio.gather(*(_client(port, part) for part in parts))

    return rate(count, lambda: asyncio.run(call()))


def _body(message: Message) -> bytes:
    return envelope.write(message).partition(b"?>")[2]


def _http(body: bytes) -> bytes:
    head = (
        "POST /soap HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
        f'Authorization: Bearer token\r\nSOAPAction: "{ACTION}"\r\nContent-Length: {len(body)}\r\n'
    )
    return head.encode() + b"\r\n" + body


async def _client(port: int, requests: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(h for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:"))
        body = await reader.readexactly(int(length.partition(b":")[2]))
        assert b"Result>OK<" in body, body
    writer.close()
    await writer.wait_closed()


# -- the servers, each in a process of its own


class _Everyone:
    name = messages.SOURCE

    def may_use(self, noun: str) -> bool:
        return bool(noun)

    def may_speak_for(self, source: str) -> bool:
        return bool(source)


def _known(_authorization: str | None, _certificate: str | None) -> Principal:
    return _Everyone()


def _channel(replies: Callable[[str, float], Message | None]) -> SoapChannel:
    return SoapChannel(schemas=SCHEMAS, source="HUB", authenticate=_known, replies=replies)


def _serve(pipe: Connection, app: ASGIApp) -> None:
    with Server(app=app, port=0).start() as listening:
        pipe.send("ready")
        pipe.send(listening.port)
        pipe.recv()


def _journaled(pipe: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.open(f"sqlite:///{folder}/hub.db")
        hub = Hub(journal, {})
        channel = _channel(hub.answer)
        hub.attach_channel("soap", channel)
        hub.run()
        _serve(pipe, Door([channel.route(Limits())]))
        hub.stop()
        channel.close()
        journal.close()


def _acked(pipe: Connection) -> None:
    channel = _channel(lambda _id, _seconds: None)
    with _acking(channel):
        _serve(pipe, Door([channel.route(Limits())]))
    channel.close()


@contextmanager
def _acking(channel: SoapChannel) -> Iterator[None]:
    stop = threading.Event()

    def work() -> None:
        for batch in channel.receive():
            for delivery in batch:
                delivery.ack()
            if stop.is_set():
                return

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def _bare(pipe: Connection) -> None:
    """Parse, validate envelope and noun, copy two fields into an answer: the least it takes."""
    bare = floor.Bare("EndDeviceEvents")
    generic = etree.XMLSchema(parse(envelope_xsd()))
    noun = etree.XMLSchema(parse(noun_xsd(EndDeviceEvents)))
    answer = (
        '<ResponseMessage xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>reply</Verb>'
        "<Noun>%s</Noun><MessageID>%s</MessageID><CorrelationID>%s</CorrelationID></Header><Reply>"
        "<Result>OK</Result></Reply></ResponseMessage>"
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        message = bare.parse(body)[0][0]
        assert generic.validate(message)
        assert noun.validate(message[1][0])
        header = message[0]
        said = answer % (header.findtext("{*}Noun"), uuid4(), header.findtext("{*}MessageID"))
        await Response(_START + said.encode() + _END, media_type="text/xml")(scope, receive, send)

    _serve(pipe, app)


if __name__ == "__main__":
    for row in rows():
        sys.stdout.write(row.line() + "\n")
