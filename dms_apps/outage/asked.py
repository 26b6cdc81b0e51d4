"""One part of a request: what is asked of one outage, and what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from cim.message import Message
from cim.network import Network
from cim.profiles.unplanned_outages import UnplannedOutage
from cim.violation import Refusal
from dms_apps.outage import audit, store
from dms_apps.outage.audit import Changed
from dms_apps.outage.facts import Statement
from dms_apps.outage.forest import Forest

NO_SUCH, NO_POINT, MISSING, INVALID = "2.15", "2.12", "5.8", "6.1"
_AHEAD = timedelta(minutes=5)


@dataclass
class Part:
    """changed: what becomes other than it was, for the audit."""

    message: Message
    number: int
    connection: sa.Connection
    network: Network
    forest: Forest
    now: datetime
    changed: list[Changed] = field(default_factory=list)
    says_something: bool = False

    @property
    def id(self) -> str:
        return f"{self.message.header.message_id}-{self.number:05}"

    def option(self, name: str) -> str:
        """Request.Option; "" without."""
        options = self.message.request.options if self.message.request else ()
        return next((one.value or "" for one in options if one.name == name), "")

    def said_at(self, one: UnplannedOutage) -> datetime:
        """Since when it is so.  Raises: Refusal for what is to come."""
        at = one.last_modified_date_time or self.message.header.timestamp or self.now
        return in_time(at, "lastModifiedDateTime", self.now)

    def say(
        self,
        kind: str,
        outage: str,
        device: str,
        points: Sequence[str],
        at: datetime,
        members: Sequence[tuple[str, datetime]] = (),
        anchor: str = "",
    ) -> None:
        """Keep what a person says of supply, or of whom an outage consists.

        anchor: one of its usage points, which says where it is when the device does not.
        """
        if not points and not members and device not in self.forest.parent:
            points = [anchor]
        identity = f"{self.id}-{kind}-{outage}"[:200]
        said = Statement(
            kind, device, tuple(points), at, self.now, outage, tuple(members), identity
        )
        store.say(self.connection, said, audit.who(self.message)[:200])
        self.says_something = True

    def note(self, outage: str, field: str, before: str, after: str, at: datetime) -> None:
        """Keep for the audit that something will be other than it was."""
        self.changed.append(Changed(outage, field, before, after, at))


def in_time(at: datetime, field: str, now: datetime) -> datetime:
    """A time that is not to come.  Raises: Refusal."""
    if at > now + _AHEAD:
        rule = f"UnplannedOutage, {field} {at.isoformat()}: it lies in the future."
        raise Refusal.of(INVALID, rule, value=at.isoformat())
    return at
