"""From an IntervalBlock to MeterReadings (IEC 61968-9); ESPI has its numbers of reading types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from adapters.ami.espi.feed import ESPI, Entry, FeedBlock, text
from adapters.ami.meter_readings import identity, named_types, quality
from adapters.ami.reading_types import PERIOD, PERIODS, known
from cim.message import Outgoing, Verb
from cim.parse import line_of
from cim.profile import Reference
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.meter_readings import (
    BriefName,
    IntervalBlock,
    IntervalReading,
    MeterReading,
    MeterReadings,
    ReadingQuality,
    UsagePoint,
)

MOST = 1000
"""Readings in one message; a longer block becomes several."""

# The elements of an ESPI ReadingType, in the order of the 18 numbers.
PARTS = (
    *("timeAttribute", "dataQualifier", "measuringPeriod", "accumulationBehaviour"),
    *("flowDirection", "commodity", "kind", "interharmonic/numerator"),
    *("interharmonic/denominator", "argument/numerator", "argument/denominator"),
    *("tou", "cpp", "consumptionTier", "phase", "powerOfTenMultiplier", "uom", "currency"),
)
_OF_A_READING = ("tou", "cpp", "consumptionTier")  # what a reading may say instead of its type
_SECONDS = {"86400": "4"} | {str(60 * minutes): code for minutes, code in PERIODS.items()}
_NUMBER = re.compile(r"-?[0-9]{1,15}")


@dataclass(frozen=True)
class _Value:
    """One IntervalReading."""

    code: str
    start: datetime
    end: datetime
    value: int
    qualities: tuple[str, ...]


def outgoing(block: FeedBlock, qualities: Mapping[str, str]) -> Iterator[Outgoing]:
    """The block as one message, or several when it is long.

    qualities: ESPI quality -> reading quality.
    Raises: ValueError naming line, element, value and rule.
    """
    reading = _linked(block, block.reading, "up", "MeterReading")
    point = _linked(block, block.point, "up of its MeterReading", "UsagePoint")
    kind = _linked(block, block.reading_type, "related of its MeterReading", "ReadingType")
    values = list(_values(block, _resource(kind, "ReadingType")))
    if not values:
        raise ValueError(f"{block.origin}: IntervalBlock has no IntervalReading")
    for first in range(0, len(values), MOST):
        part = values[first : first + MOST]
        facts = [(v.code, v.start, v.end, v.value, v.qualities) for v in part]
        yield Outgoing(
            Verb.CREATED,
            MeterReadings(
                meter_reading=(_meter_reading(block, part, point, qualities),),
                reading_type=named_types(((v.code, reading.id) for v in part), "ESPI MeterReading"),
            ),
            external_id=identity(point.id, reading.id, block.entry.updated, *facts),
        )


def _linked(block: FeedBlock, entry: Entry | None, link: str, kind: str) -> Entry:
    if entry is None:
        raise ValueError(
            f"{block.origin}: IntervalBlock, link {link}: must lead to one {kind} of the feed"
        )
    return entry


def _resource(entry: Entry, kind: str) -> etree._Element:
    return next(one for one in entry.resources if one.tag == ESPI + kind)


def _meter_reading(
    block: FeedBlock, values: Sequence[_Value], point: Entry, qualities: Mapping[str, str]
) -> MeterReading:
    by_code: dict[str, list[_Value]] = {}
    for value in values:
        by_code.setdefault(value.code, []).append(value)
    return MeterReading(
        interval_blocks=tuple(
            IntervalBlock(
                interval_readings=tuple(_interval_reading(block, v, qualities) for v in its),
                reading_type=Reference(code),
            )
            for code, its in by_code.items()
        ),
        usage_point=_usage_point(point),
        values_interval=DateTimeInterval(
            start=min(v.start for v in values), end=max(v.end for v in values)
        ),
    )


def _usage_point(point: Entry) -> UsagePoint:
    name = point.id.removeprefix("urn:uuid:")
    if name != point.id:
        return UsagePoint(mrid=name.lower())
    return UsagePoint(names=(BriefName(name=name),))


def _interval_reading(
    block: FeedBlock, value: _Value, qualities: Mapping[str, str]
) -> IntervalReading:
    regular = value.code.split(".")[PERIOD] != "0"
    return IntervalReading(
        time_stamp=value.end,
        value=float(value.value),
        reading_qualities=tuple(_quality(block, one, qualities) for one in value.qualities),
        # The code says how long it was, where it can.
        time_period=None if regular else DateTimeInterval(start=value.start, end=value.end),
    )


def _quality(block: FeedBlock, found: str, qualities: Mapping[str, str]) -> ReadingQuality:
    if found not in qualities:
        raise ValueError(
            f"{block.origin}: quality {found[:40]!r} has no code in [espi_quality]; there are"
            f" {', '.join(sorted(qualities, key=lambda q: (len(q), q)))}"
        )
    return quality(qualities[found], None, None)


def _values(block: FeedBlock, kind: etree._Element) -> Iterator[_Value]:
    numbers = [text(kind, _path(part)) or "0" for part in PARTS]
    length = text(kind, f"{ESPI}intervalLength")
    if length and not _NUMBER.fullmatch(length):
        raise _wrong(block, kind, "intervalLength", "is no whole number")
    if numbers[PERIOD] == "0":
        numbers[PERIOD] = _SECONDS.get(length, "0")
    span = block.block.find(f"{ESPI}interval")
    whole = _period(block, span) if span is not None else None
    default = text(kind, f"{ESPI}defaultQuality")
    codes: dict[tuple[str, ...], str] = {}
    for reading in block.block.iterchildren(f"{ESPI}IntervalReading"):
        own = tuple(_own(reading, name, numbers) for name in _OF_A_READING)
        if own not in codes:
            codes[own] = _code(block, numbers, own)
        start, end = _period(block, _child(block, reading, "timePeriod"))
        _check_period(block, reading, (start, end), whole, length if numbers[PERIOD] != "0" else "")
        said = tuple(
            text(q, f"{ESPI}quality") for q in reading.iterchildren(f"{ESPI}ReadingQuality")
        )
        yield _Value(
            codes[own],
            start,
            end,
            _number(block, reading, "value"),
            said or ((default,) if default else ()),
        )


def _path(part: str) -> str:
    return "/".join(ESPI + step for step in part.split("/"))


def _own(reading: etree._Element, name: str, numbers: Sequence[str]) -> str:
    return text(reading, ESPI + name) or numbers[PARTS.index(name)]


def _code(block: FeedBlock, numbers: Sequence[str], own: Sequence[str]) -> str:
    replaced = dict(zip(_OF_A_READING, own, strict=True))
    parts = [replaced.get(part, number) for part, number in zip(PARTS, numbers, strict=True)]
    where = f"{block.origin}: ReadingType"
    for name, part in zip(PARTS, parts, strict=True):
        if not re.fullmatch(r"-?[0-9]{1,9}", part):
            raise ValueError(f"{where}, {name} {part[:40]!r} is no number")
    return known(where, ".".join(parts))


def _check_period(
    block: FeedBlock,
    reading: etree._Element,
    period: tuple[datetime, datetime],
    whole: tuple[datetime, datetime] | None,
    length: str,
) -> None:
    start, end = period
    if whole and not (whole[0] <= start and end <= whole[1]):
        raise _wrong(block, reading, "timePeriod", "lies outside the interval of its block")
    if length and (end - start).total_seconds() != int(length):
        raise _wrong(block, reading, "timePeriod", f"is not as long as intervalLength {length} s")


def _period(block: FeedBlock, element: etree._Element) -> tuple[datetime, datetime]:
    """Start and end."""
    start, seconds = (_number(block, element, name) for name in ("start", "duration"))
    try:
        begins = datetime.fromtimestamp(start, UTC)
        ends = begins + timedelta(seconds=seconds)
    except (ValueError, OverflowError, OSError):
        raise _wrong(block, element, "start", "is no time, in seconds since 1970") from None
    if seconds <= 0:
        raise _wrong(block, element, "duration", "must be more than 0 seconds")
    return begins, ends


def _child(block: FeedBlock, element: etree._Element, name: str) -> etree._Element:
    if (found := element.find(ESPI + name)) is None:
        raise _wrong(block, element, name, "is missing")
    return found


def _number(block: FeedBlock, element: etree._Element, name: str) -> int:
    found = text(element, ESPI + name)
    if not _NUMBER.fullmatch(found):
        raise _wrong(block, element, name, "is no whole number")
    return int(found)


def _wrong(block: FeedBlock, element: etree._Element, name: str, rule: str) -> ValueError:
    kind, value = etree.QName(element).localname, text(element, ESPI + name)
    return ValueError(
        f"{block.origin}: {kind} (line {line_of(element)}), {name}"
        f" {f'{value[:40]!r} ' if value else ''}{rule}"
    )
