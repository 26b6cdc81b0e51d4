"""What a CIM document says about connectivity, as columns; everything else in it is passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.network import phases
from cim.network.texts import Ints, Texts, mrid_key

LINKS = frozenset(
    {
        "Terminal.ConnectivityNode",
        "Terminal.ConductingEquipment",
        "Equipment.EquipmentContainer",
        "ConnectivityNode.ConnectivityNodeContainer",
        "ACLineSegmentPhase.ACLineSegment",
        "SwitchPhase.Switch",
        "EnergyConsumerPhase.EnergyConsumer",
        "EnergySourcePhase.EnergySource",
        "TransformerTankEnd.TransformerTank",
        "TransformerTank.PowerTransformer",
        "PowerTransformerEnd.PowerTransformer",
        "TransformerEnd.Terminal",
        "TransformerEnd.BaseVoltage",
        "UsagePoint.Equipments",
        "Equipment.UsagePoints",
        "EndDevice.UsagePoint",
        "UsagePoint.EndDevices",
    }
)
"""References from one object to another."""


def _flag(text: str) -> int:
    # published feeders written by Python programs say "True" and "False"
    if (word := text.lower()) not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return word == "true"


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 4:
        raise ValueError(f"{text!r} is no small whole number")
    return int(text)


VALUES: Mapping[str, Callable[[str], int]] = {
    "ACLineSegmentPhase.phase": phases.bits,
    "SwitchPhase.phaseSide1": phases.bits,
    "SwitchPhase.phaseSide2": phases.bits,
    "EnergyConsumerPhase.phase": phases.bits,
    "EnergySourcePhase.phase": phases.bits,
    "TransformerTankEnd.phases": phases.bits,
    "TransformerTankEnd.orderedPhases": phases.bits,
    "Terminal.phases": phases.bits,
    "ConductingEquipment.phases": phases.bits,
    "Switch.open": _flag,
    "Switch.normalOpen": _flag,
    "SwitchPhase.closed": _flag,
    "SwitchPhase.normalOpen": _flag,
    "ACDCTerminal.connected": _flag,
    "Terminal.connected": _flag,
    "Equipment.inService": _flag,
    "Equipment.normallyInService": _flag,
    "ACDCTerminal.sequenceNumber": _number,
    "Terminal.sequenceNumber": _number,
    "TransformerEnd.endNumber": _number,
}
"""Attributes that become numbers, each with its reader."""

PASSED_OVER = frozenset(
    {"PositionPoint", "Location", "TopologicalNode", "TopologicalIsland", "WirePosition"}
)
"""Classes of many objects that say nothing about connectivity."""

UNNAMED = frozenset(
    {
        "Terminal",
        "ACLineSegmentPhase",
        "SwitchPhase",
        "EnergyConsumerPhase",
        "TransformerTankEnd",
        "PowerTransformerEnd",
        "PowerElectronicsConnectionPhase",
        "LinearShuntCompensatorPhase",
    }
)
"""Classes whose objects nobody asks for by name."""

Pairs = tuple[Ints, Ints]


@dataclass(frozen=True)
class Statements:
    """The columns of one document, or of several put together.

    An object is its row in `ids`; the other columns refer to that row.

    ids:     mRID of each object spoken of, as read.
    classes: row in `class_names`; 0 where the document only refers to the object.
    links:   for each property of LINKS, subjects and objects.
    values:  for each property of VALUES, subjects and numbers.
    names:   subjects, and beside each its name.
    aliases: subjects whose rdf:ID is not their mRID, and beside each that identity.
    """

    ids: Texts
    classes: NDArray[np.int16]
    class_names: tuple[str, ...]
    links: Mapping[str, Pairs]
    values: Mapping[str, Pairs]
    names: tuple[Ints, Texts]
    aliases: tuple[Ints, Texts]
    problems: tuple[str, ...] = ()

    def link(self, name: str) -> Pairs:
        return self.links.get(name, NOTHING)

    def value(self, *names: str) -> Pairs:
        """Subjects and numbers of the named properties; of several the last counts."""
        found = [self.values[name] for name in names if name in self.values]
        return _joined(found) if found else NOTHING

    def column(self, pairs: Pairs, absent: int = -1) -> Ints:
        """One number for each object, `absent` where nothing is stated."""
        column = np.full(len(self.ids), absent, np.int32)
        column[pairs[0]] = pairs[1]
        return column

    def of_class(self, *names: str) -> NDArray[np.bool_]:
        """Which objects are of one of these classes."""
        wanted = [code for code, name in enumerate(self.class_names) if name in names]
        return np.isin(self.classes, wanted)


NOTHING: Pairs = (np.empty(0, np.int32), np.empty(0, np.int32))


class Collector:
    """Gathers statements; `statements` makes columns of them."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.ids: list[str] = []
        self.classes: list[int] = []
        self.class_codes: dict[str, int] = {"": 0}
        self.links: dict[str, tuple[list[int], list[int]]] = {}
        self.values: dict[str, tuple[list[int], list[int]]] = {}
        self.names: tuple[list[int], list[str]] = ([], [])
        self.aliases: tuple[list[int], list[str]] = ([], [])
        self.problems: list[str] = []

    def row(self, mrid: str) -> int:
        """The row of the object, a new one if it is not known yet."""
        key = mrid_key(mrid)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = len(self.ids)
            self.ids.append(mrid)
            self.classes.append(0)
        return row

    def classify(self, row: int, name: str) -> None:
        """State the class of an object; what was stated first stays."""
        if not self.classes[row]:
            self.classes[row] = self.class_codes.setdefault(name, len(self.class_codes))

    def link(self, name: str, subject: int, target: int) -> None:
        subjects, objects = self.links.setdefault(name, ([], []))
        subjects.append(subject)
        objects.append(target)

    def value(self, name: str, subject: int, text: str) -> None:
        """State an attribute of VALUES; what cannot be read is a problem, not an error."""
        try:
            number = VALUES[name](text)
        except ValueError as error:
            self.problems.append(f"{name} of {self.ids[subject]}: {error}.")
            return
        subjects, numbers = self.values.setdefault(name, ([], []))
        subjects.append(subject)
        numbers.append(number)

    def mrid(self, subject: int, mrid: str) -> None:
        """State the mRID of an object; its rdf:ID remains another way to name it."""
        identity = self.ids[subject]
        if mrid_key(mrid) != mrid_key(identity):
            self.aliases[0].append(subject)
            self.aliases[1].append(identity)
            self.rows.setdefault(mrid_key(mrid), subject)
        self.ids[subject] = mrid

    def statements(self) -> Statements:
        return Statements(
            Texts(self.ids),
            np.array(self.classes, np.int16),
            tuple(self.class_codes),
            {name: _pairs(pairs) for name, pairs in self.links.items()},
            {name: _pairs(pairs) for name, pairs in self.values.items()},
            (np.array(self.names[0], np.int32), Texts(self.names[1])),
            (np.array(self.aliases[0], np.int32), Texts(self.aliases[1])),
            tuple(self.problems),
        )


