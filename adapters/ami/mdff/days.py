"""NEM12: the intervals of one channel on one day, with a quality for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile

from adapters.ami.mdff import fields
from adapters.ami.mdff.fields import Quality
from adapters.ami.mdff.rows import Block, Line
from adapters.ami.reading_types import PERIODS

_TAIL = ("QualityMethod", "ReasonCode", "ReasonDescription", "UpdateDateTime", "MSATSLoadDateTime")


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A 200 row.  minutes: IntervalLength."""

    nmi: str
    suffix: str
    minutes: int
    unit: str = ""
    meter: str = ""
    register: str = ""
    configuration: str = ""
    stream: str = ""
    next_read: date | None = None


@dataclass(frozen=True, kw_only=True)
class IndexRead:
    """A 500 row; value "" when only the transaction is told."""

    transaction: str
    order: str = ""
    when: datetime | None = None
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Day:
    """A 300 row with its 400 and 500 rows.  Times are those of the market, without zone.

    values:    as written; of no data (N) "0".
    qualities: one for each value.
    """

    channel: Channel
    date: date
    values: tuple[str, ...]
    qualities: tuple[Quality, ...]
    updated: datetime | None = None
    loaded: datetime | None = None
    index_reads: tuple[IndexRead, ...] = ()


def day(block: Block) -> Day:
    """The day of a block.  Raises: ValueError naming line, row, field, value and rule."""
    if block.channel is None:
        raise ValueError(f"{block.origin}: 200 row is followed by no 300 row: its readings lack")
    found, line = channel(block.channel), block.rows[0]
    if (when := fields.day(line["IntervalDate"])) is None:
        raise line.wrong("IntervalDate", "is no date, ccyymmdd")
    values = _values(line, found.minutes, block.channel.place)
    tail = _tail(line, len(values))
    qualities = _qualities(line, tail, [row for row in block.rows if row.kind == "400"], values)
    return Day(
        channel=found,
        date=when,
        values=values,
        qualities=qualities,
        updated=_time(line, "UpdateDateTime", tail["UpdateDateTime"]),
        loaded=_time(line, "MSATSLoadDateTime", tail["MSATSLoadDateTime"]),
        index_reads=tuple(_index_read(row) for row in block.rows if row.kind == "500"),
    )


def channel(line: Line) -> Channel:
    """Raises: ValueError."""
    line.over()
    for field in ("NMI", "NMISuffix"):
        if not line[field]:
            raise line.wrong(field, "is empty")
    length = line["IntervalLength"]
    if not (length.isascii() and length.isdecimal()) or int(length) not in PERIODS:
        raise line.wrong("IntervalLength", f"is none of {', '.join(map(str, PERIODS))} minutes")
    read = line["NextScheduledReadDate"]
    if read and fields.day(read) is None:
        raise line.wrong("NextScheduledReadDate", "is no date, ccyymmdd")
    return Channel(
        nmi=line["NMI"],
        suffix=line["NMISuffix"],
        minutes=int(length),
        unit=line["UOM"],
        meter=line["MeterSerialNumber"],
        register=line["RegisterID"],
        configuration=line["NMIConfiguration"],
        stream=line["MDMDataStreamIdentifier"],
        next_read=fields.day(read),
    )


def _values(line: Line, minutes: int, above: str) -> tuple[str, ...]:
    """The values, as many as the length of the interval asks for."""
    wanted, cells = 24 * 60 // minutes, line.cells[2:]
    found = len(list(takewhile(fields.is_number, cells)))
    # One that is no number is wrong by itself, unless a quality or nothing at all follows there.
    rest = cells[found:wanted]
    if rest and not fields.is_quality(rest[0]) and any(rest[1:]):
        raise line.wrong(
            f"IntervalValue{found + 1}", "is no number without sign, e.g. 1.250", rest[0]
        )
    if found != wanted:
        raise ValueError(
            f"{line.place}: 300 row, IntervalValue: there are {found}, IntervalLength {minutes} of"
            f" {above} asks for {wanted}"
        )
    return tuple(cells[:wanted])


def _tail(line: Line, count: int) -> dict[str, str]:
    """What follows the values."""
    cells = line.cells[2 + count :]
    if any(cells[len(_TAIL) :]):
        raise ValueError(
            f"{line.place}: 300 row, {len(cells)} fields after the values, there are {len(_TAIL)}:"
            f" {', '.join(_TAIL)}"
        )
    return dict(zip(_TAIL, [*cells, *[""] * len(_TAIL)], strict=False))


def _qualities(
    line: Line, tail: dict[str, str], rows: Sequence[Line], values: Sequence[str]
) -> tuple[Quality, ...]:
    """One for each value: that of the day, where no 400 row says another."""
    of_day = _quality(line, *(tail[field] for field in _TAIL[:3]))
    found = [of_day] * len(values)
    for first, last, quality in _ranges(rows, len(values)):
        found[first - 1 : last] = [quality] * (last - first + 1)
    for number, (quality, value) in enumerate(zip(found, values, strict=True), 1):
        if quality.flag == "V":
            raise line.wrong(
                "QualityMethod",
                f"asks for 400 rows: none says the quality of interval {number}",
                "V",
            )
        if quality.flag == "N" and float(value):
            raise line.wrong(
                f"IntervalValue{number}", "must be 0: its quality is N, no data", value
            )
    return tuple(found)


def _ranges(rows: Sequence[Line], count: int) -> Iterator[tuple[int, int, Quality]]:
    """First and last interval of each 400 row, from 1."""
    after = 0
    for row in rows:
        row.over()
        first, last = _interval(row, "StartInterval", count), _interval(row, "EndInterval", count)
        if first <= after:
            raise row.wrong("StartInterval", f"must be over {after}, where the row before ends")
        if last < first:
            raise row.wrong("EndInterval", f"is before StartInterval {first}")
        quality = _quality(row, row["QualityMethod"], row["ReasonCode"], row["ReasonDescription"])
        if quality.flag == "V":
            raise row.wrong("QualityMethod", "stands in 300 rows alone")
        yield first, last, quality
        after = last


def _interval(row: Line, field: str, count: int) -> int:
    text = row[field]
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= count:
        raise row.wrong(field, f"is none of the intervals 1 to {count}")
    return int(text)


def _quality(line: Line, text: str, reason: str, description: str) -> Quality:
    try:
        return fields.quality(text, reason, description)
    except ValueError as error:
        raise line.wrong("QualityMethod", str(error), text) from None


def _index_read(row: Line) -> IndexRead:
    row.over()
    value, when = row["IndexRead"], row["ReadDateTime"]
    if value and not fields.is_number(value):
        raise row.wrong("IndexRead", "is no number without sign")
    if value and not when:
        raise row.wrong("ReadDateTime", "is empty: when was the index read?")
    return IndexRead(
        transaction=row["TransCode"],
        order=row["RetServiceOrder"],
        when=_time(row, "ReadDateTime", when),
        value=value,
    )


def _time(line: Line, field: str, text: str) -> datetime | None:
    found = fields.moment(text)
    if text and found is None:
        raise line.wrong(field, "is no date and time, ccyymmddhhmmss", text)
    return found
