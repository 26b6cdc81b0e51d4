"""Zones: whose work is where, how many crews it needs, and which dispatcher looks after it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dms_apps.crews.places import Site
from dms_apps.crews.roster import Crew

_NOTHING = 1e-9
"""Hours of no work."""


@dataclass(frozen=True, kw_only=True)
class Zone:
    """Settings, `[zones.<name>]` in `config/apps/crews.toml`.

    feeders: mRIDs or names; a feeder that is in no zone is one of its own.
    depots:  names or kinds of places (Crew.Location): a crew that is there is of the zone.
    crews:   mRIDs or names of crews that are of the zone wherever they are.
    """

    feeders: tuple[str, ...] = ()
    depots: tuple[str, ...] = ()
    crews: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Load:
    """The work of a zone, and who there is for it.

    hours:      of work and ways that are left; shift: hours that its crews are still on duty.
    crews:      on duty; mutual_aid: those of them that are others'.
    needed:     crews for the work at the hours that one of them has left.
    shared:     crews of no zone that are left over there and can come.
    """

    zone: str
    orders: int
    hours: float
    crews: int
    mutual_aid: int
    shift: float
    needed: int
    shared: int = 0

    @property
    def short(self) -> int:
        """Crews that there are too few."""
        return max(self.needed - self.crews - self.shared, 0)


def of_site(zones: Mapping[str, Zone], site: Site) -> str:
    """The zone of a place; its feeder where there is none, "" where nobody knows that either."""
    for name, zone in zones.items():
        if {site.feeder, site.feeder_name} & {*zone.feeders}:
            return name
    return site.feeder_name or site.feeder


def of_crew(zones: Mapping[str, Zone], crew: Crew) -> str:
    """The zone of a crew; "" for one that is of none, which may go anywhere."""
    for name, zone in zones.items():
        if {crew.mrid, crew.name} & {*zone.crews}:
            return name
    return next((n for n, zone in zones.items() if crew.place_name in zone.depots), "")


def loads(
    work: Iterable[tuple[str, float]],
    crews: Iterable[tuple[str, datetime | None, bool]],
    now: datetime,
    shift: float,
) -> list[Load]:
    """By zone.

    work:  zone and hours that are left of each order.
    crews: zone of each crew on duty, until when, and whether it is on mutual aid.
    shift: hours, where nobody knows them.
    """
    hours: dict[str, list[float]] = defaultdict(list)
    rest: dict[str, list[float]] = defaultdict(list)
    others: dict[str, int] = defaultdict(int)
    for zone, left in work:
        hours[zone].append(left)
    for zone, until, is_other in crews:
        rest[zone].append((until - now).total_seconds() / 3600 if until else shift)
        others[zone] += is_other
    found = []
    for zone in sorted(hours.keys() | rest.keys()):
        each = sum(rest[zone]) / len(rest[zone]) if rest[zone] else shift
        needed = math.ceil(sum(hours[zone]) / each - 1e-9) if each > 0 else 0
        found.append(
            Load(
                zone=zone, orders=len(hours[zone]), hours=sum(hours[zone]), crews=len(rest[zone]),
                mutual_aid=others[zone], shift=sum(rest[zone]), needed=needed,
            )
        )  # fmt: skip
    return _shared(found)


def _shared(loads: list[Load]) -> list[Load]:
    """The same with the crews of no zone that it does not need itself: each comes where most lack,
    of zones with as many to the first by name."""
    spare = sum(max(one.crews - one.needed, 0) for one in loads if not one.zone)
    short = {one.zone: one.short for one in loads if one.zone and one.short}
    come: dict[str, int] = defaultdict(int)
    for _ in range(min(spare, sum(short.values()))):
        zone = min(short, key=lambda name: (come[name] - short[name], name))
        come[zone] += 1
    return [replace(one, shared=come[one.zone]) for one in loads]


def owners(dispatchers: Mapping[str, Iterable[str]], zones: Mapping[str, Zone]) -> dict[str, str]:
    """Zone -> dispatcher.  Raises: ValueError for a zone that two have, or that nobody knows."""
    found: dict[str, str] = {}
    for user, of in dispatchers.items():
        for zone in of:
            if zones and zone not in zones:
                known = ", ".join(zones)
                raise ValueError(f"dispatchers.{user}: {zone} is no zone; known are {known}")
            if zone in found:
                raise ValueError(f"dispatchers.{user}: {zone} is a zone of {found[zone]}, too")
            found[zone] = user
    return found


def balanced(
    hours: Mapping[str, float], now: Mapping[str, str], users: Iterable[str]
) -> dict[str, str]:
    """Zone -> dispatcher, with few moves and no dispatcher worse off than the busiest is now.

    As long as it brings the two nearer, the largest zone that fits goes from the dispatcher with
    the most hours to the one with the least; a zone of nobody goes to the latter first.
    """
    found = {zone: user for zone, user in now.items() if zone in hours}
    sums = dict.fromkeys(sorted({*users, *found.values()}), 0.0)
    if not sums:
        return {}
    for zone, user in found.items():
        sums[user] += hours[zone]
    for zone in sorted(hours.keys() - found.keys(), key=lambda z: (-hours[z], z)):
        found[zone] = min(sums, key=lambda user: (sums[user], user))
        sums[found[zone]] += hours[zone]
    while True:
        most, least = max(sums, key=lambda u: (sums[u], u)), min(sums, key=lambda u: (sums[u], u))
        gap = sums[most] - sums[least]
        fit = [z for z, user in found.items() if user == most and _NOTHING < hours[z] < gap]
        if not fit:
            return found
        # What is moved closes the gap by twice its hours: half of the gap is best.
        zone = min(fit, key=lambda z: (abs(gap / 2 - hours[z]), z))
        found[zone] = least
        sums[most] -= hours[zone]
        sums[least] += hours[zone]
