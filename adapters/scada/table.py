"""The table of points, a CSV file: each row is held against the rules before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from math import isfinite
from typing import TypeVar

from adapters.scada import nodes
from adapters.scada.points import (
    BIT_STRINGS,
    IEC104,
    MEASURED,
    NODE,
    OUTPUTS,
    PAIRED,
    Data,
    Kind,
    Point,
    Points,
    Position,
    Range,
    Table,
)
from cim.profiles.phases import PhaseCode
from cim.profiles.units import UnitMultiplier, UnitSymbol
from hub.rows import Dialect, Row, rows

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

REQUIRED = ("name", "kind")
COLUMNS = (
    *("name", "rtu", "kind", "group", "type", "address", "bit", "data", "word_order", "stamp"),
    *("gain", "offset", "unit", "multiplier", "deadband", "low", "high", "range_low", "range_high"),
    *("mrid", "equipment", "terminal", "measurement_type", "phases"),
    *("state0", "state1", "state2", "state3", "normal", "indication", "within", "select"),
    *("trip", "select_trip"),
)
_STATES = 4
_WHOLE = {Kind.DISCRETE: " Discrete", Kind.ACCUMULATOR: "n Accumulator"}
_LAST = 65_535  # address of Modbus
_LAST_OBJECT = 16_777_215  # information object address, 3 bytes
_LONGEST = 300.0  # seconds for which a control is waited for
_MOST = 20  # wrong rows that are told


def read(name: str, data: bytes, dialect: Dialect, kinds: Mapping[str, str]) -> Points:
    """The points of the file `name`.

    kinds: their word in the column `kind` -> Analog, Discrete, Accumulator or Control.
    Raises: ValueError with a sentence for each wrong row.
    """
    points: list[Point] = []
    wrong: list[str] = []
    seen = _Seen()
    for row in rows(name, data, dialect, REQUIRED, COLUMNS):
        try:
            point = _point(row, kinds)
            seen.add(row, point)
            points.append(point)
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        more = [f"and {len(wrong) - _MOST:,} more rows"] if len(wrong) > _MOST else []
        raise ValueError("\n".join([*wrong[:_MOST], *more]))
    return Points(points)


class _Seen:
    """What earlier rows are, for what must not be twice."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._places: dict[tuple[object, ...], str] = {}
        self._measurements: dict[str, str] = {}

    def add(self, row: Row, point: Point) -> None:
        if point.name in self._names:
            raise row.wrong("name", f"is the point of {self._names[point.name]}, too")
        self._names[point.name] = row.origin
        if point.kind is Kind.CONTROL:
            return
        if point.place:
            # An information object has its address whatever its type.
            where = point.place if isinstance(point.place, Table) else "object"
            place = (point.rtu, where, point.node or point.address, point.bit)
            other = self._places.setdefault(place, point.name)
            if other != point.name:
                raise row.wrong("address", f"is where the point {other} of this RTU lies, too")
        other = self._measurements.setdefault(point.mrid, point.name)
        if point.mrid and other != point.name:
            raise row.wrong("mrid", f"is the measurement of the point {other}, too")


def _point(row: Row, kinds: Mapping[str, str]) -> Point:
    if not row["name"]:
        raise row.wrong("name", "is empty: by what is the point known?")
    kind = _kind(row, kinds)
    place = _place(row, kind)
    data = _data(row, place, kind)
    scale = _range(row, "range_low", "range_high")
    point = Point(
        name=row["name"],
        rtu=row["rtu"],
        kind=kind,
        group=row["group"],
        place=place,
        address=_address(row, "address", place, data.words) if place not in ("", NODE) else 0,
        node=_node(row) if place == NODE else "",
        bit=_bit(row, place, kind),
        data=data,
        big=_word_order(row),
        stamp=_stamp(row, place),
        gain=_gain(row, kind),
        offset=_number(row, "offset", 0.0),
        unit=_one_of(row, "unit", UnitSymbol),
        multiplier=_one_of(row, "multiplier", UnitMultiplier),
        deadband=_deadband(row, kind, scale),
        limits=_range(row, "low", "high"),
        scale=scale,
        mrid=row["mrid"],
        equipment=row["equipment"],
        terminal=row["terminal"],
        measurement_type=row["measurement_type"],
        phases=_one_of(row, "phases", PhaseCode),
        states=_states(row, kind),
        normal=_one_of(row, "normal", Position),
        indication=_indication(row, place, kind),
        within=_within(row),
        select=_select(row, place),
        trip=_trip(row, place),
        select_trip=_select_trip(row, place),
    )
    return _fits(row, point)


