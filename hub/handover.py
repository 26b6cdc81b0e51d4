"""How an adapter hands native bytes to its system: at its pace, as files or over HTTP, and what
must not be done twice not twice.

The hub delivers at least once.  What was handed over is noted in its database, so that it is passed
over when it comes again, whichever hub goes on.  Of what must not come twice it is also noted, for
good before anything is sent, that it is about to be: when nobody knows afterwards whether the
system has it, it is refused as UNKNOWN and never sent again under its identity.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable
from urllib.parse import urlsplit

import httpx

from cim.violation import Refusal
from hub.disk import put

log = logging.getLogger(__name__)
_FAILED = "5.3"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LATER = (429, 503)  # the server says that it has not taken it
_NAME = 100  # characters of an identity in the name of a file
_TOLD = 5.0  # seconds of waiting that are worth a line in the log


@dataclass(frozen=True)
class Parcel:
    """One native request or document (`hub.interfaces.Record`).

    origin: its identity, the same whenever it is made again.
    name:   of the file.
    again:  whether it does no harm when it comes twice.
    """

    origin: str
    raw: bytes
    name: str
    again: bool = False


class Mark(StrEnum):
    """What is known of a parcel, or of a control.

    VOID: nothing was sent, and it may be begun again; FAILED: it may not, whatever was sent.
    """

    BEGUN = "begun"
    SENT = "sent"
    VOID = "void"
    FAILED = "failed"


@dataclass(frozen=True)
class Note:
    """said: what the adapter will want to know of it."""

    mark: Mark
    said: str = ""


class NotSent(ConnectionError):
    """The other side has nothing of it, for sure."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a system is written to: a table of the adapter's settings.

    ways:      "files", "http", both, or none: nothing is written.
    outbox:    folder in which files are put, in that of the adapter unless it is absolute.
    url:       to which documents are posted; beyond loopback https only.
    token:     sent as a Bearer token; or `username` with `password`.
    authority: PEM file with whom the server's certificate must be signed; None: the usual ones.
    timeout:   seconds until an answer is given up.
    per_second, per_minute: how many the system takes; 0: no limit.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    ways: tuple[Literal["files", "http"], ...] = ()
    outbox: Path = Path("outbox")
    url: str = ""
    token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    authority: Path | None = None
    timeout: float = 30.0
    per_second: int = 0
    per_minute: int = 0

    def __post_init__(self) -> None:
        if "http" in self.ways and not urlsplit(self.url).hostname:
            raise ValueError("http needs url")
        check_server(self, "url")


class Notes(Protocol):
    """Where it is noted what was begun, sent or void, by identity."""

    def of(self, identity: str) -> Note | None:
        """Raises: OSError."""
        ...

    def note(self, identity: str, mark: Mark, said: str = "") -> bool:
        """Returns when it is kept for good; False for one that somebody else has begun.

        Raises: OSError.
        """
        ...


@runtime_checkable
class Noting(Protocol):
    """What an adapter adds of which each hub on a database must know what the others have sent."""

    def note_in(self, notes: Notes) -> None:
        """Keep notes there from now on; called before anything is written."""
        ...


