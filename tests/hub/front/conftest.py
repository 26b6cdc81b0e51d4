"""A front door with quick limits, and raw connections to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.front import Door, Limits, Route, Server
from hub.front.server import Listening

LIMITS = Limits(body_bytes=1_000_000, body_seconds=0.3, body_rate=1e6, held_bytes=1_500_000)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says how much came, and from whom."""
    body = await Request(scope, receive).body()
    sender = scope["state"]["certificate"] or "nobody"
    await Response(f"{len(body)} bytes from {sender}")(scope, receive, send)


@dataclass
class Client:
    """A connection on which a test writes bytes of its choice."""

    connection: socket.socket

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self) -> bytes:
        """Everything until the server closes."""
        received = bytearray()
        while True:
            try:
                chunk = self.connection.recv(65536)
            except ConnectionResetError:
                return bytes(received)
            if not chunk:
                return bytes(received)
            received += chunk


def routes() -> list[Route]:
    return [
        Route(prefix="/", app=echo, limits=LIMITS),
        Route(prefix="/xml", app=echo, limits=LIMITS, media_types=frozenset({"text/xml"})),
    ]


@pytest.fixture(scope="module")
def front() -> Iterator[Listening]:
    server = Server(app=Door(routes()), port=0, header_seconds=0.3, write_seconds=0.3)
    with server.start() as listening:
        yield listening


@pytest.fixture
def client(front: Listening) -> Iterator[Client]:
    with closing(socket.create_connection(("127.0.0.1", front.port), timeout=10)) as connection:
        yield Client(connection)


@pytest.fixture(scope="module")
def echo_route() -> Route:
    return Route(prefix="/", app=echo)
