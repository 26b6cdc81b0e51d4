"""What messages say of customers, days and the weather."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

import sqlalchemy as sa

from cim.message import Message, Verb
from cim.profiles.customer_agreements import CustomerAgreement, CustomerAgreements
from cim.profiles.day_types import DayTypes
from cim.profiles.identification import IdentifiedObject
from cim.profiles.measurement_values import MeasurementValues, Validity
from cim.profiles.weather_reports import (
    AtmosphericAnalog,
    AtmosphericAnalogKind,
    Forecast,
    Observation,
    WeatherReports,
)
from dms_apps.load_model import store
from dms_apps.solver.sensors import Sensor, of_message

_OVER = (Verb.DELETED, Verb.CLOSED, Verb.CANCELED)


def learn(
    message: Message,
    connection: sa.Connection,
    classes: Mapping[str, str],
    day_types: Mapping[str, str],
) -> None:
    """Keep what a message says.

    classes:   CustomerKind -> class; a kind that is not there is a class of its own.
    day_types: name of a type of days -> kind of day, likewise.
    """
    match message.payload:
        case CustomerAgreements() as agreements:
            over = message.header.verb in _OVER
            for one in agreements.customer_agreement:
                if identity := one.mrid or next((n.name for n in one.names), ""):
                    points = {} if over else dict(_points(one, classes))
                    store.keep_customer(connection, identity, points)
        case DayTypes() as types:
            store.keep_days(connection, dict(_days(types, day_types)))
        case MeasurementValues() as values:
            store.keep_sensors(connection, _sensors(values))
        case WeatherReports() as reports:
            for report, foreseen in _told(reports):
                station = report.environmental_monitoring_station
                seen = list(_celsius(report.environmental_analog))
                store.keep_temperatures(connection, _called(station), seen, foreseen=foreseen)
        case _:
            pass


def _sensors(values: MeasurementValues) -> Iterator[Sensor]:
    """Those of flows; what another application has computed is measured by none."""
    for said in values.analog_value:
        quality = said.measurement_value_quality
        one = None if quality and quality.estimator_replaced else of_message(said)
        if one is not None and one.quantity != "V" and one.mrid:
            yield one


def _points(one: CustomerAgreement, classes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """All by which its usage points are called, and their class."""
    if one.customer.kind is None:
        return
    kind = classes.get(one.customer.kind, str(one.customer.kind))
    places = [point for place in one.service_locations for point in place.usage_points]
    for point in (*one.usage_points, *places):
        for called in (point.mrid, *(name.name for name in point.names)):
            if called:
                yield called, kind


def _days(types: DayTypes, known: Mapping[str, str]) -> Iterator[tuple[date, str]]:
    for one in types.day_type:
        name = next((n.name for n in one.names), one.mrid or "")
        for day in one.calendar_days if name else ():
            yield day.date, known.get(name, name)


def _told(reports: WeatherReports) -> Iterator[tuple[Forecast | Observation, bool]]:
    yield from ((one, True) for one in reports.forecast)
    yield from ((one, False) for one in reports.observation)


def _celsius(analogs: Iterable[AtmosphericAnalog]) -> Iterator[tuple[datetime, float]]:
    for one in analogs:
        if one.kind is AtmosphericAnalogKind.AMBIENT_TEMPERATURE:
            for value in one.analog_values:
                quality = value.measurement_value_quality
                if quality is None or quality.validity is not Validity.INVALID:
                    yield value.time_stamp, value.value


def _called(station: IdentifiedObject) -> str:
    return station.mrid or next((name.name for name in station.names), "")
