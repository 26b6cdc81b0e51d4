"""Our clock, and whether an RTU's own is to be believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class RtuClock:
    """Compares the clock of one RTU with ours.

    off:  seconds it may be off before its times are not believed.
    jump: seconds by which its difference to ours may change from one look to the next.
    difference: seconds that it is ahead of ours, as last seen.
    jumps:   how often it has jumped.
    refused: time stamps that were not believed: received time counted in their place.
    """

    off: float = 5.0
    jump: float = 2.0
    difference: float | None = None
    jumps: int = 0
    refused: int = 0

    def look(self, theirs: datetime, ours: datetime) -> str:
        """Note what its clock shows; a sentence when it has jumped, else ""."""
        now = (theirs - ours).total_seconds()
        before, self.difference = self.difference, now
        if before is None or abs(now - before) <= self.jump:
            return ""
        self.jumps += 1
        return f"its clock jumped by {now - before:+.1f} s and is now {now:+.1f} s from ours"

    @property
    def is_believed(self) -> bool:
        """An RTU that shows no clock is believed, within what `stamp` allows."""
        return self.difference is None or abs(self.difference) <= self.off

    def stamp(self, theirs: datetime | None, ours: datetime) -> datetime | None:
        """The RTU's time stamp if it is believed: a future one would hide all that follows."""
        if theirs is None:
            return None
        if self.is_believed and theirs <= ours + timedelta(seconds=self.off):
            return theirs
        self.refused += 1
        return None
