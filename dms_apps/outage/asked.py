"""One part of a request: what is asked of one outage, and what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from cim.bounds import fitting, short
from cim.message import Message
from cim.network import Network
from cim.profiles.unplanned_outages import UnplannedOutage
from cim.times import zoned
from cim.violation import Refusal
from dms_apps.outage import audit, store
from dms_apps.outage.audit import Changed
from dms_apps.outage.facts import Statement
from dms_apps.outage.forest import Forest
from dms_apps.outage.outages import Outage

NO_SUCH, NO_POINT, MISSING, INVALID = "2.15", "2.12", "5.8", "6.1"
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True)
class Bounds:
    """Which times may be said in a request.

    back:  how long ago something may have been: what was heard before is not kept any more, but
           of what is open.
    ahead: how far ahead supply may be expected.
    """

    back: timedelta
    ahead: timedelta

    def past(
        self, at: datetime, field: str, now: datetime, since: datetime | None = None
    ) -> datetime:
        """A time at which something was; `since`: of what has been open since then, and may be as
        long ago as that.  Raises: Refusal."""
        at = zoned(at)
        if since is not None and since <= at <= now:
            return at
        if at > now + _AHEAD:
            rule = f"{field} {at.isoformat()}: it lies in the future."
            raise Refusal.of(INVALID, rule, value=at.isoformat())
        if at < now - self.back:
            rule = f"{field} {at.isoformat()}: it lies more than {_days(self.back)} in the past."
            raise Refusal.of(INVALID, rule, value=at.isoformat())
        return at

    def coming(self, at: datetime, field: str, now: datetime) -> None:
        """Raises: Refusal for a time at which supply cannot be expected."""
        if zoned(at) <= now:
            rule = f"{field} {at.isoformat()}: it has passed."
            raise Refusal.of(INVALID, rule, value=at.isoformat())
        self.near(at, field, now)

    def near(self, at: datetime, field: str, now: datetime) -> None:
        """Raises: Refusal for a time too far ahead, also of what is computed."""
        if zoned(at) > now + self.ahead:
            rule = f"{field} {at.isoformat()}: it lies more than {_days(self.ahead)} ahead."
            raise Refusal.of(INVALID, rule, value=at.isoformat())


def _days(some: timedelta) -> str:
    return f"{some / timedelta(days=1):g} days"


@dataclass
class Part:
    """changed: what becomes other than it was, for the audit."""

    message: Message
    number: int
    connection: sa.Connection
    network: Network
    forest: Forest
    now: datetime
    bounds: Bounds
    changed: list[Changed] = field(default_factory=list)
    says_something: bool = False

    @property
    def id(self) -> str:
        return f"{fitting(self.message.header.message_id or '', 100)}-{self.number:05}"

    def option(self, name: str) -> str:
        """Request.Option; "" without."""
        options = self.message.request.options if self.message.request else ()
        return next((one.value or "" for one in options if one.name == name), "")

    def said_at(self, one: UnplannedOutage, outage: Outage) -> datetime:
        """Since when it is so.  The time at which the outage itself was told last says nothing: it
        comes back in a change of all of it.  Raises: Refusal for what is to come, or long past."""
        at = one.last_modified_date_time
        if at is None or at == outage.modified_at:
            at = self.message.header.timestamp or self.now
        return self.past(at, "lastModifiedDateTime", outage)

    def past(self, at: datetime, field: str, outage: Outage | None = None) -> datetime:
        """A time at which something of an outage was.  Raises: Refusal."""
        since = outage.started_at if outage and outage.is_open else None
        return self.bounds.past(at, f"UnplannedOutage, {field}", self.now, since)

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
        identity = f"{self.id}-{kind}-{fitting(outage, 80)}"
        said = Statement(
            kind, device, tuple(points), at, self.now, outage, tuple(members), identity
        )
        store.say(self.connection, said, short(audit.who(self.message)))
        self.says_something = True

    def note(self, outage: str, field: str, before: str, after: str, at: datetime) -> None:
        """Keep for the audit that something will be other than it was."""
        self.changed.append(Changed(outage, field, before, after, at))
