"""Units of measured values (IEC 61970-301, domain package)."""

from __future__ import annotations

from enum import StrEnum


class UnitSymbol(StrEnum):
    """Units of what is measured in a distribution network; those of the CIM, not all of them."""

    NONE = "none"
    AMPERE = "A"
    AMPERE_HOUR = "Ah"
    COS_PHI = "cosPhi"
    COUNT = "count"
    DEGREE = "deg"
    DEGREE_CELSIUS = "degC"
    HERTZ = "Hz"
    HERTZ_PER_SECOND = "HzPers"
    HOUR = "h"
    JOULE = "J"
    METRE = "m"
    METRE_PER_SECOND = "mPers"
    MINUTE = "min"
    OHM = "ohm"
    PASCAL = "Pa"
    PARTS_PER_MILLION = "ppm"
    RADIAN = "rad"
    SECOND = "s"
    SIEMENS = "S"
    VOLT = "V"
    VOLT_AMPERE = "VA"
    VOLT_AMPERE_HOUR = "VAh"
    VOLT_AMPERE_REACTIVE = "VAr"
    VOLT_AMPERE_REACTIVE_HOUR = "VArh"
    WATT = "W"
    WATT_HOUR = "Wh"
    WATT_PER_SQUARE_METRE = "WPerm2"


class UnitMultiplier(StrEnum):
    """Powers of ten of a unit."""

    NONE = "none"
    YOCTO = "y"
    ZEPTO = "z"
    ATTO = "a"
    FEMTO = "f"
    PICO = "p"
    NANO = "n"
    MICRO = "micro"
    MILLI = "m"
    CENTI = "c"
    DECI = "d"
    DECA = "da"
    HECTO = "h"
    KILO = "k"
    MEGA = "M"
    GIGA = "G"
    TERA = "T"
    PETA = "P"
    EXA = "E"
    ZETTA = "Z"
    YOTTA = "Y"
