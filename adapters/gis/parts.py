"""What a layer of the mapping takes of a file: which rows, their classes, their identities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from adapters.gis.faults import Faults
from adapters.gis.mapping import Coded, Features, Layer
from adapters.gis.table import Cells, Ints, Table
from adapters.gis.values import coded
from cim.model.terms import key as folded
from cim.violation import Refusal


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of a table that a layer of the mapping speaks of.

    rows:     of the table.
    classes:  of each row its place in `layer.classes`.
    subjects: of each row the identity.
    """

    name: str
    layer: Layer
    table: Table
    rows: Ints
    classes: Ints
    subjects: Sequence[str]

    @cached_property
    def keys(self) -> Sequence[str]:
        """Of each row what the spellings of its identity have in common."""
        return list(map(folded, self.subjects))

    def place(self, row: int) -> str:
        """What people call the row at this place in `rows`."""
        value = self.table.columns[self.layer.identity][int(self.rows[row])]
        return f"{self.name} {self.layer.identity} {value}"

    def at(self, chosen: Ints) -> Part:
        """Some of these rows only."""
        subjects = [self.subjects[row] for row in chosen.tolist()]
        rows, classes = self.rows[chosen], self.classes[chosen]
        return Part(self.name, self.layer, self.table, rows, classes, subjects)

    def column(self, name: str) -> Cells:
        """A column of these rows alone."""
        cells = self.table.columns[name]
        return Cells(cells.values, cells.codes[self.rows])


def tell(part: Part, cells: Cells, code: int, sentence: str, faults: Faults) -> None:
    """Say what is wrong with a value that a column has, and in which row."""
    if faults.enough:
        faults.more += 1
        return
    rows = np.flatnonzero(cells.codes == code)
    more = f" (and {len(rows) - 1:,} more rows)" if len(rows) > 1 else ""
    faults.say(f"{part.place(int(rows[0]))}: {sentence}{more}.")


def parts(
    name: str, tables: Sequence[Table], plan: Features, faults: Faults, *, changed: bool = False
) -> Iterator[Part]:
    """What each layer of the mapping takes.

    changed: whether the file is a change set, which has only layers and rows that changed.
    Raises: Refusal, when a layer is not there or cut short.
    """
    by_name = {table.name: table for table in tables}
    for key, layer in plan.layers.items():
        table = _table(name, key, layer, by_name, changed)
        if table is None:
            continue
        if missing := sorted(set(layer.used()) - set(table.columns)):
            rule = f"{name}: {table.name} has no column {', '.join(missing)}; it has "
            raise Refusal.of("1.8", rule + f"{', '.join(table.columns)}.")
        if not changed and table.count < layer.at_least:
            rule = f"{name} is cut short: {table.name} has {table.count:,} rows, at least "
            raise Refusal.of("1.8", f"{rule}{layer.at_least:,} are expected.")
        yield _part(key, layer, table, plan, faults, changed)


def passed_over(name: str, tables: Sequence[Table], plan: Features) -> Iterator[str]:
    """Sentences on layers and columns that the mapping does not speak of."""
    used: dict[str, set[str]] = {}
    for key, layer in plan.layers.items():
        said = used.setdefault(layer.source or key, set())
        said.update(layer.used(), layer.ignore, (layer.steps.column,) if layer.steps else ())
    anything = used.pop("*", None)
    for table in tables:
        known = used.get(table.name, anything)
        if known is None:
            yield f"{name}: layer {table.name} is in no mapping and was passed over."
        elif left := [column for column in table.columns if column not in known]:
            yield f"{name}: of layer {table.name} were passed over: {', '.join(left)}."


def _table(
    name: str, key: str, layer: Layer, tables: Mapping[str, Table], changed: bool
) -> Table | None:
    source = layer.source or key
    if source == "*" and len(tables) == 1:
        return next(iter(tables.values()))
    if source not in tables and not (layer.optional or changed):
        known = ", ".join(tables) or "no layer at all"
        raise Refusal.of("1.8", f"{name}: there is no layer {source}; there is {known}.")
    return tables.get(source)


def _part(
    key: str, layer: Layer, table: Table, plan: Features, faults: Faults, changed: bool
) -> Part:
    classes = _classes(key, layer, table, faults)
    rows = np.flatnonzero(classes >= 0).astype(np.int32)
    column = table.columns[layer.identity]
    made = [plan.identity(key, value) for value in column.values]
    codes = column.codes[rows]
    for row in rows[codes < 0].tolist():
        faults.say(f"{table.name} row {row + 1}: {layer.identity} is empty; it is the identity.")
    subjects = [made[code] if code >= 0 else "" for code in codes.tolist()]
    part = Part(key, layer, table, rows, classes[rows], subjects)
    if not layer.adds and not changed:
        _check_once(part, faults)
    return part


def _check_once(part: Part, faults: Faults) -> None:
    if len(set(part.keys)) == len(part.keys):
        return
    first = {subject: row for row, subject in reversed(list(enumerate(part.keys)))}
    for subject, count in Counter(part.keys).items():
        if count > 1 and subject:
            faults.say(f"{part.place(first[subject])}: {count} rows have this identity.")


def _classes(key: str, layer: Layer, table: Table, faults: Faults) -> Ints:
    """Of each row the place of its class in `layer.classes`; -1 for what is nothing here."""
    if not isinstance(layer.cim_class, Coded):
        return np.zeros(table.count, np.int32)
    column = table.columns[layer.cim_class.column]
    places = {name: place for place, name in enumerate(layer.classes)}
    of_value = np.full(len(column.values) + 1, -1, np.int32)
    for place, value in enumerate(column.values):
        try:
            of_value[place] = places.get(coded(layer.cim_class.codes, value), -1)
        except ValueError as error:
            faults.say(f"{key}: {layer.cim_class.column} {error}.")
    if (column.codes < 0).any():
        row = int(np.flatnonzero(column.codes < 0)[0])
        faults.say(f"{key} row {row + 1}: {layer.cim_class.column} is empty; it tells the class.")
    return of_value[column.codes]
