"""Limits of voltage quality that are not kept, as LimitViolations."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from cim.network import Network
from cim.profiles.identification import Name
from cim.profiles.limit_violations import (
    LimitViolation,
    LimitViolations,
    OperationalLimitDirectionKind,
)
from cim.profiles.outages import Equipment
from cim.profiles.phases import PhaseCode
from cim.profiles.units import UnitMultiplier, UnitSymbol
from dms_apps.power_quality.limits import Limit

_QUALITY = uuid.UUID("b0a1a4f3-4a4f-5f0e-8c65-1b8a6e7b8a11")  # namespace of our identifiers
Broken = Mapping[tuple[str, str, str], tuple[datetime, float]]


def notice(
    some: Broken, limits: Mapping[str, Limit], network: Network, now: datetime, *, cleared: bool
) -> LimitViolations:
    """Per cent of the values that are within, against what must be."""
    return LimitViolations(
        limit_violation=tuple(
            _told(place, phase, limits[name], since, share, network, now, cleared)
            for (place, phase, name), (since, share) in some.items()
            if name in limits
        )
    )


def _told(
    place: str, phase: str, limit: Limit, since: datetime, share: float, network: Network,
    now: datetime, cleared: bool,
) -> LimitViolation:  # fmt: skip
    name = network.name(place) if network.knows(place) else ""
    of = f" of phase {phase}" if phase else ""
    return LimitViolation(
        mrid=str(uuid.uuid5(_QUALITY, f"{place} {phase} {limit.name}")),
        cleared_date_time=now if cleared else None,
        created_date_time=now,
        description=None if cleared else (
            f"{limit.name}: {share:.1f} % of the values{of} at {name or place} in {limit.days} days"
            f" are within, {limit.share:g} % must be."
        ),
        direction=OperationalLimitDirectionKind.LOW,
        limit_value=limit.share,
        phases=PhaseCode(phase) if phase in set(PhaseCode) else None,
        severity=None if cleared else "medium",
        start_date_time=since,
        unit_symbol=UnitSymbol.NONE,
        unit_multiplier=UnitMultiplier("c"),
        value=share,
        equipment=Equipment(mrid=place, names=(Name(name=name),) if name else ()),
    )  # fmt: skip