def _fits(row: Row, point: Point) -> Point:
    """What two columns must agree in."""
    positions = [word for word in point.states.values() if word in tuple(Position)]
    if positions and sorted(positions) != sorted(Position):
        rule = "says of one position only, or twice, what it is; open and closed are wanted once"
        raise row.wrong("state0", rule)
    if point.normal and not positions:
        raise row.wrong("normal", "is a position, and no state is called open or closed")
    if point.is_misread:
        rule = "says 0 = open, 1 = closed, or 1 and 2; else an mrid whose ValueAliasSet says it"
        raise row.wrong("measurement_type", rule)
    if point.place and not point.rtu:
        raise row.wrong("rtu", "is empty: of which RTU is it read?")
    return point


def _kind(row: Row, kinds: Mapping[str, str]) -> Kind:
    word = kinds.get(row["kind"], row["kind"])
    known = [*kinds, *(str(kind) for kind in Kind)]
    try:
        return Kind(word)
    except ValueError:
        raise row.wrong("kind", f"is not known; known: {', '.join(known)}") from None


def _one_of(row: Row, column: str, words: type[E]) -> E | None:
    if not (value := row[column]):
        return None
    try:
        return words(value)
    except ValueError:
        raise row.wrong(column, f"is not known; known: {', '.join(words)}") from None


def _place(row: Row, kind: Kind) -> Table | str:
    value = row["type"]
    if value in IEC104 or value in ("", NODE):
        return value
    try:
        place = Table(value)
    except ValueError:
        known = ", ".join([*Table, NODE, *sorted(IEC104)])
        raise row.wrong("type", f"is not known; known: {known}") from None
    if place.is_bits and kind in (Kind.ANALOG, Kind.ACCUMULATOR):
        raise row.wrong("type", f"holds single bits; an {kind} lies in holding or input registers")
    return place


def _data(row: Row, place: Table | str, kind: Kind) -> Data:
    given = _one_of(row, "data", Data)
    if place in IEC104:
        return _of_object(row, str(place), kind, given)
    if place == NODE and (given or row["word_order"]):
        raise row.wrong("data", "and word_order are for Modbus: the server says it")
    if isinstance(place, Table) and place.is_bits:
        if given not in (None, Data.BOOL):
            raise row.wrong("data", f"does not fit a {place}, which holds bool")
        return Data.BOOL
    if given is Data.BOOL and not row["bit"]:
        raise row.wrong("data", "needs the column bit: which one of the register?")
    if kind in _WHOLE and given and not given.is_whole:
        raise row.wrong("data", f"is no whole number, which a{_WHOLE[kind]} is")
    if given is None and place in tuple(Table) and kind is not Kind.DISCRETE:
        raise row.wrong("data", f"is empty; known: {', '.join(Data)}")
    return given or Data.UINT16


def _of_object(row: Row, place: str, kind: Kind, given: Data | None) -> Data:
    """Of an information object its type says how the number lies."""
    if given or row["word_order"]:
        raise row.wrong("data", f"and word_order are for Modbus: the type {place} says it")
    if place.startswith("C_") and kind is not Kind.CONTROL:
        raise row.wrong("type", f"is a command; an {kind} is monitored (M_...)")
    if kind in _WHOLE and place in MEASURED:
        raise row.wrong("type", f"is no whole number, which a{_WHOLE[kind]} is")
    return Data.UINT16


def _address(row: Row, column: str, place: Table | str, words: int) -> int:
    last = _LAST if isinstance(place, Table) else _LAST_OBJECT
    value = _whole(row, column)
    if value is None:
        raise row.wrong(column, "is empty; an address counts from 0")
    if not 0 <= value <= last - words + 1:
        raise row.wrong(column, f"is not from 0 to {last - words + 1}, where {words} words fit")
    return value


def _node(row: Row) -> str:
    if rule := nodes.wrong(row["address"]):
        raise row.wrong("address", rule)
    return row["address"]


def _stamp(row: Row, place: Table | str) -> int | None:
    if not row["stamp"]:
        return None
    if place not in (Table.HOLDING, Table.INPUT):
        raise row.wrong("stamp", "needs a point in holding or input registers")
    return _address(row, "stamp", place, Data.UINT64.words)


def _bit(row: Row, place: Table | str, kind: Kind) -> int | None:
    value = _whole(row, "bit")
    if value is None:
        return None
    bits = 32 if place in BIT_STRINGS else 16
    if kind is not Kind.DISCRETE or place not in (Table.HOLDING, Table.INPUT, *BIT_STRINGS):
        raise row.wrong("bit", "is of a Discrete in a register or a bit string only")
    if not 0 <= value < bits:
        raise row.wrong("bit", f"is not from 0 to {bits - 1}")
    if row["data"] not in ("", Data.BOOL):
        raise row.wrong("data", "is bool where a bit is named")
    return value


def _indication(row: Row, place: Table | str, kind: Kind) -> str:
    found = row["indication"]
    if not found:
        for column in ("within", "select", "trip", "select_trip"):
            if row[column]:
                raise row.wrong(column, "is of a Control with an indication only")
        return ""
    if kind is not Kind.CONTROL:
        raise row.wrong("indication", f"is of a Control, an {kind} is none")
    if place not in OUTPUTS:
        raise row.wrong("type", f"cannot be operated; known: {', '.join(OUTPUTS)}")
    return found