def merged(parts: Sequence[Statements]) -> Statements:
    """All that `parts` say, in any order: an object is the same wherever its mRID is the same."""
    if len(parts) == 1:
        return parts[0]
    all_of_it = Collector()
    for part in parts:
        _register_aliases(all_of_it, part)
    places = [_places(all_of_it, part) for part in parts]
    whole = all_of_it.statements()
    return Statements(
        whole.ids,
        whole.classes,
        whole.class_names,
        {name: _joined(_moved_links(parts, places, name)) for name in sorted(LINKS)},
        {name: _joined(_moved_values(parts, places, name)) for name in VALUES},
        _named((part.names for part in parts), places),
        _named((part.aliases for part in parts), places),
        tuple(problem for part in parts for problem in part.problems),
    )


def _register_aliases(collector: Collector, part: Statements) -> None:
    """Make both names of an object lead to one row, whichever another document uses."""
    for row, identity in zip(part.aliases[0].tolist(), part.aliases[1], strict=True):
        collector.rows[mrid_key(identity)] = collector.row(part.ids[row])


def _places(collector: Collector, part: Statements) -> Ints:
    """Where each object of `part` stands in the whole."""
    places = np.empty(len(part.ids), np.int32)
    for row, (mrid, code) in enumerate(zip(part.ids, part.classes.tolist(), strict=True)):
        place = places[row] = collector.row(mrid)
        if code:
            collector.classify(place, part.class_names[code])
    return places


def _moved_links(parts: Sequence[Statements], places: Sequence[Ints], name: str) -> list[Pairs]:
    moved = zip((part.link(name) for part in parts), places, strict=True)
    return [(place[subjects], place[objects]) for (subjects, objects), place in moved]


def _moved_values(parts: Sequence[Statements], places: Sequence[Ints], name: str) -> list[Pairs]:
    moved = zip((part.value(name) for part in parts), places, strict=True)
    return [(place[subjects], numbers) for (subjects, numbers), place in moved]


def _named(columns: Iterable[tuple[Ints, Texts]], places: Sequence[Ints]) -> tuple[Ints, Texts]:
    moved = [(place[rows], texts) for (rows, texts), place in zip(columns, places, strict=True)]
    rows = np.concatenate([rows for rows, _ in moved] or [NOTHING[0]])
    return rows, Texts(text for _, texts in moved for text in texts)


def _pairs(pairs: tuple[list[int], list[int]]) -> Pairs:
    return np.array(pairs[0], np.int32), np.array(pairs[1], np.int32)


def _joined(found: Sequence[Pairs]) -> Pairs:
    if not found:
        return NOTHING
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])
