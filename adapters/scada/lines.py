"""What the protocol side of an RTU must offer, and how an RTU is reached."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol
from zoneinfo import ZoneInfo

from adapters.scada.links import Link
from adapters.scada.samples import Sample

PROTOCOLS = ("modbus", "iec104")


@dataclass(frozen=True)
class Heard:
    """What an RTU has said at once, or that it says nothing.

    failed: points that it refuses to tell.
    lost:   it is out of reach; may be said again and again.
    clock:  what its own clock shows.
    """

    samples: Sequence[Sample] = ()
    failed: Sequence[str] = ()
    lost: bool = False
    clock: datetime | None = None


class Line(Protocol):
    """The protocol side of one RTU: Modbus polls, another one may only listen."""

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

    protocol:  "modbus" (TCP) or "iec104" (IEC 60870-5-104).
    addresses: "host:port", two where there are two ways; one is active.
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

    def places(self, name: str) -> list[tuple[str, int]]:
        """Host and port of each address.  Raises: ValueError."""
        if not 1 <= len(self.addresses) <= 2:
            raise ValueError(f"rtus.{name}: {len(self.addresses)} addresses; 1 or 2 are wanted")
        return [_place(name, address) for address in self.addresses]

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
            **(self._of_iec104() if self.protocol == "iec104" else self._of_modbus()),
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


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def _clock_rule(seconds: float, zone: str) -> str:
    if seconds and zone != "UTC":
        return "sets a clock to UTC, and zone says that it shows another time"
    return "is below 0" if seconds < 0 else ""


def _place(name: str, address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() else 0
    if not colon or not host or not 0 < number < 65_536:
        raise ValueError(f"rtus.{name}: address {address!r} is not host:port")
    return host.strip("[]"), number
