"""Results as parts of messages: violated limits, and values that were computed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from cim.profiles.identification import Name, NameType, PowerSystemResource
from cim.profiles.limit_violations import (
    LimitKind,
    LimitViolation,
    OperationalLimitDirectionKind,
    Terminal,
)
from cim.profiles.measurement_values import (
    Analog,
    AnalogValue,
    MeasurementValueQuality,
    MeasurementValueSource,
)
from cim.profiles.outages import Equipment
from cim.profiles.phases import PhaseCode
from cim.profiles.units import UnitMultiplier, UnitSymbol
from dms_apps.solver.solution import Engine
from dms_apps.solver.violations import Violation

_COMPUTED = UUID("6e2a7a57-5f0e-5c55-9d0c-2a5fd5a3b1c1")  # namespace of our identifiers
_COMPUTED_BY = NameType(name="computedBy")


def limit_violation(
    found: Violation,
    *,
    by: Engine,
    since: datetime,
    now: datetime,
    severity: str | None = None,
    sentence: str | None = None,
    name: str = "",
    mrid: str | None = None,
    cleared: bool = False,
) -> LimitViolation:
    """One violated limit, or one that is kept again.

    by:       what computed it; told as a name of the type "computedBy", for it has no other field.
    sentence: the violation for people.
    name:     of the equipment.
    mrid:     in the place of the violation's own.
    """
    return LimitViolation(
        mrid=mrid or found.mrid,
        acceptable_duration=found.duration,
        cleared_date_time=now if cleared else None,
        created_date_time=now,
        description=sentence,
        direction=OperationalLimitDirectionKind(found.direction),
        limit_kind=LimitKind(found.kind) if found.kind in set(LimitKind) else None,
        limit_value=found.limit,
        phases=PhaseCode(found.phase) if found.phase else None,
        severity=severity,
        start_date_time=since,
        unit_symbol=UnitSymbol(found.quantity),
        value=found.value,
        names=(Name(name=by.told, name_type=_COMPUTED_BY),),
        equipment=Equipment(mrid=found.equipment, names=(Name(name=name),) if name else ()),
        terminal=Terminal(mrid=found.terminal) if found.terminal else None,
    )


def computed(
    mrid: str,
    kind: str,
    value: float,
    unit: UnitSymbol,
    at: datetime,
    *,
    name: str,
    app: str,
    by: Engine,
) -> AnalogValue:
    """A value of a part of the power system that nothing measures.

    kind: Measurement.measurementType, ours.
    name: of the part; its mRID without one.
    app:  that has computed it, by an engine.
    """
    return AnalogValue(
        value=value,
        time_stamp=at,
        analog=Analog(
            mrid=str(uuid5(_COMPUTED, f"{kind} {mrid}")),
            measurement_type=kind,
            unit_symbol=unit,
            unit_multiplier=UnitMultiplier.NONE,
            names=(Name(name=f"{kind} of {name or mrid}"),),
            power_system_resource=PowerSystemResource(mrid=mrid),
        ),
        measurement_value_quality=MeasurementValueQuality(estimator_replaced=True),
        measurement_value_source=MeasurementValueSource(
            names=(Name(name=app), Name(name=by.told, name_type=_COMPUTED_BY))
        ),
    )
