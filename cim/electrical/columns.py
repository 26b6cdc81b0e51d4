"""Columns of a model as dictionaries by row: many objects are asked for the same few properties."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from cim.model.header import bare
from cim.model.model import Model
from cim.model.terms import Terms

Column = TypeVar("Column")
RANGE = 1e30


class Kept(dict[str, Column]):
    """Columns by name, each read when it is first asked for."""

    def __init__(self, read: Callable[[str], Column]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, name: str) -> Column:
        found = self[name] = self._read(name)
        return found


class Columns:
    """What a model says, by property and row in `Model.ids`.

    Of several values of one property the first counts, but for `links` and `behind`, which have all
    in the order of the document.

    literals: rows in `Model.texts`.
    numbers:  literals as numbers; NaN for what is none, or is farther from 1 than `RANGE` (squares
              and inverses of the others can be computed).
    first:    what a property refers to; `links` all that it refers to.
    behind:   all that refers to an object by a property.
    codes:    enumeration values without their class.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._ids = Strings(model.ids)
        self._texts = Strings(model.texts)
        self._mrids: dict[int, str] = {}
        self._classes: list[int] = model.class_of().tolist()
        self.literals = Kept(lambda name: _firsts(*model.values(name)))
        self.numbers = Kept(self._read_numbers)
        self.first = Kept(lambda name: _firsts(*model.links(name)))
        self.links = Kept(lambda name: _grouped(*model.links(name)))
        self.behind = Kept(lambda name: _grouped(*model.links(name)[::-1]))
        self.codes = Kept(self._read_codes)

    def mrid(self, row: int) -> str:
        """An identity without its prefix."""
        found = self._mrids.get(row)
        if found is None:
            found = self._mrids[row] = bare(self._ids[row])
        return found

    def kind(self, row: int) -> str:
        """The local name of a class; empty where none is stated."""
        code = self._classes[row]
        return self.model.local(code) if code >= 0 else ""

    def text(self, row: int, name: str) -> str:
        """A literal without data type or language; empty without one."""
        found = self.literals[name].get(row)
        return "" if found is None else self._texts[found].partition("\0")[0]

    def _read_codes(self, name: str) -> dict[int, str]:
        first = self.first[name]
        codes = {row: self._ids[row].rpartition(".")[2] for row in set(first.values())}
        return {row: codes[target] for row, target in first.items()}

    def _read_numbers(self, name: str) -> dict[int, float]:
        literals = self.literals[name]
        known = {text: _number(self._texts.piece(text)) for text in set(literals.values())}
        return {row: known[text] for row, text in literals.items()}


class Strings:
    """A table of strings, read by row faster than the table itself is."""

    def __init__(self, table: Terms) -> None:
        self._blob = table.blob.tobytes()
        self._ends: list[int] = table.ends.tolist()

    def __getitem__(self, row: int) -> str:
        return self._blob[self._ends[row] : self._ends[row + 1]].decode()

    def piece(self, row: int) -> bytes:
        """The UTF-8 of a row."""
        return self._blob[self._ends[row] : self._ends[row + 1]]


def _firsts(keys: np.ndarray, values: np.ndarray) -> dict[int, int]:
    return dict(zip(keys[::-1].tolist(), values[::-1].tolist(), strict=True))


def _grouped(keys: np.ndarray, values: np.ndarray) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for key, value in zip(keys.tolist(), values.tolist(), strict=True):
        groups.setdefault(key, []).append(value)
    return groups


def _number(piece: bytes) -> float:
    value = _float(piece)
    return value if not value or 1 / RANGE <= abs(value) <= RANGE else math.nan


def _float(piece: bytes) -> float:
    try:
        return float(piece)
    except ValueError:
        try:
            return float(piece.partition(b"\0")[0].decode())
        except ValueError:
            return math.nan