class Pace:
    """Lets through so many in a second and in a minute; who comes sooner waits, in order."""

    def __init__(
        self,
        per_second: int,
        per_minute: int,
        stopping: Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        windows = ((per_second, 1.0), (per_minute, 60.0))
        self._windows = [(limit, seconds) for limit, seconds in windows if limit]
        self._passed: deque[float] = deque(maxlen=max((w[0] for w in self._windows), default=1))
        self._stopping = stopping
        self._clock = clock

    def wait(self, who: str) -> None:
        """Raises: NotSent when the hub stops meanwhile."""
        due = self.due()
        if due - self._clock() > _TOLD:
            log.info("%s: the next one in %.0f s, by its limits", who, due - self._clock())
        while (left := due - self._clock()) > 0:
            if self._stopping.wait(left):
                raise NotSent("the hub stops")
        self._passed.append(self._clock())

    def due(self) -> float:
        """When the next one may pass, by the clock."""
        found = [self._clock()]
        for limit, seconds in self._windows:
            if len(self._passed) >= limit:
                found.append(self._passed[-limit] + seconds)
        return max(found)


class Handover:
    """Hands parcels to one system; used by one thread.

    folder:  of the adapter.
    type:    the media type of what is posted.
    of:      what tells its notes from those of another way of the same adapter.
    earlier: name of the file in which earlier versions noted what they sent; it still counts.
    """

    _notes: Notes

    def __init__(
        self,
        folder: Path,
        way: Way,
        type: str = "application/xml",
        *,
        of: str = "",
        earlier: str = ".sent",
    ) -> None:
        self._folder, self._way, self._type, self._of = folder, way, type, of
        self._file = folder / earlier
        self._stopping = Event()
        self._pace = Pace(way.per_second, way.per_minute, self._stopping)

    def stop(self) -> None:
        """Let go of who waits for its turn."""
        self._stopping.set()

    def note_in(self, notes: Notes) -> None:
        """Note there, from now on: nothing can be handed over before."""
        self._notes = notes

    def hand_over(self, parcel: Parcel) -> None:
        """Raises: ConnectionError, try again; Refusal, it is refused, or nobody knows."""
        for way in self._way.ways:
            identity = f"{self._of} {way} {parcel.origin}".lstrip()
            mark = self._mark(identity, way, parcel)
            if mark is Mark.BEGUN and not parcel.again:
                raise unknown(parcel, "the hub ended while it was sent")
            if mark is not Mark.SENT:
                self._send(way, identity, parcel)

    def _send(self, way: str, identity: str, parcel: Parcel) -> None:
        self._pace.wait(str(self._folder))
        if not parcel.again:
            self._begin(identity, parcel)
        try:
            self._by_file(parcel) if way == "files" else self._by_http(parcel)
        except (NotSent, Refusal):
            self._notes.note(identity, Mark.VOID)
            raise
        except (ConnectionError, httpx.HTTPError) as error:
            if parcel.again:
                raise ConnectionError(f"{type(error).__name__}: {error}") from error
            raise unknown(parcel, f"{type(error).__name__}: {error}") from error
        self._notes.note(identity, Mark.SENT)

    def _mark(self, identity: str, way: str, parcel: Parcel) -> Mark | None:
        if (note := self._notes.of(identity)) is not None:
            return note.mark
        return self._earlier.get(_in_one_line(f"{way} {parcel.origin}"))

    def _begin(self, identity: str, parcel: Parcel) -> None:
        try:
            is_ours = self._notes.note(identity, Mark.BEGUN)
        except OSError as error:
            raise NotSent(f"{self._folder}: {error}") from error
        if not is_ours:
            raise unknown(parcel, "another hub has begun it")

    def _by_file(self, parcel: Parcel) -> None:
        outbox = self._folder / self._way.outbox
        try:
            outbox.mkdir(parents=True, exist_ok=True)
            put(outbox / parcel.name, parcel.raw)
        except OSError as error:
            # Nobody takes a file that is not complete under its name.
            raise NotSent(f"{outbox}: {error}") from error

    def _by_http(self, parcel: Parcel) -> None:
        headers = {"Content-Type": self._type, "Idempotency-Key": parcel.origin}
        try:
            with self._client.stream(
                "POST", self._way.url, content=parcel.raw, headers=headers
            ) as response:
                status = response.status_code
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(f"{self._way.url}: {error}") from error
        if status in _LATER:
            raise NotSent(f"{self._way.url} answered {status}")
        if 300 <= status < 500:
            raise Refusal.of(_FAILED, f"{self._way.url} answered {status} to {parcel.origin}")
        if status >= 500:
            raise ConnectionError(f"{self._way.url} answered {status}")

    @cached_property
    def _earlier(self) -> dict[str, Mark]:
        """What was noted in the file; a last line that is cut short was never there for good."""
        data = self._file.read_bytes() if self._file.exists() else b""
        lines = data.decode("utf-8", "replace").split("\n")[:-1]
        notes = (line.partition(" ") for line in lines)  # the newest comes last
        return {identity: Mark(mark) for mark, _, identity in notes}

    @cached_property
    def _client(self) -> httpx.Client:
        return client(self._way, "url")


def _in_one_line(identity: str) -> str:
    """The same, or its hash: a MessageID may hold a line break, a note in a file may not."""
    if "\n" not in identity:
        return identity
    return f"sha256:{hashlib.sha256(identity.encode()).hexdigest()}"


class Server(Protocol):
    """Where another system listens over HTTP, and how it knows the hub; as `Way` says."""

    @property
    def url(self) -> str: ...
    @property
    def token(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def authority(self) -> Path | None: ...
    @property
    def timeout(self) -> float: ...


def check_server(server: Server, key: str) -> None:
    """Raises: ValueError for what cannot be, or would tell secrets to whoever listens in.

    key: of its url in the settings.
    """
    parts = urlsplit(server.url)
    is_local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    for rule, broken in (
        (
            f"{key} is https, http only on loopback",
            bool(server.url) and parts.scheme != "https" and not is_local,
        ),
        ("username and password go together", bool(server.username) != bool(server.password)),
        ("token or username, not both", bool(server.token and server.username)),
    ):
        if broken:
            raise ValueError(rule)


def client(server: Server, key: str, header: str = "") -> httpx.Client:
    """Who talks to it.

    header: in which the token is sent, where it is no Bearer token.
    Raises: ValueError, as `check_server`.
    """
    check_server(server, key)
    verify: Any = httpx.create_ssl_context(str(server.authority)) if server.authority else True
    shown = {header: server.token} if header else {"Authorization": f"Bearer {server.token}"}
    headers = shown if server.token else {}
    auth = (server.username, server.password) if server.username else None
    return httpx.Client(
        verify=verify, headers=headers, auth=auth, timeout=server.timeout, trust_env=False
    )


def unknown(parcel: Parcel, why: str) -> Refusal:
    """Nobody knows whether the other side has it."""
    return Refusal.of(
        _FAILED,
        f"UNKNOWN whether {parcel.origin} was carried out: {why}; it is not sent again: look at the"
        " device, then ask anew",
    )


def file_name(identity: str) -> str:
    """A harmless name, of its own, for what has an identity that a stranger may have made up."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in identity)
    if plain == identity and len(plain) <= _NAME:
        return plain
    return f"{plain[:_NAME]}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
