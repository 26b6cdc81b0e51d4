"""Takes from a model what it says about connectivity: column by column, no statement by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.model import LINK, TEXT, Model
from cim.model.terms import Terms, key, union
from cim.network import phases
from cim.network.statements import Floats, NumberPairs, Pairs, Statements
from cim.network.topology import Bools, Ints

LINKS = (
    "Terminal.ConnectivityNode",
    "Terminal.ConductingEquipment",
    "Equipment.EquipmentContainer",
    "ConnectivityNode.ConnectivityNodeContainer",
    "Bay.VoltageLevel",
    "VoltageLevel.BaseVoltage",
    "ConductingEquipment.BaseVoltage",
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


def _real(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise ValueError(f"{text!r} is no number")
    return value


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
"""Attributes that become whole numbers, each with its reader."""

NUMBERS: Mapping[str, Callable[[str], float]] = {"BaseVoltage.nominalVoltage": _real}
"""Attributes that are numbers."""

PASSED_OVER = (
    "PositionPoint",
    "Location",
    "TopologicalNode",
    "TopologicalIsland",
    "WirePosition",
)
"""Classes of many objects that say nothing about connectivity."""

UNNAMED = (
    "Terminal",
    "ACLineSegmentPhase",
    "SwitchPhase",
    "EnergyConsumerPhase",
    "TransformerTankEnd",
    "PowerTransformerEnd",
    "PowerElectronicsConnectionPhase",
    "LinearShuntCompensatorPhase",
)
"""Classes whose objects nobody asks for by name."""

_NAME = "IdentifiedObject.name"
_MRID = "IdentifiedObject.mRID"
_WANTED = (*LINKS, *VALUES, *NUMBERS, _NAME, _MRID)
_LOW_VOLTAGE = 50.0
_Longs = NDArray[np.int64]


def extracted(model: Model) -> Statements:
    """What the model says about connectivity; what cannot be read is in `problems`."""
    columns = _Columns.of(model)
    kept, classes, class_names = columns.objects()
    identities = _identities(columns, kept)
    at = np.full(len(model.ids), -1, np.int32)
    at[kept] = identities.places
    problems: list[str] = []
    links = {name: columns.links(name, at) for name in LINKS}
    values: dict[str, NumberPairs] = {}
    for name, reader in (*VALUES.items(), *NUMBERS.items()):
        kind = np.float64 if name in NUMBERS else np.int32
        subjects, numbers = columns.values(name, reader, kind, problems)
        values[name] = (at[subjects], numbers)
    rows, volts = values["BaseVoltage.nominalVoltage"]
    scale = 1000 if _in_kilovolts(model, volts) else 1
    values["BaseVoltage.nominalVoltage"] = (rows, volts * scale)
    names, texts = columns.names(at)
    coded = np.zeros(len(identities.ids), np.int16)
    coded[identities.places[::-1]] = classes[::-1]
    return Statements(
        identities.ids,
        identities.stands,
        coded,
        class_names,
        {name: pairs for name, pairs in links.items() if len(pairs[0])},
        {name: pairs for name, pairs in values.items() if len(pairs[0])},
        names,
        texts,
        tuple(problems),
    )


def _in_kilovolts(model: Model, volts: Floats) -> bool:
    """Whether voltages are in kV: in CIM14 to CIM17 and in CGMES they are, elsewhere in V.

    The files do not say it; the published ones of each kind do it so.  Voltages so low that nobody
    distributes at them are in kV in any case.
    """
    if any("/CIM-schema-cim" in name for name in model.names) or (volts < _LOW_VOLTAGE).any():
        return True
    profiles = model.header.profiles if model.header else ()
    return any("entsoe.eu/CIM/" in uri or "/ns/CIM/" in uri for uri in profiles)


@dataclass(frozen=True)
class _Columns:
    """The statements of a model that count here, by property.

    rows: statement rows of each property of _WANTED, in the order of the model.
    """

    model: Model
    rows: Mapping[str, Ints]

    @classmethod
    def of(cls, model: Model) -> _Columns:
        codes = np.zeros(len(model.names), np.uint8)
        for code, name in enumerate(_WANTED, 1):
            codes[model.name_rows(name)] = code
        coded = codes[model.property]
        rows = np.flatnonzero(coded).astype(np.int32)
        coded = coded[rows]
        rows = rows[np.argsort(coded, kind="stable")]
        counts = np.bincount(coded, minlength=len(_WANTED) + 1)[1:]
        return cls(model, dict(zip(_WANTED, np.split(rows, np.cumsum(counts)[:-1]), strict=True)))

    def pairs(self, name: str, kind: int) -> Pairs:
        """Subjects and objects of the statements of one property with objects of this kind."""
        rows = self.rows[name]
        rows = rows[self.model.kind[rows] == kind]
        return self.model.subject[rows], self.model.object[rows]

    def links(self, name: str, at: Ints) -> Pairs:
        subjects, targets = self.pairs(name, LINK)
        return at[subjects], at[targets]

    def objects(self) -> tuple[Ints, NDArray[np.int16], tuple[str, ...]]:
        """The objects that count, the class code of each, and the names of the classes."""
        model = self.model
        locals_ = [model.local(row) for row in range(len(model.names))]
        class_names = tuple(dict.fromkeys(["", *locals_]))
        code = {name: number for number, name in enumerate(class_names)}
        codes = np.array([*(code[name] for name in locals_), 0], np.int16)
        over = np.array([*(name in PASSED_OVER for name in locals_), True], np.bool_)
        classes = model.class_of()
        keep = ~over[classes]
        for name in LINKS:
            subjects, targets = self.pairs(name, LINK)
            keep[subjects] = keep[targets] = True
        for name in (*VALUES, *NUMBERS):
            keep[self.model.subject[self.rows[name]]] = True
        kept = np.flatnonzero(keep).astype(np.int32)
        used = codes[classes[kept]]
        present = np.zeros(len(class_names), np.bool_)
        present[used] = present[0] = True
        moved = (np.cumsum(present) - 1).astype(np.int16)
        return kept, moved[used], tuple(np.array(class_names)[present].tolist())

    def values(
        self,
        name: str,
        reader: Callable[[str], float],
        kind: type[np.int32 | np.float64],
        problems: list[str],
    ) -> NumberPairs:
        """Subjects and numbers; each distinct text is read once."""
        found = []
        for what, table in ((TEXT, self.model.texts), (LINK, self.model.ids)):
            subjects, rows = self.pairs(name, what)
            there = np.zeros(len(table), np.bool_)
            there[rows] = True
            numbers, wrong = np.zeros(len(table), kind), {}
            for row in np.flatnonzero(there).tolist():
                try:
                    numbers[row] = reader(table[row].partition("\0")[0].strip())
                except ValueError as error:
                    wrong[row] = error
            if wrong:
                bad = np.isin(rows, list(wrong))
                for subject, row in zip(subjects[bad].tolist(), rows[bad].tolist(), strict=True):
                    problems.append(f"{name} of {self.model.mrid(subject)}: {wrong[row]}.")
                subjects, rows = subjects[~bad], rows[~bad]
            found.append((subjects, numbers[rows]))
        (subjects, numbers), (others, more) = found
        return np.concatenate([subjects, others]), np.concatenate([numbers, more])

    def names(self, at: Ints) -> tuple[Pairs, Terms]:
        """Subjects and rows of their names; and the names."""
        from cim.network import spelling

        subjects, rows = self.pairs(_NAME, TEXT)
        named = (at[subjects] >= 0) & ~self.model.of_class(*UNNAMED)[subjects]
        subjects, rows = subjects[named], rows[named]
        distinct, place = _distinct(rows, len(self.model.texts))
        texts = self.model.texts
        pieces = spelling.plain(texts.blob, texts.ends, distinct)
        table, [moved] = union([Terms(*spelling.gathered(texts.blob, *pieces))])
        return (at[subjects], moved[place]), table


@dataclass(frozen=True)
class _Identities:
    """mRIDs; `places` says where that of each object kept is."""

    ids: Terms
    stands: Ints
    places: Ints


def _identities(columns: _Columns, kept: Ints) -> _Identities:
    """The mRIDs of objects: as IdentifiedObject.mRID says, or else from their identity."""
    from cim.network import spelling

    ids = columns.model.ids
    low, high, odd = spelling.bare(ids.blob, ids.ends, kept)
    table = Terms(*spelling.gathered(ids.blob, low, high), folded=True)
    places = np.arange(len(kept), dtype=np.int32)
    number = np.full(len(ids), -1, np.int32)
    number[kept] = places
    renamed = list(_renamed(columns, number, low, high))
    if not odd and not renamed:
        return _Identities(table, places, places)
    whole, [places, _] = union(
        [table, Terms.of(dict.fromkeys(mrid for _, mrid in renamed), folded=True)]
    )
    # an object that has an mRID is at that; its other identity stands for it
    stands = np.arange(len(whole), dtype=np.int32)
    for row, mrid in renamed:
        stands[places[row]] = whole.find(mrid)
    return _Identities(whole, stands, stands[places])


def _renamed(
    columns: _Columns, number: Ints, low: _Longs, high: _Longs
) -> Iterator[tuple[int, str]]:
    """Objects whose mRID is another than their identity says, by their number, and the mRID."""
    from cim.network import spelling

    subjects, rows = columns.pairs(_MRID, TEXT)
    here = number[subjects] >= 0
    subjects, rows = number[subjects[here]], rows[here]
    texts, ids = columns.model.texts, columns.model.ids
    pieces = spelling.plain(texts.blob, texts.ends, rows)
    unlike = spelling.unlike(ids.blob, low[subjects], high[subjects], texts.blob, *pieces)
    for one in unlike.tolist():
        subject = int(subjects[one])
        identity = ids.blob[low[subject] : high[subject]].tobytes().decode()
        mrid = texts[int(rows[one])].partition("\0")[0].strip()
        if mrid and key(mrid) != key(identity):
            yield subject, mrid


def _distinct(rows: Ints, count: int) -> tuple[Ints, Ints]:
    """The distinct ones of `rows`, which are below `count`; and where each row is among them."""
    there: Bools = np.zeros(count, np.bool_)
    there[rows] = True
    distinct = np.flatnonzero(there).astype(np.int32)
    place = np.full(count, -1, np.int32)
    place[distinct] = np.arange(len(distinct), dtype=np.int32)
    return distinct, place[rows]
