"""Violations as LimitViolations messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cim.network import Network
from cim.profiles.limit_violations import LimitViolations
from dms_apps.solver.lasting import Since
from dms_apps.solver.messages import limit_violation
from dms_apps.solver.solution import Engine
from dms_apps.solver.violations import Violation

_BEYOND = {"high": "above", "low": "below", "absoluteValue": "above"}
_WHAT = {"V": "voltage", "A": "current", "VA": "apparent power"}
_SEVERE = {"V": 0.05, "A": 0.2, "VA": 0.2}
"""Share beyond the limit from which a violation is severe."""


def notice(
    lasting: Iterable[Since], network: Network, now: datetime, by: Engine, *, cleared: bool = False
) -> LimitViolations:
    """Violations that begin or go on; or, `cleared`, that are over."""
    return LimitViolations(
        limit_violation=tuple(
            limit_violation(
                one.violation,
                by=by,
                since=one.since,
                now=now,
                severity=severity(one.violation),
                sentence=None if cleared else sentence(one.violation, network),
                name=_name(network, one.violation.equipment),
                cleared=cleared,
            )
            for one in lasting
        )
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
