"""From a message of Controls to what is written to which RTU, and by what it is confirmed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from adapters.scada.outputs import Output
from adapters.scada.points import Data, Kind, Point, Points, Position, Table
from adapters.scada.samples import Sample
from cim.message import Message, Topic, Verb
from cim.model.terms import key
from cim.profiles.controls import Command, Controls, SetPoint

TOPIC = Topic(Verb.CREATE, "Controls")
_EXACT = 1e-6  # of a value, that a short floating point number holds
_SHORT = 3.4e38  # the largest of them, about
_DOUBLE = {1: Position.OPEN, 2: Position.CLOSED}
_SINGLE = {0: Position.OPEN, 1: Position.CLOSED}
_WANTED = {0: Position.OPEN, 1: Position.CLOSED}  # Command.value of a switch


@dataclass(frozen=True)
class Order:
    """One control in the words of its RTU (`hub.interfaces.Record`).

    origin:     the id of the message that asked for it: what was begun under it is never repeated.
    asked:      when, by the clock of who asked.
    indication: the point that confirms it, and
    wanted:     what that is to show: a position, a code or a value.
    """

    origin: str
    asked: datetime
    output: Output
    indication: Point
    wanted: Position | float

    @property
    def raw(self) -> bytes:
        point = self.output.point
        said = {"point": point.name, "rtu": point.rtu, "address": self.output.address}
        said |= {"raw": self.output.raw, "asked": self.asked.isoformat()}
        return json.dumps(said).encode()

    @property
    def said(self) -> str:
        """For people, e.g. "b1.close = closed"."""
        return f"{self.output.point.name} = {_shown(self.wanted)}"

    @property
    def expected(self) -> str:
        """By what it is confirmed, for people and to be compared, e.g. "b1 = closed"."""
        return f"{self.indication.name} = {self.wanted}"

    def is_shown(self, sample: Sample) -> bool:
        """Whether the indication shows what was wanted."""
        if sample.flags or sample.raw is None:
            return False
        if isinstance(self.wanted, Position):
            return self.indication.position(sample.raw) is self.wanted
        value, wrong = self.indication.measured(sample.raw)
        if value is None or wrong:
            return False
        return abs(value - self.wanted) <= self._tolerance

    def shown(self, sample: Sample) -> str:
        """What the indication shows, for people."""
        if sample.flags or sample.raw is None:
            return ", ".join(sorted(sample.flags)) or "nothing"
        if self.indication.is_discrete:
            code = int(sample.raw)
            return self.indication.states.get(code, str(code))
        return f"{self.indication.measured(sample.raw)[0]:g}"

    @property
    def is_state(self) -> bool:
        """Whether it asks for a state, which a device may have already."""
        return self.indication.is_discrete

    @property
    def _tolerance(self) -> float:
        point = self.output.point
        step = _EXACT * max(1.0, abs(float(self.wanted)))
        if isinstance(point.place, Table) and point.data not in (Data.FLOAT32, Data.FLOAT64):
            step = abs(point.gain)
        return max(point.deadband, self.indication.deadband, step)


def _shown(wanted: Position | float) -> str:
    return wanted if isinstance(wanted, Position) else f"{wanted:g}"


def orders(message: Message, points: Points) -> list[Order]:
    """What a message asks for.  Raises: ValueError for what the table does not allow."""
    payload, header = message.payload, message.header
    assert isinstance(payload, Controls)  # noqa: S101 - by its topic
    found: list[Command | SetPoint] = [*payload.command, *payload.set_point]
    if len(found) != 1:
        raise ValueError(f"a message holds one control, this one {len(found)}")
    if header.timestamp is None or not header.message_id:
        raise ValueError("a control says in its Header when it was asked for, and its MessageID")
    if header.timestamp.tzinfo is None:
        raise ValueError(f"Header.Timestamp {header.timestamp} has no offset from UTC")
    control = found[0]
    point = _point(control, points)
    indication = points[point.indication]
    if isinstance(control, SetPoint):
        _check_limits(control, point)
        raw = (control.value - point.offset) / point.gain
        output, wanted = Output(point, raw), control.value
        return [Order(header.message_id, header.timestamp, output, indication, wanted)]
    output, state = _state(control, point, indication)
    return [Order(header.message_id, header.timestamp, output, indication, state)]


def serves(message: Message, points: Points) -> bool:
    """Whether the table has a control for any device of the message."""
    if not isinstance(message.payload, Controls):
        return False
    found: list[Command | SetPoint] = [*message.payload.command, *message.payload.set_point]
    devices = {key(control.power_system_resource.mrid or "") for control in found}
    return any(key(point.equipment) in devices for point in points.controls)


def _point(control: Command | SetPoint, points: Points) -> Point:
    """Raises: ValueError, when there is none, or no telling which."""
    device = control.power_system_resource.mrid
    if not device:
        raise ValueError("the device of a control is known to the table of points by its mRID only")
    analog = isinstance(control, SetPoint)
    named = {one.name for one in control.names}
    found = [
        point
        for point in points.controls
        if key(point.equipment) == key(device)
        and points[point.indication].is_discrete is not analog
        and (not control.mrid or point.mrid == control.mrid)
        and (not named or point.name in named)
    ]
    what = f"{type(control).__name__} of {device}"
    if not found:
        raise ValueError(f"the table of points has no control for a {what}")
    if len(found) > 1:
        known = ", ".join(point.name for point in found)
        raise ValueError(f"which control for a {what} is meant? By name: {known}")
    return found[0]


def _state(control: Command, point: Point, indication: Point) -> tuple[Output, Position | float]:
    if Position.OPEN not in indication.states.values():
        if control.value not in (0, 1) and point.data is Data.BOOL:
            raise ValueError(f"{point.name} takes 0 and 1, not {control.value}")
        return Output(point, _whole(control.value, point)), float(control.value)
    if control.value not in _WANTED:
        raise ValueError(f"{point.name}: 0 opens and 1 closes a switch, not {control.value}")
    wanted = _WANTED[control.value]
    if point.trip is not None:
        return Output(point, 1, is_trip=wanted is Position.OPEN), wanted
    states = positions(point)
    code = next(code for code, word in states.items() if word == wanted)
    return Output(point, code), wanted


def positions(point: Point) -> dict[int, str]:
    """What the codes of a control of a switch mean, where the table does not say another thing."""
    usual = _DOUBLE if point.place == "C_DC_NA_1" else _SINGLE
    return dict(point.states) or {code: str(word) for code, word in usual.items()}


def _whole(value: int, point: Point) -> int:
    allowed = {"C_SC_NA_1": (0, 1), "C_DC_NA_1": (1, 2)}.get(str(point.place), (0, 65_535))
    if not allowed[0] <= value <= allowed[1]:
        raise ValueError(f"{point.name} takes {allowed[0]} to {allowed[1]}, not {value}")
    return value


def _check_limits(control: SetPoint, point: Point) -> None:
    """Raises: ValueError for a value beyond what the asker or the table allows."""
    value = control.value
    limits = {
        "its own limits": (control.min_value, control.max_value),
        "low and high of the table": (point.limits.low, point.limits.high),
        "the range of the table": (point.scale.low, point.scale.high),
    }
    for what, (low, high) in limits.items():
        if (low is not None and value < low) or (high is not None and value > high):
            raise ValueError(f"{point.name} = {value:g} is beyond {what}")
    for name in ("unit_symbol", "unit_multiplier"):
        said = getattr(control, name)
        ours = {"unit_symbol": point.unit, "unit_multiplier": point.multiplier}[name]
        if said and said is not ours:
            raise ValueError(f"{point.name} is in {ours or 'no unit'}, the control says {said}")
    raw = (value - point.offset) / point.gain
    if isinstance(point.place, Table):
        Output(point, raw).words  # noqa: B018 - whether it fits
    elif not abs(raw) <= _SHORT:
        raise ValueError(f"{raw:g} does not fit a short floating point number")


def wrong(point: Point, points: Points) -> str:
    """What is wrong with a row of kind Control that may be operated; "" when nothing is."""
    indication = points.get(point.indication)
    if indication is None or indication.kind is Kind.CONTROL or not indication.place:
        return f"indication {point.indication!r} is no point that is read"
    if indication.rtu != point.rtu:
        return f"indication {indication.name} is of the RTU {indication.rtu}, not {point.rtu}"
    if not point.equipment:
        return "equipment is empty: of which device is it?"
    if indication.equipment and key(indication.equipment) != key(point.equipment):
        return f"indication {indication.name} is of {indication.equipment}, not {point.equipment}"
    has_positions = Position.OPEN in indication.states.values()
    if point.trip is not None and not has_positions:
        return f"has a trip, and indication {indication.name} no states that are open and closed"
    if point.states and not has_positions:
        return "has states, and its indication none that are open and closed"
    if has_positions and not {*Position} <= {*positions(point).values()}:
        return "must say which of its states is open and which is closed"
    return ""
