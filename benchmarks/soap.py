"""SOAP over real connections: the whole hub, beside an endpoint that only parses."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from benchmarks import RUNS, Figures, Row, by_turns
from benchmarks.children import Child, child
from benchmarks.floor import IS, Bare
from benchmarks.messages import SOURCE, events
from cim import envelope
from cim.message import Message
from hub.config import Config, Http
from hub.front import Server
from hub.journal import queries
from hub.main.running import Running
from hub.security import systems
from hub.security.systems import System

_REQUESTS = 1_000
_CLIENTS = (8, 32)  # connections, each kept and asked on without a pause
_PATIENCE = 60.0  # seconds
_PATH = "/soap"
_PUBLISH = "urn:gridbus:61968-100:2013:PublishEvent"
_START = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
_END = b"</s:Body></s:Envelope>"
Asked = tuple[str, str, int]  # address, token, connections
_XML = [(b"content-type", b"text/xml; charset=utf-8")]


def rows() -> list[Row]:
    with _hub() as (hub, token), _bare() as bare, child(client) as asking:
        turns = by_turns(
            *(
                partial(_answered, asking, (url, token, clients))
                for clients in _CLIENTS
                for url in (hub.url, bare)
            )
        )
        with hub.journal.reading() as connection:
            counts = queries.counts(connection)
        assert (counts.messages, counts.quarantined) == (RUNS * len(_CLIENTS) * _REQUESTS, 0)
    return [
        Row.of(
            f"SOAP: request -> SQLite -> reply, {clients} connections",
            "requests/s",
            turns[2 * n],
            turns[2 * n + 1],
            f"{IS}, canned reply",
        )
        for n, clients in enumerate(_CLIENTS)
    ]


def _answered(asking: Child, what: Asked) -> Figures:
    asking.ask(what)
    return (_REQUESTS / asking.ask("go"),)


@contextmanager
def _hub() -> Iterator[tuple[Running, str]]:
    """A hub as `gridbus serve` starts it, with one system that may speak to it, and its token."""
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        config = Config(data=Path(folder), adapters=(), apps=(), http=Http(port=0))
        with Running(config, {}) as hub:
            system = System(
                name=SOURCE,
                certificate=None,
                sources=frozenset(),
                nouns=frozenset(),
                roles=frozenset(),
            )
            with hub.journal.transaction() as transaction:
                token = systems.add(
                    transaction.connection, "bench", system, hub.roles, datetime.now(UTC)
                )
            yield hub, token


@contextmanager
def _bare() -> Iterator[str]:
    """An endpoint on the same server that validates what it gets and says always the same."""
    parser = Bare("EndDeviceEvents")
    reply = _START + _END
    headers = [*_XML, (b"content-length", str(len(reply)).encode())]

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body += part["body"]
            more = part["more_body"]
        parser.check(parser.parse(body)[0][0])
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": reply})

    with Server(app=app, port=0).start() as listening:
        yield listening.url


# -- the other process


def client(pipe: Connection) -> None:
    """Told where, make requests ready; when told, send them and say how many seconds it took."""
    pipe.send("ready")
    while (told := pipe.recv()) is not None:
        url, token, clients = told
        place = urlsplit(url)
        requests = [_request(message, place.netloc, token) for message in events(_REQUESTS)]
        pipe.send("ready")
        assert pipe.recv() == "go"
        pipe.send(asyncio.run(_seconds(place.netloc, clients, requests)))


def _request(message: Message, host: str, token: str) -> bytes:
    element = envelope.write(message)
    body = _START + element.partition(b"?>")[2] + _END
    head = (
        f"POST {_PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        f'SOAPAction: "{_PUBLISH}"\r\nContent-Type: text/xml; charset=utf-8\r\n'
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class _Dialog:
    """One connection that is kept."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, requests: list[bytes]) -> None:
        for request in requests:
            self.writer.write(request)
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            body = await self.reader.readexactly(int(length))
            assert head.startswith(b"HTTP/1.1 200"), head + body
        self.writer.close()
        await self.writer.wait_closed()


async def _seconds(place: str, clients: int, requests: list[bytes]) -> float:
    host, _, port = place.rpartition(":")
    dialogs = [_Dialog(*await asyncio.open_connection(host, int(port))) for _ in range(clients)]
    shares = (requests[n::clients] for n in range(clients))
    begin = time.perf_counter()
    asking = (dialog.ask(share) for dialog, share in zip(dialogs, shares, strict=True))
    await asyncio.wait_for(asyncio.gather(*asking), _PATIENCE)
    return time.perf_counter() - begin
