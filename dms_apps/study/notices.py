"""What N-1 would violate, as LimitViolations of a study."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from cim.profiles.limit_violations import LimitViolation, LimitViolations
from dms_apps.solver.layout import Layout
from dms_apps.solver.messages import limit_violation
from dms_apps.solver.solution import Engine
from dms_apps.solver.violations import Violation
from dms_apps.study.contingency import Contingency

_STUDIES = UUID("d2a3f0b8-9d0f-5f0f-8d52-6b7f2f0d7a11")  # namespace of our identifiers


def notice(
    layout: Layout, found: Iterable[Contingency], now: datetime, by: Engine
) -> LimitViolations:
    """Each violation, named after what is out of service then."""
    return LimitViolations(
        limit_violation=tuple(
            _told(layout, one.mrid, violation, now, by)
            for one in found
            for violation in one.violated
        )
    )


def _told(layout: Layout, out: str, found: Violation, now: datetime, by: Engine) -> LimitViolation:
    called = layout.names.get(out) or out
    where = layout.view.names.get(found.node) or found.node
    return limit_violation(
        found,
        by=by,
        since=now,
        now=now,
        sentence=(
            f"With {called} out of service {found.value:,.1f} {found.quantity} at node {where} "
            f"would be beyond {found.limit:,.1f} {found.quantity} ({found.source})."
        ),
        name=layout.names.get(found.equipment, ""),
        mrid=str(uuid5(_STUDIES, f"{out} {found.mrid}")),
    )
