"""A model read object by object, with units made SI and everything odd put into sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np

from cim.electrical.columns import Columns
from cim.model.model import Model

Made = TypeVar("Made")

_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_MULTIPLIERS = {"": 1.0, "none": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9}


class Absurd(ValueError):
    """Why one object cannot be read: the end of a sentence that begins with the object."""


@dataclass(frozen=True)
class Units:
    """What one unit of a document is in SI: in volts, watts (var, VA) and metres."""

    voltage: float = 1.0
    power: float = 1.0
    length: float = 1.0


SI = Units()
"""Canonical CIM (IEC 61970-301, package Domain): no multipliers."""
CGMES = Units(1e3, 1e6, 1e3)
"""IEC 61970-600-2: kV, MW and km are fixed by its RDFS."""
GMDM = Units(1e3, 1e6, 1.0)
"""CIM18 grid model data management: kV and MW, but metres."""


def units(model: Model) -> Units:
    """The units of a document, by the profiles in its header and by its namespaces."""
    spaces = {name.rpartition("#")[0] for name in model.names}
    said = " ".join((*spaces, *(model.header.profiles if model.header else ()))).lower()
    if any(mark in said for mark in ("entsoe.eu", "cim100-european", "61970-600", "-eu/")):
        return CGMES
    return GMDM if "cim18" in said or "cim101" in said else SI


class Reading:
    """Looks up what a model says of an object, by row in `Model.ids`; keeps the problems found.

    frequency: nominal, in hertz; None when neither the caller nor a BaseFrequency says it.
    """

    def __init__(
        self, model: Model, *, unit: Units | None = None, frequency: float | None = None
    ) -> None:
        self.model = model
        self.unit = unit or units(model)
        self.problems: list[str] = []
        self._columns = Columns(model)
        self._once: dict[Hashable, object] = {}
        self.frequency = frequency or self._stated_frequency()

    def _stated_frequency(self) -> float | None:
        for row in self.of_class("BaseFrequency"):
            value = self.number(row, "BaseFrequency.frequency")
            if value is not None and value > 0:
                return value
            self.say(row, "has no frequency above 0")
        return None

    # -- objects

    def of_class(self, *classes: str) -> list[int]:
        """The objects of exactly these classes, in the order of the model."""
        rows: list[int] = np.flatnonzero(self.model.of_class(*classes)).tolist()
        return rows

    def mrid(self, row: int) -> str:
        return self._columns.mrid(row)

    def name(self, row: int) -> str:
        """IdentifiedObject.name; empty without one."""
        return self.text(row, "IdentifiedObject.name")

    def kind(self, row: int) -> str:
        """The local name of its class; empty when the model does not state it."""
        return self._columns.kind(row)

    def called(self, row: int) -> str:
        """How sentences call it."""
        kind = self.kind(row) or "object"
        name = self.name(row)
        return f"{kind} {name} ({self.mrid(row)})" if name else f"{kind} {self.mrid(row)}"

    def say(self, row: int, what: str) -> None:
        """Put a sentence about an object among the problems."""
        self.problems.append(f"{self.called(row)} {what}.")

    def made(self, rows: Iterable[int], make: Callable[[int], Made]) -> tuple[Made, ...]:
        """What `make` makes of each; those it finds absurd are left out with a sentence."""
        found = []
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            for row in rows:
                try:
                    found.append(make(row))
                except Absurd as why:
                    self.say(row, f"is left out: {why}")
                except (ValueError, ArithmeticError, np.linalg.LinAlgError) as why:
                    self.say(row, f"is left out: its values cannot be computed with, {why}")
        return tuple(found)

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` makes, made once for all that have the same key: many objects share a table
        or a data sheet.
        """
        if key not in self._once:
            self._once[key] = make()
        return cast(Made, self._once[key])

    def base_voltage(self, row: int) -> float | None:
        """Volts between phases of its BaseVoltage, its own or its VoltageLevel's; None without."""
        base = self.link(row, "ConductingEquipment.BaseVoltage")
        if base is None and (level := self.link(row, "Equipment.EquipmentContainer")) is not None:
            base = self.link(level, "VoltageLevel.BaseVoltage")
        if base is None:
            return None
        return self.number(base, "BaseVoltage.nominalVoltage", self.unit.voltage)

    # -- literals

    def states(self, name: str) -> bool:
        """Whether any object has this property as a literal."""
        return bool(self._columns.literals[name])

    def text(self, row: int, name: str) -> str:
        """The first literal of a property; empty without one."""
        return self._columns.text(row, name)

    def number(self, row: int, name: str, scale: float = 1.0) -> float | None:
        """A property times `scale`; None without one, or with a sentence when it is no number."""
        value = self._columns.numbers[name].get(row)
        if value is None:
            return None
        if not math.isfinite(value):
            if text := self.text(row, name):
                self.say(row, f"has {name} {text!r}, which is not a number to compute with")
            return None
        return value * scale

    def needed(self, row: int, name: str, scale: float = 1.0) -> float:
        """Raises: Absurd without a number."""
        value = self.number(row, name, scale)
        if value is None:
            raise Absurd(f"{self._whose(row)}{name} is missing")
        return value

    def positive(self, row: int, name: str, scale: float = 1.0) -> float:
        """Raises: Absurd without a number above zero."""
        value = self.needed(row, name, scale)
        if value <= 0:
            raise Absurd(f"{self._whose(row)}{name} is {value:g}, and must be above 0")
        return value

    def rating(self, row: int, name: str, scale: float = 1.0) -> float | None:
        """A property that rates something; None without one, or with a sentence when it is 0 or
        less, which rates nothing.
        """
        value = self.number(row, name, scale)
        if value is None or value > 0:
            return value
        self.say(row, f"has {name} {value / scale:g}, which must be above 0; it is not used")
        return None

    def whole(self, row: int, name: str) -> int | None:
        """A property that counts something; None without one."""
        value = self.number(row, name)
        return None if value is None else round(value)

    def flag(self, row: int, name: str) -> bool | None:
        """A boolean property; None without one, or with a sentence when it is none."""
        text = self.text(row, name).strip()
        word = text.lower()
        if text and word not in _FLAGS:
            self.say(row, f"has {name} {text!r}, which is neither true nor false")
        return _FLAGS.get(word)

    def _whose(self, row: int) -> str:
        return f"of {self.called(row)} " if self.kind(row) else ""

    # -- references

    def links(self, row: int, name: str) -> list[int]:
        """What a property refers to."""
        return self._columns.links[name].get(row, [])

    def behind(self, row: int, name: str) -> list[int]:
        """What refers to this object by a property."""
        return self._columns.behind[name].get(row, [])

    def either(self, row: int, there: str, back: str) -> list[int]:
        """The objects of an association, whichever end the document states."""
        here, from_there = self.links(row, there), self.behind(row, back)
        if not here or not from_there:
            return here or from_there
        return list(dict.fromkeys((*here, *from_there)))

    def link(self, row: int, *names: str) -> int | None:
        """What the first of these properties that is stated refers to."""
        for name in names:
            if (target := self._columns.first[name].get(row)) is not None:
                return target
        return None

    def code(self, row: int, name: str) -> str:
        """An enumeration value without its class, e.g. "ABC"; empty without one."""
        return self._columns.codes[name].get(row, "")

    def multiplier(self, row: int, name: str) -> float | None:
        """What a UnitMultiplier stands for; None without one."""
        code = self.code(row, name)
        return _MULTIPLIERS.get(code) if code else None


def data_sheets(reading: Reading, row: int) -> list[int]:
    """The data sheets (AssetInfo) of a resource, whichever end of the association is stated."""
    return reading.either(
        row, "PowerSystemResource.AssetDatasheet", "AssetInfo.PowerSystemResources"
    )
