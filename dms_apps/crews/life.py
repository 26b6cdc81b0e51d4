"""How far crews have come with their orders, as a function of the steps that were told.

Backward moves, as from enroute to assigned, are as good as others: real crews make them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Stage(StrEnum):
    """Where a crew is with an order: CrewStatusKind, and suspended, for which the CIM has no word.

    As a step of a crew, `AWAITING` takes the order from it.
    """

    AWAITING = "awaitingCrewAssignment"
    ASSIGNED = "assigned"
    SUSPENDED = "suspended"
    ENROUTE = "enroute"
    ARRIVED = "arrived"
    COMPLETE = "fieldComplete"


ACTIVE = frozenset({Stage.ENROUTE, Stage.ARRIVED})
"""Of these a crew can have one order only."""

FARTHEST = (Stage.ARRIVED, Stage.ENROUTE, Stage.ASSIGNED, Stage.SUSPENDED, Stage.COMPLETE)
"""The foremost first."""

_TICK = timedelta(microseconds=1)
_RANK = {stage: number for number, stage in enumerate(Stage)}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A crew has come so far with an order.

    crew: mRID; "": all that are at it then.
    who:  user or system that said it; why: what it said.
    """

    order: str
    crew: str
    at: datetime
    stage: Stage
    who: str = ""
    why: str = ""

    @property
    def age(self) -> tuple[datetime, int, str]:
        """What decides which of two steps is the newer one."""
        return self.at, _RANK[self.stage], self.order


Standing = Mapping[str, Mapping[str, Step]]
"""Order -> crew -> the step that holds; who was taken off is not there."""


def standing(steps: Iterable[Step]) -> Standing:
    """What holds once all steps are told, in whatever order.

    A crew that goes to one order suspends any other at which it was, until it goes there again.
    """
    latest: dict[tuple[str, str], Step] = {}
    went: dict[str, Step] = {}  # crew -> where it went last
    for step in sorted(steps, key=lambda one: one.age):
        crews = [step.crew] if step.crew else [c for o, c in latest if o == step.order]
        for crew in crews:
            before = latest.get((step.order, crew))
            if step.crew or (before and before.stage is not Stage.AWAITING):
                latest[step.order, crew] = mine = replace(step, crew=crew)
                if step.stage in ACTIVE:
                    went[crew] = mine
    found: dict[str, dict[str, Step]] = defaultdict(dict)
    for (order, crew), step in sorted(latest.items()):
        if step.stage is Stage.AWAITING:
            continue
        if step.stage in ACTIVE and (other := went[crew]).order != order:
            step = replace(step, stage=Stage.SUSPENDED, at=other.at, why="at another order")
        found[order][crew] = step
    return found


def overall(crews: Mapping[str, Step]) -> Stage:
    """How far an order has come as a whole: as its foremost crew; done when all are."""
    stages = {step.stage for step in crews.values()}
    return next((stage for stage in FARTHEST if stage in stages), Stage.AWAITING)


def latest(steps: Iterable[Step]) -> Mapping[str, datetime]:
    """Crew -> its newest step of an order; "": the newest of whoever was at it."""
    found: dict[str, datetime] = {}
    for step in steps:
        found[step.crew] = max(step.at, found.get(step.crew, step.at))
    return found


def after(last: Mapping[str, datetime], crew: str, at: datetime) -> datetime:
    """A time from which something counts that was decided after all that is known."""
    return max([at, *(last[one] + _TICK for one in (crew, "") if one in last)])
