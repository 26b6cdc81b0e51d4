"""What must not be exceeded: operational limits of terminals, equipment and nodes, and ratings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cim.electrical.reading import Absurd, Reading

QUANTITIES = {
    "CurrentLimit": "A",
    "ApparentPowerLimit": "VA",
    "ActivePowerLimit": "W",
    "VoltageLimit": "V",
}
DIRECTIONS = ("high", "low", "absoluteValue")
_FOREVER = 1e9
"""Seconds from which on a duration has no end: documents from OpenDSS say 5e9."""
_BY_KIND = {"highVoltage": "high", "lowVoltage": "low"}


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit.

    mrid:      of the OperationalLimit, or of the object that states a rating.
    of:        mRID of the terminal, equipment, transformer end or node that it holds for.
    kind:      LimitKind of IEC 61970-600-2: "patl" for good, "tatl" for a time, "highVoltage",
               "lowVoltage", "patlt", "tc" ...; where a document does not say which, by quantity,
               direction and duration.  Of what matters in a short circuit the CIM attribute:
               "breakingCapacity" (A, r.m.s.) or "ipMax" (A, peak).
    quantity:  "A", "VA", "W" or "V" (between phases, as BaseVoltage has them).
    value:     above 0; of a transformer end's power, of all its phases.
    duration:  seconds for which it may be reached; None without an end, or where not given.
    direction: OperationalLimitDirectionKind: "high", "low" or "absoluteValue".
    source:    who says so.
    """

    mrid: str
    of: str
    kind: str
    quantity: str
    value: float
    duration: float | None
    direction: str
    source: str


@dataclass(frozen=True, slots=True)
class Stated:
    """A limit as a document states it, once for all that it holds for.

    of: mRIDs; the rest as in `Limit`.
    """

    mrid: str
    of: tuple[str, ...]
    kind: str
    quantity: str
    value: float
    duration: float | None
    direction: str
    source: str

    def limits(self) -> Iterator[Limit]:
        """One for each thing that it holds for."""
        for place in self.of:
            yield Limit(
                self.mrid,
                place,
                self.kind,
                self.quantity,
                self.value,
                self.duration,
                self.direction,
                self.source,
            )


def limits(reading: Reading) -> tuple[Stated, ...]:
    """All operational limits; those of voltage levels at nodes that have no others.

    IEC 61970-301, OperationalLimits.
    """
    rows = reading.of_class(*QUANTITIES)
    places = _places(reading)
    found = reading.made(rows, lambda row: _stated(reading, row, places))
    used = tuple(one for one in found if one.of)
    return (*used, *_of_levels(reading, used))


def _places(reading: Reading) -> dict[int, tuple[str, ...]]:
    """By OperationalLimitSet the mRIDs of what it is of, whichever end the document states."""
    found: dict[int, dict[str, None]] = {}
    for there, back in (
        ("OperationalLimitSet.Terminal", "ACDCTerminal.OperationalLimitSet"),
        ("OperationalLimitSet.Equipment", "Equipment.OperationalLimitSet"),
        ("OperationalLimitSet.ConnectivityNode", "ConnectivityNode.OperationalLimitSet"),
    ):
        for of, places in (reading.model.links(there), reading.model.links(back)[::-1]):
            for limit_set, place in zip(of.tolist(), places.tolist(), strict=True):
                if reading.kind(place):
                    found.setdefault(limit_set, {})[reading.mrid(place)] = None
                else:
                    reading.say(
                        limit_set, f"is of {reading.mrid(place)}, which is not in the model"
                    )
    return {limit_set: tuple(places) for limit_set, places in found.items()}


def _stated(reading: Reading, row: int, places: dict[int, tuple[str, ...]]) -> Stated:
    """An OperationalLimit."""
    limit_set = reading.link(row, "OperationalLimit.OperationalLimitSet")
    if limit_set is None:
        raise Absurd("it is in no OperationalLimitSet")
    if limit_set not in places:
        reading.say(limit_set, "is of no terminal, equipment or node; its limits are not used")
    quantity = QUANTITIES[reading.kind(row)]
    value = _value(reading, row)
    kind, duration, direction = _type(reading, row, quantity)
    of = places.get(limit_set, ())
    mrid, source = reading.mrid(row), reading.called(row)
    return Stated(mrid, of, kind, quantity, value, duration, direction, source)


