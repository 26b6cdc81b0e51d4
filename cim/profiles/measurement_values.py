"""MeasurementValues (ours; IEC 61970-301, Meas): what sensors in the network show."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.identification import IdentifiedObject, Name, PowerSystemResource
from cim.profiles.phases import PhaseCode
from cim.profiles.units import UnitMultiplier, UnitSymbol


class Validity(StrEnum):
    """Whether a value may be used."""

    GOOD = "GOOD"
    QUESTIONABLE = "QUESTIONABLE"
    INVALID = "INVALID"


class Source(StrEnum):
    """Where a value comes from."""

    PROCESS = "PROCESS"
    DEFAULTED = "DEFAULTED"
    SUBSTITUTED = "SUBSTITUTED"


class Terminal(IdentifiedObject):
    """The side of the equipment at which is measured, by mRID or by name."""


class MeasurementValueSource(IdentifiedObject):
    """The system that keeps a value up to date, by mRID or by name, e.g. SCADA."""


class MeasurementValueQuality(Profile):
    """How good a value is, with the flags of IEC 61850."""

    bad_reference: bool | None = attribute(
        "Quality61850.badReference", "The reference of the sensor is out of calibration.",
        default=None,
    )  # fmt: skip
    estimator_replaced: bool | None = attribute(
        "Quality61850.estimatorReplaced", "A state estimator has replaced the value.", default=None
    )
    failure: bool | None = attribute(
        "Quality61850.failure", "A supervision has found a failure.", default=None
    )
    old_data: bool | None = attribute(
        "Quality61850.oldData", "The value was not updated in time.", default=None
    )
    operator_blocked: bool | None = attribute(
        "Quality61850.operatorBlocked", "An operator has blocked its update.", default=None
    )
    oscillatory: bool | None = attribute(
        "Quality61850.oscillatory", "The value changes so often that it is held.", default=None
    )
    out_of_range: bool | None = attribute(
        "Quality61850.outOfRange", "The value is beyond the range set for it.", default=None
    )
    over_flow: bool | None = attribute(
        "Quality61850.overFlow", "The value cannot be represented.", default=None
    )
    source: Source | None = attribute("Quality61850.source", "Where it comes from.", default=None)
    suspect: bool | None = attribute(
        "Quality61850.suspect", "A correlation with others makes it doubtful.", default=None
    )
    test: bool | None = attribute("Quality61850.test", "It is a test value.", default=None)
    validity: Validity | None = attribute(
        "Quality61850.validity", "Whether it may be used; yes when left out.", default=None
    )


class Measurement(Profile):
    """What is measured, by mRID or by name, and where.

    The attributes beside are for receivers that have no model; the model's count where both speak.
    """

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the measurement.", default=None
    )
    measurement_type: str | None = attribute(
        "Measurement.measurementType", "What is measured, e.g. ThreePhaseActivePower.", default=None
    )
    phases: PhaseCode | None = attribute(
        "Measurement.phases", "Phases the value is for.", default=None
    )
    unit_multiplier: UnitMultiplier | None = attribute(
        "Measurement.unitMultiplier", "Power of ten of the unit.", default=None
    )
    unit_symbol: UnitSymbol | None = attribute(
        "Measurement.unitSymbol", "Unit of the value.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the measurement.", default=()
    )
    power_system_resource: PowerSystemResource | None = attribute(
        "Measurement.PowerSystemResource", "The part of the power system measured.", default=None
    )
    terminal: Terminal | None = attribute(
        "Measurement.Terminal", "The side of the equipment measured.", default=None
    )


class Analog(Measurement):
    """A quantity that is measured, such as a current."""


class Discrete(Measurement):
    """A state that is observed, such as the position of a switch or a tap changer."""


class Accumulator(Profile):
    """A quantity that is counted, such as energy: a `Measurement` and the end of its scale."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the measurement.", default=None
    )
    max_value: int | None = attribute(
        "Accumulator.maxValue",
        "The largest number that the counter shows; it goes on from its lowest then.",
        default=None,
    )
    measurement_type: str | None = attribute(
        "Measurement.measurementType", "What is counted, e.g. ThreePhaseActiveEnergy.", default=None
    )
    phases: PhaseCode | None = attribute(
        "Measurement.phases", "Phases the value is for.", default=None
    )
    unit_multiplier: UnitMultiplier | None = attribute(
        "Measurement.unitMultiplier", "Power of ten of the unit.", default=None
    )
    unit_symbol: UnitSymbol | None = attribute(
        "Measurement.unitSymbol", "Unit of the value.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the measurement.", default=()
    )
    power_system_resource: PowerSystemResource | None = attribute(
        "Measurement.PowerSystemResource", "The part of the power system measured.", default=None
    )
    terminal: Terminal | None = attribute(
        "Measurement.Terminal", "The side of the equipment measured.", default=None
    )


