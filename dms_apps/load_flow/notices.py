"""Violations as LimitViolations messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cim.network import Network
from cim.profiles.identification import Name
from cim.profiles.limit_violations import (
    LimitKind,
    LimitViolation,
    LimitViolations,
    OperationalLimitDirectionKind,
    Terminal,
)
from cim.profiles.outages import Equipment
from cim.profiles.phases import PhaseCode
from cim.profiles.units import UnitSymbol
from dms_apps.load_flow.store import Since
from dms_apps.solver.violations import Violation

_BEYOND = {"high": "above", "low": "below", "absoluteValue": "above"}
_WHAT = {"V": "voltage", "A": "current", "VA": "apparent power"}
_SEVERE = {"V": 0.05, "A": 0.2, "VA": 0.2}
"""Share beyond the limit from which a violation is severe."""


def notice(
    lasting: Iterable[Since], network: Network, now: datetime, *, cleared: bool = False
) -> LimitViolations:
    """Violations that begin or go on; or, `cleared`, that are over."""
    return LimitViolations(
        limit_violation=tuple(_told(one, network, now, cleared=cleared) for one in lasting)
    )


def _told(one: Since, network: Network, now: datetime, *, cleared: bool) -> LimitViolation:
    found = one.violation
    name = _name(network, found.equipment)
    return LimitViolation(
        mrid=found.mrid,
        acceptable_duration=found.duration,
        cleared_date_time=now if cleared else None,
        created_date_time=now,
        description=sentence(found, network) if not cleared else None,
        direction=OperationalLimitDirectionKind(found.direction),
        limit_kind=LimitKind(found.kind) if found.kind in set(LimitKind) else None,
        limit_value=found.limit,
        phases=PhaseCode(found.phase) if found.phase else None,
        severity=severity(found),
        start_date_time=one.since,
        unit_symbol=UnitSymbol(found.quantity),
        value=found.value,
        equipment=Equipment(mrid=found.equipment, names=(Name(name=name),) if name else ()),
        terminal=Terminal(mrid=found.terminal),
    )


def severity(found: Violation) -> str:
    """By how far the value is beyond its limit."""
    return "high" if abs(found.share - 1) > _SEVERE[found.quantity] else "medium"


def sentence(found: Violation, network: Network) -> str:
    """The violation for people."""
    where = _name(network, found.node) or found.node
    equipment = _name(network, found.equipment) or found.equipment
    phase = f" of phase {found.phase}" if found.phase else ""
    at = f"at node {where}" if found.quantity == "V" else f"of {equipment} at node {where}"
    return (
        f"The {_WHAT[found.quantity]}{phase} {at} is {found.value:,.1f} {found.quantity}, "
        f"{_BEYOND[found.direction]} its limit of {found.limit:,.1f} {found.quantity} "
        f"({found.source})."
    )


def _name(network: Network, mrid: str) -> str:
    return network.name(mrid) if network.knows(mrid) else ""
