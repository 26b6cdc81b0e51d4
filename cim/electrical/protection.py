"""At which currents protective devices are set to operate (IEC 61970-301, Protection)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cim.electrical.reading import Reading, data_sheets
from cim.electrical.switches import SWITCHES

_RELAYS = ("CurrentRelay", "ProtectionEquipment")
_SHEETS = {
    "BreakerInfo.phaseTrip": False,
    "RecloserInfo.phaseTripRating": False,
    "RecloserInfo.groundTripRating": True,
}
"""Attributes of data sheets, and whether they are of the current to earth."""
_SCALE = {"": 1.0, "none": 1.0, "k": 1e3, "m": 1e-3}
"""Of UnitMultipliers that a current may have."""
_LIMITS = tuple(f"CurrentRelay.currentLimit{number}" for number in (1, 2, 3))


@dataclass(frozen=True)
class Pickup:
    """A setting of a protective device.

    switch:  mRID of what it opens.
    current: amperes of the network from which on it acts.
    earth:   whether of the current to earth (residual); else of any phase.
    source:  who says so.
    """

    switch: str
    current: float
    earth: bool
    source: str


def pickups(reading: Reading) -> tuple[Pickup, ...]:
    """The settings of relays, and of data sheets for switches that no relay is set for."""
    relays = [one for row in reading.of_class(*_RELAYS) for one in _relay(reading, row)]
    set_for = {one.switch for one in relays}
    sheets = [
        one
        for row in reading.of_class(*SWITCHES)
        if reading.mrid(row) not in set_for
        for one in _sheets(reading, row)
    ]
    return (*relays, *sheets)


def _relay(reading: Reading, row: int) -> Iterator[Pickup]:
    """By the lowest of its limits: the others are for higher currents and less time.

    A highLimit is one where no currentLimit is given, and its unit is the ampere.
    """
    stated = [(reading.rating(row, name), name) for name in _LIMITS]
    known = [(value, name) for value, name in stated if value is not None]
    known = known or list(_high(reading, row))
    if not known and reading.kind(row) != "CurrentRelay":
        return
    switches = reading.either(
        row,
        "ProtectionEquipment.ProtectedSwitches",
        "ProtectedSwitch.OperatedByProtectionEquipment",
    )
    if not known:
        reading.say(row, "has no currentLimit above 0; it is taken as not set")
    elif not switches:
        reading.say(row, "opens no switch by its ProtectedSwitches")
    else:
        value, name = min(known)
        for switch in dict.fromkeys(switches):
            source = f"{name} of {reading.called(row)}"
            yield Pickup(reading.mrid(switch), value, earth=False, source=source)


def _high(reading: Reading, row: int) -> Iterator[tuple[float, str]]:
    name = "ProtectionEquipment.highLimit"
    scale = _SCALE.get(reading.code(row, "ProtectionEquipment.unitMultiplier"))
    if reading.code(row, "ProtectionEquipment.unitSymbol") == "A" and scale is not None:
        value = reading.rating(row, name, scale)
        if value is not None:
            yield value, name


def _sheets(reading: Reading, row: int) -> Iterator[Pickup]:
    for sheet in data_sheets(reading, row):
        for name, earth in _SHEETS.items():
            value = reading.rating(sheet, name)
            if value is not None:
                source = f"{name} of {reading.called(sheet)}"
                yield Pickup(reading.mrid(row), value, earth, source)
