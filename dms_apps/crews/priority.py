"""Which trouble is the most urgent, and why, in points and in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from dms_apps.crews.trouble import Trouble

HAZARD, CRITICAL, MANY, SOME, ONE = 1, 2, 3, 4, 5
"""Priority.rank of an order; the lower, the more urgent."""

RANKS = {
    HAZARD: "hazard",
    CRITICAL: "critical customers",
    MANY: "many customers",
    SOME: "some customers",
    ONE: "one customer or none",
}


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Settings, `[weights]` in `config/apps/crews.toml`: points, in customers.

    hazard:   of a danger to life; more than all others together, so it comes first.
    critical: of each customer whose supply must not fail, beside its own.
    customer: of each customer without supply.
    hour:     of each hour since it began.
    travel:   taken off for each hour on the way.
    """

    hazard: Annotated[float, Field(ge=0)] = 1_000_000.0
    critical: Annotated[float, Field(ge=0)] = 500.0
    customer: Annotated[float, Field(ge=0)] = 1.0
    hour: Annotated[float, Field(ge=0)] = 10.0
    travel: Annotated[float, Field(ge=0)] = 20.0


@dataclass(frozen=True)
class Score:
    """How urgent something is.

    points:  the more, the more urgent.
    reasons: where they come from, a sentence each.
    """

    points: float
    reasons: tuple[str, ...]


def score(trouble: Trouble, now: datetime, weights: Weights) -> Score:
    """Without the way there, which is of a crew and not of the trouble."""
    hours = max((now - trouble.since).total_seconds() / 3600, 0.0) if trouble.since else 0.0
    found = [
        (weights.hazard * bool(trouble.hazards), f"Danger: {', '.join(trouble.hazards)}."),
        (weights.critical * trouble.critical, f"{counted(trouble.critical, 'critical customer')}."),
        (
            weights.customer * trouble.customers,
            f"{counted(trouble.customers, 'customer')} without supply.",
        ),
        (weights.hour * hours, f"For {hours:.1f} h."),
    ]
    return Score(sum(p for p, _ in found), tuple(why for points, why in found if points))


def rank(trouble: Trouble, many: int) -> int:
    """In which of five classes it is; it changes with the facts, not with the time.

    many: from how many customers on they are many.
    """
    if trouble.hazards:
        return HAZARD
    if trouble.critical:
        return CRITICAL
    if trouble.customers >= many:
        return MANY
    return SOME if trouble.customers > 1 else ONE


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
