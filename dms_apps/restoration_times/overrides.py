"""Times that go before estimates: by the settings, and as a dispatcher has told of a zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from cim.network import Network
from dms_apps.restoration_times.estimates import OVERRIDE, Estimate
from dms_apps.restoration_times.store import Row

ZONE = "zone"
"""EstimatedRestorationTime.ertSource of what a dispatcher tells of all outages of a zone."""


@dataclass(frozen=True, kw_only=True)
class Override:
    """Settings, `[overrides.<name>]` in `config/apps/restoration_times.toml`; the first that fits
    an outage counts.

    zones: feeders, by mRID or name, or communities; none: all.
    storm: only in a storm.
    least: of so many customers or more; below: of fewer, 0: of however many.
    delay: minutes after the estimate; at: the time itself, until it has passed.
    Raises: ValueError unless there is a delay or a time, and only one of them.
    """

    zones: tuple[str, ...] = ()
    storm: bool = False
    least: Annotated[int, Field(ge=0)] = 0
    below: Annotated[int, Field(ge=0)] = 0
    delay: float = 0.0
    at: datetime | None = None

    def __post_init__(self) -> None:
        if (self.at is None) == (self.delay == 0.0):
            raise ValueError("delay or at is needed, and only one of them")
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError("at needs an offset from UTC, e.g. 2026-11-27T18:00:00Z")
        if self.below and self.below <= self.least:
            raise ValueError(f"below {self.below} is not above least {self.least}")

    def fits(self, row: Row, names: Iterable[str], now: datetime, *, storm: bool) -> bool:
        """Whether it is about an outage; `names` are those of its zone."""
        return (
            (storm or not self.storm)
            and (not self.zones or not {*names}.isdisjoint(self.zones))
            and self.least <= row.customers
            and (not self.below or row.customers < self.below)
            and (self.at is None or self.at > now)
        )


@dataclass(frozen=True)
class Overrides:
    """How estimates are changed, at a moment."""

    settings: Mapping[str, Override]
    network: Network
    now: datetime
    storm: bool

    def applied(
        self, outages: Sequence[Row], found: Mapping[str, Estimate]
    ) -> Mapping[str, Estimate]:
        """Outage -> its estimate; what a dispatcher has told of a zone goes before the settings."""
        told = of_zones(outages, self.now)
        return {row.mrid: self._one(row, found[row.mrid], told) for row in outages}

    def _one(self, row: Row, one: Estimate, told: Mapping[str, datetime]) -> Estimate:
        if row.zone in told:
            why = "A dispatcher has told it of all outages of the zone."
            return replace(one, at=told[row.zone], source=ZONE, sure=False, why=why)
        for name, override in self.settings.items():
            if override.fits(row, self._names(row.zone), self.now, storm=self.storm):
                at = override.at or one.at + timedelta(minutes=override.delay)
                said = (
                    f"{override.delay:g} min later than estimated" if not override.at else "a time"
                )
                why = f"The setting overrides.{name}: {said}. {one.why}"
                return replace(one, at=at, source=OVERRIDE, why=why)
        return one

    def _names(self, zone: str) -> tuple[str, ...]:
        return (zone, self.network.name(zone)) if self.network.knows(zone) else (zone,)


def of_zones(outages: Sequence[Row], now: datetime) -> dict[str, datetime]:
    """Zone -> the time to come that was told last of all its outages: others follow it."""
    told = [row for row in outages if row.ert_source == ZONE and row.ert and row.ert > now]
    return {row.zone: row.ert for row in sorted(told, key=lambda row: (row.as_of, row.ert))}
