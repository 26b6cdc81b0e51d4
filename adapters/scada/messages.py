"""From what is told to messages: MeasurementValues, and SwitchingEvents for what moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from adapters.scada.points import Point, Points, Position
from adapters.scada.quality import quality
from adapters.scada.samples import Told, Why
from cim.message import Outgoing, Verb
from cim.profiles.identification import Name, NameType, PowerSystemResource
from cim.profiles.measurement_values import (
    Accumulator,
    AccumulatorValue,
    Analog,
    AnalogValue,
    Discrete,
    DiscreteValue,
    MeasurementValues,
    MeasurementValueSource,
    Terminal,
)
from cim.profiles.switching_actions import SwitchActionKind
from cim.profiles.switching_events import Switch, SwitchAction, SwitchingEvent, SwitchingEvents

NAME_TYPE = NameType(name="SCADAPoint")
_KINDS = {Position.OPEN: SwitchActionKind.OPEN, Position.CLOSED: SwitchActionKind.CLOSE}


def said(
    told: Iterable[Told], points: Points, system: str, where: str, identity: str = ""
) -> Iterator[Outgoing]:
    """The values together in one message, then each switch that moved in one of its own.

    So values travel in bulk, and the events of a switch stay in order among themselves.
    identity: of the facts, "" for facts that come once only.
    Raises: ValueError for a point that is not in the table.
    """
    values = [(points.named(one.point, where), one) for one in told]
    analog = [pair for pair in values if not pair[0].is_whole]
    counted = [pair for pair in values if pair[0].is_counter]
    discrete = [pair for pair in values if pair[0].is_discrete]
    yield Outgoing(
        Verb.CREATED,
        MeasurementValues(
            accumulator_value=tuple(_counted(point, one, system) for point, one in counted),
            analog_value=tuple(_analog(point, one, system) for point, one in analog),
            discrete_value=tuple(_discrete(point, one, system) for point, one in discrete),
        ),
        external_id=identity or None,
        at=max((at for _, one in values if (at := _news(one))), default=None),
    )
    for point, one in discrete:
        if one.moves and one.value is not None and (position := point.position(one.value)):
            event = _event(point, one, position)
            yield Outgoing(
                Verb.CREATED,
                SwitchingEvents(switching_event=(event,)),
                external_id=f"{identity} {position}" if identity else None,
                at=_news(one),
            )


def _news(told: Told) -> datetime | None:
    """When it was; None for what was so before telemetry began, however long."""
    return None if told.why is Why.FIRST else told.at


def _counted(point: Point, told: Told, system: str) -> AccumulatorValue:
    return AccumulatorValue(
        value=None if told.value is None else int(told.value),
        time_stamp=told.at,
        measurement_value_quality=quality(told.flags),
        measurement_value_source=_source(system),
        accumulator=Accumulator(
            mrid=point.mrid or None,
            max_value=point.largest,
            measurement_type=point.measurement_type or None,
            phases=point.phases,
            unit_multiplier=point.multiplier,
            unit_symbol=point.unit,
            names=(Name(name=point.name, name_type=NAME_TYPE),),
            power_system_resource=_equipment(point),
            terminal=Terminal(mrid=point.terminal) if point.terminal else None,
        ),
    )


def _analog(point: Point, told: Told, system: str) -> AnalogValue:
    return AnalogValue(
        value=None if told.value is None else float(told.value),
        time_stamp=told.at,
        measurement_value_quality=quality(told.flags),
        measurement_value_source=_source(system),
        analog=Analog(
            mrid=point.mrid or None,
            measurement_type=point.measurement_type or None,
            phases=point.phases,
            unit_multiplier=point.multiplier,
            unit_symbol=point.unit,
            names=(Name(name=point.name, name_type=NAME_TYPE),),
            power_system_resource=_equipment(point),
            terminal=Terminal(mrid=point.terminal) if point.terminal else None,
        ),
    )


def _discrete(point: Point, told: Told, system: str) -> DiscreteValue:
    return DiscreteValue(
        value=None if told.value is None else int(told.value),
        time_stamp=told.at,
        measurement_value_quality=quality(told.flags),
        measurement_value_source=_source(system),
        discrete=Discrete(
            mrid=point.mrid or None,
            measurement_type=point.told_type,
            phases=point.phases,
            names=(Name(name=point.name, name_type=NAME_TYPE),),
            power_system_resource=_equipment(point),
            terminal=Terminal(mrid=point.terminal) if point.terminal else None,
        ),
    )


def _event(point: Point, told: Told, position: Position) -> SwitchingEvent:
    first = told.why is Why.FIRST
    reason = "position when telemetry began" if first else "position changed, by telemetry"
    if point.normal and position is not point.normal:
        reason += f"; normally {point.normal}"
    return SwitchingEvent(
        created_date_time=told.at,
        reason=reason,
        type="telemetry",
        names=(Name(name=point.name, name_type=NAME_TYPE),),
        switching_action=SwitchAction(
            kind=_KINDS[position],
            executed_date_time=told.at,
            phases=point.phases,
            operated_switch=Switch(mrid=point.equipment),
        ),
    )


def _source(system: str) -> MeasurementValueSource:
    return MeasurementValueSource(names=(Name(name=system),))


def _equipment(point: Point) -> PowerSystemResource | None:
    return PowerSystemResource(mrid=point.equipment) if point.equipment else None
