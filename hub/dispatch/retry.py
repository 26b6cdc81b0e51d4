"""When to try again, and how to speak of trouble once instead of every second."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

log = logging.getLogger(__name__)
_QUIET = 60.0  # seconds in which failures of one kind are only counted


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


@dataclass(frozen=True)
class _Kind:
    """What failures must have in common to be counted as one: the type, and the lines passed."""

    name: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, error: BaseException) -> _Kind:
        passed = traceback.walk_tb(error.__traceback__)
        lines = tuple(f"{frame.f_code.co_filename}:{line}" for frame, line in passed)
        return cls(type(error).__name__, lines)

    def __str__(self) -> str:
        return f"{self.name} at {self.lines[-1]}" if self.lines else self.name


class Failures:
    """Failures of many things, each tried by itself, told by kind: type of error and its way.

    The first of a kind is logged in full; the others are counted, and told in one line a minute.
    A kind of which there was none for a minute is over, and is told in full when it comes again.
    """

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._clock = clock
        self._lock = Lock()
        self._kinds: dict[_Kind, tuple[float, int]] = {}  # since when, and how many

    def happened(self, error: BaseException, story: str) -> None:
        """Note a failure; `story` tells what failed and what comes of it."""
        self.tell()
        kind = _Kind.of(error)
        with self._lock:
            since, count = self._kinds.get(kind, (self._clock(), -1))
            self._kinds[kind] = since, count + 1
        if count < 0:
            log.warning("%s: %s", self._what, story, exc_info=error)

    def tell(self) -> None:
        """Log the counts whose minute is over; called now and then."""
        now = self._clock()
        with self._lock:
            ripe = {k: n for k, (since, n) in self._kinds.items() if now - since >= _QUIET}
            for kind, count in ripe.items():
                if count:
                    self._kinds[kind] = now, 0
                else:
                    del self._kinds[kind]
        for kind, count in ripe.items():
            if count:
                log.warning("%s: failed %d times more by %s", self._what, count, kind)
            else:
                log.info("%s: no failure any more by %s", self._what, kind)
