"""Payloads out of the elements of a plain document, column by column.

Objects whose elements have the same names and nesting are made together: what of each column there
is to find out is found out once, and then C goes down the column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from cim.plain import Elements
from cim.profile import Reference
from cim.xml.plan import Field, Plan

FEW = 32
"""Elements of a payload from which this is quicker than its tree."""

_MANY = 256
"""Elements in one from which it is quicker to look for children in all of them at once."""

WRONG = (ArithmeticError, KeyError, TypeError, ValueError)
"""What a value raises that cannot be kept, and an element that is not expected."""


def is_quick(elements: Elements, at: int, plan: Plan) -> bool:
    """Whether `take` can read the payload in the element number `at`, and it pays."""
    return plan.plain and elements.size(at) >= FEW


def take(elements: Elements, at: int, plan: Plan) -> Any:
    """The object in the element number `at`, which is valid.

    Raises: one of WRONG, for a value that cannot be kept; it does not say which.
    """
    [made] = Columns(elements).alike([at], plan)
    return made


Places = Sequence[int]
"""Numbers of elements; a range where they follow one another at even distances."""


class Columns:
    """The elements of a document, by columns."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.names, self.rows = elements.names, elements.rows
        self.stops, self.shapes = elements.stops, elements.shapes

    def objects(self, places: Places, plan: Plan) -> list[Any]:
        """The objects in the elements at `places`, in this order."""
        made = [None] * len(places)
        for group, alike in self.groups(places):
            objects = self.alike(alike, plan)
            if len(objects) == len(made):
                return objects
            for nth, one in zip(group, objects, strict=True):
                made[nth] = one
        return made

    def groups(self, places: Places) -> Iterator[tuple[Places, Places]]:
        """The elements at `places` by their shape: which of them they are, and where."""
        if (row := self._row(places)) is not None:
            yield range(len(places)), row
            return
        groups: dict[bytes, list[int]] = {}
        shapes, stops = self.shapes, self.stops
        for nth, at in enumerate(places):
            groups.setdefault(shapes[4 * at : 4 * stops[at]], []).append(nth)
        for group in groups.values():
            yield group, [places[nth] for nth in group]

    def _row(self, places: Places) -> range | None:
        """The same places, when elements of one shape stand there side by side."""
        first, stop, count = places[0], self.stops[places[-1]], len(places)
        size = self.stops[first] - first
        if stop - first != count * size:
            return None
        shape = self.shapes[4 * first : 4 * (first + size)]
        if self.shapes[4 * first : 4 * stop] != shape * count:
            return None
        return range(first, stop, size)

    def alike(self, places: Places, plan: Plan) -> list[Any]:
        """The same, of elements of the same shape."""
        held = [plan.blank.copy() for _ in places]
        for field, offsets in self.children(places[0], plan).items():
            where = shifted(places, offsets)
            if field.later is not None and len(where) > _MANY and self._is_sure(where, field):
                for n, one in enumerate(held):
                    inside = where[n * len(offsets) : (n + 1) * len(offsets)]
                    field.later.put_off(one, partial(self._made, inside, field))
                continue
            column = self.column(where, field)
            if field.many:
                values: Iterator[Any] = zip(*[iter(column)] * len(offsets), strict=True)
            else:
                values = iter(column)
            name = field.name
            for one, value in zip(held, values, strict=True):
                one[name] = value
        return plan.made(held)

    def _made(self, places: Places, field: Field) -> tuple[Any, ...]:
        return tuple(self.column(places, field))

    def _is_sure(self, places: Places, field: Field) -> bool:
        """Whether `column` raises nothing for sure, which is found out without its objects."""
        plan = field.plan
        if plan is not None:
            return all(
                (inner.many or len(offsets) == 1) and self._is_sure(shifted(alike, offsets), inner)
                for _, alike in self.groups(places)
                for inner, offsets in self.children(alike[0], plan).items()
            )
        if field.type is datetime:
            return self.elements.instants(places) is not None
        if field.type is float:
            return self.elements.decimals(places) is not None
        return field.type in (str, Reference)

    def children(self, at: int, plan: Plan) -> dict[Field, list[int]]:
        """The attributes in the element at `at`, and how far behind it theirs stand."""
        if self.stops[at] - at > _MANY:
            return self._many_children(at, plan)
        found: dict[Field, list[int]] = {}
        names, rows, stops, by_local = self.names, self.rows, self.stops, plan.by_local
        child, stop, row, places = at + 1, stops[at], -1, list[int]()
        while child < stop:
            if rows[child] != row:  # many of one name follow one another as a rule
                row = rows[child]
                places = found.setdefault(by_local[names[row]], [])
            places.append(child - at)
            child = stops[child]
        return found

    def _many_children(self, at: int, plan: Plan) -> dict[Field, list[int]]:
        places, rows = self.elements.children(at)
        distinct, firsts = np.unique(rows, return_index=True)
        found: dict[Field, list[int]] = {}
        for row in distinct[np.argsort(firsts)].tolist():
            offsets = (places[rows == row] - at).tolist()
            found.setdefault(plan.by_local[self.names[row]], []).extend(offsets)
        if len(found) < len(distinct):  # with several prefixes
            for offsets in found.values():
                offsets.sort()
        return found

    def column(self, places: Places, field: Field) -> list[Any]:
        """What the attribute `field` says in the elements at `places`.

        Raises: one of WRONG.
        """
        if field.plan is not None:
            return self.objects(places, field.plan)
        if len(places) < FEW:
            texts = [self.elements.text(at) for at in places]
        elif isinstance(places, range):
            texts = self.elements.values[places.start : places.stop : places.step]
        else:
            texts = [self.elements.values[at] for at in places]
        if field.simple is not None:
            return field.simple.read_all(texts)
        known = {code: Reference(code) for code in set(texts)}
        return [known[code] for code in texts]


def shifted(places: Places, offsets: list[int]) -> Places:
    """At each of `places`, the elements that stand so far behind."""
    if len(offsets) > 1:
        return [at + offset for at in places for offset in offsets]
    [offset] = offsets
    if isinstance(places, range):
        return range(places.start + offset, places.stop + offset, places.step)
    return [at + offset for at in places]
