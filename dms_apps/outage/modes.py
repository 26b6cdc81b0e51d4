"""By which rules is predicted: normal ones, and others for storms, region by region.

A region is in a mode because somebody asked for it, else by schedule, else because of how much
happens there.  In a storm more must speak for a device, and an outage is held back for longer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa
from pydantic import Field

from dms_apps.outage.prediction import Rules
from dms_apps.outage.tables import mode as table
from dms_apps.outage.tables import outage, ticket

NORMAL, STORM, AUTO = "normal", "storm", "auto"
EVERYWHERE = ""
Share = Annotated[float, Field(ge=0, le=1)]
"""A probability, or a part of all."""

_LOOK_BACK = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """What is otherwise than in normal times; None: nothing.

    hold_off: seconds that an outage must be believed in before it is told.
    """

    hold_off: float | None = None
    delivery: Share | None = None
    rarity: Share | None = None
    device_share: Share | None = None
    transformer_share: Share | None = None

    def rules(self, normal: Rules) -> Rules:
        """The rules of the prediction."""
        names = ("delivery", "rarity", "device_share", "transformer_share")
        said = {name: value for name in names if (value := getattr(self, name)) is not None}
        return replace(normal, **said)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A mode from a time until another, in a region or, "", everywhere."""

    mode: str
    begins: datetime
    ends: datetime
    region: str = EVERYWHERE

    def __post_init__(self) -> None:
        if self.begins.tzinfo is None or self.ends.tzinfo is None:
            raise ValueError("begins and ends need an offset from UTC, e.g. 2026-11-27T18:00:00Z")
        if self.ends <= self.begins:
            raise ValueError(f"ends {self.ends.isoformat()} is not after begins")


@dataclass(frozen=True, kw_only=True)
class Modes:
    """Settings, in the table `modes`.

    regions:  feeder, by mRID -> its region; all others are of the region "".
    sets:     mode, or "<mode> <region>" for a region alone -> its rules.
    schedule: modes that are known to come.
    calls:    calls a minute in a region, in ten minutes, from which it is in a storm; 0: none are.
    outages:  open outages of a region from which it is; 0: none are.
    calm:     seconds for which there must be fewer than half before the storm is over.
    """

    regions: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, RuleSet] = field(
        default_factory=lambda: {STORM: RuleSet(hold_off=180.0, device_share=0.3)}
    )
    schedule: tuple[Planned, ...] = ()
    calls: float = 60.0
    outages: int = 100
    calm: float = 1800.0

    def known(self) -> frozenset[str]:
        """The modes there are."""
        return frozenset({NORMAL, *(name.partition(" ")[0] for name in self.sets)})

    def all_regions(self) -> frozenset[str]:
        """The regions there are."""
        return frozenset({EVERYWHERE, *self.regions.values()})

    def rule_set(self, mode: str, region: str) -> RuleSet:
        """The rules of a mode in a region."""
        return self.sets.get(f"{mode} {region}", self.sets.get(mode, RuleSet()))


@dataclass(frozen=True)
class Mode:
    """Of one region: `why` is a sentence; `high_at` when there was much going on last."""

    region: str
    name: str
    since: datetime
    why: str
    ordered: str = ""
    high_at: datetime | None = None


def current(connection: sa.Connection) -> dict[str, Mode]:
    """Region -> its mode as last found; a region that is not there is in the normal one."""
    columns = (table.c.region, table.c.name, table.c.since, table.c.why, table.c.ordered,
               table.c.high_at)  # fmt: skip
    return {row.region: Mode(*row) for row in connection.execute(sa.select(*columns))}


def order(connection: sa.Connection, region: str, mode: str, by: str, now: datetime) -> None:
    """Somebody wants a mode, AUTO for none in particular, from now on."""
    before = current(connection).get(region, Mode(region, NORMAL, now, ""))
    wanted = "" if mode == AUTO else f"{mode} {by}".strip()
    _keep(connection, replace(before, ordered=wanted))


def renewed(
    connection: sa.Connection, modes: Modes, feeder: Mapping[str, str], now: datetime
) -> tuple[dict[str, Mode], bool]:
    """The modes now, and whether any is another than before.

    feeder: usage point -> its feeder.
    """
    before = current(connection)
    calls, outages = _happening(connection, modes, feeder, now)
    found: dict[str, Mode] = {}
    for region in sorted(modes.all_regions()):
        was = before.get(region, Mode(region, NORMAL, now, ""))
        found[region] = _of_region(modes, was, calls[region], outages[region], now)
        if found[region] != was:
            _keep(connection, found[region])
    changed = any(found[r].name != (before[r].name if r in before else NORMAL) for r in found)
    return found, changed


def due(modes: Modes, found: Iterable[Mode], now: datetime) -> datetime | None:
    """When a mode may be another though nothing is heard; None: never."""
    times = [moment for one in modes.schedule for moment in (one.begins, one.ends)]
    times += [
        one.high_at + timedelta(seconds=modes.calm)
        for one in found
        if one.name != NORMAL and one.high_at is not None and not one.ordered
    ]
    return min((moment for moment in times if moment > now), default=None)


def region_of(modes: Modes, feeder: Mapping[str, str], points: Iterable[str]) -> str:
    """The region of the first of these usage points that is on a feeder."""
    on = (feeder[point] for point in points if point in feeder)
    return modes.regions.get(next(on, ""), EVERYWHERE)


def _of_region(modes: Modes, was: Mode, calls: int, outages: int, now: datetime) -> Mode:
    a_minute = calls / (_LOOK_BACK.total_seconds() / 60)
    share = max(
        a_minute / modes.calls if modes.calls else 0.0, outages / modes.outages if modes.outages
        else 0.0,
    )  # fmt: skip
    high_at = now if share >= (0.5 if was.name == STORM else 1.0) else was.high_at
    name, why = NORMAL, "Nothing out of the ordinary."
    planned = next(
        (one for one in modes.schedule
         if one.region in (was.region, EVERYWHERE) and one.begins <= now < one.ends), None,
    )  # fmt: skip
    if was.ordered:
        name, _, by = was.ordered.partition(" ")
        why = f"Asked for by {by or 'somebody'}."
    elif planned is not None:
        name, why = planned.mode, f"By schedule until {planned.ends.isoformat()}."
    elif high_at is not None and now < high_at + timedelta(seconds=modes.calm):
        name, why = STORM, f"{a_minute:,.1f} calls a minute, {outages:,} open outages."
    if name == was.name:
        return replace(was, high_at=high_at)
    return Mode(was.region, name, now, why, was.ordered, high_at)


def _happening(
    connection: sa.Connection, modes: Modes, feeder: Mapping[str, str], now: datetime
) -> tuple[Counter[str], Counter[str]]:
    """By region: calls of the last ten minutes, and open outages."""
    recent = sa.select(ticket.c.point).where(ticket.c.reported_at > now - _LOOK_BACK)
    opened = sa.select(outage.c.anchor).where(outage.c.closed_at.is_(None), ~outage.c.planned)
    calls, outages = (
        Counter(region_of(modes, feeder, [point]) for point in connection.scalars(query))
        for query in (recent, opened)
    )
    return calls, outages


def _keep(connection: sa.Connection, one: Mode) -> None:
    connection.execute(sa.delete(table).where(table.c.region == one.region))
    row = {"region": one.region, "name": one.name, "since": one.since, "why": one.why,
           "ordered": one.ordered, "high_at": one.high_at}  # fmt: skip
    connection.execute(sa.insert(table).values(row))