def _value(reading: Reading, row: int) -> float:
    """The present value, else the normal one."""
    name = reading.kind(row)
    scale = {"CurrentLimit": 1.0, "VoltageLimit": reading.unit.voltage}.get(
        name, reading.unit.power
    )
    stated = bool(reading.text(row, f"{name}.value"))
    return reading.positive(row, f"{name}.{'value' if stated else 'normalValue'}", scale)


def _type(reading: Reading, row: int, quantity: str) -> tuple[str, float | None, str]:
    """Kind, duration and direction, by the OperationalLimitType."""
    name = "OperationalLimitType"
    of = reading.link(row, f"OperationalLimit.{name}")
    if of is None:
        if quantity == "V":
            raise Absurd(f"it has no {name} that says whether it is a high or a low limit")
        reading.say(row, f"has no {name}; it is taken to hold for good")
        return "patl", None, "absoluteValue"
    kind = reading.code(of, f"{name}.kind") or reading.code(of, f"{name}.limitType")
    direction = _BY_KIND.get(kind) or reading.code(of, f"{name}.direction")
    if direction not in DIRECTIONS or (quantity == "V" and direction == "absoluteValue"):
        if quantity == "V":
            raise Absurd(f"its {reading.called(of)} does not say whether it is high or low")
        direction = "absoluteValue"
    duration = _duration(reading, of)
    return kind or _kind(quantity, direction, duration), duration, direction


def _kind(quantity: str, direction: str, duration: float | None) -> str:
    if quantity == "V":
        return f"{direction}Voltage"
    return "patl" if duration is None else "tatl"


def _duration(reading: Reading, of: int) -> float | None:
    name = "OperationalLimitType"
    if reading.flag(of, f"{name}.isInfiniteDuration"):
        return None
    duration = reading.number(of, f"{name}.acceptableDuration")
    if duration is not None and duration < 0:
        reading.say(of, f"has the acceptableDuration {duration:g} s, which is not used")
        return None
    return None if duration is None or duration >= _FOREVER else duration


# -- of voltage levels


def _of_levels(reading: Reading, stated: tuple[Stated, ...]) -> Iterator[Stated]:
    """At the nodes of each level; an OperationalLimit prevails (VoltageLevel.highVoltageLimit)."""
    levels = reading.of_class("VoltageLevel")
    prevailing = {
        (node, one.direction)
        for one in (stated if levels else ())
        if one.quantity == "V"
        for place in one.of
        for node in _nodes(reading, place)
    }
    for level in levels:
        for direction in ("high", "low"):
            name = f"VoltageLevel.{direction}VoltageLimit"
            value = reading.rating(level, name, reading.unit.voltage)
            if value is None:
                continue
            nodes = [n for n in _inside(reading, level) if (n, direction) not in prevailing]
            yield Stated(
                reading.mrid(level),
                tuple(reading.mrid(node) for node in nodes),
                f"{direction}Voltage",
                "V",
                value,
                None,
                direction,
                f"{name} of {reading.called(level)}",
            )


def _nodes(reading: Reading, mrid: str) -> set[int]:
    """The nodes of a terminal or of equipment; a node itself."""
    row = reading.model.row(mrid)
    terminals = reading.behind(row, "Terminal.ConductingEquipment") or [row]
    ends = {
        t: reading.link(t, "Terminal.ConnectivityNode", "Terminal.TopologicalNode")
        for t in terminals
    }
    return {terminal if node is None else node for terminal, node in ends.items()}


def _inside(reading: Reading, level: int) -> list[int]:
    """The nodes of a voltage level and of its bays at which there are terminals."""
    bays = reading.behind(level, "Bay.VoltageLevel")
    return [
        node
        for container in (level, *bays)
        for kind in ("ConnectivityNode", "TopologicalNode")
        for node in reading.behind(container, f"{kind}.ConnectivityNodeContainer")
        if any(
            kind == "ConnectivityNode" or not reading.links(terminal, "Terminal.ConnectivityNode")
            for terminal in reading.behind(node, f"Terminal.{kind}")
        )
    ]
