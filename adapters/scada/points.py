"""What is telemetered: the points of all RTUs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite

from adapters.scada.quality import FINE, Flag, Flags
from cim.profiles.phases import PhaseCode
from cim.profiles.units import UnitMultiplier, UnitSymbol


class Kind(StrEnum):
    """The class of the measurement (IEC 61970-301, Meas); a Control is an output, never read."""

    ANALOG = "Analog"
    DISCRETE = "Discrete"
    ACCUMULATOR = "Accumulator"
    CONTROL = "Control"


class Table(StrEnum):
    """Where in a Modbus device a point lies."""

    COIL = "coil"
    DISCRETE_INPUT = "discrete_input"
    HOLDING = "holding"
    INPUT = "input"

    @property
    def is_bits(self) -> bool:
        return self in (Table.COIL, Table.DISCRETE_INPUT)


class Data(StrEnum):
    """How a number lies in bits or registers of 16 bits."""

    BOOL = "bool"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"

    @property
    def words(self) -> int:
        """Registers it takes."""
        return _WORDS[self]

    @property
    def last(self) -> int:
        """The largest whole number."""
        return int(2 ** (16 * self.words - (not self.startswith("uint"))) - 1)

    @property
    def is_whole(self) -> bool:
        return not self.startswith("float")


_WORDS = {data: max(1, int("".join(filter(str.isdigit, data)) or 0) // 16) for data in Data}


SINGLE = ("SwitchPosition", "Pos")
"""Measurement.measurementType of a switch of which, by itself, 0 is open and 1 closed."""
DOUBLE = "DoublePoint"
"""And of one of which 1 is open and 2 closed."""
_USUAL = ((0, 1), (1, 2), (None, None))


class Position(StrEnum):
    """Of a switch."""

    OPEN = "open"
    CLOSED = "closed"


IEC104 = frozenset(
    {
        *("M_SP_NA_1", "M_SP_TB_1", "M_DP_NA_1", "M_DP_TB_1", "M_ST_NA_1", "M_ST_TB_1"),
        *("M_BO_NA_1", "M_BO_TB_1"),
        *("M_ME_NA_1", "M_ME_NB_1", "M_ME_NC_1", "M_ME_TD_1", "M_ME_TE_1", "M_ME_TF_1"),
        *("M_IT_NA_1", "M_IT_TB_1", "C_SC_NA_1", "C_DC_NA_1", "C_SE_NC_1"),
    }
)
"""Types of information objects (IEC 60870-5-101, 7.2.1) that a table may name."""
BIT_STRINGS = frozenset({"M_BO_NA_1", "M_BO_TB_1"})
MEASURED = frozenset({"M_ME_NA_1", "M_ME_TD_1", "M_ME_NC_1", "M_ME_TF_1"})
"""Those whose numbers have fractions."""
OUTPUTS = (Table.COIL, Table.HOLDING, "C_SC_NA_1", "C_DC_NA_1", "C_SE_NC_1")
"""Where a control may lie."""
PAIRED = (Table.COIL, "C_SC_NA_1")
"""Where there may be an output to close and another one to trip."""
NODE = "node"
"""A variable of an OPC UA server."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """Two ends of a scale, each in the unit of the point; None where it has no end there."""

    low: float | None = None
    high: float | None = None

    def holds(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One telemetered value.

    group:    of the scan it is polled with.
    place:    table of a Modbus device, type of an information object (IEC 60870-5-104), or `NODE`;
              "" for a point that comes in files only.
    address:  register, coil or information object, counted from 0 as in the protocol.
    node:     NodeId of OPC UA.
    bit:      of the register or bit string, 0 the least significant; None for a whole number.
    big:      whether the more significant word comes first.
    stamp:    address, in the same table, of the time of its last change; None without one.
    gain, offset: value = raw * gain + offset, of all but a Discrete.
    deadband: a change up to it is not told; in the unit of the point.
    limits:   beyond them a value is out of range and questionable.
    scale:    of the sensor; beyond it a value is out of range and invalid.
    mrid:     of the measurement; "" when it is known by its name only.
    equipment, terminal: mRIDs of what is measured, and of its side.
    states:   raw code -> what it means; "open" and "closed" are positions of the equipment.
    normal:   the normal position.

    Of a Control that may be operated:
    indication: name of the point that confirms it, `within` so many seconds.
    select:   address that is written the same before; of IEC 60870-5-104 any number: the command
              is selected first.
    trip:     address of the output that opens a switch, where it is not that which closes it, at
              `address`; each is told 1.  `select_trip` is as `select`, of Modbus.
    """

    name: str
    rtu: str = ""
    kind: Kind
    group: str = ""
    place: Table | str = ""
    address: int = 0
    node: str = ""
    bit: int | None = None
    data: Data = Data.UINT16
    big: bool = True
    stamp: int | None = None
    gain: float = 1.0
    offset: float = 0.0
    unit: UnitSymbol | None = None
    multiplier: UnitMultiplier | None = None
    deadband: float = 0.0
    limits: Range = Range()
    scale: Range = Range()
    mrid: str = ""
    equipment: str = ""
    terminal: str = ""
    measurement_type: str = ""
    phases: PhaseCode | None = None
    states: Mapping[int, str] = field(default_factory=dict)
    normal: Position | None = None
    indication: str = ""
    within: float = 10.0
    select: int | None = None
    trip: int | None = None
    select_trip: int | None = None

    @property
    def is_discrete(self) -> bool:
        return self.kind is Kind.DISCRETE

    @property
    def is_switch(self) -> bool:
        """Whether its codes are positions of a switch that is known."""
        return self.is_discrete and bool(self.equipment) and Position.OPEN in self.states.values()

    @property
    def told_type(self) -> str | None:
        """Measurement.measurementType in messages: a switch position by two contacts says so."""
        is_double = self.measurement_type in SINGLE and self._codes == (1, 2)
        return DOUBLE if is_double else self.measurement_type or None

    @property
    def is_misread(self) -> bool:
        """Whether its type says other codes of open and closed than it has, and no model can."""
        return self.measurement_type in SINGLE and not self.mrid and self._codes not in _USUAL

    @property
    def _codes(self) -> tuple[int | None, int | None]:
        """Of open and closed."""
        codes = {word: code for code, word in self.states.items()}
        return codes.get(Position.OPEN), codes.get(Position.CLOSED)

    @property
    def is_counter(self) -> bool:
        return self.kind is Kind.ACCUMULATOR

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.is_discrete or self.is_counter

    @property
    def largest(self) -> int | None:
        """What a counter shows when it is full, as far as that is known."""
        if self.scale.high is not None:
            return int(self.scale.high)
        if not self.place or self.place == NODE:
            return None
        last = 2**31 - 1 if isinstance(self.place, str) and self.place in IEC104 else self.data.last
        return last * int(self.gain) + int(self.offset)

    def position(self, code: float) -> Position | None:
        """What a code says of the switch; None when that is neither open nor closed."""
        word = self.states.get(int(code), "")
        return Position(word) if word in tuple(Position) else None

    def measured(self, raw: float) -> tuple[float | None, Flags]:
        """The value of what was read, and what is wrong with it.

        None when there is no number that could be told.
        """
        if not isfinite(raw):
            return None, frozenset({Flag.OVER_FLOW})
        if self.is_discrete:
            return int(raw), self.judged(raw)
        if self.is_counter:
            # Of whole numbers: a float would lose the last digits of long ones.
            count = int(raw) * int(self.gain) + int(self.offset)
            return count, self.judged(count)
        value = raw * self.gain + self.offset
        return (
            (value, self.judged(value)) if isfinite(value) else (None, frozenset({Flag.OVER_FLOW}))
        )

    def judged(self, value: float) -> Flags:
        """What is wrong with a value in the unit of the point."""
        if self.is_discrete:
            known = not self.states or int(value) in self.states
            return FINE if known else frozenset({Flag.OUT_OF_RANGE, Flag.FAILURE})
        if not self.scale.holds(value):
            return frozenset({Flag.OUT_OF_RANGE, Flag.FAILURE})
        return FINE if self.limits.holds(value) else frozenset({Flag.OUT_OF_RANGE})


class Points(Mapping[str, Point]):
    """All points, by name."""

    def __init__(self, points: Iterable[Point] = ()) -> None:
        self._points = {point.name: point for point in points}
        self._read: dict[str, list[Point]] = {}
        for point in self._points.values():
            if point.place and point.kind is not Kind.CONTROL:
                self._read.setdefault(point.rtu, []).append(point)

    def __getitem__(self, name: str) -> Point:
        return self._points[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)

    @property
    def controls(self) -> list[Point]:
        """What may be operated: the controls that an indication confirms."""
        return [p for p in self._points.values() if p.kind is Kind.CONTROL and p.indication]

    def of(self, rtu: str) -> list[Point]:
        """What is read of one RTU."""
        return self._read.get(rtu, [])

    def named(self, name: str, where: str) -> Point:
        """Raises: ValueError; nothing is guessed of a point that is not in the table."""
        try:
            return self._points[name]
        except KeyError:
            raise ValueError(f"{where}: {name!r} is no point of the table") from None
