"""What PlannedOutages has no word for: whether somebody said whom an outage concerns, and who has
decided what of it.  It is told in Header.Property, from which an app that learns anew knows it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from cim.message import Header, Property
from dms_apps.planned_outages import store
from dms_apps.planned_outages.plan import Plan
from dms_apps.planned_outages.tables import decision

REFUSED = "refused"
"""What was not done, and is told to nobody but who asked."""
_FIXED, _AT, _WHO, _WHAT, _WHY = "fixed", "at", "who", "what", "why"


def properties(connection: sa.Connection, plan: Plan, now: datetime) -> tuple[Property, ...]:
    """Of what is told of a plan now; what was decided of it just now is in it."""
    found = [Property(_FIXED, str(plan.is_fixed).lower())]
    for row in store.decisions(connection, plan.mrid):
        if row.at == now and row.what != REFUSED:
            said = {_AT: now.isoformat(), _WHO: row.who, _WHAT: row.what, _WHY: row.why}
            found += (Property(name, value) for name, value in said.items())
    return tuple(found)


def is_fixed(header: Header) -> bool | None:
    """Whether somebody said whom it concerns; None where an event does not tell."""
    said = _said(header, _FIXED)
    return said[0] == "true" if said else None


def keep_decided(connection: sa.Connection, header: Header, mrid: str) -> None:
    """What was decided of an outage, once however often it is told."""
    parts = (_said(header, name) for name in (_AT, _WHO, _WHAT, _WHY))
    for at, who, what, why in zip(*parts, strict=True):
        moment = datetime.fromisoformat(at)
        row = {"at": moment, "outage": mrid, "who": who, "what": what, "why": why}
        same = (decision.c[name] == value for name, value in row.items())
        if connection.execute(sa.select(decision.c.number).where(*same)).first() is None:
            store.decide(connection, moment, mrid, who, what, why)


def _said(header: Header, name: str) -> list[str]:
    return [one.value or "" for one in header.properties if one.name == name]
