"""Bounds on the body of a request: how large, how slow, how many at once.

The body is read in full before the place behind is called, so a refusal is always the first thing
said on a request, whatever framework answers it otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Refuse = Callable[[int, str], tuple[str, bytes]]
"""Status and sentence -> content type and body of the refusal."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one place behind the door takes.

    body_bytes:   of one request.
    body_seconds: for the first byte and as a slack for the whole body.
    body_rate:    bytes/s that a body must make beyond the slack.
    at_once:      requests being answered.
    held_bytes:   bodies in memory, of all requests together.
    """

    body_bytes: int = 32 * 1024 * 1024
    body_seconds: float = 30.0
    body_rate: float = 64 * 1024.0
    at_once: int = 200
    held_bytes: int = 256 * 1024 * 1024


class Refused(Exception):
    """A request that goes no further; `status` and text are the answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class GoneError(Exception):
    """The client has hung up; nobody reads an answer."""


class Limited:
    """`app` behind `limits`."""

    def __init__(self, app: ASGIApp, limits: Limits, refuse: Refuse) -> None:
        self._app = app
        self._limits = limits
        self._refuse = refuse
        self._running = 0
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self._place():
                await self._pass_on(scope, receive, send)
        except Refused as refused:
            await answer(send, refused.status, *self._refuse(refused.status, str(refused)))
        except GoneError:
            return

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._running >= self._limits.at_once:
            raise Refused(503, "Too many requests are being answered; send again later.")
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()
        try:
            await self._read(Headers(scope=scope), receive, body)
            await self._app(scope, _again(bytes(body), receive), send)
        finally:
            self._held -= len(body)

    async def _read(self, headers: Headers, receive: Receive, body: bytearray) -> None:
        limits = self._limits
        announced = _announced(headers)
        if announced > limits.body_bytes and "100-continue" in headers.get("expect", "").lower():
            raise self._too_large(announced)
        loop = asyncio.get_running_loop()
        start, received = loop.time(), 0
        try:
            async with asyncio.timeout_at(start + limits.body_seconds) as patience:
                async for chunk in _chunks(receive):
                    received += len(chunk)
                    if max(announced, received) > limits.body_bytes:
                        # Read on and throw away: who is still writing cannot read the refusal.
                        continue
                    self._hold(len(chunk))
                    body += chunk
                    slack = received / limits.body_rate
                    patience.reschedule(start + limits.body_seconds + slack)
        except TimeoutError:
            if max(announced, received) <= limits.body_bytes:
                raise Refused(408, "The body came too slow.") from None
        except asyncio.CancelledError:
            # The server stops and has waited long enough; nothing of this request was taken.
            raise Refused(503, "The hub stops; send again later.") from None
        if max(announced, received) > limits.body_bytes:
            raise self._too_large(max(announced, received))

    def _hold(self, size: int) -> None:
        if self._held + size > self._limits.held_bytes:
            raise Refused(503, "Too many large requests are being answered; send again later.")
        self._held += size

    def _too_large(self, size: int) -> Refused:
        most = self._limits.body_bytes
        return Refused(413, f"The body has {size} bytes; at most {most} are accepted.")


async def answer(send: Send, status: int, content_type: str, body: bytes) -> None:
    """A whole answer that ends the connection."""
    headers = [
        (b"content-type", content_type.encode("latin-1")),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body in one piece, then what follows."""
    first = True

    async def again() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again
