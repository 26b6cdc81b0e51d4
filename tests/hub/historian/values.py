"""Readings and measurements for the historian, and a hub that takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cim.profile import Profile, Reference
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.measurement_values import (
    Analog,
    AnalogValue,
    MeasurementValueQuality,
    MeasurementValues,
    Validity,
)
from cim.profiles.meter_readings import (
    BriefName,
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
from cim.profiles.units import UnitMultiplier, UnitSymbol
from hub.dispatch import Hub
from hub.historian import questions
from hub.historian.app import NAME, Historian
from hub.historian.questions import Sample, Span, Stored
from hub.journal import Journal
from tests import fakes

ENERGY = "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
"""Energy of a quarter of an hour, kWh."""
REGISTER = "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
QUARTER = timedelta(minutes=15)

Value = tuple[datetime, float | None] | tuple[datetime, float | None, str]


def intervals(
    values: Iterable[Value], meter: str = "M1", point: str = "", code: str = ENERGY
) -> MeterReadings:
    """Interval readings of one meter."""
    readings = tuple(
        IntervalReading(time_stamp=at, value=value, reading_qualities=_qualities(*quality))
        for at, value, *quality in values
    )
    block = IntervalBlock(reading_type=Reference(code), interval_readings=readings)
    return of_meter(MeterReading(interval_blocks=(block,)), meter, point)


def registers(
    values: Iterable[Value], meter: str = "M1", point: str = "", code: str = REGISTER
) -> MeterReadings:
    """Single readings of one meter."""
    readings = tuple(
        Reading(
            time_stamp=at,
            value=value,
            reading_type=Reference(code),
            reading_qualities=_qualities(*quality),
        )
        for at, value, *quality in values
    )
    return of_meter(MeterReading(readings=readings), meter, point)


def of_meter(reading: MeterReading, meter: str, point: str = "") -> MeterReadings:
    """The same, of this meter and usage point."""
    held = dict(vars(reading))
    if meter:
        held["meter"] = Meter(names=(MeterName(name=meter),))
    if point:
        held["usage_point"] = UsagePoint(mrid=f"{point}-id", names=(BriefName(name=point),))
    return MeterReadings(meter_reading=(MeterReading(**held),))


def period(start: datetime, end: datetime) -> DateTimeInterval:
    return DateTimeInterval(start=start, end=end)


def _qualities(*codes: str) -> tuple[ReadingQuality, ...]:
    return tuple(ReadingQuality(reading_quality_type=Reference(code)) for code in codes)


def scan(
    values: Iterable[tuple[datetime, float]],
    measurement: str = "P1",
    validity: Validity | None = None,
) -> MeasurementValues:
    """Values of one analog measurement, in MW."""
    analog = Analog(
        mrid=f"{measurement}-id",
        names=(Name(name=measurement),),
        measurement_type="ThreePhaseActivePower",
        unit_multiplier=UnitMultiplier("M"),
        unit_symbol=UnitSymbol("W"),
        power_system_resource=PowerSystemResource(mrid="line-7"),
    )
    quality = None if validity is None else MeasurementValueQuality(validity=validity)
    return MeasurementValues(
        analog_value=tuple(
            AnalogValue(
                time_stamp=at, value=value, analog=analog, measurement_value_quality=quality
            )
            for at, value in values
        )
    )


@dataclass
class Storing:
    """A hub with a historian."""

    journal: Journal
    clock: fakes.Clock
    app: Historian = field(default_factory=Historian)

    def __post_init__(self) -> None:
        self.use(self.app)

    def use(self, app: Historian) -> None:
        """Another historian, as after a new start."""
        self.app = app
        self.hub = Hub(self.journal, {}, clock=self.clock, own={NAME: app})

    def accept(self, *payloads: Profile) -> None:
        """Take messages, and let the historian have them all in one transaction."""
        messages = [fakes.message(one, noun=type(one).__name__) for one in payloads]
        self.hub.accept([fakes.Handed.of(message) for message in messages], "test")
        while self.hub.deliver(NAME):
            pass

    def series(self, *names: str) -> list[Stored]:
        with self.journal.reading() as connection:
            return questions.listed(connection, names=names)

    def samples(self, name: str, span: Span = Span()) -> list[Sample]:  # noqa: B008 - immutable
        """The values of the one series of that name."""
        [series] = self.series(name)
        with self.journal.reading() as connection:
            return questions.values(connection, series.id, span, limit=10_000)

    def values(self, name: str, span: Span = Span()) -> Sequence[tuple[datetime, float | None]]:  # noqa: B008
        return [(one.at, one.value) for one in self.samples(name, span)]
