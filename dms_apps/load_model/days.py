"""Which days are alike, and at which of their slots a moment is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

WORKING, SATURDAY, SUNDAY = "working", "saturday", "sunday"
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Day:
    """What a day is like.

    season: one of the calendar's.
    kind:   working, saturday, sunday (holidays too), or a type of days that the calendar names.
    """

    season: str
    kind: str


@dataclass(frozen=True)
class Calendar:
    """Days where the utility is.

    seasons:  name -> month and day on which it begins, e.g. "11-01"; a name may begin twice:
              "transition" -> "03-21 09-15".
    holidays: day -> its kind.
    minutes:  of a slot.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    seasons: Mapping[str, str] = field(default_factory=lambda: {"year": "01-01"})
    holidays: Mapping[date, str] = field(default_factory=dict)
    minutes: int = 30

    def __post_init__(self) -> None:
        if self.minutes <= 0 or DAY_MINUTES % self.minutes:
            raise ValueError(f"a day is no whole number of slots of {self.minutes} minutes")
        for name, begins in self.seasons.items():
            for one in begins.split():
                try:
                    date.fromisoformat(f"2000-{one}")
                except ValueError:
                    raise ValueError(f"season {name}: {one} is no month and day") from None

    @property
    def slots(self) -> int:
        """Of a day."""
        return DAY_MINUTES // self.minutes

    def local(self, moment: datetime) -> datetime:
        """As clocks show it there."""
        return moment.astimezone(self.zone)

    def slot(self, moment: datetime) -> int:
        """By the clock; on a day on which it is set back two hours have the same slots."""
        local = self.local(moment)
        return (local.hour * 60 + local.minute) // self.minutes

    def day(self, moment: datetime) -> Day:
        """Of a moment."""
        return self.like(self.local(moment).date())

    def like(self, day: date) -> Day:
        """What a day is like."""
        week = {5: SATURDAY, 6: SUNDAY}.get(day.weekday(), WORKING)
        return Day(self._season(day), self.holidays.get(day, week))

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """Where a day begins and ends, UTC."""
        start = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        after = day + timedelta(days=1)
        end = datetime(after.year, after.month, after.day, tzinfo=self.zone)
        return start.astimezone(UTC), end.astimezone(UTC)

    def days(self, start: datetime, end: datetime) -> list[tuple[date, float]]:
        """The days of a period, and how much of each is in it."""
        found = []
        day = self.local(start).date()
        while self.bounds(day)[0] < end:
            first, last = self.bounds(day)
            inside = min(last, end) - max(first, start)
            found.append((day, inside / (last - first)))
            day += timedelta(days=1)
        return found

    def _season(self, day: date) -> str:
        """The one that began last."""
        begun = [(one, name) for name, said in self.seasons.items() for one in said.split()]
        today = f"{day.month:02}-{day.day:02}"
        before = [pair for pair in begun if pair[0] <= today]
        return max(before or begun)[1]
