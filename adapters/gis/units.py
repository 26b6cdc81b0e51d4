"""Units that columns may be in, and what one of each is in the unit of the CIM (no multiplier)."""

from __future__ import annotations

EPOCH = "epoch_ms"
"""Milliseconds since 1970, UTC, as feature services write times."""

_FOOT = 0.3048
_MILE = 1609.344


def _per_length(unit: str, cim: str, factor: float = 1.0) -> dict[str, tuple[str, float]]:
    lengths = {"m": 1.0, "km": 1e3, "ft": _FOOT, "kft": 1e3 * _FOOT, "mi": _MILE}
    return {f"{unit}/{length}": (cim, factor / metres) for length, metres in lengths.items()}


UNITS: dict[str, tuple[str, float]] = {
    **{"m": ("m", 1.0), "km": ("m", 1e3), "cm": ("m", 1e-2), "mm": ("m", 1e-3)},
    **{"in": ("m", _FOOT / 12), "ft": ("m", _FOOT), "yd": ("m", 3 * _FOOT)},
    **{"kft": ("m", 1e3 * _FOOT), "mi": ("m", _MILE)},
    **{"V": ("V", 1.0), "kV": ("V", 1e3), "A": ("A", 1.0), "kA": ("A", 1e3)},
    **{
        f"{p}{u}": (u, f)
        for u in ("VA", "W", "VAr")
        for p, f in (("", 1.0), ("k", 1e3), ("M", 1e6))
    },
    **{"ohm": ("ohm", 1.0), "S": ("S", 1.0), "mS": ("S", 1e-3), "uS": ("S", 1e-6)},
    **{"H": ("H", 1.0), "mH": ("H", 1e-3), "F": ("F", 1.0), "uF": ("F", 1e-6), "Hz": ("Hz", 1.0)},
    **{"s": ("s", 1.0), "min": ("s", 60.0), "h": ("s", 3600.0), "deg": ("deg", 1.0)},
    **_per_length("ohm", "ohmPerm"),
    **_per_length("S", "SPerm"),
    **_per_length("uS", "SPerm", 1e-6),
}
"""Unit -> symbol of the CIM's unit (UnitSymbol), and the factor to it."""
