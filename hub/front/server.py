"""uvicorn in a thread, listening on loopback unless told otherwise."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import uvicorn
from starlette.types import ASGIApp

from hub.front.protocol import guarded

GRACE_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Server:
    """Serves `app` from `start` to `stop`; also a context manager.

    certificate, key: PEM files; together they switch TLS on.
    client_ca:        PEM file; then a client may show a certificate of this authority.
    port:             0 takes a free one.
    header_seconds:   for the headers of a request.
    write_seconds:    for a client to read what was sent before.
    connections:      open at once; one more is answered 503.
    """

    app: ASGIApp
    host: str = "127.0.0.1"
    port: int = 8088
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    header_seconds: float = 10.0
    write_seconds: float = 30.0
    connections: int = 1000

    def start(self) -> Listening:
        """Listen and return; requests are answered in a thread.

        Raises: ValueError when a host beyond loopback has no TLS, OSError when the port is taken.
        """
        if self.key is None and not _is_loopback(self.host):
            raise ValueError(f"{self.host} is not loopback: listening there needs TLS")
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.create_server((self.host, self.port), family=family, backlog=1024)
        # Head and body of an answer are two writes; without this the second waits for 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Listening(_Uvicorn(self._config()), listener, "https" if self.key else "http")

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self.app,
            http=guarded(self.header_seconds, self.write_seconds),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=self.connections,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ssl_certfile=self.certificate,
            ssl_keyfile=self.key,
            ssl_ca_certs=str(self.client_ca) if self.client_ca else None,
            ssl_cert_reqs=ssl.CERT_OPTIONAL if self.client_ca else ssl.CERT_NONE,
        )


class Listening:
    """A running server: its address, and `stop`."""

    def __init__(self, server: _Uvicorn, listener: socket.socket, scheme: str) -> None:
        self._server = server
        self._listener = listener
        host, self.port = listener.getsockname()[:2]
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"
        self._thread = threading.Thread(target=self._run, name="front", daemon=True)
        self._thread.start()
        server.ready.wait()

    def stop(self) -> None:
        """Answer what is being answered, a few seconds long, then close."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        finally:
            self._server.ready.set()

    def __enter__(self) -> Listening:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(sockets=list(sockets) if sockets else None)
        self.ready.set()


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback
