"""The limits that are violated, folded from the LimitViolations messages in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from cim.message import Message, Verb
from cim.profiles.limit_violations import LimitViolation, LimitViolations
from cim.profiles.units import UnitMultiplier, UnitSymbol
from cim.times import time_of, zoned
from hub.console.folded import ENDED_BY, Folded

NOUN = LimitViolations.__name__
_BYTES = 8 * 1024 * 1024
"""Some ten thousand violations: a few seconds."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One violation as last reported.

    source:    who told of it.
    equipment: its mRID; its name when the message gives no mRID.
    phases:    empty: all of them, or it is of none.
    direction: on which side of the limit: high, low, absoluteValue.
    value:     in `unit`, as is the limit.
    duration:  seconds that the limit may be violated; None: nobody says.
    until:     since when it is over.
    messages:  `seq` of the first and of the newest message that spoke of it.
    """

    mrid: str
    source: str
    equipment: str
    equipment_name: str
    terminal: str
    phases: str
    direction: str
    kind: str
    value: float
    limit: float
    unit: str
    severity: str
    duration: float | None
    since: datetime
    until: datetime | None
    active: bool
    why: str
    messages: tuple[int, ...]

    @property
    def share(self) -> float | None:
        """Percent of the limit; None of one that is 0."""
        return 100 * self.value / self.limit if self.limit else None


class Alarms:
    """All that were reported of late."""

    def __init__(self) -> None:
        self._folded = Folded(NOUN, _told, _after, _BYTES)

    @property
    def first(self) -> int:
        """The first message that counts, of the journal or of those read after a start."""
        return self._folded.first

    def all(self, connection: Connection, of: str = "") -> list[Alarm]:
        """Active ones first, then by their start, the newest first.

        of: only those of the equipment with this mRID or name.
        """
        with self._folded.up_to_date(connection) as known:
            found = [a for a in known.values() if not of or of in (a.equipment, a.equipment_name)]
        found.sort(key=lambda alarm: (alarm.active, alarm.since.timestamp()), reverse=True)
        return found

    def active(self, connection: Connection) -> list[Alarm]:
        """Those that are not over."""
        return [alarm for alarm in self.all(connection) if alarm.active]

    def one(self, connection: Connection, mrid: str) -> Alarm | None:
        """The violation of that mRID."""
        with self._folded.up_to_date(connection) as known:
            return known.get(mrid)


def _told(seq: int, message: Message) -> Iterator[Alarm]:
    if isinstance(message.payload, LimitViolations):
        for said in message.payload.limit_violation:
            yield _alarm(seq, message, said)


def _after(before: Alarm, now: Alarm) -> Alarm:
    """`now`, with what it leaves unsaid taken from `before`, unless that was over."""
    if not before.active:
        return now
    return replace(
        now,
        equipment_name=now.equipment_name or before.equipment_name,
        kind=now.kind or before.kind,
        severity=now.severity or before.severity,
        duration=before.duration if now.duration is None else now.duration,
        why=now.why or before.why,
        messages=(before.messages[0], now.messages[0]),
    )


def _alarm(seq: int, message: Message, said: LimitViolation) -> Alarm:
    verb: Verb = message.header.verb
    over = said.cleared_date_time is not None or verb in ENDED_BY
    until = time_of(said.cleared_date_time) or time_of(message.header.timestamp)
    name = said.equipment.names[0].name if said.equipment.names else ""
    terminal = said.terminal.mrid if said.terminal else None
    return Alarm(
        mrid=said.mrid,
        source=message.header.source or "",
        equipment=said.equipment.mrid or name,
        equipment_name=name,
        terminal=terminal or "",
        phases=str(said.phases or ""),
        direction=str(said.direction),
        kind=str(said.limit_kind or ""),
        value=said.value,
        limit=said.limit_value,
        unit=_unit(said),
        severity=said.severity or "",
        duration=said.acceptable_duration,
        since=time_of(said.start_date_time)
        or time_of(message.header.timestamp)
        or zoned(said.start_date_time),
        until=until if over else None,
        active=not over,
        why=said.description or "",
        messages=(seq,),
    )


def _unit(said: LimitViolation) -> str:
    """As it is written, e.g. "kV"."""
    symbol = "" if said.unit_symbol is UnitSymbol.NONE else str(said.unit_symbol)
    power = said.unit_multiplier or UnitMultiplier.NONE
    return {UnitMultiplier.NONE: "", UnitMultiplier.MICRO: "µ"}.get(power, str(power)) + symbol
