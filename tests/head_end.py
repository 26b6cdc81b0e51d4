"""A system that takes what is posted to it, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class HeadEnd:
    """says: the status that it answers; 0: it takes the request, and the connection breaks; less:
          it takes the request and says nothing until it ends.
    got: identity and body of each request, in order.
    """

    url: str = ""
    says: int = 204
    got: list[tuple[str, bytes]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  # Authorization headers
    ended: Event = field(default_factory=Event)

    @property
    def identities(self) -> list[str]:
        return [identity for identity, _ in self.got]


@contextmanager
def listening() -> Iterator[HeadEnd]:
    head_end = HeadEnd()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            head_end.got.append((self.headers["Idempotency-Key"], body))
            head_end.seen.append(self.headers.get("Authorization", ""))
            if head_end.says < 0:
                head_end.ended.wait()
            if head_end.says > 0:
                self.send_response(head_end.says)
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    head_end.url = f"http://127.0.0.1:{server.server_port}/requests"
    try:
        yield head_end
    finally:
        head_end.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
