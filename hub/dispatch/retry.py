"""When to try again, and how to speak of trouble once instead of every second."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Retry:
    """Growing pauses between attempts.

    attempts: how many are made before a delivery is dead.
    first:    seconds before the second attempt; each later pause is `factor` times as long.
    longest:  seconds of a pause at most.
    """

    attempts: int = 6
    first: float = 1.0
    factor: float = 4.0
    longest: float = 300.0

    def pause(self, made: int) -> float:
        """Seconds to wait after `made` failed attempts."""
        return float(min(self.longest, self.first * self.factor ** min(made - 1, 50)))

    def due(self, made: int, now: datetime) -> datetime | None:
        """When to try again after `made` failed attempts; None: no more."""
        return None if made >= self.attempts else now + timedelta(seconds=self.pause(made))


class Trouble:
    """Failures of one activity in a row: the first is logged in full, and that it ended.

    last: the newest failure; None while all is well.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.last: BaseException | None = None
        self._count = 0

    def happened(self, error: BaseException) -> int:
        """Note a failure; how many it is in a row."""
        self._count += 1
        self.last = error
        if self._count == 1:
            log.error("%s: %s: %s", self.what, type(error).__name__, error, exc_info=error)
        return self._count

    def over(self) -> None:
        """Note a success."""
        if self._count:
            log.info("%s: works again after %d failures", self.what, self._count)
        self._count = 0
        self.last = None
