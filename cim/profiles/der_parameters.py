"""What a group of distributed energy resources can be asked for and observed in (IEC 61968-5)."""

from __future__ import annotations

from enum import StrEnum

from cim.profiles.identification import IdentifiedObject


class DERParameterKind(StrEnum):
    """The quantities."""

    ACTIVE_POWER = "activePower"
    APPARENT_POWER = "apparentPower"
    DECREASING_RAMP_RATE = "decreasingRampRate"
    HIGH_FILTER_BI_DIRECTIONAL_REGULATION = "highFilterBiDirectionalRegulation"
    HIGH_FILTER_DOWN_REGULATION = "highFilterDownRegulation"
    HIGH_FILTER_UP_REGULATION = "highFilterUpRegulation"
    INCREASING_RAMP_RATE = "increasingRampRate"
    LOW_FILTER_BI_DIRECTIONAL_REGULATION = "lowFilterBiDirectionalRegulation"
    LOW_FILTER_DOWN_REGULATION = "lowFilterDownRegulation"
    LOW_FILTER_UP_REGULATION = "lowFilterUpRegulation"
    REACTIVE_POWER = "reactivePower"
    VOLTAGE = "voltage"


class FlowDirectionKind(StrEnum):
    """Directions of the flow, by quadrants where power is meant."""

    FORWARD = "forward"
    LAGGING = "lagging"
    LEADING = "leading"
    NET = "net"
    NONE = "none"
    Q1_MINUS_Q4 = "q1minusQ4"
    Q1_PLUS_Q2 = "q1plusQ2"
    Q1_PLUS_Q3 = "q1plusQ3"
    Q1_PLUS_Q4 = "q1plusQ4"
    Q2_MINUS_Q3 = "q2minusQ3"
    Q2_PLUS_Q3 = "q2plusQ3"
    Q2_PLUS_Q4 = "q2plusQ4"
    Q3_MINUS_Q2 = "q3minusQ2"
    Q3_PLUS_Q4 = "q3plusQ4"
    QUADRANT1 = "quadrant1"
    QUADRANT2 = "quadrant2"
    QUADRANT3 = "quadrant3"
    QUADRANT4 = "quadrant4"
    REVERSE = "reverse"
    TOTAL = "total"
    TOTAL_BY_PHASE = "totalByPhase"


class DERUnitSymbol(StrEnum):
    """The units of these quantities."""

    AMPERE = "A"
    AMPERE_HOUR = "Ah"
    AMPERE_SECOND = "As"
    BRITISH_THERMAL_UNIT = "Btu"
    HERTZ = "Hz"
    QUANTITY_POWER = "Q"
    QUANTITY_ENERGY = "Qh"
    VOLT = "V"
    VOLT_AMPERE = "VA"
    VOLT_AMPERE_HOUR = "VAh"
    VOLT_AMPERE_REACTIVE = "VAr"
    VOLT_AMPERE_REACTIVE_HOUR = "VArh"
    VOLT_PER_VOLT_AMPERE = "VPerVA"
    VOLT_PER_VOLT_AMPERE_REACTIVE = "VPerVAr"
    VOLT_HOUR = "Vh"
    VOLT_SECOND = "Vs"
    WATT = "W"
    WATT_PER_AMPERE = "WPerA"
    WATT_PER_SECOND = "WPers"
    WATT_HOUR = "Wh"
    DEGREE = "deg"
    DEGREE_CELSIUS = "degC"
    HOUR = "h"
    MINUTE = "min"
    OHM = "ohm"
    OHM_PER_METRE = "ohmPerm"
    OHM_METRE = "ohmm"
    PER_HERTZ = "onePerHz"
    SECOND = "s"
    THERM = "therm"


class CurveStyle(StrEnum):
    """How a value leads to the next one."""

    CONSTANT_Y_VALUE = "constantYValue"
    STRAIGHT_LINE_Y_VALUES = "straightLineYValues"


class TimeIntervalKind(StrEnum):
    """Units of the length of an interval; M is a month, m a minute."""

    DAY = "D"
    MONTH = "M"
    YEAR = "Y"
    HOUR = "h"
    MINUTE = "m"
    SECOND = "s"


class EndDeviceGroup(IdentifiedObject):
    """A group of resources, by mRID or by name."""
