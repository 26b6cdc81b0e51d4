"""Switches, phase by phase."""

from __future__ import annotations

from dataclasses import dataclass

from cim.electrical.ports import Port, agreed, live, ordered, ports
from cim.electrical.reading import Absurd, Reading

SWITCHES = (
    "Switch",
    "Breaker",
    "DisconnectingCircuitBreaker",
    "Cut",
    "Disconnector",
    "Fuse",
    "GroundDisconnector",
    "Jumper",
    "LoadBreakSwitch",
    "ProtectedSwitch",
    "Recloser",
    "Sectionaliser",
)


@dataclass(frozen=True)
class Pole:
    """One phase of a switch.

    one, two:    phase at the first and at the second terminal; they differ where it transposes.
    closed:      as stated: SwitchPhase.closed, else Switch.open, else the normal position.
    normal_open: None when not given.
    """

    one: str
    two: str
    closed: bool
    normal_open: bool | None


@dataclass(frozen=True)
class Switch:
    """A switch of class `kind`; a GroundDisconnector may have one end only.

    rated_current: amperes; None when not given.
    """

    mrid: str
    name: str
    kind: str
    ends: tuple[Port, ...]
    poles: tuple[Pole, ...]
    rated_current: float | None


def switches(reading: Reading) -> tuple[Switch, ...]:
    """All switches."""
    return reading.made(reading.of_class(*SWITCHES), lambda row: _switch(reading, row))


def _switch(reading: Reading, row: int) -> Switch:
    kind = reading.kind(row)
    terminals = reading.behind(row, "Terminal.ConductingEquipment")
    alone = kind == "GroundDisconnector" and len(terminals) == 1
    ends = ports(reading, row, 1 if alone else 2)
    return Switch(
        reading.mrid(row),
        reading.name(row),
        kind,
        ends,
        _poles(reading, row, ends),
        _current(reading, row),
    )


def _current(reading: Reading, row: int) -> float | None:
    """Switch.ratedCurrent, else the lowest of its phases."""
    value = reading.rating(row, "Switch.ratedCurrent")
    parts = [
        reading.rating(part, "SwitchPhase.ratedCurrent")
        for part in reading.behind(row, "SwitchPhase.Switch")
    ]
    return value if value is not None else min((p for p in parts if p is not None), default=None)


def _poles(reading: Reading, row: int, ends: tuple[Port, ...]) -> tuple[Pole, ...]:
    parts = reading.behind(row, "SwitchPhase.Switch")
    if parts:
        poles = tuple(_pole(reading, row, part) for part in parts)
        for place, end in enumerate(ends):
            agreed([pole.two if place else pole.one for pole in poles], [end])
        return poles
    normal = reading.flag(row, "Switch.normalOpen")
    closed = _closed(reading, row, reading.flag(row, "Switch.open"), normal)
    phases = live(agreed((), ends))
    if not phases:
        reading.say(row, "is in the neutral alone; it is read without a pole")
    return tuple(Pole(phase, phase, closed, normal) for phase in phases)


def _pole(reading: Reading, row: int, part: int) -> Pole:
    one = ordered(reading.code(part, "SwitchPhase.phaseSide1"))
    two = ordered(reading.code(part, "SwitchPhase.phaseSide2"))
    if len(one) != 1 or len(two or one) != 1:
        raise Absurd(f"its {reading.called(part)} does not say which phase it is")
    normal = reading.flag(part, "SwitchPhase.normalOpen")
    if normal is None:
        normal = reading.flag(row, "Switch.normalOpen")
    closed = reading.flag(part, "SwitchPhase.closed")
    is_open = reading.flag(row, "Switch.open") if closed is None else not closed
    return Pole(one[0], (two or one)[0], _closed(reading, row, is_open, normal), normal)


def _closed(reading: Reading, row: int, is_open: bool | None, normal_open: bool | None) -> bool:
    if is_open is None and normal_open is None:
        reading.say(row, "says neither whether it is open nor whether normally; taken as closed")
    return not (is_open if is_open is not None else bool(normal_open))
