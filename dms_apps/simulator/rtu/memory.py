"""The registers and bits of a simulated RTU."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable

from dms_apps.simulator.rtu.moving import number
from dms_apps.simulator.rtu.script import TABLES, Device, Value

_FORMS = {
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}
_BITS = ("coil", "discrete_input")


class Memory:
    """What an RTU shows; `elapsed` counts seconds since the start, `clock` is its own time, s."""

    def __init__(self, device: Device, seed: int) -> None:
        self._device = device
        self._random = random.Random(f"{seed} {device.name}")  # noqa: S311 - a simulation
        self._words = {table: [0] * device.size for table in TABLES}
        self._values = {(v.table, v.address): v for v in device.value}
        self._moving = [v for v in device.value if v.slope or v.noise]
        for value in device.value:
            self._write(value, value.start)

    def set(self, table: str, address: int, new: float, clock: float) -> None:
        """A value becomes another one; its time stamp with it."""
        value = self._values.get((table, address), Value(table=table, address=address))
        self._moving = [v for v in self._moving if v != value]
        self._write(value, new)
        if value.stamp is not None:
            self._stamp(table, value.stamp, clock)

    def read(
        self, table: str, start: int, count: int, elapsed: float, clock: float
    ) -> list[int] | None:
        """Registers or bits; None where there are none."""
        if start + count > self._device.size:
            return None
        for value in self._moving:
            if value.table == table:
                self._write(value, number(value, elapsed, self._random))
        if self._device.clock is not None:
            self._stamp("holding", self._device.clock, clock)
        return self._words[table][start : start + count]

    def _stamp(self, table: str, address: int, clock: float) -> None:
        self.put(table, address, struct.unpack(">4H", struct.pack(">Q", int(clock * 1000))))

    def _write(self, value: Value, new: float) -> None:
        if value.table in _BITS or value.data == "bool":
            self.put(value.table, value.address, [int(bool(new))])
            return
        form = _FORMS[value.data]
        packed = struct.pack(f">{form}", new if form in "fd" else round(new))
        words = struct.unpack(f">{len(packed) // 2}H", packed)
        self.put(value.table, value.address, words if value.big else words[::-1])

    def put(self, table: str, address: int, words: Iterable[int]) -> None:
        """As they lie there."""
        for offset, word in enumerate(words):
            self._words[table][address + offset] = word
