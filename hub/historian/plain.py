"""MeterReadings out of the bytes of the journal, column by column: no object for each reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from cim.gate import MODEL
from cim.plain import LOADED, Elements, elements_of
from cim.profiles.meter_readings import MeterReadings
from cim.xml.columns import WRONG, Columns, Places, shifted
from cim.xml.plan import Field, Plan, plan_of
from hub.historian.blocks import (
    Found,
    Instants,
    Said,
    add_block,
    add_readings,
    either,
    instants,
    nevers,
    such,
)

_BLOCKS, _READINGS = "interval_blocks", "interval_readings"


def found_in(body: bytes) -> Found | None:
    """As `blocks` of the payload of a MeterReadings in the journal; None, when it takes the way
    over objects."""
    elements = elements_of(body, MODEL) if LOADED.done() else None
    if elements is None:
        return None
    with suppress(*WRONG):  # the objects will tell what it is
        return _Reader(elements).found()
    return None


class _Reader:
    def __init__(self, elements: Elements) -> None:
        self._columns = Columns(elements)
        self._found = Found()

    def found(self) -> Found:
        plan = plan_of(MeterReadings, MeterReadings.namespace)
        for field, at in self._parts(self._noun(), plan):
            if field.name == "meter_reading" and field.plan is not None:
                self._meter(at, field.plan)
        return self._found

    def _noun(self) -> int:
        """Where the payload stands.  Raises: ValueError, when it is another one."""
        columns = self._columns
        at, stop = 1, columns.stops[0]
        while at < stop:
            if self._name(at) == "Payload" and self._name(at + 1) == MeterReadings.__name__:
                return at + 1
            at = columns.stops[at]
        raise ValueError("no MeterReadings")

    def _name(self, at: int) -> str:
        return self._columns.names[self._columns.rows[at]]

    def _parts(self, at: int, plan: Plan) -> Iterator[tuple[Field, int]]:
        """The attributes in an element, and where they stand, in the order of the document."""
        columns = self._columns
        child, stop = at + 1, columns.stops[at]
        while child < stop:
            yield plan.by_local[self._name(child)], child
            child = columns.stops[child]

    def _object(self, at: int, plan: Plan, later: str) -> tuple[Any, Plan, list[int]]:
        """The object at `at` without the attribute `later`; the plan of that, and where it is."""
        held, put_off, left = plan.blank.copy(), plan, list[int]()
        for field, offsets in self._columns.children(at, plan).items():
            places = [at + offset for offset in offsets]
            if field.name == later and field.plan is not None:
                put_off, left = field.plan, places
                continue
            values = self._columns.column(places, field)
            held[field.name] = tuple(values) if field.many else values[0]
        return plan.made_of(held), put_off, left

    def _meter(self, at: int, plan: Plan) -> None:
        reading, blocks, places = self._object(at, plan, _BLOCKS)
        add_readings(reading, self._found)
        for place in places:
            block, readings, inner = self._object(place, blocks, _READINGS)
            said = self._said(inner, readings) if inner else Said.of(())
            add_block(reading, block, said, self._found)

    def _said(self, places: Places, plan: Plan) -> Said:
        """What readings say, in their order."""
        groups = [
            (group, self._alike(alike, plan)) for group, alike in self._columns.groups(places)
        ]
        if len(groups) == 1:
            return groups[0][1]
        order = [n for group, _ in groups for n in group]
        return Said.joined([said for _, said in groups]).taken(np.argsort(order))

    def _alike(self, places: Places, plan: Plan) -> Said:
        """The same of elements of one shape."""
        columns, count = self._columns, len(places)
        at = start = end = value = None
        quality: Sequence[str] = [""] * count
        for field, offsets in columns.children(places[0], plan).items():
            where = shifted(places, offsets)
            if field.name == "time_stamp":
                at = self._instants(where, field)
            elif field.name == "value":
                value = columns.elements.decimals(where)
                value = np.array(columns.column(where, field)) if value is None else value
            elif field.name == "time_period" and field.plan is not None:
                for part, inner in columns.children(where[0], field.plan).items():
                    if part.name == "start":
                        start = self._instants(shifted(where, inner), part)
                    else:
                        end = self._instants(shifted(where, inner), part)
            elif field.name == "reading_qualities" and field.plan is not None:
                quality = self._qualities(places, offsets, field.plan)
        at = nevers(count) if at is None else at
        return Said(
            at if end is None else either(at, end),
            nevers(count) if start is None else start,
            np.full(count, np.nan) if value is None else value,
            quality,
        )

    def _instants(self, places: Places, field: Field) -> Instants:
        found = self._columns.elements.instants(places)
        return instants(self._columns.column(places, field)) if found is None else such(found)

    def _qualities(self, places: Places, offsets: list[int], plan: Plan) -> Sequence[str]:
        """Of each, the codes in the elements so far behind it."""
        each = []
        for offset in offsets:
            where = shifted(places, [offset])
            for field, inner in self._columns.children(where[0], plan).items():
                if field.name == "reading_quality_type":
                    each.append(self._columns.column(shifted(where, inner), field))
        return [" ".join(one) for one in zip(*each, strict=True)] or [""] * len(places)
