"""LimitViolations (ours; IEC 61970-301, OperationalLimits): a value is beyond a limit, or back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.outages import Equipment
from cim.profiles.phases import PhaseCode
from cim.profiles.units import UnitMultiplier, UnitSymbol


class OperationalLimitDirectionKind(StrEnum):
    """On which side of a limit it is violated.

    high:           above it.
    low:            below it.
    absoluteValue:  in either direction of flow.
    """

    ABSOLUTE_VALUE = "absoluteValue"
    HIGH = "high"
    LOW = "low"


class LimitKind(StrEnum):
    """What a limit means (IEC 61970-600).

    patl:   may be carried for ever; patlt is the threshold before it.
    tatl:   may be carried for the acceptable duration.
    tc:     trips; tct is the threshold before it.
    """

    ALARM_VOLTAGE = "alarmVoltage"
    HIGH_VOLTAGE = "highVoltage"
    LOW_VOLTAGE = "lowVoltage"
    OPERATIONAL_VOLTAGE_LIMIT = "operationalVoltageLimit"
    PATL = "patl"
    PATLT = "patlt"
    STABILITY = "stability"
    TATL = "tatl"
    TC = "tc"
    TCT = "tct"
    WARNING_VOLTAGE = "warningVoltage"


class Measurement(IdentifiedObject):
    """The measurement that shows the value, by mRID or by name."""


class OperationalLimit(IdentifiedObject):
    """The limit in the model, by mRID or by name; an AnalogLimit of a measurement likewise."""


class Terminal(Profile):
    """The side of the equipment, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the terminal.", default=None
    )
    sequence_number: int | None = attribute(
        "ACDCTerminal.sequenceNumber", "Which end of the equipment it is, from 1.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the terminal.", default=()
    )


class LimitViolation(Profile):
    """One limit that is violated, or was."""

    mrid: str = attribute(
        "IdentifiedObject.mRID", "Identifier of the violation; the same when it is back to normal."
    )
    acceptable_duration: float | None = attribute(
        "LimitViolation.acceptableDuration",
        "How long the limit may be violated.",
        unit="s",
        default=None,
    )
    cleared_date_time: datetime | None = attribute(
        "LimitViolation.clearedDateTime",
        "Since when it is back to normal; left out while it lasts.",
        default=None,
    )
    created_date_time: datetime | None = attribute(
        "ActivityRecord.createdDateTime", "When the value was taken.", default=None
    )
    description: str | None = attribute(
        "IdentifiedObject.description", "The violation in one sentence.", default=None
    )
    direction: OperationalLimitDirectionKind = attribute(
        "LimitViolation.direction", "On which side of the limit it is violated."
    )
    limit_kind: LimitKind | None = attribute(
        "LimitViolation.limitKind", "What the limit means.", default=None
    )
    limit_value: float = attribute("LimitViolation.limitValue", "The limit, in the same unit.")
    phases: PhaseCode | None = attribute(
        "LimitViolation.phases", "Phases the value is for; all of them when left out.", default=None
    )
    severity: str | None = attribute(
        "ActivityRecord.severity", "How severe the violation is.", default=None
    )
    start_date_time: datetime = attribute(
        "LimitViolation.startDateTime", "Since when the limit is, or was, violated."
    )
    unit_multiplier: UnitMultiplier | None = attribute(
        "Measurement.unitMultiplier", "Power of ten of the unit.", default=None
    )
    unit_symbol: UnitSymbol = attribute("Measurement.unitSymbol", "Unit of value and limit.")
    value: float = attribute(
        "LimitViolation.value", "The value now: beyond the limit, or within when it is cleared."
    )
    equipment: Equipment = attribute("LimitViolation.Equipment", "The equipment.")
    measurement: Measurement | None = attribute(
        "LimitViolation.Measurement", "The measurement; none when it was computed.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the violation.", default=()
    )
    operational_limit: OperationalLimit | None = attribute(
        "LimitViolation.OperationalLimit", "The limit in the model.", default=None
    )
    status: Status | None = attribute(
        "ActivityRecord.status", "What became of it, e.g. acknowledged.", default=None
    )
    terminal: Terminal | None = attribute(
        "LimitViolation.Terminal", "The side of the equipment.", default=None
    )


class LimitViolations(
    Profile,
    namespace="urn:gridbus:61968-3:2021:LimitViolations#",
    standard="IEC 61968-3",
    ordering=("limit_violation.mrid",),
):
    """Alarms: values beyond operational limits, and values that are within again.

    No part of the standard has a noun for them.  Limit, kind and unit stand in the message, so that
    a receiver needs no model; limits are those of IEC 61970 (OperationalLimit, AnalogLimit).
    """

    limit_violation: tuple[LimitViolation, ...] = attribute(
        "LimitViolations.LimitViolation", "The violations.", default=()
    )
