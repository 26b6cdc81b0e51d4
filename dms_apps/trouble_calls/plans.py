"""Planned outages: who calls during one is told so, and of it, and makes no trouble of it.

They stand among the other outages, with their end as the restoration time; they are at a place from
their begin on, and until it was seen that they began only as long as they were planned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Protocol

import sqlalchemy as sa

from cim.bounds import PROSE, counted, short
from cim.message import Verb
from cim.profiles.outages import OutageStatusKind
from cim.profiles.planned_outages import PlannedOutage
from dms_apps.trouble_calls import supply
from dms_apps.trouble_calls.tables import planned

PLANNED = "planned"
"""Document.status of a ticket of a planned outage, whose mRID is the reason."""

_ENDS = {"completed": "closed", "cancelled": "canceled", "canceled": "canceled"}
"""Document.status of a planned outage that is over -> how it ended."""


class Period(Protocol):
    """Of an outage, what there is in plans of it; `begins` is None for one that nobody planned."""

    @property
    def begins(self) -> datetime | None: ...
    @property
    def ends(self) -> datetime | None: ...
    @property
    def begun(self) -> bool | None: ...


@dataclass(frozen=True)
class Plans:
    """ahead: so long before its begin a call may be of a planned outage.
    zone: in whose time callers are told.
    """

    ahead: timedelta
    zone: tzinfo

    def is_on(self, one: Period, at: datetime) -> bool:
        """Whether supply may be interrupted by an outage then; always by one nobody planned."""
        if one.begins is None:
            return True
        is_due = one.begun or one.ends is None or at <= one.ends
        return one.begins - self.ahead <= at and bool(is_due)

    def sentence(self, connection: sa.Connection, identity: str) -> str:
        """What a caller is told; "" of an outage that nobody planned."""
        row = connection.execute(sa.select(planned).where(planned.c.id == identity)).first()
        if row is None:
            return ""
        until = f" to {self._time(row.ends)}" if row.ends else ""
        why = f": {row.reason}" if row.reason else ""
        return f"Planned interruption of supply from {self._time(row.begins)}{until}{why}."

    def _time(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"


def known(connection: sa.Connection) -> dict[str, sa.Row[Any]]:
    """All that are planned, by mRID."""
    return {row.id: row for row in connection.execute(sa.select(planned))}


def keep(
    connection: sa.Connection, one: PlannedOutage, identity: str, as_of: datetime, verb: Verb
) -> set[str] | None:
    """What is told of a planned outage, in place of what was told before; the usage points for
    which it is news.  None when something newer was told already, or no begin."""
    period = one.actual_period or one.estimated_period
    over = str(verb) if verb in (Verb.CLOSED, Verb.CANCELED, Verb.DELETED) else ""
    over = over or _ENDS.get((one.status.value or "").lower() if one.status else "", "")
    if not over and (period is None or period.start is None):
        return None
    expected, plan = one.estimated_restoration_time, one.estimated_period
    ends = plan.end if plan else None
    reason = short((one.reason or "").rstrip("."), PROSE)
    row = {
        "id": identity,
        "as_of": as_of,
        "over": over,
        "kind": one.outage_kind,
        "crew": one.status_kind,
        "cause": short(f"Planned: {reason}", PROSE) if reason else "Planned",
        "started_at": period.start if period else None,
        "ended_at": (period.end if period is one.actual_period and period else None),
        "ert": (expected.ert if expected else None) or ends,
        "without": counted(one.meters_affected),
    }
    if over and row["ended_at"] is None:
        row["ended_at"] = as_of
    # Others may tell of all whom it concerned until it is over.
    is_back = one.outage_kind is OutageStatusKind.RESTORED
    points = () if is_back else one.de_energized_usage_point
    moved = supply.keep_row(connection, row, points, ())
    if moved is not None and row["started_at"] is not None:
        connection.execute(sa.delete(planned).where(planned.c.id == identity))
        begun = one.actual_period is not None and one.actual_period.start is not None
        values = {"id": identity, "begins": row["started_at"], "ends": ends, "begun": begun}
        connection.execute(sa.insert(planned), values | {"reason": reason})
    return moved
