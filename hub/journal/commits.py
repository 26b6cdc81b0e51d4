"""Tells the threads of this process that something was committed."""

from __future__ import annotations

from threading import Condition


class Commits:
    """A counter to wait on; it grows with each commit that made work for those who wait."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._count = 0

    @property
    def count(self) -> int:
        return self._count

    def notify(self) -> None:
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait(self, seen: int, timeout: float) -> int:
        """Wait until `count` is no longer `seen`, `timeout` seconds at most; the count now."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != seen, timeout)
            return self._count
