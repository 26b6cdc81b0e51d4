"""What the protocol side of an RTU must offer, and how an RTU is reached."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol

from adapters.scada.links import Link
from adapters.scada.samples import Sample


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

    protocol:  "modbus" (TCP).
    addresses: "host:port", two where there are two ways; one is active.
    unit:      unit identifier.
    timeout:   seconds for a connection and for an answer.
    misses:    failures in succession after which it counts as lost.
    first, longest: seconds between two attempts to reach it, doubling from the one to the other.
    gap, most: registers that may be read in vain between two points, and of one request.
    clock:     holding register of its clock; None when it shows none.
    authority: certificates that its own must follow from (PEM): then the link is TLS.
    certificate, key: ours, for RTUs that ask.
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

    def places(self, name: str) -> list[tuple[str, int]]:
        """Host and port of each address.  Raises: ValueError."""
        if not 1 <= len(self.addresses) <= 2:
            raise ValueError(f"rtus.{name}: {len(self.addresses)} addresses; 1 or 2 are wanted")
        return [_place(name, address) for address in self.addresses]

    def check(self, name: str) -> None:
        """Raises: ValueError for what cannot be."""
        self.places(name)
        wrong = {
            "protocol": "is not known; known: modbus" if self.protocol != "modbus" else "",
            "unit": "is not from 0 to 255" if not 0 <= self.unit <= 255 else "",
            "timeout": "is not above 0" if self.timeout <= 0 else "",
            "misses": "is below 1" if self.misses < 1 else "",
            "first": "is not above 0 and up to longest"
            if not 0 < self.first <= self.longest
            else "",
            "gap": "is below 0" if self.gap < 0 else "",
            "most": "is not from 4 to 125" if not 4 <= self.most <= 125 else "",
            "certificate": "and key need an authority"
            if (self.certificate or self.key) and not self.authority
            else "",
        }
        for key, rule in wrong.items():
            if rule:
                raise ValueError(f"rtus.{name}: {key} {getattr(self, key)!r} {rule}")


def _place(name: str, address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() else 0
    if not colon or not host or not 0 < number < 65_536:
        raise ValueError(f"rtus.{name}: address {address!r} is not host:port")
    return host.strip("[]"), number
