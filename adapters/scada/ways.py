"""The ways to one RTU: its addresses, and how attempts to reach it follow one another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

from adapters.scada.frames import Malformed
from adapters.scada.lines import Heard, Rtu
from adapters.scada.links import Link


class Ways:
    """One address is active until the RTU is lost there; failures are noted in `link`.

    Raises: ValueError for addresses that are none.
    """

    def __init__(self, name: str, rtu: Rtu) -> None:
        self._rtu, self._places = rtu, rtu.places(name)
        self._active = self._failures = 0
        self.link = Link(name, rtu.addresses[0])

    @property
    def place(self) -> tuple[str, int]:
        """Host and port that are tried now."""
        return self._places[self._active]

    async def sessions(
        self, session: Callable[[], AsyncGenerator[Heard, None]]
    ) -> AsyncIterator[Heard]:
        """What is heard in one session after the other, for ever.

        session: opens a connection at `place`, and closes it; raises OSError (TimeoutError is one)
                 or Malformed when it has failed.
        """
        while True:
            try:
                async with aclosing(session()) as told:
                    async for heard in told:
                        self._failures = 0
                        yield heard
            except (OSError, Malformed) as error:
                if self._failed(error):
                    yield Heard(lost=True)
                    self._other()
            await asyncio.sleep(self._pause())

    def _failed(self, error: Exception) -> bool:
        """Note it; whether the RTU counts as lost for it."""
        self._failures += 1
        lost = self._failures >= self._rtu.misses or isinstance(error, ConnectionError)
        self.link.timeouts += isinstance(error, TimeoutError)
        self.link.malformed += isinstance(error, Malformed)
        kind = "malformed answer: " if isinstance(error, Malformed) else ""
        self.link.failed(f"{kind}{error}", lost=lost)
        return lost

    def _other(self) -> None:
        """Take the other address, where there is one."""
        if len(self._places) > 1:
            self._active = 1 - self._active
            self.link.failovers += 1
            self.link.address = self._rtu.addresses[self._active]

    def _pause(self) -> float:
        """Seconds until the next attempt."""
        return min(self._rtu.longest, self._rtu.first * 2.0 ** min(max(self._failures - 1, 0), 30))
