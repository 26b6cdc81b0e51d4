"""How far an outage has come, and what may follow: the rules by which a request is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from cim.message import Verb
from cim.profiles.outages import CrewStatusKind
from dms_apps.outage.episodes import (
    ASKED,
    CLOSED,
    CONFIRMED,
    PREDICTED,
    RESTORED,
    RETURNING,
    VERIFY,
)
from dms_apps.outage.outages import Outage

CANCELLED, HAZARD = "cancelled", "hazard"
ZONE = "zone"
"""EstimatedRestorationTime.ertSource of what is told of all outages of a zone."""

_AUTOMATIC = frozenset({"history", "crew queue", "default", "override", "assessment"})
"""That of what is computed."""

NEXT: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        PREDICTED: frozenset({CONFIRMED, RETURNING, RESTORED, CLOSED, CANCELLED}),
        ASKED: frozenset({PREDICTED, CONFIRMED, RETURNING, RESTORED, CLOSED, CANCELLED}),
        VERIFY: frozenset({CONFIRMED, CANCELLED}),
        HAZARD: frozenset(),
        CONFIRMED: frozenset({PREDICTED, RETURNING, RESTORED, CLOSED, CANCELLED}),
        RETURNING: frozenset({RESTORED, CLOSED}),
        RESTORED: frozenset({CLOSED}),
        CLOSED: frozenset(),
        CANCELLED: frozenset(),
    }
)
"""Outage.outageKind, and what has none, -> what a person may make of it."""


class Stage(StrEnum):
    """How far it has come, crew and all."""

    PREDICTED = "predicted"
    CONFIRMED = "confirmed"
    ASSIGNED = "assigned"
    ENROUTE = "enroute"
    ON_SITE = "onSite"
    PARTIALLY_RESTORED = "partiallyRestored"
    RESTORED = "restored"
    VERIFIED = "verified"
    CLOSED = "closed"
    CANCELLED = "cancelled"


_WITH_CREW = MappingProxyType(
    {
        CrewStatusKind.ASSIGNED: Stage.ASSIGNED,
        CrewStatusKind.ENROUTE: Stage.ENROUTE,
        CrewStatusKind.ARRIVED: Stage.ON_SITE,
        CrewStatusKind.FIELD_COMPLETE: Stage.ON_SITE,
    }
)


def stage(outage: Outage) -> Stage:
    """How far an outage has come; a crew that leaves again takes it back."""
    if outage.state == RESTORED and outage.verified:
        return Stage.VERIFIED
    if outage.state in (RETURNING, RESTORED, CLOSED, CANCELLED):
        return Stage(outage.state)
    if outage.crew_status and outage.crew_status in _WITH_CREW:
        return _WITH_CREW[CrewStatusKind(outage.crew_status)]
    return Stage.CONFIRMED if outage.state == CONFIRMED else Stage.PREDICTED


def verb(outage: Outage) -> Verb:
    """How what is new of an outage is told; of one that is over, so that it stays over."""
    if outage.is_open:
        return Verb.CHANGED
    return Verb.CANCELED if outage.state == CANCELLED else Verb.CLOSED


def refusal(outage: Outage, wanted: str) -> str:
    """Why an outage cannot become what is wanted; "" when it can, or is it already."""
    if outage.planned:
        return (
            f"The outage {outage.mrid} is a planned one: it is changed as PlannedOutages, its"
            " outageKind cannot be."
        )
    if wanted in NEXT[outage.state] or wanted == outage.state != CANCELLED:
        return ""
    if outage.state == HAZARD:
        calls = ", ".join(call for _, call in outage.hazards)
        return (
            f"The outage {outage.mrid} is a danger told by {calls}: its outageKind cannot become"
            f" {wanted}, it is over when that is closed."
        )
    can = ", ".join(sorted(NEXT[outage.state]))
    but = f", but {can}" if can else " any more"
    return (
        f"The outage {outage.mrid} is {outage.state}: its outageKind cannot become {wanted}{but}."
    )


def crew_refusal(outage: Outage, field: str) -> str:
    """Why nothing can be said of crew or restoration time any more; "" when it can.  A crew may
    also go back a step: crews are called off, and leave before they are done."""
    if outage.is_open:
        return ""
    return f"The outage {outage.mrid} is {outage.state}: its {field} stays as it is."


def move_refusal(outage: Outage, field: str) -> str:
    """Why an outage cannot be moved, merged or split; "" when it can."""
    if outage.state in (PREDICTED, ASKED, CONFIRMED, VERIFY) and not outage.planned:
        return ""
    is_what = "planned" if outage.planned else outage.state
    return (
        f"The outage {outage.mrid} is {is_what}: {field} is possible while it is predicted or"
        " confirmed."
    )


def weight(source: str | None) -> int:
    """Whose restoration time stays: what is computed gives way to what is told of a zone, and that
    to what a crew or a dispatcher says of the outage itself."""
    if source in _AUTOMATIC:
        return 0
    return 1 if source == ZONE else 2
