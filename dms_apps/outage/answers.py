"""Which outages somebody asks for: by id, or those of a state and a feeder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from cim.message import Message, Reply, Request, Result
from cim.network import Network
from cim.replies import failed, in_part
from cim.violation import Refusal, Violation
from dms_apps.outage import store
from dms_apps.outage.asked import INVALID, NO_SUCH
from dms_apps.outage.forest import Forest
from dms_apps.outage.lifecycle import NEXT, Stage, stage
from dms_apps.outage.outages import Outage
from hub.interfaces import Context

STATUS, FEEDER = "status", "feeder"


@dataclass
class Wanted:
    """ids:    mRIDs of outages, over or not; none: all that are open, or were in the time asked.
            A time holds for those that are named, too.
    status: an outageKind, or how far the crew is; "" for any.
    feeder: mRID or name; "" for any.
    unknown: ids of which there is no outage, once they were looked for.
    """

    ids: Sequence[str]
    status: str
    feeder: str
    request: Request
    unknown: Sequence[str] = ()
    _known: ClassVar[frozenset[str]] = frozenset({STATUS, FEEDER})

    @classmethod
    def of(cls, message: Message) -> Wanted:
        """What a request wants.  Raises: Refusal for an option that says nothing here."""
        request = message.request or Request()
        options = {one.name: one.value or "" for one in request.options}
        if unknown := sorted(options.keys() - cls._known):
            known = ", ".join(sorted(cls._known))
            rule = f"Request, Option {unknown[0]}: it is none of {known}."
            raise Refusal.of(INVALID, rule, value=unknown[0])
        status = options.get(STATUS, "")
        may_be = {*Stage, *NEXT}
        if status and status not in may_be:
            rule = f"Request, Option {STATUS} {status!r}: it is none of {', '.join(sorted(may_be))}"
            raise Refusal.of(INVALID, rule, value=status)
        ids = [one.value for one in request.ids]
        return cls(ids, status, options.get(FEEDER, ""), request)

    def found(self, context: Context, forest: Forest) -> list[Outage]:
        """The outages."""
        connection = context.connection
        start, end = self.request.period
        if self.ids:
            some = store.named_outages(connection, self.ids)
            self.unknown = sorted(set(self.ids) - {one.mrid for one in some})
            outages = [one for one in some if not start or _lasted_to(one, start)]
        else:
            some = (
                store.outages_since(connection, start) if start else store.open_outages(connection)
            )
            outages = [one for one in some if not one.planned]
        outages = [one for one in outages if not end or one.started_at <= end]
        return [*self._filtered(outages, context.network, forest)]

    def reply(self, found: Sequence[Outage]) -> Reply:
        """What is to be said beside them."""
        if not self.unknown:
            return Reply(result=Result.OK)
        refused = [
            Violation(code=NO_SUCH, rule=f"There is no outage {mrid}.", value=mrid)
            for mrid in self.unknown
        ]
        return in_part(refused) if found else failed(refused)

    def _filtered(
        self, outages: Sequence[Outage], network: Network, forest: Forest
    ) -> Iterator[Outage]:
        for one in outages:
            if self.status and self.status not in (one.state, stage(one)):
                continue
            if not self.feeder or self.feeder in feeder(one, network, forest):
                yield one


def _lasted_to(one: Outage, at: datetime) -> bool:
    return one.is_open or (one.ended_at is not None and one.ended_at >= at)


def feeder(outage: Outage, network: Network, forest: Forest) -> tuple[str, str]:
    """mRID and name of the feeder that an outage is on; "" where nobody knows it."""
    mrid = forest.feeder.get(outage.anchor) or ""
    if not mrid and outage.device and network.knows(outage.device):
        mrid = network.feeder_of(outage.device) or ""
    return mrid, (network.name(mrid) or "") if mrid and network.knows(mrid) else ""
