"""The load model on a small network, with meters that have told the historian of their energy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cim.message import Verb
from cim.profile import Profile, Reference
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.customer_agreements import CustomerAgreement, CustomerAgreements
from cim.profiles.customer_contacts import Customer
from cim.profiles.day_types import CalendarDay, DayType, DayTypes
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.kinds import CustomerKind
from cim.profiles.measurement_values import (
    Analog,
    AnalogValue,
    MeasurementValues,
)
from cim.profiles.meter_readings import (
    IntervalBlock,
    IntervalReading,
    Meter,
    MeterReading,
    MeterReadings,
    Reading,
)
from cim.profiles.meter_readings import UsagePoint as ReadPoint
from cim.profiles.units import UnitMultiplier, UnitSymbol
from cim.profiles.weather_reports import (
    AnalogValue as Degrees,
)
from cim.profiles.weather_reports import (
    AtmosphericAnalog,
    AtmosphericAnalogKind,
    EnvironmentalMonitoringStation,
    Observation,
    WeatherReports,
)
from dms_apps.load_model import LoadModelApp
from hub.columns import metadata as hub_tables
from hub.historian.blocks import blocks
from hub.historian.deadband import Deadbands
from hub.historian.store import Store
from tests.dms_apps.load_flow.playing import Run, modelled, said
from tests.dms_apps.solver.feeder import Objects, balanced_line, load, source, switch

HOURLY = "0.0.7.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
"""Energy delivered in an hour, kWh."""
BILLED = "32.0.0.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)  # a Thursday
FLAT = {"": {"": (1.0,)}}


def point(name: str, at: str) -> Objects:
    """A usage point on a load."""
    return {f"UsagePoint {name}": {"UsagePoint.Equipments": f"#{at}"}}


def analog(name: str, kind: str, terminal: str, phases: str = "ABC", unit: str = "k") -> Objects:
    """A measurement at a terminal."""
    return {
        f"Analog {name}": {
            "Measurement.measurementType": kind,
            "Measurement.phases": f"~PhaseCode.{phases}",
            "Measurement.Terminal": f"#{terminal}",
            "Measurement.unitMultiplier": f"~UnitMultiplier.{unit}",
        }
    }


def running(*more: Objects, **settings: Any) -> Run:
    """Load d of 900 kW, of points a and b, and load e of 300 kW, of point c; behind switch w."""
    app = LoadModelApp(**{"profiles": FLAT, "history": 0, **settings})
    run = Run(app, now=NOON)  # type: ignore[arg-type]
    hub_tables.create_all(run.connection)
    run.take(
        said(
            modelled(
                source(), balanced_line(), switch(), load(), load(300e3, 0, name="e"),
                point("a", "d"), point("b", "d"), point("c", "e"), *more,
            )
        )
    )  # fmt: skip
    return run


def told(run: Run, payload: Profile) -> None:
    """What the historian is told."""
    Store(Deadbands()).write(run.connection, [("m", blocks(payload))], run.now)


def energy(run: Run, of: str, start: datetime, kwh: list[float], kind: str = HOURLY) -> None:
    """Energy of a usage point, hour by hour."""
    readings = tuple(
        IntervalReading(time_stamp=start + timedelta(hours=n + 1), value=value)
        for n, value in enumerate(kwh)
    )
    block = IntervalBlock(interval_readings=readings, reading_type=Reference(kind))
    reading = MeterReading(
        meter=Meter(mrid=f"meter-{of}"),
        usage_point=ReadPoint(mrid=of),
        interval_blocks=(block,),
    )
    told(run, MeterReadings(meter_reading=(reading,)))


def billed(run: Run, of: str, start: datetime, end: datetime, kwh: float) -> None:
    """Energy of a usage point between two reads."""
    reading = Reading(
        reading_type=Reference(BILLED),
        time_period=DateTimeInterval(start=start, end=end),
        time_stamp=end,
        value=kwh,
    )
    told(run, MeterReadings(meter_reading=(
        MeterReading(usage_point=ReadPoint(mrid=of), readings=(reading,)),)))  # fmt: skip


def days(run: Run, of: str, count: int, kwh: Callable[[int], float]) -> None:
    """The last so many days before today, each hour of the day the same."""
    start = run.now.replace(hour=0) - timedelta(days=count)
    energy(run, of, start, [kwh(n % 24) for n in range(24 * count)])


def measured(run: Run, name: str, value: float, at: datetime | None = None) -> None:
    """What telemetry shows."""
    value_ = AnalogValue(analog=Analog(mrid=name), value=value, time_stamp=at or run.now)
    run.take(said(MeasurementValues(analog_value=(value_,))))


def agreement(of: str, kind: CustomerKind) -> CustomerAgreements:
    one = CustomerAgreement(
        mrid=f"agreement-{of}",
        customer=Customer(kind=kind),
        usage_points=(UsagePoint(mrid=of),),
    )
    return CustomerAgreements(customer_agreement=(one,))


def holiday(day: date) -> DayTypes:
    one = DayType(names=(Name(name="Holiday"),), calendar_days=(CalendarDay(date=day),))
    return DayTypes(day_type=(one,))


def weather(at: datetime, celsius: float) -> WeatherReports:
    analog_ = AtmosphericAnalog(
        kind=AtmosphericAnalogKind.AMBIENT_TEMPERATURE,
        unit_multiplier=UnitMultiplier("none"),
        unit_symbol=UnitSymbol("degC"),
        analog_values=(Degrees(time_stamp=at, value=celsius),),
    )
    one = Observation(
        created=at,
        environmental_analog=(analog_,),
        environmental_monitoring_station=EnvironmentalMonitoringStation(mrid="station"),
    )
    return WeatherReports(observation=(one,))


__all__ = ["Verb", "said"]
