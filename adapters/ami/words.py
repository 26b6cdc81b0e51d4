"""What a head-end's XML files call events, quantities and qualities, in codes of the standard."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lxml import etree

from adapters.ami import events
from adapters.ami.documents import Codes, Element
from adapters.ami.meter_readings import identity
from cim import xml
from cim.codes.shape import EVENT, QUALITY, READING, numbers_of
from cim.message import Outgoing, Verb
from cim.profile import Reference
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.meter_readings import (
    EndDeviceEventType,
    IntervalBlock,
    IntervalReading,
    MeterReading,
    MeterReadings,
    Reading,
    ReadingQualityType,
    ReadingType,
)

V = TypeVar("V", Reading, IntervalReading)
K = TypeVar("K", EndDeviceEventType, ReadingQualityType, ReadingType)


@dataclass(frozen=True, kw_only=True)
class Words:
    """Their codes -> those of the standard, by the names of the tables in the settings.

    codes:             of events -> EndDeviceEventType, four numbers.
    reading_types:     of what was measured and in which unit -> 18 numbers.
    reading_qualities: of flags and marks of validation (VEE) -> three numbers.
    """

    codes: Mapping[str, str] = field(default_factory=dict)
    reading_types: Mapping[str, str] = field(default_factory=dict)
    reading_qualities: Mapping[str, str] = field(default_factory=dict)


def outgoing(element: Element, words: Words) -> Outgoing:
    """The event or the readings of one meter as a message.

    Raises: ValueError for a code that is neither in its table nor of the standard's form.
    """
    if isinstance(element.said, EndDeviceEvents):
        [event] = element.said.end_device_event
        if not element.renewed:
            code = _standard(element, "codes", words.codes, EVENT, event.end_device_event_type)
            event = replace(event, end_device_event_type=Reference(code))
        return events.outgoing(event, element.correlation_id)
    return _readings(element, element.said, words)


def _readings(element: Element, said: MeterReadings, words: Words) -> Outgoing:
    """The identity is the content; in an envelope with its Timestamp: a correction that takes back
    an earlier one is no duplicate of what came before that."""
    [reading] = said.meter_reading
    if not (reading.readings or reading.interval_blocks or reading.end_device_events):
        raise ValueError(f"{element.origin}: MeterReading holds neither value nor event")
    if reading.meter is None and reading.usage_point is None:
        raise ValueError(f"{element.origin}: MeterReading names neither Meter nor UsagePoint")
    said = _Standard.of(element, words, Codes.of(reading)).readings(said)
    version = element.message and element.message.header.timestamp
    digest = hashlib.sha256(etree.tostring(xml.encode(said))).hexdigest()
    return Outgoing(
        Verb.CREATED,
        said,
        external_id=identity("MeterReading", version, digest),
        correlation_id=element.correlation_id,
    )


@dataclass(frozen=True)
class _Standard:
    """What each code of one meter's readings is in the standard."""

    types: Mapping[str, str]
    qualities: Mapping[str, str]
    events: Mapping[str, str]

    @classmethod
    def of(cls, element: Element, words: Words, codes: Codes) -> _Standard:
        """Raises: ValueError."""

        def table(
            name: str, known: Mapping[str, str], numbers: int, found: frozenset[str]
        ) -> dict[str, str]:
            return {code: _standard(element, name, known, numbers, code) for code in sorted(found)}

        return cls(
            table("reading_types", words.reading_types, READING, codes.types),
            table("reading_qualities", words.reading_qualities, QUALITY, codes.qualities),
            table("codes", words.codes, EVENT, codes.events),
        )

    def readings(self, said: MeterReadings) -> MeterReadings:
        """The same in the codes of the standard."""
        tables = (self.types, self.qualities, self.events)
        if all(code == to for table in tables for code, to in table.items()):
            return said
        return replace(
            said,
            meter_reading=tuple(map(self._reading, said.meter_reading)),
            reading_type=_called(said.reading_type, self.types),
            reading_quality_type=_called(said.reading_quality_type, self.qualities),
            end_device_event_type=_called(said.end_device_event_type, self.events),
        )

    def _reading(self, one: MeterReading) -> MeterReading:
        return replace(
            one,
            readings=tuple(
                replace(self._value(v), reading_type=Reference(self.types[v.reading_type]))
                for v in one.readings
            ),
            interval_blocks=tuple(map(self._block, one.interval_blocks)),
            end_device_events=tuple(
                replace(e, end_device_event_type=Reference(self.events[e.end_device_event_type]))
                for e in one.end_device_events
            ),
        )

    def _block(self, one: IntervalBlock) -> IntervalBlock:
        scaled = one.pending_calculation
        if scaled is not None:
            scaled = replace(scaled, reading_type=Reference(self.types[scaled.reading_type]))
        return replace(
            one,
            interval_readings=tuple(map(self._value, one.interval_readings)),
            pending_calculation=scaled,
            reading_type=Reference(self.types[one.reading_type]),
        )

    def _value(self, one: V) -> V:
        if not one.reading_qualities:
            return one
        judged = tuple(
            replace(q, reading_quality_type=Reference(self.qualities[q.reading_quality_type]))
            for q in one.reading_qualities
        )
        return replace(one, reading_qualities=judged)


def _called(kinds: tuple[K, ...], table: Mapping[str, str]) -> tuple[K, ...]:
    """Explanations of codes, by the codes of the standard."""
    return tuple(replace(one, mrid=table[one.mrid]) for one in kinds if one.mrid)


def _standard(
    element: Element, name: str, table: Mapping[str, str], numbers: int, code: str
) -> str:
    if code in table:
        return table[code]
    if len(numbers_of(code)) != numbers:
        raise ValueError(
            f"{element.origin}: {_SAYS[name]} {code[:40]!r} has not the {numbers} numbers of the"
            f" standard, nor is it in [{name}]; there are {', '.join(sorted(table)) or 'none'}"
        )
    return code


_SAYS = {
    "codes": "EndDeviceEventType",
    "reading_types": "ReadingType",
    "reading_qualities": "ReadingQualityType",
}
