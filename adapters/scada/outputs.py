"""What is written to an RTU, and what may become of it: between controls and protocols."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from adapters.scada.points import Data, Point
from adapters.scada.words import FORMS


class NotSent(Exception):
    """The RTU has nothing of it, for sure."""


class Denied(Exception):
    """The RTU has refused: nothing was carried out."""


class Doubtful(Exception):
    """It was sent, and no answer says whether it was carried out."""


@dataclass(frozen=True)
class Output:
    """A control point and the code or number that it is to take, before gain and offset.

    is_trip: of a pair of outputs it is that which opens.
    """

    point: Point
    raw: float
    is_trip: bool = False

    @property
    def address(self) -> int:
        """Where it is written."""
        trip = self.point.trip if self.is_trip else None
        return self.point.address if trip is None else trip

    @property
    def select(self) -> int | None:
        """What is written, or any number, before; None without selection."""
        trip = self.point.select_trip if self.is_trip else None
        return self.point.select if trip is None else trip

    @property
    def words(self) -> Sequence[int]:
        """As they lie in a Modbus device: one bit, or registers.  Raises: ValueError."""
        point = self.point
        if point.data is Data.BOOL:
            return [int(self.raw)]
        form = FORMS[point.data]
        try:
            packed = struct.pack(f">{form}", self.raw if form in "fd" else round(self.raw))
        except (struct.error, OverflowError) as error:
            raise ValueError(f"{self.raw:g} does not fit a {point.data}") from error
        words = struct.unpack(f">{point.data.words}H", packed)
        return words if point.big else words[::-1]


@runtime_checkable
class Operable(Protocol):
    """What a line adds by which devices are operated.  Nothing is ever sent twice."""

    async def select(self, output: Output) -> None:
        """Announce what is to come, where it is a step of its own.

        Raises: NotSent, Denied, Doubtful; in any case nothing was carried out.
        """
        ...

    async def operate(self, output: Output) -> None:
        """Raises: NotSent, Denied, Doubtful."""
        ...


@dataclass
class Job:
    """Something to write, as it waits for its turn on a connection.

    begun: it is on its way; `void`: it must not be any more; `is_select`: it only selects.
    """

    output: Output
    address: int
    done: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    begun: bool = False
    void: bool = False
    is_select: bool = False

    async def wait(self, seconds: float) -> None:
        """Raises: what became of it; NotSent when its turn does not come in time: then never."""
        await asyncio.wait([self.done], timeout=seconds)
        if not self.done.done():
            self.void = True
            if not self.begun:
                raise NotSent(f"the RTU was busy for {seconds:g} s")
            raise Doubtful(f"no answer in {seconds:g} s")
        self.done.result()

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()  # who waits for it may have gone

    def succeed(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
