"""What the protocol side of an RTU must offer, and how an RTU is reached."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar, Protocol
from zoneinfo import ZoneInfo

from adapters.scada.links import Link
from adapters.scada.samples import Look, Sample

PROTOCOLS = ("modbus", "iec104", "opcua")
POLICIES = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")
_SCHEME = "opc.tcp://"


@dataclass(frozen=True)
class Heard:
    """What an RTU has said at once, or that it says nothing.

    looks:  more samples, of points that are polled.
    failed: points that it refuses to tell.
    lost:   it is out of reach; may be said again and again.
    clock:  what its own clock shows.
    """

    samples: Sequence[Sample] = ()
    failed: Sequence[str] = ()
    lost: bool = False
    clock: datetime | None = None
    looks: Sequence[Look] = ()


class Line(Protocol):
    """The protocol side of one RTU: Modbus polls, another one may only listen.

    tells_changes: what it told last holds until it says another thing.
    """

    @property
    def tells_changes(self) -> bool: ...

    @property
    def link(self) -> Link: ...

    def listen(self) -> AsyncIterator[Heard]:
        """All that the RTU says, for ever; what goes wrong on the way is `lost`, not raised.

        While the iterator is not resumed nothing is asked.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Rtu:
    """How one RTU is reached; in `[rtus.<name>]`.

    protocol:  "modbus" (TCP), "iec104" (IEC 60870-5-104) or "opcua" (OPC UA).
    addresses: "host:port", two where there are two ways; one is active.  Of OPC UA URLs:
               "opc.tcp://host:port/path".
    unit:      unit identifier.
    timeout:   seconds for a connection and for an answer.
    misses:    failures in succession after which it counts as lost.
    first, longest: seconds between two attempts to reach it, doubling from the one to the other.
    gap, most: registers that may be read in vain between two points, and of one request.
    clock:     holding register of its clock; None when it shows none.
    authority: certificates that its own must follow from (PEM): then the link is TLS.
    certificate, key: ours, for RTUs that ask.

    For IEC 60870-5-104 only:
    common:    common address of its ASDUs.
    zone:      of its clock.
    interrogation, counters: seconds between two interrogations, and of two of its counters (0:
               never); both at connect, too.
    clock_sync: seconds between two settings of its clock; 0, as is usual: never.
    keep_alive: seconds of silence after which it is asked for a sign of life.
    room:      telegrams that may wait; when more come all is asked for again.

    For OPC UA only; `interrogation`, of all that is subscribed to, `keep_alive`, of server and
    subscription, and `room`, of values, count here, too; beyond this machine `authority`,
    `certificate` and `key` must be there, and all is signed and encrypted:
    publishing: seconds between two messages of changes; 0: points of no group are polled as well.
    sampling:  seconds between two looks of the server at a value, for changes.
    policy:    of security, one of `POLICIES`.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    protocol: str = "modbus"
    addresses: tuple[str, ...]
    unit: int = 1
    timeout: float = 2.0
    misses: int = 2
    first: float = 0.5
    longest: float = 30.0
    gap: int = 8
    most: int = 120
    clock: int | None = None
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    common: int = 1
    zone: str = "UTC"
    interrogation: float = 600.0
    counters: float = 0.0
    clock_sync: float = 0.0
    keep_alive: int = 20
    room: int = 10_000
    publishing: float = 1.0
    sampling: float = 0.25
    policy: str = "Basic256Sha256"

    def places(self, name: str) -> list[tuple[str, int]]:
        """Host and port of each address.  Raises: ValueError."""
        if not 1 <= len(self.addresses) <= 2:
            raise ValueError(f"rtus.{name}: {len(self.addresses)} addresses; 1 or 2 are wanted")
        read = _place_of_url if self.protocol == "opcua" else _place
        return [read(name, address) for address in self.addresses]

    def check(self, name: str) -> None:
        """Raises: ValueError for what cannot be."""
        self.places(name)
        wrong = {
            "protocol": f"is not known; known: {', '.join(PROTOCOLS)}"
            if self.protocol not in PROTOCOLS
            else "",
            "timeout": "is not above 0" if self.timeout <= 0 else "",
            "misses": "is below 1" if self.misses < 1 else "",
            "first": "is not above 0 and up to longest"
            if not 0 < self.first <= self.longest
            else "",
            **_RULES.get(self.protocol, Rtu._of_modbus)(self),
        }
        for key, rule in wrong.items():
            if rule:
                value = getattr(self, key)
                said = str(value) if isinstance(value, Path) else value
                raise ValueError(f"rtus.{name}: {key} {said!r} {rule}")

    def _of_modbus(self) -> dict[str, str]:
        return {
            "unit": "is not from 0 to 255" if not 0 <= self.unit <= 255 else "",
            "gap": "is below 0" if self.gap < 0 else "",
            "most": "is not from 4 to 125" if not 4 <= self.most <= 125 else "",
            "certificate": "and key need an authority"
            if (self.certificate or self.key) and not self.authority
            else "",
        }

    def _of_opcua(self) -> dict[str, str]:
        secured = [self.authority, self.certificate, self.key]
        return {
            "publishing": "is below 0" if self.publishing < 0 else "",
            "sampling": "is below 0" if self.sampling < 0 else "",
            "policy": f"is not known; known: {', '.join(POLICIES)}"
            if self.policy not in POLICIES
            else "",
            "interrogation": "is not above 0" if self.interrogation <= 0 else "",
            "keep_alive": "is below 1" if self.keep_alive < 1 else "",
            "room": "is below 1" if self.room < 1 else "",
            "clock": "is a register, of Modbus" if self.clock is not None else "",
            "authority": "goes with certificate and key: all three, or none"
            if any(secured) and not all(secured)
            else "",
            "addresses": "is beyond this machine, where OPC UA is spoken with authority,"
            " certificate and key only"
            if not all(secured) and not all(_is_loopback(host) for host, _ in self.places(""))
            else "",
        }

    def _of_iec104(self) -> dict[str, str]:
        return {
            "common": "is not from 1 to 65534" if not 1 <= self.common <= 65_534 else "",
            "zone": "" if _is_zone(self.zone) else "is no time zone, e.g. America/Chicago",
            "interrogation": "is not above 0" if self.interrogation <= 0 else "",
            "counters": "is below 0" if self.counters < 0 else "",
            "clock_sync": _clock_rule(self.clock_sync, self.zone),
            "keep_alive": "is below 1" if self.keep_alive < 1 else "",
            "room": "is below 1" if self.room < 1 else "",
            "clock": "is a register, of Modbus" if self.clock is not None else "",
            "authority": "asks for TLS, which is spoken to RTUs of Modbus only"
            if self.authority
            else "",
        }


_RULES = {"iec104": Rtu._of_iec104, "opcua": Rtu._of_opcua}


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def _clock_rule(seconds: float, zone: str) -> str:
    if seconds and zone != "UTC":
        return "sets a clock to UTC, and zone says that it shows another time"
    return "is below 0" if seconds < 0 else ""


def _place_of_url(name: str, address: str) -> tuple[str, int]:
    where, _, _ = address.removeprefix(_SCHEME).partition("/")
    if not address.startswith(_SCHEME) or "@" in where:
        raise ValueError(f"rtus.{name}: address {address!r} is not {_SCHEME}host:port/path")
    return _place(name, where)


def _place(name: str, address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() else 0
    if not colon or not host or not 0 < number < 65_536:
        raise ValueError(f"rtus.{name}: address {address!r} is not host:port")
    return host.strip("[]"), number
