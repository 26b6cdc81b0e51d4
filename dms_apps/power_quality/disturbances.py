"""Sags, swells and interruptions: what class each is of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

SAG, SWELL, INTERRUPTION = "sag", "swell", "interruption"
SHORT = 180.0
"""Seconds up to which an interruption is short (EN 50160, 3.20)."""

_SAGS = ((80, "80-90 %"), (70, "70-80 %"), (40, "40-70 %"), (5, "5-40 %"), (-1, "below 5 %"))
_SAG_TIMES = ((0.2, "10-200 ms"), (0.5, "200-500 ms"), (1.0, "0.5-1 s"), (5.0, "1-5 s"),
              (60.0, "5-60 s"))  # fmt: skip
_SWELLS = ((120, "120 % and above"), (110, "110-120 %"))
_SWELL_TIMES = ((0.5, "10-500 ms"), (5.0, "0.5-5 s"), (60.0, "5-60 s"))
UNKNOWN = "unknown"

_ABOVE = ((0.001, 200.0), (0.003, 140.0), (0.5, 120.0))
_BELOW = ((0.02, 0.0), (0.5, 70.0), (10.0, 80.0))
"""Seconds and per cent of the curve of the Information Technology Industry Council (2000)."""


@dataclass(frozen=True)
class Disturbance:
    """One event at a place.

    residual: per cent of nominal voltage, the lowest of a sag, the highest of a swell; None when
              nobody says it.
    seconds:  None when nobody says it; of an interruption while it lasts.
    """

    place: str
    at: datetime
    kind: str
    residual: float | None = None
    seconds: float | None = None

    @property
    def size(self) -> str:
        """The row of the table of EN 50160 (annex B) that it is in."""
        if self.kind == INTERRUPTION or self.residual is None:
            return UNKNOWN if self.kind != INTERRUPTION else ""
        return next((name for least, name in _SIZES[self.kind] if self.residual >= least), UNKNOWN)

    @property
    def length(self) -> str:
        """The column; of an interruption short or long."""
        if self.seconds is None:
            return UNKNOWN
        if self.kind == INTERRUPTION:
            return "short" if self.seconds <= SHORT else "long"
        times = _SAG_TIMES if self.kind == SAG else _SWELL_TIMES
        return next((name for most, name in times if self.seconds <= most), "above 60 s")

    @property
    def is_tolerated(self) -> bool | None:
        """Whether it is inside the ITIC curve; None when residual or length is not known."""
        residual = 0.0 if self.kind == INTERRUPTION else self.residual
        if residual is None or self.seconds is None:
            return None
        return _lowest(self.seconds) <= residual <= _highest(self.seconds)


_SIZES = {SAG: _SAGS, SWELL: _SWELLS}


def _highest(seconds: float) -> float:
    return next((percent for most, percent in _ABOVE if seconds <= most), 110.0)


def _lowest(seconds: float) -> float:
    return next((percent for most, percent in _BELOW if seconds <= most), 90.0)


def counted(found: Iterable[Disturbance], kind: str) -> list[tuple[str, str, int]]:
    """How many are of each size and length: the cells of the table of EN 50160."""
    some = [one for one in found if one.kind == kind]
    sizes, lengths = _names(kind)
    more = sorted({(o.size, o.length) for o in some} - {(s, n) for s in sizes for n in lengths})
    cells = [(size, length) for size in sizes for length in lengths] + more
    return [(s, n, sum((o.size, o.length) == (s, n) for o in some)) for s, n in cells]


def _names(kind: str) -> tuple[Sequence[str], Sequence[str]]:
    if kind == INTERRUPTION:
        return ("",), ("short", "long")
    times = _SAG_TIMES if kind == SAG else _SWELL_TIMES
    return [name for _, name in _SIZES[kind]], [name for _, name in times]
