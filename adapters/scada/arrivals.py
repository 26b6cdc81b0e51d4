"""What an RTU tells by itself, on its way from the connection to who reads it."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Arrivals(Generic[T]):
    """What has come waits, `room` at most; more is counted."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._waiting: deque[T] = deque()
        self._news = asyncio.Event()
        self._dropped = 0
        self._error: Exception | None = None

    def put(self, one: T) -> None:
        """Something has come."""
        if len(self._waiting) < self._room:
            self._waiting.append(one)
        else:
            self._dropped += 1
        self._news.set()

    def close(self, error: Exception) -> None:
        """Nothing more will come; of several reasons the first one counts."""
        self._error = self._error or error
        self._news.set()

    @property
    def is_closed(self) -> bool:
        return self._error is not None

    async def take(self, seconds: float) -> tuple[list[T], int]:
        """What has come, oldest first, and how much there was no room for.

        Waits `seconds` at most when there is nothing.  Raises: once all is taken, why it is closed.
        """
        if not self._error:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._news.wait()
        self._news.clear()
        found = [self._waiting.popleft() for _ in range(len(self._waiting))]
        dropped, self._dropped = self._dropped, 0
        if self._error and not found:
            raise self._error
        return found, dropped
