"""What utilities and regulators count differently, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import Field


@dataclass(frozen=True, kw_only=True)
class Conventions:
    """How interruptions are counted: `[reliability]` of `config/apps/outage.toml`.

    zone:     time zone of days, months and years.
    year:     month and day on which a reporting year begins.
    names:    of columns: `ieee` (SAIFI, SAIDI ...) or `uk` (CI per 100 customers, CML ...).
    sustained: seconds; an interruption that lasts longer is sustained, else it is momentary.
    exactly:  what one is that lasts just so long: `momentary` (IEEE 1366) or `sustained` (where it
              is counted from so long on).
    event:    seconds from the beginning of the first one on in which momentary interruptions of the
              same customers are one momentary event.
    before_sustained: whether a momentary event counts that, within its seconds, ends in a sustained
              interruption; IEEE 1366 counts that interruption alone.
    accrues:  to which day an interruption belongs: `start`, all of it to the day on which it begins
              (IEEE 1366), or `days`, to each day what of it is on that day.
    open:     what has not ended yet is `counted`, up to now, or `left out`.
    multiple: whether CEMI and CEMSMI count customers with `more` than n interruptions or `from` n
              on: editions of IEEE 1366 differ.
    counts:   the n of CEMI and CEMSMI.
    single:   hours from which one sustained interruption counts in CELID-s.
    total:    hours from which the sustained interruptions of a customer together count in CELID-t.
    beta:     standard deviations above the mean of the logarithms of daily SAIDI from which a day
              is a major event day.
    deviation: their standard deviation, of a `sample` (n - 1) or of the whole `population` (n).
    years:    reporting years before the one in question whose days make the threshold.
    zero_days: days without an interruption are `dropped`, or count as the `lowest` that is not 0.
    major_of: whose SAIDI makes a day major: `all` sustained interruptions, or the `unplanned`.
    catastrophic: days that make no threshold; they are major whatever it is.
    catastrophic_beta: deviations from which a day is catastrophic without being named; 0: none is.
    worst:    how many feeders are worst.
    regions:  feeder, by mRID or name, -> region; what is not here belongs to the region that the
              model says.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    zone: str = "UTC"
    year: str = "01-01"
    names: Literal["ieee", "uk"] = "ieee"
    sustained: Annotated[int, Field(ge=0)] = 300
    exactly: Literal["momentary", "sustained"] = "momentary"
    event: Annotated[int, Field(ge=0)] = 300
    before_sustained: bool = False
    accrues: Literal["start", "days"] = "start"
    open: Literal["counted", "left out"] = "counted"
    multiple: Literal["more", "from"] = "more"
    counts: tuple[Annotated[int, Field(ge=0)], ...] = (1, 2, 3, 5)
    single: tuple[Annotated[int, Field(gt=0)], ...] = (2, 8)
    total: tuple[Annotated[int, Field(gt=0)], ...] = (10,)
    beta: Annotated[float, Field(gt=0)] = 2.5
    deviation: Literal["sample", "population"] = "sample"
    years: Annotated[int, Field(gt=0, le=50)] = 5
    zero_days: Literal["dropped", "lowest"] = "dropped"
    major_of: Literal["all", "unplanned"] = "all"
    catastrophic: tuple[date, ...] = ()
    catastrophic_beta: Annotated[float, Field(ge=0)] = 0.0
    worst: Annotated[int, Field(gt=0)] = 10
    regions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ValueError, LookupError, OSError):
            raise ValueError(
                f"zone: {self.zone!r} is no time zone, such as Europe/Berlin"
            ) from None
        try:
            date.fromisoformat(f"2001-{self.year}")  # not the 29th of February
        except ValueError:
            raise ValueError(f"year: {self.year!r} is no month and day, such as 04-01") from None
        if self.multiple == "from" and 0 in self.counts:
            raise ValueError("counts: from 0 interruptions on are all customers")

    def year_of(self, day: date) -> int:
        """The reporting year of a day, by the calendar year in which it begins."""
        return day.year - (f"{day:%m-%d}" < self.year)

    def begins(self, year: int) -> date:
        """The first day of a reporting year."""
        return date.fromisoformat(f"{year:04d}-{self.year}")


UK: Mapping[str, Any] = {
    "zone": "Europe/London",
    "year": "04-01",
    "names": "uk",
    "sustained": 180,
    "exactly": "sustained",
    "event": 180,
}
"""Settings of the regulator of Great Britain: interruptions of three minutes and longer."""