class AccumulatorValue(Profile):
    """What a counter shows: a whole number, which begins again when it is full or was reset."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the value.", default=None)
    sensor_accuracy: float | None = attribute(
        "MeasurementValue.sensorAccuracy",
        "Largest error, in percent of the largest value of the sensor.",
        unit="%",
        default=None,
    )
    time_stamp: datetime | None = attribute(
        "MeasurementValue.timeStamp", "When it was counted.", default=None
    )
    value: int | None = attribute(
        "AccumulatorValue.value",
        "The number, in the unit of the measurement; left out when only its quality is known.",
        default=None,
    )
    accumulator: Accumulator = attribute("AccumulatorValue.Accumulator", "What is counted.")
    measurement_value_quality: MeasurementValueQuality | None = attribute(
        "MeasurementValue.MeasurementValueQuality", "How good it is.", default=None
    )
    measurement_value_source: MeasurementValueSource | None = attribute(
        "MeasurementValue.MeasurementValueSource", "Which system keeps it.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the value.", default=())


class AnalogValue(Profile):
    """One value of a quantity."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the value.", default=None)
    sensor_accuracy: float | None = attribute(
        "MeasurementValue.sensorAccuracy",
        "Largest error, in percent of the largest value of the sensor.",
        unit="%",
        default=None,
    )
    time_stamp: datetime | None = attribute(
        "MeasurementValue.timeStamp", "When it was measured.", default=None
    )
    value: float | None = attribute(
        "AnalogValue.value",
        "The value, in the unit of the measurement; left out when only its quality is known.",
        default=None,
    )
    analog: Analog = attribute("AnalogValue.Analog", "What is measured.")
    measurement_value_quality: MeasurementValueQuality | None = attribute(
        "MeasurementValue.MeasurementValueQuality", "How good it is.", default=None
    )
    measurement_value_source: MeasurementValueSource | None = attribute(
        "MeasurementValue.MeasurementValueSource", "Which system keeps it.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the value.", default=())


class DiscreteValue(Profile):
    """One value of a state."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the value.", default=None)
    sensor_accuracy: float | None = attribute(
        "MeasurementValue.sensorAccuracy",
        "Largest error, in percent of the largest value of the sensor.",
        unit="%",
        default=None,
    )
    time_stamp: datetime | None = attribute(
        "MeasurementValue.timeStamp", "When it was observed.", default=None
    )
    value: int | None = attribute(
        "DiscreteValue.value",
        "The state, as a number; left out when only its quality is known.",
        default=None,
    )
    discrete: Discrete = attribute("DiscreteValue.Discrete", "What is observed.")
    measurement_value_quality: MeasurementValueQuality | None = attribute(
        "MeasurementValue.MeasurementValueQuality", "How good it is.", default=None
    )
    measurement_value_source: MeasurementValueSource | None = attribute(
        "MeasurementValue.MeasurementValueSource", "Which system keeps it.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the value.", default=())


class MeasurementValues(
    Profile,
    namespace="urn:gridbus:61970-301:2026:MeasurementValues#",
    standard="IEC 61970-301",
    whole=True,
    ordering=(
        "accumulator_value.accumulator.mrid",
        "accumulator_value.accumulator.names.name",
        "analog_value.analog.mrid",
        "analog_value.analog.names.name",
        "discrete_value.discrete.mrid",
        "discrete_value.discrete.names.name",
    ),
):
    """Values that sensors show now; IEC 61968 has no noun for them, MeterReadings are of meters.

    One message holds many values, of one scan as a rule.
    """

    accumulator_value: tuple[AccumulatorValue, ...] = attribute(
        "MeasurementValues.AccumulatorValue", "What counters show.", default=()
    )
    analog_value: tuple[AnalogValue, ...] = attribute(
        "MeasurementValues.AnalogValue", "Values of quantities.", default=()
    )
    discrete_value: tuple[DiscreteValue, ...] = attribute(
        "MeasurementValues.DiscreteValue", "Values of states.", default=()
    )
