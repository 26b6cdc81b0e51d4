"""A partner's end of a callback: an HTTP server that keeps what is posted to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from lxml import etree

from cim import envelope
from cim.message import Message
from cim.parse import parse
from hub.channels.soap.envelope import opened


def free_port() -> int:
    """A loopback port on which nobody listens yet."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Listener:
    """What was posted, in order; `status` and `answer` are how it is answered."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.status = 202
        self.answer = b""

    @property
    def messages(self) -> list[Message]:
        read = [envelope.read(etree.tostring(opened(parse(body))[1])) for body in self.bodies]
        return [message for message in read if isinstance(message, Message)]

    def said(self) -> list[tuple[str | None, str]]:
        """Correlation id, and code or result of each reply."""
        return [
            (m.header.correlation_id, m.reply.errors[0].code if m.reply.errors else m.reply.result)
            for m in self.messages
            if m.reply is not None
        ]


@contextmanager
def listening(port: int) -> Iterator[Listener]:
    """Listen on a loopback port."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # the sender was killed on the way
            if listener.status < 300:
                listener.bodies.append(body)
            self.send_response(listener.status)
            self.send_header("content-length", str(len(listener.answer)))
            self.end_headers()
            self.wfile.write(listener.answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
