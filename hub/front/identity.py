"""Who is calling: an API token or a client certificate becomes a principal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from starlette.datastructures import Headers
from starlette.types import Scope

from hub.front.protocol import CERTIFICATE

MOST_REMEMBERED = 1000


class Principal(Protocol):
    """An authenticated system; what it may send, the hub's intake decides for every channel."""

    @property
    def name(self) -> str: ...


class Credentials(NamedTuple):
    """What a caller shows.

    authorization: the HTTP header, "Bearer <token>".
    certificate:   subject of the verified client certificate, RFC 4514.
    """

    authorization: str | None
    certificate: str | None


Authenticate = Callable[[str | None, str | None], Principal | None]


def credentials(scope: Scope) -> Credentials:
    """What the caller of this request shows in the transport."""
    certificate = scope.get("state", {}).get(CERTIFICATE)
    return Credentials(Headers(scope=scope).get("authorization"), certificate)


@dataclass
class Identity:
    """Asks `authenticate` off the event loop and remembers a yes for a moment.

    authenticate: takes authorization and certificate; it may block (a database).
    seconds:      how long a withdrawn token may still be good.
    """

    authenticate: Authenticate
    seconds: float = 5.0
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._known: dict[Credentials, tuple[float, Principal]] = {}

    async def __call__(self, shown: Credentials) -> Principal | None:
        """The principal behind `shown`; None when nobody knows it."""
        if shown == (None, None):
            return None
        until, principal = self._known.get(shown, (0.0, None))
        if principal is not None and self.clock() < until:
            return principal
        self._known.pop(shown, None)
        found = await asyncio.to_thread(self.authenticate, *shown)
        if found is not None:
            self._remember(shown, found)
        return found

    def _remember(self, shown: Credentials, principal: Principal) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[shown] = (self.clock() + self.seconds, principal)
