"""What crews, dispatchers and other applications ask of outages, and what becomes of it.

Of crew, restoration time and cause the outage is told at once.  What a person says of supply is
evidence like any other: kept, and looked at with all the rest.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from cim.message import Error, Level, Message, Reply, Result, Verb
from cim.network import Network
from cim.profiles.unplanned_outages import CrewStatusKind, UnplannedOutage, UnplannedOutages
from dms_apps.outage import evidence, store
from dms_apps.outage.facts import CALL, CLOSE, CONFIRM, DARK, RESTORE, VOID
from dms_apps.outage.outages import NEW, Outage
from dms_apps.outage.tables import statement

NO_SUCH, INVALID = "2.15", "1.8"
_AHEAD = timedelta(minutes=5)
_KINDS = {"confirmed": CONFIRM, "restored": RESTORE, "closed": CLOSE}


@dataclass
class Asked:
    """What came of a request: outages that are to be told anew, and what could not be done."""

    changed: list[Outage] = field(default_factory=list)
    errors: list[Error] = field(default_factory=list)
    done: int = 0
    says_something: bool = False

    @property
    def reply(self) -> Reply:
        if not self.errors:
            return Reply(result=Result.OK)
        result = Result.PARTIAL if self.done else Result.FAILED
        return Reply(result=result, errors=tuple(self.errors))


class _RefusedError(ValueError):
    """A part of a request that cannot be done."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def handle(message: Message, connection: sa.Connection, network: Network, now: datetime) -> Asked:
    """Carry out a request; what of it cannot be done is named, the rest is done."""
    asked = Asked()
    outages = message.payload
    given = outages.unplanned_outage if isinstance(outages, UnplannedOutages) else ()
    if not given:
        asked.errors.append(_error(INVALID, "UnplannedOutages names no outage."))
    for number, one in enumerate(given):
        request = _Request(
            message, f"{message.header.message_id}-{number}", connection, network, now
        )
        try:
            request.carry_out(one, asked)
        except _RefusedError as error:
            asked.errors.append(_error(error.code, str(error)))
        else:
            asked.done += 1
    return asked


def _error(code: str, reason: str) -> Error:
    return Error(code=code, level=Level.FATAL, reason=reason)


