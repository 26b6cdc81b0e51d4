"""Values that move by themselves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from dms_apps.simulator.rtu.script import Device, Value

_TICK = 0.25  # seconds between two steps


def number(value: Value, elapsed: float, chance: random.Random) -> float:
    """What it is so many seconds after the start."""
    found = value.start + value.slope * elapsed
    if found > value.high:
        found = value.low + (found - value.low) % (value.high - value.low)
    return found + chance.gauss(0, value.noise) if value.noise else found


class Moving:
    """The values of an RTU that does not wait to be asked, until they are `set`."""

    def __init__(self, device: Device, seed: int) -> None:
        self._chance = random.Random(f"{seed} {device.name}")  # noqa: S311 - a simulation
        self._values = {v.address: v for v in device.value if v.slope or v.noise}

    def stop(self, address: int) -> None:
        """It stays as it is from now on."""
        self._values.pop(address, None)

    async def each(self, write: Callable[[Value, float], Awaitable[None]]) -> None:
        """Write all of them, again and again, until cancelled or none is left."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        while self._values:
            for value in list(self._values.values()):
                await write(value, number(value, loop.time() - begin, self._chance))
            await asyncio.sleep(_TICK)
