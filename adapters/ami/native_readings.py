"""Write MeterReadings of IEC 61968-9 in XML, as a head-end does and `adapters.ami` reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from cim import envelope
from cim.message import Header, Kind, Message, Verb
from cim.profile import Reference
from cim.profiles.meter_readings import (
    BriefName,
    Meter,
    MeterName,
    MeterReading,
    MeterReadings,
    Reading,
    ReadingQuality,
    UsagePoint,
)


def write(readings: Iterable[MeterReading], made: datetime, source: str = "HES") -> bytes:
    """The file: `created MeterReadings` in the envelope of IEC 61968-100."""
    said = MeterReadings(meter_reading=tuple(readings))
    header = Header(verb=Verb.CREATED, noun=MeterReadings.__name__, timestamp=made, source=source)
    return envelope.write(Message(header=header, kind=Kind.EVENT, payload=said))


def write_rows(rows: Iterable[Mapping[str, str]], made: str) -> bytes:
    """The file; a row is one value of one meter.

    rows: meter, service_point, time, value, code (18 numbers) and quality (three numbers).
    made: as the times of the rows, ISO 8601 with an offset.
    """
    return write(map(_of, rows), datetime.fromisoformat(made))


def _of(row: Mapping[str, str]) -> MeterReading:
    return MeterReading(
        meter=Meter(names=(MeterName(name=row["meter"]),)),
        readings=(
            Reading(
                time_stamp=datetime.fromisoformat(row["time"]),
                value=float(row["value"]),
                reading_qualities=(ReadingQuality(reading_quality_type=Reference(row["quality"])),),
                reading_type=Reference(row["code"]),
            ),
        ),
        usage_point=UsagePoint(names=(BriefName(name=row["service_point"]),)),
    )