@dataclass
class _Request:
    """What is asked of one outage."""

    message: Message
    id: str
    connection: sa.Connection
    network: Network
    now: datetime

    def carry_out(self, one: UnplannedOutage, asked: Asked) -> None:
        verb = self.message.header.verb
        if verb is Verb.CREATE:
            self._create(one)
            asked.says_something = True
            return
        outage = self._outage(one)
        if verb is Verb.CHANGE:
            after = _with(outage, one)
            if after != outage:
                asked.changed.append(replace(after, modified_at=self.now))
            asked.says_something |= self._said(one, outage)
        elif verb is Verb.CLOSE:
            self._keep(CLOSE, outage.device or "", self._points(outage), self._end(one, outage),
                       outage.mrid)  # fmt: skip
            asked.says_something = True
        else:
            self._void(outage)
            asked.says_something = True

    def _outage(self, one: UnplannedOutage) -> Outage:
        identity = one.mrid or next((name.name for name in one.names), "")
        if not identity:
            raise _RefusedError(INVALID, "UnplannedOutage.mRID is missing: which outage is meant?")
        found = store.named_outages(self.connection, [identity])
        if not found:
            raise _RefusedError(NO_SUCH, f"There is no outage {identity}.")
        return found[0]

    def _said(self, one: UnplannedOutage, outage: Outage) -> bool:
        """Keep what is said of supply.  Returns whether anything is."""
        kind = _KINDS.get(one.outage_kind or "")
        if kind is None and one.actual_period and one.actual_period.end:
            kind = RESTORE
        if kind is None:
            return False
        if not outage.is_open:
            raise _RefusedError(
                INVALID, f"The outage {outage.mrid} is closed: its outageKind stays as it is."
            )
        if kind == CONFIRM:
            device = self._device(one) or outage.device
            if not device:
                raise _RefusedError(
                    INVALID,
                    f"The outage {outage.mrid} has no device: OutageIsolationEquipment must say"
                    " which one was found open.",
                )
            at = one.last_modified_date_time or self.message.header.timestamp or self.now
            self._keep(CONFIRM, device, (), self._in_time(at, "lastModifiedDateTime"), outage.mrid)
        else:
            at = self._end(one, outage)
            self._keep(kind, outage.device or "", self._points(outage), at, outage.mrid)
        return True

    def _end(self, one: UnplannedOutage, outage: Outage) -> datetime:
        """When power came back."""
        said = one.actual_period.end if one.actual_period else None
        at = self._in_time(said or self.message.header.timestamp or self.now, "actualPeriod.end")
        if at < outage.started_at:
            raise _RefusedError(
                INVALID,
                f"actualPeriod.end {at.isoformat()} of outage {outage.mrid} lies before its start"
                f" {outage.started_at.isoformat()}.",
            )
        return at

    def _in_time(self, at: datetime, field: str) -> datetime:
        if at > self.now + _AHEAD:
            raise _RefusedError(INVALID, f"{field} {at.isoformat()} lies in the future.")
        return at

    def _points(self, outage: Outage) -> list[str]:
        """The usage points of an outage that no device stands for."""
        if outage.device is not None:
            return []
        return sorted(store.without(self.connection, [outage.mrid])[outage.mrid] or {outage.anchor})

    def _void(self, outage: Outage) -> None:
        points = store.without(self.connection, [outage.mrid])[outage.mrid] | {outage.anchor}
        at = self.message.header.timestamp or self.now
        self._keep(VOID, outage.device or "", sorted(points), at, outage.mrid)

    def _device(self, one: UnplannedOutage) -> str:
        for device in one.outage_isolation_equipment:
            for name in filter(None, (device.mrid, *(n.name for n in device.names))):
                if self.network.knows(name):
                    return self.network.equipment(name).mrid
                try:
                    return self.network.equipment_named(name).mrid
                except KeyError:
                    continue
        if one.outage_isolation_equipment:
            said = one.outage_isolation_equipment[0]
            name = said.mrid or next((n.name for n in said.names), "without a name")
            raise _RefusedError(
                INVALID, f"OutageIsolationEquipment {name} is not in the network as operated."
            )
        return ""

    def _create(self, one: UnplannedOutage) -> None:
        """An outage somebody has seen: of a device, or of usage points."""
        at = one.reported_start_time or (one.actual_period and one.actual_period.start) or self.now
        at = self._in_time(at, "reportedStartTime")
        device, points = self._device(one), list(self._named_points(one))
        if not device and not points:
            raise _RefusedError(
                INVALID,
                "An outage is created by its OutageIsolationEquipment or its"
                " DeEnergizedUsagePoint: both are missing.",
            )
        mrid = one.mrid or str(uuid.uuid5(uuid.NAMESPACE_OID, self.id))
        if device:
            self._keep(CONFIRM, device, (), at, NEW + mrid)
        else:
            said = {"at": at, "kind": DARK, "by": CALL, "ref": self.id}
            evidence.record(self.connection, [said | {"point": p} for p in points], self.now)

    def _named_points(self, one: UnplannedOutage) -> Iterator[str]:
        for point in one.de_energized_usage_point:
            names = [n for n in (point.mrid, *(n.name for n in point.names)) if n]
            known = (self.network.usage_point_of(name) for name in names)
            found = next((mrid for mrid in known if mrid), None)
            if found is None:
                raise _RefusedError(
                    INVALID, f"DeEnergizedUsagePoint {' '.join(names)} is not in the network."
                )
            yield found

    def _keep(
        self, kind: str, device: str, points: list[str] | tuple[str, ...], at: datetime, outage: str
    ) -> None:
        header = self.message.header
        row = {
            "id": f"{self.id}-{kind}", "kind": kind, "device": device, "points": list(points),
            "at": at, "outage": outage, "fresh": True, "live": True,
            "by": (header.user.user_id if header.user else None) or header.source or "",
        }  # fmt: skip
        evidence.insert(self.connection, statement, [row], self.now)


def _with(outage: Outage, one: UnplannedOutage) -> Outage:
    """The outage with what is said of crew, restoration time and cause."""
    after = outage
    if one.status_kind is not None:
        after = replace(after, crew_status=one.status_kind.value)
    if one.crew or one.status_kind is CrewStatusKind.AWAITING_CREW_ASSIGNMENT:
        crews = ((c.mrid or "", c.names[0].name if c.names else "") for c in one.crew)
        after = replace(after, crews=tuple(crews))
    if (expected := one.estimated_restoration_time) is not None:
        after = replace(
            after,
            ert=expected.ert,
            ert_source=expected.ert_source,
            ert_confidence=expected.confidence_kind.value if expected.confidence_kind else None,
        )
    if one.cause is not None:
        after = replace(after, cause=one.cause)
    if one.cause_kind is not None:
        after = replace(after, cause_kind=one.cause_kind.value)
    return after
