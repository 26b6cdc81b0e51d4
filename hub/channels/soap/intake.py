"""The hand-over from the loop that answers clients to the thread that writes the journal."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from threading import Condition

from cim.dialect import Correction
from cim.message import Message
from cim.violation import Refusal, Violation

BUSY = "5.1"


class SoapDelivery:
    """One message whose sender is waiting for the answer (`hub.message_channel.Delivery`)."""

    def __init__(
        self,
        content: Message | Refusal,
        body: bytes,
        principal: str,
        corrections: Sequence[Correction] = (),
    ) -> None:
        self.content = content
        self.body = body
        self.principal = principal
        self.corrections = corrections
        self._loop = asyncio.get_running_loop()
        self._outcome: asyncio.Future[tuple[Violation, ...]] = self._loop.create_future()

    def ack(self) -> None:
        """It is in the journal, or in quarantine as it deserves: the sender is told so."""
        self._settle(())

    def refuse(self, refusal: Refusal) -> None:
        """It is a message, yet went into quarantine: the sender is told why (`Refusable`)."""
        self._settle(refusal.violations)

    def reject(self, why: str) -> None:
        """It is not in the journal: the sender is told why, and may send again."""
        self._settle((Violation(code=BUSY, rule=why),))

    async def outcome(self, seconds: float) -> tuple[Violation, ...]:
        """Empty when it was taken, else why not.  Raises: TimeoutError."""
        return await asyncio.wait_for(self._outcome, seconds)

    def _settle(self, broken: tuple[Violation, ...]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._resolve, broken)
        except RuntimeError:
            # The front has stopped and with it the sender's connection.  It will send again, and
            # what is in the journal is then known by its message id.
            return

    def _resolve(self, broken: tuple[Violation, ...]) -> None:
        if not self._outcome.done():
            self._outcome.set_result(broken)


class Intake:
    """A bounded queue: `put` from the loop, `batches` from a thread."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: deque[SoapDelivery] = deque()
        self._filled = Condition()

    def put(self, delivery: SoapDelivery) -> bool:
        """Whether there was room."""
        with self._filled:
            if len(self._waiting) >= self._capacity:
                return False
            self._waiting.append(delivery)
            self._filled.notify()
            return True

    def batches(self, size: int, idle_seconds: float) -> Iterator[Sequence[SoapDelivery]]:
        """What has come in, at most `size` at once; empty after `idle_seconds` without any."""
        while True:
            with self._filled:
                self._filled.wait_for(lambda: self._waiting, idle_seconds)
                taken = [self._waiting.popleft() for _ in range(min(size, len(self._waiting)))]
            yield taken
