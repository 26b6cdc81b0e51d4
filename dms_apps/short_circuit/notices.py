"""What the short-circuit app tells: ratings exceeded, and the fault currents of devices."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from cim.network import Network
from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.limit_violations import (
    LimitKind,
    LimitViolation,
    LimitViolations,
    OperationalLimitDirectionKind,
    Terminal,
)
from cim.profiles.measurement_values import (
    Analog,
    AnalogValue,
    MeasurementValueQuality,
    MeasurementValues,
    MeasurementValueSource,
)
from cim.profiles.outages import Equipment
from cim.profiles.units import UnitMultiplier, UnitSymbol
from dms_apps.short_circuit.store import Since

_CURRENTS = uuid.UUID("6e2a7a57-5f0e-5c55-9d0c-2a5fd5a3b1c1")  # namespace of our identifiers
_SEVERE = 1.1
"""Value over rating from which exceeding it is severe."""
HIGHEST, LOWEST = "FaultCurrentHighest", "FaultCurrentLowest"
"""Measurement.measurementType, ours: amperes through a device."""


def notice(
    lasting: Iterable[Since],
    sentences: Mapping[str, str],
    network: Network,
    now: datetime,
    *,
    cleared: bool = False,
) -> LimitViolations:
    """Ratings that are exceeded; or, `cleared`, no longer.

    sentences: by mRID of the violation.
    """
    return LimitViolations(
        limit_violation=tuple(
            _told(one, sentences.get(one.violation.mrid), network, now, cleared=cleared)
            for one in lasting
        )
    )


def _told(
    one: Since, sentence: str | None, network: Network, now: datetime, *, cleared: bool
) -> LimitViolation:
    found = one.violation
    names = _names(network, found.equipment)
    return LimitViolation(
        mrid=found.mrid,
        acceptable_duration=found.duration,
        cleared_date_time=now if cleared else None,
        created_date_time=now,
        description=None if cleared else sentence,
        direction=OperationalLimitDirectionKind(found.direction),
        limit_kind=LimitKind(found.kind) if found.kind in set(LimitKind) else None,
        limit_value=found.limit,
        severity="high" if found.share > _SEVERE else "medium",
        start_date_time=one.since,
        unit_symbol=UnitSymbol(found.quantity),
        value=found.value,
        equipment=Equipment(mrid=found.equipment, names=names),
        terminal=Terminal(mrid=found.terminal),
    )


def currents(
    found: Mapping[str, tuple[float, float | None]], network: Network, now: datetime
) -> MeasurementValues:
    """The highest and the lowest fault current through each device, computed."""
    return MeasurementValues(
        analog_value=tuple(
            _value(mrid, kind, value, network, now)
            for mrid, values in found.items()
            for kind, value in zip((HIGHEST, LOWEST), values, strict=True)
            if value is not None
        )
    )


def _value(mrid: str, kind: str, value: float, network: Network, now: datetime) -> AnalogValue:
    name = network.name(mrid) if network.knows(mrid) else ""
    return AnalogValue(
        value=value,
        time_stamp=now,
        analog=Analog(
            mrid=str(uuid.uuid5(_CURRENTS, f"{kind} {mrid}")),
            measurement_type=kind,
            unit_symbol=UnitSymbol.AMPERE,
            unit_multiplier=UnitMultiplier.NONE,
            names=(Name(name=f"{kind} of {name or mrid}"),),
            power_system_resource=PowerSystemResource(mrid=mrid),
        ),
        measurement_value_quality=MeasurementValueQuality(estimator_replaced=True),
        measurement_value_source=MeasurementValueSource(names=(Name(name="short_circuit"),)),
    )


def _names(network: Network, mrid: str) -> tuple[Name, ...]:
    name = network.name(mrid) if network.knows(mrid) else ""
    return (Name(name=name),) if name else ()
