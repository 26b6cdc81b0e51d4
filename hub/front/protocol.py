"""uvicorn's HTTP/1.1 protocol, with patience that ends and with the client's certificate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

import h11
from cryptography import x509
from uvicorn.protocols.http.h11_impl import H11Protocol

CERTIFICATE = "certificate"
TIMED_OUT = (
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: text/plain\r\n"
    b"content-length: 26\r\n\r\nThe headers came too slow."
)


class _Deadline:
    """Calls `late` after so many seconds, unless stopped before."""

    def __init__(self, seconds: float, late: Callable[[], object]) -> None:
        self._seconds = seconds
        self._late = late
        self._timer: asyncio.TimerHandle | None = None

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start, unless it is running."""
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._late)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class GuardedProtocol(H11Protocol):
    """Closes a connection whose headers do not come or whose client does not read.

    The subject of a verified client certificate (RFC 4514) is `scope["state"]["certificate"]`.
    """

    header_seconds: ClassVar[float]
    write_seconds: ClassVar[float]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._headers_due = _Deadline(self.header_seconds, self._too_slow)
        self._write_due = _Deadline(self.write_seconds, transport.abort)
        self.app_state = {**self.app_state, CERTIFICATE: _subject(transport)}
        self._watch_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._headers_due.stop()
        self._write_due.stop()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_headers()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch_headers()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_due.run(self.loop)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_due.stop()

    def _watch_headers(self) -> None:
        # An idle connection between two requests is the keep-alive timer's business; it ends with
        # the first byte of a request, and from there on the headers have to come.
        pending = self.cycle is None or bool(self.conn.trailing_data[0])
        if self.conn.their_state is h11.IDLE and pending:
            self._headers_due.run(self.loop)
        else:
            self._headers_due.stop()

    def _too_slow(self) -> None:
        self.transport.write(TIMED_OUT)
        self.transport.close()


def guarded(header_seconds: float, write_seconds: float) -> type[GuardedProtocol]:
    """The protocol with these time limits, seconds."""
    limits = {"header_seconds": header_seconds, "write_seconds": write_seconds}
    return type("Guarded", (GuardedProtocol,), limits)


def _subject(transport: asyncio.Transport) -> str | None:
    tls: Any = transport.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls is not None else None
    if not certificate:
        return None
    return x509.load_der_x509_certificate(certificate).subject.rfc4514_string()
