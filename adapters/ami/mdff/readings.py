"""From the blocks of an MDFF file to MeterReadings (IEC 61968-9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from adapters.ami.mdff import fields
from adapters.ami.mdff.days import Channel, Day, IndexRead, day
from adapters.ami.mdff.registers import Read, Register, register
from adapters.ami.mdff.rows import Block, Line
from adapters.ami.meter_readings import identity, named_types, quality
from adapters.ami.reading_types import measured_in, over
from cim.message import Outgoing, Verb
from cim.profile import Reference
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.meter_readings import (
    BriefName,
    BriefNameType,
    IntervalBlock,
    IntervalReading,
    Meter,
    MeterName,
    MeterReading,
    MeterReadings,
    Reading,
    ReadingQuality,
    UsagePoint,
)


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """What the mapping file says, by its tables, and the zone of all times.

    intervals:  NMISuffix or its letter -> reading type of a value.
    registers:  NMISuffix, its letter or DirectionIndicator -> reading type of a register read.
    quantities: NMISuffix or DirectionIndicator -> reading type of the use between two reads.
    qualities:  QualityMethod or its letter -> reading quality.
    """

    intervals: Mapping[str, str]
    registers: Mapping[str, str]
    quantities: Mapping[str, str]
    qualities: Mapping[str, str]
    zone: timezone

    def utc(self, time: datetime) -> datetime:
        """A time of the market."""
        return time.replace(tzinfo=self.zone).astimezone(UTC)


def outgoing(block: Block, by: Mapped) -> Outgoing:
    """The block as a message.  Raises: ValueError naming line, row, field, value and rule."""
    if block.rows[0].kind == "250":
        return _of_register(block, register(block), by)
    return _of_day(block, day(block), by)


def _of_day(block: Block, found: Day, by: Mapped) -> Outgoing:
    assert block.channel is not None  # noqa: S101 - `day` has seen to it
    channel = found.channel
    code = _interval_code(block.channel, channel, by)
    keys = (channel.suffix, channel.suffix[:1])
    reads = [
        (_register_code(block.channel, "nem_registers", by.registers, keys), read)
        for read in found.index_reads
        if read.value
    ]
    start = by.utc(datetime.combine(found.date, datetime.min.time()))
    end = start + timedelta(days=1)
    taken = [by.utc(read.when) for _, read in reads if read.when is not None]
    reading = MeterReading(
        interval_blocks=(
            IntervalBlock(
                interval_readings=_interval_readings(block.rows[0], found, start, by),
                reading_type=Reference(code),
            ),
        ),
        readings=tuple(_index_reading(code, read, by) for code, read in reads),
        meter=_meter(channel.meter),
        usage_point=_usage_point(channel.nmi),
        values_interval=DateTimeInterval(start=min([start, *taken]), end=max([end, *taken])),
    )
    codes = [code, *(code for code, _ in reads)]
    return _message(block, reading, codes, channel.suffix, found.updated, _facts(found, start))


def _facts(found: Day, start: datetime) -> tuple[object, ...]:
    channel = found.channel
    return (
        *(channel.nmi, channel.suffix, channel.register, channel.meter, start),
        [float(value) for value in found.values],
        [(q.text, q.reason, q.description) for q in found.qualities],
        [(r.transaction, r.order, r.when, r.value) for r in found.index_reads],
    )


def _interval_readings(
    line: Line, found: Day, start: datetime, by: Mapped
) -> tuple[IntervalReading, ...]:
    step = timedelta(minutes=found.channel.minutes)
    judged = {
        q: (_judged(line, "QualityMethod", q, found.updated, by),)
        for q in dict.fromkeys(found.qualities)
    }
    return tuple(
        IntervalReading(
            time_stamp=start + number * step,
            value=None if quality.flag == "N" else float(value),
            reading_qualities=judged[quality],
        )
        for number, (value, quality) in enumerate(
            zip(found.values, found.qualities, strict=True), 1
        )
    )


def _index_reading(code: str, read: IndexRead, by: Mapped) -> Reading:
    assert read.when is not None  # noqa: S101 - a read with a value has a time
    return Reading(
        time_stamp=by.utc(read.when),
        value=float(read.value),
        reading_type=Reference(code),
    )


def _of_register(block: Block, found: Register, by: Mapped) -> Outgoing:
    line = block.rows[0]
    keys = (found.suffix, found.direction)
    of_read = _register_code(line, "nem_registers", by.registers, keys)
    of_use = _register_code(line, "nem_quantities", by.quantities, keys)
    start, end = (by.utc(read.when) for read in (found.previous, found.current))
    reading = MeterReading(
        readings=(
            _register_reading(line, "Previous", of_read, found.previous, found, by),
            _register_reading(line, "Current", of_read, found.current, found, by),
            Reading(
                time_stamp=end,
                value=float(found.quantity),
                reading_type=Reference(of_use),
                time_period=DateTimeInterval(start=start, end=end),
                # What was used between two reads is as good as the later one.
                reading_qualities=(
                    _judged(line, "CurrentQualityMethod", found.current.quality, found.updated, by),
                ),
            ),
        ),
        meter=_meter(found.meter),
        usage_point=_usage_point(found.nmi),
        values_interval=DateTimeInterval(start=start, end=end),
    )
    reads = [
        (r.value, r.when, r.quality.text, r.quality.reason, r.quality.description)
        for r in (found.previous, found.current)
    ]
    facts = (
        *(found.nmi, found.suffix, found.register, found.meter, found.direction, start, end),
        *(found.quantity, reads, [row.cells for row in block.rows[1:]]),
    )
    return _message(block, reading, [of_read, of_use], found.suffix, found.updated, facts)


def _register_reading(
    line: Line, which: str, code: str, read: Read, found: Register, by: Mapped
) -> Reading:
    judged = _judged(line, f"{which}QualityMethod", read.quality, found.updated, by)
    return Reading(
        time_stamp=by.utc(read.when),
        value=None if read.quality.flag == "N" else float(read.value),
        reading_type=Reference(code),
        reading_qualities=(judged,),
    )


def _message(
    block: Block,
    reading: MeterReading,
    codes: list[str],
    suffix: str,
    updated: datetime | None,
    facts: tuple[object, ...],
) -> Outgoing:
    """The identity is the content with its UpdateDateTime; without one, with the file's DateTime:
    a correction that takes back an earlier one is no duplicate of what came before that."""
    version = updated or f"file of {block.header['DateTime']}"
    payload = MeterReadings(
        meter_reading=(reading,),
        reading_type=named_types(((code, suffix) for code in codes), "NMISuffix"),
    )
    return Outgoing(Verb.CREATED, payload, external_id=identity(version, codes, *facts))


def _interval_code(line: Line, channel: Channel, by: Mapped) -> str:
    pattern = _pattern(line, "nem", by.intervals, (channel.suffix, channel.suffix[:1]))
    try:
        pattern = over(pattern, channel.minutes)
    except ValueError as error:
        raise line.wrong("IntervalLength", str(error)) from None
    return _in_unit(line, pattern)


def _register_code(line: Line, name: str, table: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return _in_unit(line, _pattern(line, name, table, keys))


def _pattern(line: Line, name: str, table: Mapping[str, str], keys: tuple[str, ...]) -> str:
    """The reading type that table `name` has for the first of `keys` in it."""
    if (pattern := fields.mapped(table, *keys)) is None:
        known = ", ".join(sorted(table))
        raise line.wrong("NMISuffix", f"has no reading type in [{name}]; there are {known}")
    return pattern


def _in_unit(line: Line, pattern: str) -> str:
    try:
        return measured_in(pattern, line["UOM"])
    except ValueError as error:
        raise line.wrong("UOM", str(error)) from None


def _judged(
    line: Line, field: str, found: fields.Quality, updated: datetime | None, by: Mapped
) -> ReadingQuality:
    if (code := fields.mapped(by.qualities, found.text, found.flag)) is None:
        known = ", ".join(sorted(by.qualities))
        raise line.wrong(field, f"has no code in [nem_quality]; there are {known}", found.text)
    return quality(code, by.utc(updated) if updated else None, found.comment)


def _usage_point(nmi: str) -> UsagePoint:
    return UsagePoint(names=(BriefName(name=nmi, name_type=BriefNameType(name="NMI")),))


def _meter(serial: str) -> Meter | None:
    return Meter(names=(MeterName(name=serial),)) if serial else None