def _within(row: Row) -> float:
    value = _number(row, "within", 10.0)
    if not 0 < value <= _LONGEST:
        raise row.wrong("within", f"is not above 0 and up to {_LONGEST:g} seconds")
    return value


def _select(row: Row, place: Table | str) -> int | None:
    value = row["select"]
    if not value:
        return None
    if isinstance(place, Table):
        return _address(row, "select", place, 1)
    if value not in ("yes", "no"):
        raise row.wrong("select", "is not known; known: yes, no")
    return 1 if value == "yes" else None


def _trip(row: Row, place: Table | str) -> int | None:
    if not row["trip"]:
        return None
    if place not in PAIRED:
        raise row.wrong("trip", f"is of one of two outputs, which are {' or '.join(PAIRED)}")
    if any(row[f"state{code}"] for code in range(_STATES)):
        raise row.wrong("trip", "is an output of its own: it has no states, each output is told 1")
    trip = _address(row, "trip", place, 1)
    if trip == _whole(row, "address"):
        raise row.wrong("trip", "is the output that closes, too")
    return trip


def _select_trip(row: Row, place: Table | str) -> int | None:
    if bool(row["select_trip"]) != bool(row["select"] and row["trip"] and place == Table.COIL):
        rule = "goes with select and trip, of coils: all three, or not this one"
        raise row.wrong("select_trip", rule)
    return _address(row, "select_trip", place, 1) if row["select_trip"] else None


def _word_order(row: Row) -> bool:
    if row["word_order"] not in ("", "big", "little"):
        raise row.wrong("word_order", "is not known; known: big, little")
    return row["word_order"] != "little"


def _gain(row: Row, kind: Kind) -> float:
    gain = _number(row, "gain", 1.0)
    if gain == 0:
        raise row.wrong("gain", "would make every value the same")
    if kind is Kind.DISCRETE and (gain != 1 or _number(row, "offset", 0.0) != 0):
        raise row.wrong("gain", "and offset are not for a Discrete: its codes are as they come")
    if kind is Kind.ACCUMULATOR and (gain < 0 or gain % 1 or _number(row, "offset", 0.0) % 1):
        raise row.wrong(
            "gain",
            "and offset of an Accumulator are whole, for in the CIM it is a whole number: take a"
            " smaller unit or multiplier, or the kind Analog",
        )
    return gain


def _range(row: Row, low: str, high: str) -> Range:
    found = Range(low=_maybe(row, low), high=_maybe(row, high))
    if found.low is not None and found.high is not None and found.low >= found.high:
        raise row.wrong(low, f"is not below {row.layout.native(high)} {row[high]!r}")
    return found


def _deadband(row: Row, kind: Kind, scale: Range) -> float:
    value = row["deadband"]
    if not value:
        return 0.0
    if kind is Kind.DISCRETE:
        raise row.wrong("deadband", "is not for a Discrete: each change of its code is told")
    share = value.endswith("%")
    number = _parsed(row, "deadband", value.rstrip("% "), float, "a number, or a number and %")
    if not isfinite(number) or number < 0:
        raise row.wrong("deadband", "is below 0 or no number")
    if not share:
        return number
    if scale.low is None or scale.high is None:
        raise row.wrong("deadband", "is a share of the range, and range_low or range_high is empty")
    return number / 100 * (scale.high - scale.low)


def _states(row: Row, kind: Kind) -> dict[int, str]:
    found = {code: row[f"state{code}"].lower() for code in range(_STATES)}
    named = {code: word for code, word in found.items() if word}
    if named and kind in (Kind.ANALOG, Kind.ACCUMULATOR):
        raise row.wrong(f"state{next(iter(named))}", f"is not for an {kind}: it has no states")
    for code, word in named.items():
        if word in [other for c, other in named.items() if c < code]:
            raise row.wrong(f"state{code}", "is the word of another state, too")
    return named


def _number(row: Row, column: str, usual: float) -> float:
    value = _maybe(row, column)
    return usual if value is None else value


def _maybe(row: Row, column: str) -> float | None:
    if not row[column]:
        return None
    number = _parsed(row, column, row[column], float, "a number")
    if not isfinite(number):
        raise row.wrong(column, "is not finite")
    return number


def _whole(row: Row, column: str) -> int | None:
    return _parsed(row, column, row[column], int, "a whole number") if row[column] else None


def _parsed(row: Row, column: str, text: str, read: Callable[[str], T], what: str) -> T:
    try:
        return read(text)
    except ValueError:
        raise row.wrong(column, f"is not {what}") from None


def write(points: Iterable[Mapping[str, str]]) -> bytes:
    """A table as `read` takes it by default; for the demo utility and tests."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(point.get(column, "") for column in COLUMNS) for point in points]
    return "\n".join([*lines, ""]).encode()
