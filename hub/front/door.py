"""The door: routes by path, refuses what a place does not take, adds the security headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message as MimeHeaders
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.front.limits import Limited, Limits, Refuse, Refused, answer

CHARSETS = frozenset({"utf-8", "utf8", "utf-16", "us-ascii"})

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
STRICT_TRANSPORT = "max-age=31536000"
DEFAULT = Limits()

_RAW = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_RAW_SECURE = [*_RAW, (b"strict-transport-security", STRICT_TRANSPORT.encode())]


def plain(status: int, sentence: str) -> tuple[str, bytes]:
    """A refusal for people."""
    return "text/plain; charset=utf-8", f"{status} {HTTPStatus(status).phrase}: {sentence}".encode()


@dataclass(frozen=True, kw_only=True)
class Route:
    """A place behind the door.

    prefix:      of the path, e.g. "/soap"; "/" takes the rest.
    media_types: of a body; empty takes any.  With some named, a charset other than Unicode's and a
                 compressed body are refused too.
    refuse:      how a refusal is written.
    """

    prefix: str
    app: ASGIApp
    limits: Limits = DEFAULT
    media_types: frozenset[str] = frozenset()
    refuse: Refuse = plain

    def serves(self, path: str) -> bool:
        """Whether `path` lies under the prefix."""
        stem = self.prefix.rstrip("/")
        return path == stem or path.startswith(f"{stem}/")

    def check(self, headers: Headers) -> None:
        """Raises: Refused for a body this place does not read."""
        if not self.media_types:
            return
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise Refused(415, "A compressed body is not taken; compress the payload instead.")
        _check_content_type(headers.getlist("content-type"), self.media_types)


class Door:
    """The ASGI application that uvicorn calls."""

    def __init__(self, routes: Sequence[Route]) -> None:
        by_length = sorted(routes, key=lambda route: len(route.prefix), reverse=True)
        self._places = [(r, Limited(r.app, r.limits, r.refuse)) for r in by_length]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        send = _with_security_headers(send, scope["scheme"] == "https")
        place = next((p for p in self._places if p[0].serves(scope["path"])), None)
        if place is None:
            await answer(send, 404, *plain(404, "There is nothing at this path."))
            return
        route, limited = place
        try:
            if scope["method"] not in {"GET", "HEAD"}:
                route.check(Headers(scope=scope))
        except Refused as refused:
            await answer(send, refused.status, *route.refuse(refused.status, str(refused)))
        else:
            await limited(scope, receive, send)


def _check_content_type(given: Sequence[str], allowed: frozenset[str]) -> None:
    if len(given) != 1:
        raise Refused(415, "Exactly one Content-Type is needed.")
    mime = MimeHeaders()
    mime["content-type"] = given[0]
    if mime.get_content_type() not in allowed:
        raise Refused(415, f"Content-Type must be {' or '.join(sorted(allowed))}.")
    if mime.get_content_charset("utf-8") not in CHARSETS:
        raise Refused(415, "The charset must be utf-8 or utf-16.")


def _with_security_headers(send: Send, secure: bool) -> Send:
    wanted = _RAW_SECURE if secure else _RAW

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            message["headers"] = given + [h for h in wanted if h[0] not in names]
        await send(message)

    return sending
