"""What a utility sets of its crews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from dms_apps.crews.priority import Weights
from dms_apps.crews.travel import Travel
from dms_apps.crews.zones import Zone, owners

Hours = Annotated[float, Field(gt=0)]
HAZARD, OTHER = "hazard", "other"
"""Kinds of work beside the classes of devices."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """In `config/apps/crews.toml`.

    assignment:   "suggest": who is to go is told in the report `work-queue`; "assign": crews are
                  assigned by themselves, too, but to nothing that a dispatcher took them off.
    queue:        how many orders a crew has at most, the one it is at among them.
    patience:     minutes by which an order may be reached later than by urgency alone, so that
                  others are reached earlier.
    many:         from how many customers on an outage ranks before smaller ones.
    pace:         least seconds between two looks at what is new.
    days:         how long orders that are over are kept, with who did what.
    shift:        hours of a shift, where none is known and crews are counted.
    held:         Document.status of outages that wait before a crew is sent.
    unavailable:  Crew.status of crews that are not sent.
    own:          organisations whose crews are no mutual aid, by the authority of their names;
                  empty: only crews with vehicles of a contractor are.
    mutual_aid:   whether crews on mutual aid are assigned or suggested.
    catch_up:     whether it learns, when it is added, what the hub knows already.
    weights:      what makes an order urgent (`Weights`).
    travel:       how long ways take (`Travel`).
    repair_hours: by class of the device that is open, "UsagePoint", "hazard", or "other".
    task_hours:   of a task of work (WorkTaskKind) whose estimate nobody tells.
    skills:       what a crew must be able to do, by the same kinds.
    zones:        parts of the network that are looked after together (`Zone`).
    dispatchers:  their zones, by user.
    """

    assignment: Literal["suggest", "assign"] = "suggest"
    queue: Annotated[int, Field(ge=1)] = 3
    patience: Annotated[float, Field(ge=0)] = 10.0
    many: Annotated[int, Field(ge=2)] = 50
    pace: Annotated[float, Field(ge=0)] = 1.0
    days: Annotated[float, Field(gt=0)] = 30.0
    shift: Hours = 8.0
    held: tuple[str, ...] = ("verify", "asked")
    unavailable: tuple[str, ...] = ("unavailable", "offDuty")
    own: tuple[str, ...] = ()
    mutual_aid: bool = True
    catch_up: bool = True
    weights: Weights = field(default_factory=Weights)
    travel: Travel = field(default_factory=Travel)
    repair_hours: Mapping[str, Hours] = field(default_factory=dict)
    task_hours: Mapping[str, Hours] = field(default_factory=dict)
    skills: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zones: Mapping[str, Zone] = field(default_factory=dict)
    dispatchers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        owners(self.dispatchers, self.zones)

    def needed(self, kind: str, *, is_hazard: bool) -> frozenset[str]:
        """What a crew must be able to do at a device of this class."""
        found = {*self.skills.get(kind, self.skills.get(OTHER, ()))}
        return frozenset(found | {*(self.skills.get(HAZARD, ()) if is_hazard else ())})

    def usual_hours(self, kind: str) -> float:
        """At a device of this class, where nobody has assessed the damage."""
        return self.repair_hours.get(kind, self.repair_hours.get(OTHER, 2.0))

    @property
    def kept(self) -> timedelta:
        return timedelta(days=self.days)
