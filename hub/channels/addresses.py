"""Where the hub may send what somebody else names: replies, and events to a callback.

Else whoever may ask the hub for anything could have it call any machine that it can reach
(server-side request forgery), or put messages into queues that are not theirs to fill.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from hub.config import Config, ConfigError
from hub.partner_settings import Partner

AMQP = "rabbitmq"
"""The channel whose senders are known to the broker."""
OURS = "gridbus."
"""With which the names of the hub's own queues begin."""
_PORTS = {"http": 80, "https": 443}
_QUEUE = "amqp:"
_LONGEST = 2_000


@dataclass(frozen=True)
class Place:
    """An address that was read.

    url:   of a SOAP endpoint; None for a queue.
    queue: its name; None for a SOAP endpoint.
    """

    url: str | None = None
    queue: str | None = None


class Addresses:
    """Holds an address against the partners and the list of what else is allowed.

    allow:    beginnings of SOAP addresses, and `amqp:<queue>`.
    reserved: queues that nobody may name.
    broker:   whether there is one.
    second:   whether anything can be sent in edition 2.
    """

    def __init__(
        self,
        partners: Sequence[Partner] = (),
        allow: Sequence[str] = (),
        reserved: Collection[str] = (),
        *,
        broker: bool = False,
        second: bool = False,
    ) -> None:
        """Raises: ConfigError for an entry of `allow` that is no address."""
        self._partners = [p for p in partners if p.url]
        self._prefixes = [_prefix(text) for text in allow if not text.startswith(_QUEUE)]
        self._queues = {text.removeprefix(_QUEUE) for text in allow if text.startswith(_QUEUE)}
        self._queues |= {p.queue for p in partners if p.queue}
        self._reserved = frozenset(reserved)
        self._broker = broker
        self.second = second

    @classmethod
    def of(cls, config: Config) -> Addresses:
        """Those that the configuration allows.  Raises: ConfigError."""
        return cls(
            config.partners,
            config.replies.allow,
            reserved=config.rabbitmq.inbound.values(),
            broker=bool(config.rabbitmq.url),
            second=config.schemas.edition2 is not None,
        )

    def place(self, text: str, channel: str) -> Place:
        """Where `text` is, for who came by `channel`.

        Raises: ValueError, a sentence without subject, when nothing may be sent there.
        """
        if len(text) > _LONGEST:
            raise ValueError(f"has {len(text)} characters, at most {_LONGEST} are taken")
        if text.lower().startswith(("http:", "https:")):
            self._check_url(text)
            return Place(url=text)
        return Place(queue=self._queue(text, channel))

    def partner(self, url: str) -> Partner | None:
        """The partner whose address begins like `url`: as who the hub goes there."""
        wanted = urlsplit(url)
        return next((p for p in self._partners if _covers(urlsplit(p.url), wanted)), None)

    def _check_url(self, text: str) -> None:
        try:
            if not (text.isascii() and text.isprintable()):
                raise ValueError("it holds unusual characters")
            wanted = urlsplit(text)
            known = self._known(wanted)
        except ValueError as error:
            raise ValueError(f"{text[:200]!r} is no address: {error}") from None
        if not known:
            raise ValueError(
                f"{text[:200]!r} is neither below the address of a partner nor in replies.allow"
            )

    def _known(self, wanted: SplitResult) -> bool:
        prefixes = [*self._prefixes, *(urlsplit(p.url) for p in self._partners)]
        return any(_covers(prefix, wanted) for prefix in prefixes)

    def _queue(self, text: str, channel: str) -> str:
        name = text.removeprefix(_QUEUE)
        if not name or "//" in name or len(name.encode()) > 255 or not name.isprintable():
            raise ValueError(f"{text[:200]!r} is neither a SOAP address nor the name of a queue")
        if not self._broker:
            raise ValueError(f"{text[:200]!r} names a queue, but this hub has no broker")
        if name in self._reserved or name.startswith(OURS):
            raise ValueError(f"{text[:200]!r} is a queue of the hub itself")
        if channel != AMQP and name not in self._queues:
            raise ValueError(
                f"{text[:200]!r} is neither the queue of a partner nor in replies.allow"
            )
        return name


def _prefix(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _origin(parts)
    except ValueError as error:
        raise ConfigError(f"replies.allow: {text!r}: {error}") from None
    return parts


def _covers(prefix: SplitResult, wanted: SplitResult) -> bool:
    """Whether `wanted` is on the same server and at or below the same path.

    Raises: ValueError when `wanted` is no plain address of a server.
    """
    if _origin(prefix) != _origin(wanted):
        return False
    below = prefix.path.rstrip("/")
    path = wanted.path or "/"
    return path.rstrip("/") == below or path.startswith(f"{below}/")


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port.  Raises: ValueError."""
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("http:// or https:// and a host are needed")
    if parts.username is not None or parts.password is not None:
        raise ValueError("it must not name a user")
    if parts.fragment or not _is_plain(parts):
        raise ValueError("its path must be plain: no .. and no encoded or unusual characters")
    return parts.scheme, parts.hostname.lower(), parts.port or _PORTS[parts.scheme]


def _is_plain(parts: SplitResult) -> bool:
    path = parts.path or "/"
    normal = posixpath.normpath(path) == (path.rstrip("/") or "/")
    return normal and not set(parts.geturl()) & set("\\% ")
